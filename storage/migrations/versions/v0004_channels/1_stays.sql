-- core: what a booking tells beside rooms and nights. Every column is nullable or has a constant default: no rewrite.

ALTER TABLE core.reservations
    ADD COLUMN collect text,
    ADD COLUMN commission_minor bigint,
    ADD COLUMN commission_rate numeric(9, 8),
    ADD COLUMN commission_model text,
    ADD COLUMN cancellation_policy_code text,
    ADD COLUMN free_cancel_until_at timestamptz,
    ADD COLUMN cancellation_fee_minor bigint,
    ADD COLUMN no_show_fee_minor bigint,
    ADD COLUMN is_fee_waived boolean,
    ADD COLUMN comment text,
    ADD COLUMN promotion_code text,
    ADD COLUMN voucher_ref text,
    ADD COLUMN purpose_code text,
    ADD COLUMN is_walk_in boolean,
    ADD COLUMN hold_until_at timestamptz,
    ADD CONSTRAINT ck_reservations_collect CHECK (collect IN ('property', 'channel', 'split')),
    ADD CONSTRAINT ck_reservations_commission_model CHECK (commission_model IN ('gross_invoice', 'net_vcc', 'net_bank', 'hotel_collect'));

ALTER TABLE core.reservation_rooms
    ADD COLUMN child_ages smallint[],
    ADD COLUMN occupant_guest_ref text,
    ADD COLUMN arrival_time time,
    ADD COLUMN cancellation_fee_minor bigint,
    ADD COLUMN promotion_code text,
    ADD COLUMN raw_room_code text,
    ADD COLUMN raw_rate_code text;

ALTER TABLE core.room_nights
    ADD COLUMN is_price_derived boolean DEFAULT false NOT NULL,
    ADD COLUMN promotion_code text;

ALTER TABLE core.rates
    ADD COLUMN is_stop_sell boolean,
    ADD COLUMN is_closed_to_arrival boolean,
    ADD COLUMN is_closed_to_departure boolean,
    ADD COLUMN min_stay_arrival_count smallint,
    ADD COLUMN min_stay_through_count smallint,
    ADD COLUMN max_stay_count smallint,
    ADD COLUMN min_advance_day_count smallint,
    ADD COLUMN max_advance_day_count smallint;
COMMENT ON TABLE core.rates IS 'Prices and restrictions per plan, type, date and occupancy (0: per room)';

CREATE TABLE core.room_night_taxes (
    source text NOT NULL,
    property_id text NOT NULL,
    source_ref text NOT NULL,
    room_ref text NOT NULL,
    stay_on date NOT NULL,
    tax_code text NOT NULL,
    is_included boolean,
    amount_minor bigint NOT NULL,
    currency char(3) NOT NULL,
    base_minor bigint,
    tax_rate numeric(9, 8),
    is_pass_through boolean DEFAULT false NOT NULL,
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
    CONSTRAINT pk_room_night_taxes PRIMARY KEY (source, property_id, source_ref, room_ref, stay_on, tax_code),
    CONSTRAINT fk_room_night_taxes_room_nights FOREIGN KEY(source, property_id, source_ref, room_ref, stay_on) REFERENCES core.room_nights (source, property_id, source_ref, room_ref, stay_on) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED
);
COMMENT ON TABLE core.room_night_taxes IS 'The taxes and fees of a night, as the source parts them';

CREATE TABLE core.reservation_extras (
    source text NOT NULL,
    property_id text NOT NULL,
    source_ref text NOT NULL,
    extra_ref text NOT NULL,
    extra_code text NOT NULL,
    room_ref text,
    serves_on date,
    quantity_count integer DEFAULT 1 NOT NULL,
    currency char(3),
    total_minor bigint,
    is_in_price boolean,
    is_tax_included boolean,
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
    CONSTRAINT pk_reservation_extras PRIMARY KEY (source, property_id, source_ref, extra_ref),
    CONSTRAINT fk_reservation_extras_reservations FOREIGN KEY(source, property_id, source_ref) REFERENCES core.reservations (source, property_id, source_ref) DEFERRABLE INITIALLY DEFERRED
);
COMMENT ON TABLE core.reservation_extras IS 'What was sold beside the rooms of a booking';

CREATE TABLE core.virtual_cards (
    source text NOT NULL,
    property_id text NOT NULL,
    card_ref text NOT NULL,
    reservation_ref text NOT NULL,
    channel_ref text,
    token_ref text,
    last_four text,
    currency char(3),
    limit_minor bigint,
    charged_minor bigint,
    refunded_minor bigint,
    activates_on date,
    expires_on date,
    is_net boolean,
    status text NOT NULL,
    usable_for text NOT NULL,
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
    CONSTRAINT pk_virtual_cards PRIMARY KEY (source, property_id, card_ref),
    CONSTRAINT ck_virtual_cards_status CHECK (status IN ('active', 'cancelled', 'expired')),
    CONSTRAINT ck_virtual_cards_usable_for CHECK (usable_for IN ('stay', 'no_show_or_cancellation'))
);
CREATE INDEX ix_virtual_cards_reservation ON core.virtual_cards (property_id, source, reservation_ref);
COMMENT ON TABLE core.virtual_cards IS 'A channel''s virtual cards: how much may be charged when; never a number';
