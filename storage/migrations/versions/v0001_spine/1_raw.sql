-- raw: what outside systems sent

CREATE SEQUENCE raw.received_seq AS bigint;

CREATE TABLE raw.batches (
    batch_id bigint DEFAULT nextval('raw.received_seq') NOT NULL,
    source text NOT NULL,
    property_id text NOT NULL,
    dataset text NOT NULL,
    kind text NOT NULL,
    window_from timestamptz,
    window_to timestamptz,
    expected_count integer,
    is_complete boolean DEFAULT false NOT NULL,
    opened_at timestamptz DEFAULT now() NOT NULL,
    completed_at timestamptz,
    business_on date,
    CONSTRAINT pk_batches PRIMARY KEY (batch_id)
);

CREATE TABLE raw.pages (
    batch_id bigint NOT NULL,
    page_no integer NOT NULL,
    fetched_at timestamptz NOT NULL,
    body bytea NOT NULL,
    media_type text NOT NULL,
    received_sha256 bytea NOT NULL,
    row_count integer NOT NULL,
    first_row bigint NOT NULL,
    cursor text,
    expected_count integer,
    is_last boolean DEFAULT false NOT NULL,
    is_sealed boolean DEFAULT false NOT NULL,
    key_id text,
    request_id text,
    CONSTRAINT pk_pages PRIMARY KEY (batch_id, page_no, fetched_at)
) PARTITION BY RANGE (fetched_at);
CREATE TABLE raw.pages_default PARTITION OF raw.pages DEFAULT;

CREATE TABLE raw.inbox (
    inbox_id bigint DEFAULT nextval('raw.received_seq') NOT NULL,
    source text NOT NULL,
    account text DEFAULT '' NOT NULL,
    event_id text NOT NULL,
    event_type text NOT NULL,
    property_id text,
    status text DEFAULT 'received' NOT NULL,
    received_at timestamptz DEFAULT now() NOT NULL,
    next_attempt_at timestamptz,
    ended_at timestamptz,
    batch_id bigint,
    outcome text,
    error_code text,
    trace_id text,
    signature_kind text NOT NULL,
    is_test boolean DEFAULT false NOT NULL,
    is_sealed boolean DEFAULT false NOT NULL,
    key_id text,
    headers jsonb DEFAULT '{}' NOT NULL,
    body_sha256 bytea NOT NULL,
    body bytea,
    CONSTRAINT pk_inbox PRIMARY KEY (inbox_id),
    CONSTRAINT ck_inbox_outcome CHECK (outcome IN ('new', 'modified', 'cancelled', 'unchanged', 'stale', 'quarantined')),
    CONSTRAINT ck_inbox_status CHECK (status IN ('received', 'processing', 'waiting_mapping', 'done', 'failed', 'dead')),
    CONSTRAINT uq_inbox_source_account_event_id UNIQUE (source, account, event_id)
);
CREATE INDEX ix_inbox_claimable ON raw.inbox (inbox_id) WHERE status IN ('received', 'failed');
CREATE INDEX ix_inbox_ended ON raw.inbox USING brin (ended_at);
CREATE INDEX ix_inbox_stuck ON raw.inbox (source) WHERE status IN ('waiting_mapping', 'dead');

CREATE TABLE raw.inbox_attempts (
    inbox_id bigint NOT NULL,
    attempts_count smallint NOT NULL,
    last_attempt_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_inbox_attempts PRIMARY KEY (inbox_id)
);

CREATE TABLE raw.inbox_conflicts (
    inbox_id bigint NOT NULL,
    body_sha256 bytea NOT NULL,
    body bytea NOT NULL,
    headers jsonb DEFAULT '{}' NOT NULL,
    seen_count integer DEFAULT 1 NOT NULL,
    first_seen_at timestamptz DEFAULT now() NOT NULL,
    last_seen_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_inbox_conflicts PRIMARY KEY (inbox_id, body_sha256),
    CONSTRAINT fk_inbox_conflicts_inbox FOREIGN KEY(inbox_id) REFERENCES raw.inbox (inbox_id)
);

COMMENT ON TABLE raw.batches IS 'One pull of one source: its window, whether it reached its end';
COMMENT ON TABLE raw.pages IS 'What a pull brought, page by page, compressed; sha256 of the bytes as they came';
COMMENT ON TABLE raw.inbox IS 'Every message pushed to us, once; its id is its place in the order of everything received';
COMMENT ON TABLE raw.inbox_attempts IS 'How often a worker has begun a message that is not over yet';
COMMENT ON TABLE raw.inbox_conflicts IS 'Another body under a known event id: the first is kept, this one put aside';
