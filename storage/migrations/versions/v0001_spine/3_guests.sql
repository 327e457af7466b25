-- core: the guests

CREATE TABLE core.guests (
    source text NOT NULL,
    property_id text NOT NULL,
    source_ref text NOT NULL,
    kind text NOT NULL,
    first_name text,
    last_name text,
    full_name text,
    folded_name text,
    email text,
    is_email_relay boolean DEFAULT false NOT NULL,
    phone text,
    phone_raw text,
    country_code char(2),
    language_code text,
    birth_on date,
    is_vip boolean DEFAULT false NOT NULL,
    vip_code text,
    merged_into_ref text,
    is_active boolean DEFAULT true NOT NULL,
    created_on_source_at timestamptz,
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
    CONSTRAINT pk_guests PRIMARY KEY (source, property_id, source_ref),
    CONSTRAINT ck_guests_kind CHECK (kind IN ('person', 'company', 'travel_agent', 'group'))
);

CREATE TABLE core.guest_links (
    source text NOT NULL,
    property_id text NOT NULL,
    source_ref text NOT NULL,
    guest_id uuid NOT NULL,
    method text NOT NULL,
    probability numeric(5, 4),
    rule_code text,
    linked_at timestamptz DEFAULT now() NOT NULL,
    linked_by text,
    CONSTRAINT pk_guest_links PRIMARY KEY (source, property_id, source_ref),
    CONSTRAINT ck_guest_links_method CHECK (method IN ('exact', 'rule', 'probable', 'person', 'vendor_merge'))
);
CREATE INDEX ix_guest_links_guest_id ON core.guest_links (guest_id);

COMMENT ON TABLE core.guests IS 'Guest profiles as each source tells them';
COMMENT ON TABLE core.guest_links IS 'Which profiles are one person';
