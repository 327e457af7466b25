-- core: what can be sold and what was on the books

CREATE TABLE core.inventory (
    source text NOT NULL,
    property_id text NOT NULL,
    room_type_code text NOT NULL,
    stay_on date NOT NULL,
    physical_count integer,
    out_of_order_count integer,
    out_of_service_count integer,
    house_use_count integer,
    sold_count integer,
    complimentary_count integer,
    blocked_count integer,
    tentative_count integer,
    overbooking_limit_count integer,
    available_count integer,
    read_at timestamptz DEFAULT now() NOT NULL,
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
    CONSTRAINT pk_inventory PRIMARY KEY (source, property_id, room_type_code, stay_on),
    CONSTRAINT ck_inventory_physical_count CHECK (physical_count >= 0),
    CONSTRAINT ck_inventory_out_of_order_count CHECK (out_of_order_count >= 0),
    CONSTRAINT ck_inventory_out_of_service_count CHECK (out_of_service_count >= 0),
    CONSTRAINT ck_inventory_house_use_count CHECK (house_use_count >= 0),
    CONSTRAINT ck_inventory_sold_count CHECK (sold_count >= 0),
    CONSTRAINT ck_inventory_complimentary_count CHECK (complimentary_count >= 0),
    CONSTRAINT ck_inventory_blocked_count CHECK (blocked_count >= 0),
    CONSTRAINT ck_inventory_tentative_count CHECK (tentative_count >= 0),
    CONSTRAINT ck_inventory_overbooking_limit_count CHECK (overbooking_limit_count >= 0)
);

CREATE TABLE core.rates (
    source text NOT NULL,
    property_id text NOT NULL,
    rate_plan_code text NOT NULL,
    room_type_code text NOT NULL,
    stay_on date NOT NULL,
    occupancy_count smallint NOT NULL,
    price_minor bigint NOT NULL,
    currency char(3) NOT NULL,
    is_tax_included boolean,
    read_at timestamptz DEFAULT now() NOT NULL,
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
    CONSTRAINT pk_rates PRIMARY KEY (source, property_id, rate_plan_code, room_type_code, stay_on, occupancy_count)
);

CREATE TABLE core.on_the_books_snapshots (
    property_id text NOT NULL,
    snapshot_on date NOT NULL,
    version integer NOT NULL,
    kind text NOT NULL,
    is_final boolean DEFAULT false NOT NULL,
    taken_at timestamptz DEFAULT now() NOT NULL,
    horizon_on date NOT NULL,
    row_count integer NOT NULL,
    room_night_count integer NOT NULL,
    total_minor jsonb NOT NULL,
    sha256 bytea NOT NULL,
    CONSTRAINT pk_on_the_books_snapshots PRIMARY KEY (property_id, snapshot_on, version),
    CONSTRAINT ck_on_the_books_snapshots_kind CHECK (kind IN ('captured', 'reconstructed'))
);

CREATE TABLE core.on_the_books (
    property_id text NOT NULL,
    snapshot_on date NOT NULL,
    version integer NOT NULL,
    stay_on date NOT NULL,
    room_type_code text NOT NULL,
    market_segment_code text NOT NULL,
    channel_code text NOT NULL,
    currency char(3) NOT NULL,
    room_count integer NOT NULL,
    complimentary_count integer NOT NULL,
    room_revenue_minor bigint NOT NULL,
    arrival_count integer NOT NULL,
    adult_count integer NOT NULL,
    child_count integer NOT NULL,
    tentative_count integer NOT NULL,
    blocked_count integer NOT NULL,
    CONSTRAINT pk_on_the_books PRIMARY KEY (property_id, snapshot_on, version, stay_on, room_type_code, market_segment_code, channel_code, currency)
) PARTITION BY RANGE (snapshot_on);
CREATE TABLE core.on_the_books_default PARTITION OF core.on_the_books DEFAULT;

COMMENT ON TABLE core.inventory IS 'Rooms per type and date; source derived is ours, from the nights';
COMMENT ON TABLE core.rates IS 'Prices per plan, type, date and occupancy (0: per room)';
COMMENT ON TABLE core.on_the_books_snapshots IS 'One capture of what was on the books; never deleted';
COMMENT ON TABLE core.on_the_books IS 'What was on the books, per stay date and segment; append-only';
