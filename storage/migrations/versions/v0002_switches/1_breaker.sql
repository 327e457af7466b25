-- One switch per (source, endpoint): closed ─ failures ─► open ─ time ─► half open ─ success ─► closed
--                                                           ▲──────── failure ────┘
-- The row is locked first and the clock read after: a clock read before the wait for the lock would be stale.

-- 0: go ahead (closed, or you hold the one probe). Otherwise seconds to wait. A prober that dies is replaced once
-- its lease has run out.
CREATE FUNCTION ops.breaker_admit(which_source text, which_endpoint text, probe_lease interval)
RETURNS double precision LANGUAGE plpgsql AS $$
DECLARE
    breaker ops.breakers;
    at timestamptz;
BEGIN
    SELECT * INTO breaker FROM ops.breakers
    WHERE source = which_source AND endpoint_code = which_endpoint AND state <> 'closed' FOR UPDATE;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    at := clock_timestamp();
    IF at < breaker.next_probe_at THEN
        RETURN extract(epoch FROM breaker.next_probe_at - at);
    END IF;
    UPDATE ops.breakers SET state = 'half_open', next_probe_at = at + probe_lease, changed_at = at
    WHERE source = which_source AND endpoint_code = which_endpoint;
    RETURN 0;
END $$;

CREATE FUNCTION ops.breaker_succeeded(which_source text, which_endpoint text)
RETURNS void LANGUAGE sql AS $$
    UPDATE ops.breakers
    SET state = 'closed', failure_count = 0, opened_at = NULL, next_probe_at = NULL, changed_at = clock_timestamp()
    WHERE source = which_source AND endpoint_code = which_endpoint AND (state <> 'closed' OR failure_count > 0)
$$;

CREATE FUNCTION ops.breaker_failed(which_source text, which_endpoint text, threshold integer, probe_after interval)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    breaker ops.breakers;
    at timestamptz;
    opens boolean;
BEGIN
    INSERT INTO ops.breakers (source, endpoint_code) VALUES (which_source, which_endpoint) ON CONFLICT DO NOTHING;
    SELECT * INTO breaker FROM ops.breakers
    WHERE source = which_source AND endpoint_code = which_endpoint FOR UPDATE;
    at := clock_timestamp();
    IF breaker.state = 'open' THEN
        RETURN;  -- a straggler sent before it opened: it must not put the probe off
    END IF;
    opens := breaker.state = 'half_open' OR breaker.failure_count + 1 >= threshold;
    UPDATE ops.breakers
    SET failure_count = breaker.failure_count + 1,
        changed_at = at,
        state = CASE WHEN opens THEN 'open' ELSE 'closed' END,
        opened_at = CASE WHEN opens THEN at END,
        next_probe_at = CASE WHEN opens THEN at + probe_after END
    WHERE source = which_source AND endpoint_code = which_endpoint;
END $$;
