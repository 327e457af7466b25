-- core: the stays

CREATE TABLE core.reservations (
    source text NOT NULL,
    property_id text NOT NULL,
    source_ref text NOT NULL,
    status text NOT NULL,
    is_of_record boolean DEFAULT true NOT NULL,
    is_inventory_held boolean NOT NULL,
    is_tombstone boolean DEFAULT false NOT NULL,
    arrival_on date,
    departure_on date,
    booked_at timestamptz,
    booked_on date,
    cancelled_at timestamptz,
    cancelled_on date,
    no_show_on date,
    checked_in_on date,
    checked_out_on date,
    group_ref text,
    block_ref text,
    channel_code text,
    market_segment_code text,
    origin_code text,
    customer_type_code text,
    meal_plan_code text,
    guarantee_code text,
    channel_ref text,
    agent_ref text,
    company_ref text,
    booker_guest_ref text,
    primary_guest_ref text,
    adult_count smallint,
    child_count smallint,
    infant_count smallint,
    room_count smallint DEFAULT 1 NOT NULL,
    currency char(3),
    total_minor bigint,
    tax_minor bigint,
    is_tax_included boolean,
    change_count integer,
    is_repeat_guest boolean,
    special_request_count integer,
    parking_count integer,
    waitlist_day_count integer,
    prior_stay_count integer,
    prior_cancellation_count integer,
    source_version bigint NOT NULL,
    received_seq bigint NOT NULL,
    source_updated_at timestamptz,
    load_id bigint NOT NULL,
    raw_ref text NOT NULL,
    row_hash bytea NOT NULL,
    is_deleted boolean DEFAULT false NOT NULL,
    warnings text[] DEFAULT '{}' NOT NULL,
    loaded_at timestamptz DEFAULT now() NOT NULL,
    changed_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_reservations PRIMARY KEY (source, property_id, source_ref),
    CONSTRAINT ck_reservations_status CHECK (status IN ('confirmed', 'in_house', 'checked_out', 'cancelled', 'no_show', 'waitlisted')),
    CONSTRAINT ck_reservations_only_a_tombstone_lacks_dates CHECK (is_tombstone OR (arrival_on IS NOT NULL AND departure_on IS NOT NULL AND currency IS NOT NULL)),
    CONSTRAINT ck_reservations_arrival_before_departure CHECK (arrival_on <= departure_on)
);
CREATE INDEX ix_reservations_arrival ON core.reservations (property_id, arrival_on) WHERE is_of_record;
CREATE INDEX ix_reservations_booked ON core.reservations (property_id, booked_on);
CREATE INDEX ix_reservations_cancelled ON core.reservations (property_id, cancelled_on);
CREATE INDEX ix_reservations_channel_ref ON core.reservations (property_id, channel_ref, channel_code);

