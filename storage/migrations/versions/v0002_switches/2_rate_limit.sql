-- GCRA, the leaky bucket that needs one instant: `refilled_at`, when the bucket will be full again. A slot puts it
-- 1/rate further; a slot is free while it is less than burst - 1 slots ahead of now.
-- 0: the slot is yours. Otherwise none was taken: ask again after so many seconds.
CREATE FUNCTION ops.rate_limit_take(which_source text, which_bucket text, per_second double precision, burst integer)
RETURNS double precision LANGUAGE plpgsql AS $$
DECLARE
    slot CONSTANT interval := make_interval(secs => 1 / per_second);
    full_at timestamptz;
    at timestamptz;
    wait interval;
BEGIN
    -- A slot forgotten in a crash of the server harms nobody; waiting for the disk at every call would.
    PERFORM set_config('synchronous_commit', 'off', true);
    INSERT INTO ops.rate_limits (source, bucket, refilled_at) VALUES (which_source, which_bucket, '-infinity')
    ON CONFLICT DO NOTHING;
    SELECT refilled_at INTO full_at FROM ops.rate_limits
    WHERE source = which_source AND bucket = which_bucket FOR UPDATE;
    at := clock_timestamp();
    full_at := greatest(full_at, at);
    wait := full_at - at - slot * (burst - 1);
    IF wait > interval '0' THEN
        RETURN extract(epoch FROM wait);
    END IF;
    UPDATE ops.rate_limits SET refilled_at = full_at + slot
    WHERE source = which_source AND bucket = which_bucket;
    RETURN 0;
END $$;
