import DurableModel
import GRDB

/// Every table of `reprise.db`. Times are milliseconds since 1970. What people look for with the `sqlite3` shell is
/// text; what only replay reads is in the form of `StoredForm`.
///
/// - `invocation`, a view for people and for questions that need no index: one row per invocation of `lasting` and
///   `brief`, from acceptance until its retention ends.
/// - `lasting`: invocations that live, that have a promised result, or that took more than one commit. `id` is the
///   public id as 16 bytes uuid, then 8 bytes partition key, big-endian: ids of a time stay together, so a commit of
///   fresh rows touches few index pages. `outcome` is null, 'success' (with `output`) or 'failure' (with the
///   `failure_` columns). Large columns come last, so that a reader of the small ones never follows their overflow
///   pages.
/// - `brief`: results that nobody was promised, of invocations that began and ended within one commit: nearly all calls
///   of a busy server, kept for the curious. `BriefRows` tells why they need no index.
/// - `packed`: the same from commits with many changes, some thirty in a row, as a `Pack`. The other columns are of the
///   last one. No shell can read them; the server's answers, `reprise` and its page can.
/// - `large_input`: the input of invocations for which `lasting.input` is null because it is large. SQLite
///   rewrites a whole row when a column changes; kept apart, an input is written once.
/// - `journal`: one row per entry of invocations that live, and of completed ones too long to be packed into
///   `packed_journal`. `kind` and `name` repeat what `command` says, for people.
/// - `state`: the values of virtual objects and workflows.
/// - `recent_state`: changes of `state` that commits with many changes brought, a row for each, as `StateWriter` tells.
///   They are in `state` soon, and after every stop and start.
/// - `lasting.control`: requests to cancel, and what a suspended invocation waits for; null while there is neither.
/// - `promise`: the durable promises of workflows, with the journal entries that wait for them.
/// - `timer`: what a restarted engine must wake. `slot` -4 and -3 are the kill and the cancellation that its caller
///   passes on, -2 is the scheduled start, -1 the next attempt, 0 and up the journal entry of that index.
/// - `service_migration`: which tables services have made for themselves, and how. Those have names with the namespace
///   and an underscore in front, which none of the others has.
/// - `meta`: numbers of the engine as a whole, by the name of their `MetaKey`, and the `CommitNumber`.
///
/// Indexes cost on every commit, so `lasting` has three: ids; those who are not completed by status (for a start and
/// for people who look for stuck ones; rows that complete in the commit that inserts them never enter it); and the
/// completed ones in the order in which they expire. Other questions scan, newest first, for a bounded time.
enum Schema {
    static let databaseName = "reprise.db"
    static let invocationView = "invocation"

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator().disablingDeferredForeignKeyChecks()
        migrator.registerMigration("1: invocations, journals, state, timers") { try $0.execute(sql: first) }
        migrator.registerMigration("2: promises, cancellation") { try $0.execute(sql: second) }
        migrator.registerMigration("3: tables of services") { try $0.execute(sql: third) }
        migrator.registerMigration("4: brief invocations") { try $0.execute(sql: fourth) }
        migrator.registerMigration("5: packed results, recent state") { try $0.execute(sql: fifth) }
        // No table changes: an older version must not open what it would read in part.
        migrator.registerMigration("6: packs with shapes") { _ in }
        return migrator
    }

    /// Throws `.newerSchema` for what this version cannot read.
    static func requireKnown(_ db: Database, _ path: String) throws {
        guard try !migrator.hasBeenSuperseded(db) else {
            throw StoreError(.newerSchema, "\(path) was written by a newer version: this one cannot read it")
        }
    }

    private static let fifth = """
        CREATE TABLE packed (
            last_serial INTEGER PRIMARY KEY,
            last_created_ms INTEGER NOT NULL,
            last_expires_ms INTEGER NOT NULL,
            member_count INTEGER NOT NULL,
            members BLOB NOT NULL
        ) STRICT;

        CREATE TABLE recent_state (
            number INTEGER PRIMARY KEY,
            changes BLOB NOT NULL
        ) STRICT;
        """

    /// The casts give the view's columns the same affinities on both sides: SQLite looks through no other union.
    private static let fourth = """
        ALTER TABLE invocation RENAME TO lasting;

        CREATE TABLE brief (
            serial INTEGER PRIMARY KEY,
            lane_order INTEGER,
            journal_length INTEGER NOT NULL,
            completed_at_ms INTEGER NOT NULL,
            expires_at_ms INTEGER NOT NULL,
            outcome TEXT NOT NULL,
            failure_code INTEGER,
            failure_message TEXT,
            failure_metadata BLOB,
            id BLOB NOT NULL,
            service TEXT NOT NULL,
            key TEXT,
            handler TEXT NOT NULL,
            kind TEXT NOT NULL,
            parent_serial INTEGER,
            parent_entry INTEGER,
            created_at_ms INTEGER NOT NULL,
            seed INTEGER NOT NULL,
            headers BLOB,
            input BLOB NOT NULL,
            output BLOB,
            packed_journal BLOB
        ) STRICT;

        CREATE VIEW invocation AS
        SELECT serial, status, lane_order, failed_attempts, first_failure_ms, next_attempt_ms, last_failure, strikes,
            journal_length, completed_at_ms, expires_at_ms, outcome, failure_code, failure_message, failure_metadata,
            followers, id, service, key, handler, kind, idempotency_key, parent_serial, parent_entry, created_at_ms,
            scheduled_for_ms, seed, promised, headers, input, output, packed_journal, control
        FROM lasting
        UNION ALL
        SELECT serial, CAST('completed' AS TEXT), lane_order, CAST(0 AS INTEGER), CAST(NULL AS INTEGER),
            CAST(NULL AS INTEGER), CAST(NULL AS TEXT), CAST(0 AS INTEGER),
            journal_length, completed_at_ms, expires_at_ms, outcome, failure_code, failure_message, failure_metadata,
            CAST(NULL AS BLOB), id, service, key, handler, kind, CAST(NULL AS TEXT), parent_serial, parent_entry,
            created_at_ms, CAST(NULL AS INTEGER), seed, CAST(0 AS INTEGER), headers, input, output, packed_journal,
            CAST(NULL AS BLOB)
        FROM brief;
        """

    static let third = """
        CREATE TABLE service_migration (
            namespace TEXT NOT NULL,
            name TEXT NOT NULL,
            sql TEXT NOT NULL,
            PRIMARY KEY (namespace, name)
        ) STRICT, WITHOUT ROWID;
        """

    private static let second = """
        ALTER TABLE invocation ADD COLUMN control BLOB;

        CREATE TABLE promise (
            service TEXT NOT NULL,
            key TEXT NOT NULL,
            name TEXT NOT NULL,
            content BLOB NOT NULL,
            PRIMARY KEY (service, key, name)
        ) STRICT, WITHOUT ROWID;
        """

    private static let first = """
        CREATE TABLE invocation (
            serial INTEGER PRIMARY KEY,
            status TEXT NOT NULL,
            lane_order INTEGER,
            failed_attempts INTEGER NOT NULL,
            first_failure_ms INTEGER,
            next_attempt_ms INTEGER,
            last_failure TEXT,
            strikes INTEGER NOT NULL,
            journal_length INTEGER NOT NULL,
            completed_at_ms INTEGER,
            expires_at_ms INTEGER,
            outcome TEXT,
            failure_code INTEGER,
            failure_message TEXT,
            failure_metadata BLOB,
            followers BLOB,
            id BLOB NOT NULL,
            service TEXT NOT NULL,
            key TEXT,
            handler TEXT NOT NULL,
            kind TEXT NOT NULL,
            idempotency_key TEXT,
            parent_serial INTEGER,
            parent_entry INTEGER,
            created_at_ms INTEGER NOT NULL,
            scheduled_for_ms INTEGER,
            seed INTEGER NOT NULL,
            promised INTEGER NOT NULL,
            headers BLOB,
            input BLOB,
            output BLOB,
            packed_journal BLOB
        ) STRICT;
        CREATE UNIQUE INDEX invocation_by_id ON invocation (id);
        CREATE INDEX invocation_live ON invocation (status) WHERE status <> 'completed';
        CREATE INDEX invocation_retained ON invocation (promised, expires_at_ms) WHERE status = 'completed';

        CREATE TABLE large_input (
            serial INTEGER PRIMARY KEY,
            body BLOB NOT NULL
        ) STRICT;

        CREATE TABLE journal (
            serial INTEGER NOT NULL,
            idx INTEGER NOT NULL,
            kind TEXT NOT NULL,
            name TEXT,
            command BLOB NOT NULL,
            detail BLOB,
            completion BLOB,
            PRIMARY KEY (serial, idx)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE state (
            service TEXT NOT NULL,
            key TEXT NOT NULL,
            name TEXT NOT NULL,
            value BLOB NOT NULL,
            PRIMARY KEY (service, key, name)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE timer (
            serial INTEGER NOT NULL,
            slot INTEGER NOT NULL,
            due_ms INTEGER NOT NULL,
            PRIMARY KEY (serial, slot)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE meta (
            key TEXT PRIMARY KEY,
            value INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """
}
