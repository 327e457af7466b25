-- Every column is nullable or has a constant default: no rewrite.

ALTER TABLE core.properties
    ADD COLUMN description text,
    ADD COLUMN address_line_1 text,
    ADD COLUMN address_line_2 text,
    ADD COLUMN city text,
    ADD COLUMN region text,
    ADD COLUMN postal_code text,
    ADD COLUMN phone text,
    ADD COLUMN email text,
    ADD COLUMN latitude numeric(8, 6),
    ADD COLUMN longitude numeric(9, 6),
    ADD COLUMN check_in_at time,
    ADD COLUMN check_out_at time,
    ADD COLUMN amenities jsonb DEFAULT '[]' NOT NULL,
    ADD COLUMN images jsonb DEFAULT '[]' NOT NULL;

ALTER TABLE core.room_types
    ADD COLUMN bed_code text,
    ADD COLUMN class_code text,
    ADD COLUMN description text,
    ADD COLUMN amenities text[];

ALTER TABLE ops.api_keys
    ADD COLUMN description text,
    ADD COLUMN created_at timestamptz DEFAULT now() NOT NULL;