CREATE TABLE core.reservation_rooms (
    source text NOT NULL,
    property_id text NOT NULL,
    source_ref text NOT NULL,
    room_ref text NOT NULL,
    status text NOT NULL,
    room_type_code text NOT NULL,
    assigned_room_type_code text,
    rate_plan_code text,
    meal_plan_code text,
    arrival_on date,
    departure_on date,
    is_day_use boolean DEFAULT false NOT NULL,
    is_complimentary boolean DEFAULT false NOT NULL,
    is_house_use boolean DEFAULT false NOT NULL,
    adult_count smallint,
    child_count smallint,
    infant_count smallint,
    currency char(3),
    total_minor bigint,
    tax_minor bigint,
    is_tax_included boolean,
    cancelled_at timestamptz,
    cancelled_on date,
    source_version bigint NOT NULL,
    received_seq bigint NOT NULL,
    source_updated_at timestamptz,
    load_id bigint NOT NULL,
    raw_ref text NOT NULL,
    row_hash bytea NOT NULL,
    is_deleted boolean DEFAULT false NOT NULL,
    warnings text[] DEFAULT '{}' NOT NULL,
    loaded_at timestamptz DEFAULT now() NOT NULL,
    changed_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_reservation_rooms PRIMARY KEY (source, property_id, source_ref, room_ref),
    CONSTRAINT ck_reservation_rooms_status CHECK (status IN ('confirmed', 'in_house', 'checked_out', 'cancelled', 'no_show', 'waitlisted')),
    CONSTRAINT ck_reservation_rooms_arrival_before_departure CHECK (arrival_on <= departure_on),
    CONSTRAINT fk_reservation_rooms_reservations FOREIGN KEY(source, property_id, source_ref) REFERENCES core.reservations (source, property_id, source_ref) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE core.room_nights (
    source text NOT NULL,
    property_id text NOT NULL,
    source_ref text NOT NULL,
    room_ref text NOT NULL,
    stay_on date NOT NULL,
    use text NOT NULL,
    room_type_code text NOT NULL,
    rate_plan_code text,
    currency char(3) NOT NULL,
    price_minor bigint NOT NULL,
    is_tax_included boolean,
    tax_minor bigint,
    package_minor bigint,
    room_revenue_minor bigint GENERATED ALWAYS AS (price_minor - coalesce(package_minor, 0) - CASE WHEN is_tax_included THEN coalesce(tax_minor, 0) ELSE 0 END) STORED,
    adult_count smallint,
    child_count smallint,
    market_segment_code text,
    source_version bigint NOT NULL,
    received_seq bigint NOT NULL,
    source_updated_at timestamptz,
    load_id bigint NOT NULL,
    raw_ref text NOT NULL,
    row_hash bytea NOT NULL,
    is_deleted boolean DEFAULT false NOT NULL,
    warnings text[] DEFAULT '{}' NOT NULL,
    loaded_at timestamptz DEFAULT now() NOT NULL,
    changed_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_room_nights PRIMARY KEY (source, property_id, source_ref, room_ref, stay_on),
    CONSTRAINT ck_room_nights_use CHECK (use IN ('sold', 'complimentary', 'house_use', 'share', 'pseudo')),
    CONSTRAINT fk_room_nights_reservation_rooms FOREIGN KEY(source, property_id, source_ref, room_ref) REFERENCES core.reservation_rooms (source, property_id, source_ref, room_ref) DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX ix_reservation_rooms_arrival_on ON core.reservation_rooms (property_id, arrival_on);
CREATE INDEX ix_reservation_rooms_departure_on ON core.reservation_rooms (property_id, departure_on);
CREATE INDEX ix_reservation_rooms_cancelled_on ON core.reservation_rooms (property_id, cancelled_on);
CREATE INDEX ix_room_nights_stay ON core.room_nights (property_id, stay_on);

CREATE TABLE core.reservation_links (
    source text NOT NULL,
    property_id text NOT NULL,
    source_ref text NOT NULL,
    room_ref text NOT NULL,
    record_source text NOT NULL,
    record_ref text NOT NULL,
    record_room_ref text,
    method text NOT NULL,
    linked_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_reservation_links PRIMARY KEY (source, property_id, source_ref, room_ref),
    CONSTRAINT ck_reservation_links_method CHECK (method IN ('channel_ref', 'person'))
);
CREATE INDEX ix_reservation_links_record ON core.reservation_links (property_id, record_source, record_ref);

CREATE TABLE core.reservation_changes (
    change_id bigint GENERATED BY DEFAULT AS IDENTITY,
    source text NOT NULL,
    property_id text NOT NULL,
    source_ref text NOT NULL,
    source_version bigint NOT NULL,
    received_seq bigint NOT NULL,
    kind text NOT NULL,
    changed_at timestamptz DEFAULT now() NOT NULL,
    business_on date,
    from_status text,
    to_status text NOT NULL,
    room_night_delta_count integer DEFAULT 0 NOT NULL,
    revenue_delta_minor bigint DEFAULT 0 NOT NULL,
    currency char(3),
    load_id bigint NOT NULL,
    CONSTRAINT pk_reservation_changes PRIMARY KEY (change_id),
    CONSTRAINT ck_reservation_changes_kind CHECK (kind IN ('created', 'modified', 'cancelled', 'reinstated', 'no_show', 'checked_in', 'checked_out')),
    CONSTRAINT uq_reservation_changes_source_property_id_source_ref_so_502b UNIQUE (source, property_id, source_ref, source_version, received_seq)
);
CREATE INDEX ix_reservation_changes_changed ON core.reservation_changes (property_id, changed_at);
CREATE INDEX ix_reservation_changes_day ON core.reservation_changes (property_id, business_on);

COMMENT ON TABLE core.reservations IS 'Bookings as each source tells them; is_of_record marks the copy that counts';
COMMENT ON TABLE core.reservation_rooms IS 'The rooms of a booking; a room no longer told of is cancelled, not deleted';
COMMENT ON TABLE core.room_nights IS 'One room, one date, one price; nights of cancelled rooms stay, as value lost';
COMMENT ON TABLE core.reservation_links IS 'The copies of one stay: the channel''s (the key) and the one of record';
COMMENT ON TABLE core.reservation_changes IS 'What each version changed, in status, nights and money; append-only';
