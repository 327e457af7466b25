-- History is added to, never changed.
CREATE FUNCTION ops.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%.% is append-only: add a version instead', TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON core.on_the_books
    FOR EACH ROW EXECUTE FUNCTION ops.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE ON core.on_the_books_snapshots
    FOR EACH ROW EXECUTE FUNCTION ops.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON core.reservation_changes
    FOR EACH ROW EXECUTE FUNCTION ops.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON ops.audit_log
    FOR EACH ROW EXECUTE FUNCTION ops.refuse_change();

-- Whoever listens hears of new messages at the commit that brought them.
CREATE FUNCTION raw.tell_inbox() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('inbox', '');
    RETURN NULL;
END $$;

CREATE TRIGGER tell AFTER INSERT ON raw.inbox
    FOR EACH STATEMENT EXECUTE FUNCTION raw.tell_inbox();

-- Locks the oldest due messages for a worker. A function for its two settings: after a quiet spell the statistics say
-- that nothing waits, and the planner would then collect and sort the whole queue for every claim.
CREATE FUNCTION raw.claim(most integer) RETURNS TABLE (
    inbox_id bigint, source text, account text, event_id text, event_type text, property_id text, body bytea,
    headers jsonb, is_test boolean, is_sealed boolean, key_id text, received_at timestamptz, attempts_count integer
)
LANGUAGE sql SET enable_bitmapscan = off SET enable_sort = off AS $$
    SELECT i.inbox_id, i.source, i.account, i.event_id, i.event_type, i.property_id, i.body,
           i.headers, i.is_test, i.is_sealed, i.key_id, i.received_at,
           coalesce((SELECT a.attempts_count FROM raw.inbox_attempts AS a WHERE a.inbox_id = i.inbox_id), 0)
    FROM raw.inbox AS i
    WHERE i.status IN ('received', 'failed') AND coalesce(i.next_attempt_at <= now(), true)
    ORDER BY i.inbox_id LIMIT most
    FOR UPDATE SKIP LOCKED
$$;
