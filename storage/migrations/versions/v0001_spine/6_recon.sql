-- recon: what was published

CREATE TABLE recon.report_files (
    property_id text NOT NULL,
    kind text NOT NULL,
    business_on date NOT NULL,
    version integer NOT NULL,
    format text NOT NULL,
    path text NOT NULL,
    sha256 bytea NOT NULL,
    bytes_count bigint NOT NULL,
    is_final boolean DEFAULT false NOT NULL,
    run_name text,
    published_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_report_files PRIMARY KEY (property_id, kind, business_on, version, format)
);

COMMENT ON TABLE recon.report_files IS 'Published reports: where they lie and what they hash to';
