-- Whoever listens hears of new rows at the commit that brought them.
CREATE FUNCTION ops.tell_outbox() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('outbox', '');
    RETURN NULL;
END $$;

CREATE TRIGGER tell AFTER INSERT ON ops.outbox
    FOR EACH STATEMENT EXECUTE FUNCTION ops.tell_outbox();

-- One lock a source between who maps a code and who lets a booking wait for it: the later one sees what the other did.
CREATE FUNCTION ops.lock_mappings(of_source text) RETURNS void LANGUAGE sql AS $$
    SELECT pg_advisory_xact_lock(hashtextextended('mappings ' || of_source, 0))
$$;

-- Once a code is mapped, by whomever and however, it no longer waits, and the bookings that waited for it are read again.
-- Arguments: the field (empty: the row says), the column of their code.
CREATE FUNCTION ops.wake_waiting() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    their_code text := to_jsonb(NEW) ->> TG_ARGV[1];
    of_field text := coalesce(nullif(TG_ARGV[0], ''), to_jsonb(NEW) ->> 'field');
BEGIN
    PERFORM ops.lock_mappings(NEW.source);
    DELETE FROM ops.unmapped_codes AS u
    WHERE u.source = NEW.source AND u.field = of_field AND u.ref = their_code AND NEW.property_id IN (u.property_id, '*');
    UPDATE raw.inbox AS i SET status = 'received', next_attempt_at = NULL, ended_at = NULL
    WHERE i.status = 'waiting_mapping' AND i.source = NEW.source AND i.inbox_id IN (
        SELECT w.inbox_id FROM ops.waiting_bookings AS w
        WHERE w.source = NEW.source AND of_field || ':' || their_code = ANY(w.codes) AND NEW.property_id IN (w.property_id, '*'));
    IF FOUND THEN
        PERFORM pg_notify('inbox', '');
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER wake_waiting AFTER INSERT OR UPDATE ON ops.room_mappings
    FOR EACH ROW WHEN (NEW.room_type_code IS NOT NULL) EXECUTE FUNCTION ops.wake_waiting('room_type', 'room_type_ref');
CREATE TRIGGER wake_waiting AFTER INSERT OR UPDATE ON ops.rate_plan_mappings
    FOR EACH ROW WHEN (NEW.rate_plan_code IS NOT NULL) EXECUTE FUNCTION ops.wake_waiting('rate_plan', 'rate_plan_ref');
CREATE TRIGGER wake_waiting AFTER INSERT OR UPDATE ON ops.code_mappings
    FOR EACH ROW EXECUTE FUNCTION ops.wake_waiting('', 'ref');
