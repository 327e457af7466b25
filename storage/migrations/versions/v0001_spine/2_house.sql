-- core: the house

CREATE TABLE core.properties (
    property_id text NOT NULL,
    name text NOT NULL,
    group_code text,
    country_code char(2),
    time_zone text NOT NULL,
    currency char(3) NOT NULL,
    business_on date,
    business_on_kind text DEFAULT 'clock' NOT NULL,
    day_rolls_at time DEFAULT '03:00' NOT NULL,
    of_record_source text,
    room_count integer,
    is_price_tax_included boolean,
    zero_price_use text DEFAULT 'sold' NOT NULL,
    is_active boolean DEFAULT true NOT NULL,
    opened_on date,
    closed_on date,
    CONSTRAINT pk_properties PRIMARY KEY (property_id),
    CONSTRAINT ck_properties_business_on_kind CHECK (business_on_kind IN ('pms', 'clock')),
    CONSTRAINT ck_properties_zero_price_use CHECK (zero_price_use IN ('sold', 'complimentary'))
);

CREATE TABLE core.room_types (
    property_id text NOT NULL,
    room_type_code text NOT NULL,
    name text NOT NULL,
    room_count integer,
    adult_count smallint,
    occupancy_count smallint,
    is_pseudo boolean DEFAULT false NOT NULL,
    is_active boolean DEFAULT true NOT NULL,
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
    CONSTRAINT pk_room_types PRIMARY KEY (property_id, room_type_code)
);

CREATE TABLE core.rate_plans (
    property_id text NOT NULL,
    rate_plan_code text NOT NULL,
    name text NOT NULL,
    meal_plan_code text,
    is_refundable boolean,
    market_segment_code text,
    currency char(3),
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
    CONSTRAINT pk_rate_plans PRIMARY KEY (property_id, rate_plan_code)
);

CREATE TABLE core.room_status (
    source text NOT NULL,
    property_id text NOT NULL,
    room_code text NOT NULL,
    occupancy text NOT NULL,
    housekeeping text NOT NULL,
    sellability text NOT NULL,
    observed_at timestamptz NOT NULL,
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
    CONSTRAINT pk_room_status PRIMARY KEY (source, property_id, room_code),
    CONSTRAINT ck_room_status_occupancy CHECK (occupancy IN ('vacant', 'occupied', 'unknown')),
    CONSTRAINT ck_room_status_housekeeping CHECK (housekeeping IN ('clean', 'dirty', 'pickup', 'inspected', 'unknown')),
    CONSTRAINT ck_room_status_sellability CHECK (sellability IN ('ok', 'out_of_order', 'out_of_service', 'unknown'))
);

COMMENT ON TABLE core.properties IS 'The hotels: zone, currency, business date, and the policies that decide what counts';
COMMENT ON TABLE core.room_types IS 'What a property sells';
COMMENT ON TABLE core.rate_plans IS 'At which conditions it sells';
COMMENT ON TABLE core.room_status IS 'Three independent axes of each room, as last told';
