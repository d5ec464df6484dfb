namespace Federation.Hub;

/// <summary>The tables of a hub in PostgreSQL, in a schema of their own, and what is asked of them once.</summary>
static class PostgresSchema
{
    /// <summary>Of the tables as they are here; a hub leaves a store with a later one alone.</summary>
    public const int Layout = 1;

    /// <summary>The least major version that ends idle sessions.</summary>
    public const int ServerMin = 14;

    /// <summary>The first half of the advisory lock that the leader holds, "FEDE"; the second is the table's number.</summary>
    const string LockClass = "1178944581";

    /// <summary>Which database of which cluster this is: a copy of its files under another name, or elsewhere, is another place.</summary>
    const string Place = "(SELECT system_identifier FROM pg_control_system()) || '/' || (SELECT oid FROM pg_database WHERE datname = current_database())";

    /// <summary>Raised by every promotion and by every recovery to a point in time.</summary>
    const string Timeline = "substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)";

    /// <summary>
    /// Made by whoever comes first. The row of <c>store</c> knows which transaction wrote it: one that came from a dump was
    /// written by the transaction that loaded it.
    /// </summary>
    public const string Create = $"""
        SELECT pg_advisory_xact_lock({LockClass}, 0);
        CREATE SCHEMA IF NOT EXISTS federation;
        CREATE EXTENSION IF NOT EXISTS btree_gist WITH SCHEMA federation;
        CREATE TABLE IF NOT EXISTS federation.store(
            one boolean PRIMARY KEY DEFAULT true CHECK (one), layout integer NOT NULL, epoch text NOT NULL, revision bigint NOT NULL,
            term bigint NOT NULL, place text NOT NULL, timeline text NOT NULL, writer xid NOT NULL, copied boolean NOT NULL) WITH (fillfactor = 50);
        CREATE TABLE IF NOT EXISTS federation.objects(
            kind text COLLATE "C" NOT NULL, namespace text COLLATE "C" NOT NULL, name text COLLATE "C" NOT NULL,
            revision bigint NOT NULL, json bytea NOT NULL, space text COLLATE "C", block cidr, PRIMARY KEY (kind, namespace, name),
            CONSTRAINT one_holder EXCLUDE USING gist (space WITH =, block inet_ops WITH &&) WHERE (block IS NOT NULL) DEFERRABLE INITIALLY DEFERRED)
            WITH (fillfactor = 85);
        CREATE TABLE IF NOT EXISTS federation.audit(
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz NOT NULL, actor text NOT NULL, action text NOT NULL,
            subject text NOT NULL, detail text NOT NULL);
        INSERT INTO federation.store(layout, epoch, revision, term, place, timeline, writer, copied)
            VALUES (1, replace(gen_random_uuid()::text, '-', ''), 0, 0, {Place}, {Timeline}, pg_current_xact_id()::xid, false) ON CONFLICT DO NOTHING;
        """;

    /// <summary>Whether the tables are there: making what exists asks for rights that only its maker needs.</summary>
    public const string Exists = "SELECT to_regclass('federation.store') IS NOT NULL";

    public const string ReadLayout = "SELECT layout FROM federation.store";

    /// <summary>
    /// Of the session, whatever the role or the server have: a commit is on disk before it is answered; nothing is cancelled
    /// half way, for a wait for a standby that is cut short counts as a success; a session that says nothing is ended, so that
    /// the lock of a leader that hangs is free. Parameter 1: after how long.
    /// </summary>
    public const string Session = """
        SELECT set_config('synchronous_commit', CASE WHEN current_setting('synchronous_commit') = 'remote_apply' THEN 'remote_apply' ELSE 'on' END, false),
            set_config('statement_timeout', '0', false), set_config('lock_timeout', '8s', false),
            set_config('idle_in_transaction_session_timeout', $1, false), set_config('idle_session_timeout', $1, false),
            set_config('tcp_keepalives_idle', '5', false), set_config('tcp_keepalives_interval', '2', false), set_config('tcp_keepalives_count', '4', false)
        """;

    public const string IsStandby = "SELECT pg_is_in_recovery()";

    public const string Fsync = "SELECT current_setting('fsync')";

    public const string TryLock = $"SELECT pg_try_advisory_lock({LockClass}, 'federation.store'::regclass::oid::int4)";

    /// <summary>
    /// Begins a term. Whether history was replaced is noted in the same change: what it is known by is written over by it.
    /// Parameter 1: whether another timeline alone says nothing.
    /// </summary>
    public const string Begin = $"""
        UPDATE federation.store AS s SET term = s.term + 1, writer = pg_current_xact_id()::xid, place = {Place}, timeline = {Timeline},
            copied = s.copied OR s.writer <> s.xmin OR s.place <> {Place} OR (s.timeline <> {Timeline} AND NOT $1)
        RETURNING s.term
        """;

    public const string ReadStore = "SELECT epoch, revision, copied FROM federation.store";

    public const string ReadObjects = "SELECT kind, namespace, name, revision, json FROM federation.objects ORDER BY kind, namespace, name";

    /// <summary>Whether the term still is that of parameter 1.</summary>
    public const string IsTerm = "SELECT term = $1 FROM federation.store";
}
