-- ops: the connected systems

CREATE TABLE ops.integrations (
    source text NOT NULL,
    property_id text NOT NULL,
    account text DEFAULT '' NOT NULL,
    kind text NOT NULL,
    status text DEFAULT 'active' NOT NULL,
    settings jsonb DEFAULT '{}' NOT NULL,
    credentials bytea,
    key_id text,
    hotel_ref text,
    cadence_seconds integer,
    window_days integer,
    went_live_on date,
    last_success_at timestamptz,
    CONSTRAINT pk_integrations PRIMARY KEY (source, property_id),
    CONSTRAINT ck_integrations_status CHECK (status IN ('active', 'paused', 'maintenance'))
);

CREATE TABLE ops.room_mappings (
    source text NOT NULL,
    property_id text NOT NULL,
    room_type_ref text NOT NULL,
    room_type_code text,
    is_active boolean DEFAULT true NOT NULL,
    valid_from_on date,
    suggested_code text,
    suggested_score numeric(5, 4),
    decided_by text,
    CONSTRAINT pk_room_mappings PRIMARY KEY (source, property_id, room_type_ref)
);

CREATE TABLE ops.rate_plan_mappings (
    source text NOT NULL,
    property_id text NOT NULL,
    rate_plan_ref text NOT NULL,
    rate_plan_code text,
    meal_plan_code text,
    is_net boolean,
    markup_rate numeric(9, 8),
    collect text,
    CONSTRAINT pk_rate_plan_mappings PRIMARY KEY (source, property_id, rate_plan_ref),
    CONSTRAINT ck_rate_plan_mappings_collect CHECK (collect IN ('property', 'channel', 'split'))
);

CREATE TABLE ops.code_mappings (
    source text NOT NULL,
    property_id text NOT NULL,
    dataset text NOT NULL,
    field text NOT NULL,
    ref text NOT NULL,
    code text NOT NULL,
    CONSTRAINT pk_code_mappings PRIMARY KEY (source, property_id, dataset, field, ref)
);

CREATE TABLE ops.unmapped_codes (
    source text NOT NULL,
    property_id text NOT NULL,
    field text NOT NULL,
    ref text NOT NULL,
    first_seen_at timestamptz DEFAULT now() NOT NULL,
    last_seen_at timestamptz DEFAULT now() NOT NULL,
    waiting_count integer DEFAULT 0 NOT NULL,
    next_arrival_on date,
    sample_raw_ref text,
    suggested_code text,
    CONSTRAINT pk_unmapped_codes PRIMARY KEY (source, property_id, field, ref)
);

CREATE TABLE ops.tokens (
    source text NOT NULL,
    account text NOT NULL,
    token bytea NOT NULL,
    key_id text NOT NULL,
    granted_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT pk_tokens PRIMARY KEY (source, account)
);

CREATE TABLE ops.breakers (
    source text NOT NULL,
    endpoint_code text NOT NULL,
    state text DEFAULT 'closed' NOT NULL,
    failure_count integer DEFAULT 0 NOT NULL,
    opened_at timestamptz,
    next_probe_at timestamptz,
    changed_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_breakers PRIMARY KEY (source, endpoint_code),
    CONSTRAINT ck_breakers_state CHECK (state IN ('closed', 'open', 'half_open'))
);

CREATE TABLE ops.rate_limits (
    source text NOT NULL,
    bucket text NOT NULL,
    refilled_at timestamptz NOT NULL,
    CONSTRAINT pk_rate_limits PRIMARY KEY (source, bucket)
);

CREATE TABLE ops.requests (
    request_id text NOT NULL,
    sent_at timestamptz NOT NULL,
    source text NOT NULL,
    property_id text NOT NULL,
    endpoint_code text NOT NULL,
    method text NOT NULL,
    status_code smallint,
    duration_ms integer NOT NULL,
    attempts_count smallint NOT NULL,
    bytes_count bigint NOT NULL,
    error_code text,
    CONSTRAINT pk_requests PRIMARY KEY (request_id, sent_at)
) PARTITION BY RANGE (sent_at);
CREATE TABLE ops.requests_default PARTITION OF ops.requests DEFAULT;

CREATE TABLE ops.health_checks (
    source text NOT NULL,
    property_id text NOT NULL,
    checked_at timestamptz NOT NULL,
    status text NOT NULL,
    duration_ms integer,
    freshness_seconds bigint,
    queue_count bigint,
    detail text,
    CONSTRAINT pk_health_checks PRIMARY KEY (source, property_id, checked_at),
    CONSTRAINT ck_health_checks_status CHECK (status IN ('healthy', 'degraded', 'unhealthy'))
);

COMMENT ON TABLE ops.integrations IS 'The connected accounts; credentials are sealed';
COMMENT ON TABLE ops.room_mappings IS 'Their room types, many to one of ours';
COMMENT ON TABLE ops.rate_plan_mappings IS 'Their rate plans in our words';
COMMENT ON TABLE ops.code_mappings IS 'All their other codes in our words; property * is the default';
COMMENT ON TABLE ops.unmapped_codes IS 'Codes nobody has mapped yet; the guest who arrives first comes first';
COMMENT ON TABLE ops.tokens IS 'Access tokens, sealed, shared by all processes';
COMMENT ON TABLE ops.breakers IS 'One circuit breaker per endpoint, shared by all processes';
COMMENT ON TABLE ops.rate_limits IS 'One bucket per limit, shared by all processes';
COMMENT ON TABLE ops.requests IS 'Outbound requests without bodies';
COMMENT ON TABLE ops.health_checks IS 'How each connected system was when last looked at';
