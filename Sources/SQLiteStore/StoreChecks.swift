import DurableModel
import GRDB

/// One pass over a database. `report` gets a line for each problem.
///
/// What is checked of invocations is what the engine relies on after a start: each check names a way in which a start
/// would otherwise go wrong silently.
final class StoreChecks {
    let db: Database
    let report: (String) -> Void
    private(set) var figures = StoreFigures()
    private let journal: PreparedStatement
    private let timers: PreparedStatement
    private let callee: PreparedStatement
    private let promise: PreparedStatement
    /// Of `meta`.
    private var serialCeiling: Int64 = .min
    private var clockMs: Int64 = .min

    private init(_ db: Database, _ report: @escaping (String) -> Void) throws {
        self.db = db
        self.report = report
        journal = try PreparedStatement(
            "SELECT idx, command, detail, completion FROM journal WHERE serial = ? ORDER BY idx", on: db)
        timers = try PreparedStatement("SELECT slot, due_ms FROM timer WHERE serial = ? ORDER BY slot", on: db)
        callee = try PreparedStatement("\(InvocationColumns.select) FROM invocation WHERE serial = ?", on: db)
        promise = try PreparedStatement(
            "SELECT content FROM promise WHERE service = ? AND key = ? AND name = ?", on: db)
    }

    @discardableResult
    static func run(on db: Database, _ report: (String) -> Void) throws -> StoreFigures {
        try withoutActuallyEscaping(report) { report in
            let checks = try StoreChecks(db, report)
            try checks.runAll()
            return checks.figures
        }
    }

    private func runAll() throws {
        try unlessUnreadable("the file", checkFile)
        try unlessUnreadable("meta", checkMeta)
        try unlessUnreadable("invocations", checkInvocations)
        try unlessUnreadable("brief invocations", checkBriefOnes)
        try unlessUnreadable("packed invocations", checkPackedOnes)
        try unlessUnreadable("promises", checkPromises)
        try unlessUnreadable("rows without an invocation", checkOrphans)
        try unlessUnreadable("lanes", checkLanes)
        try unlessUnreadable("counts") {
            figures.stateValues = try countStateValues()
            figures.timers = try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM timer") ?? 0
        }
    }

    /// A page that cannot be read ends one check, not all.
    private func unlessUnreadable(_ subject: String, _ check: () throws -> Void) throws {
        do {
            try check()
        } catch let error as DatabaseError where [.SQLITE_CORRUPT, .SQLITE_IOERR].contains(error.resultCode) {
            report("\(subject): cannot be read to the end: \(error.message ?? "\(error.resultCode)")")
        }
    }

    private func checkFile() throws {
        try PreparedStatement("PRAGMA integrity_check", on: db).rows { row in
            for line in row.text(0).split(separator: "\n") where line != "ok" && !line.hasPrefix("*** in database") {
                report("the file: \(line)")
            }
            return true
        }
    }

    // MARK: Meta

    private func checkMeta() throws {
        var meta: [MetaKey: Int64] = [:]
        try PreparedStatement("SELECT key, value FROM meta ORDER BY key", on: db).rows { row in
            let (key, value) = (row.text(0), row.int64(1))
            if value < 0 { report("meta: \(key) is \(value)") }
            if let key = MetaKey(rawValue: key) { meta[key] = value }
            return true
        }
        figures.lastCommit = try CommitNumber.read(db)
        if let isOpen = meta[.isOpen], isOpen > 1 { report("meta: isOpen is \(isOpen), neither 0 nor 1") }
        try require(meta[.serialCeiling], "serialCeiling", above: "MAX(serial)", "there is an invocation")
        try require(meta[.clockMs], "clockMs", above: "MAX(created_at_ms) - 1", "an invocation began after")
        try require(meta[.clockMs], "clockMs", above: "MAX(completed_at_ms) - 1", "an invocation ended after")
        serialCeiling = meta[.serialCeiling] ?? .min
        clockMs = meta[.clockMs] ?? .min
    }

    /// The engine would otherwise use a number twice, or let time run backwards.
    private func require(_ value: Int64?, _ key: String, above bound: String, _ fact: String) throws {
        let sql = "SELECT \(bound) FROM invocation"
        guard let bound = try Int64.fetchOne(db, sql: sql), value ?? .min <= bound else { return }
        report("meta: \(key) is \(value.map(String.init) ?? "missing"), but \(fact) \(bound)")
    }

    /// As if what was changed of late were in its table.
    private func countStateValues() throws -> Int {
        let recent = RecentState()
        try StateWriter.eachRow(db) { changes in
            do {
                recent.add(try changes(), isBusy: false)
            } catch let failure as DecodingFailure {
                report("recent_state: does not decode: \(failure)")
            }
        }
        let isThere = try PreparedStatement("SELECT 1 FROM state WHERE service = ? AND key = ? AND name = ?", on: db)
        var count = try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM state") ?? 0
        for (object, values) in recent.beginSettling() {
            for (name, value) in values {
                isThere.bind(object.service)
                isThere.bind(object.key)
                isThere.bind(name.text)
                let wasThere = try isThere.row { _ in true } ?? false
                count += (value == nil ? 0 : 1) - (wasThere ? 1 : 0)
            }
        }
        return count
    }

    // MARK: Invocations

    private func checkInvocations() throws {
        let large = try PreparedStatement("SELECT 1 FROM large_input WHERE serial = ?", on: db)
        try PreparedStatement("\(InvocationColumns.select) FROM invocation ORDER BY serial", on: db).rows { row in
            let serial = InvocationColumns.serial(row)
            figures.invocations += 1
            var name = "invocation \(serial.rawValue)"
            do {
                let record = try InvocationColumns.record(row)
                name += " (\(record.acceptance.target.text), \(record.acceptance.id.text))"
                if record.progress.status != .completed { figures.live += 1 }
                large.bind(serial.rawValue)
                let hasLargeInput = try large.row { _ in true } ?? false
                if InvocationColumns.isInputElsewhere(row) != hasLargeInput {
                    report("\(name): \(hasLargeInput ? "has two inputs" : "its input is missing")")
                }
                let journal = try readJournal(of: serial, name)
                let check = InvocationCheck(serial: serial, record: record, journal: journal) { [report] in
                    report("\(name): \($0)")
                }
                check.runAll(timers: try readTimers(of: serial))
                try checkWaits(of: check)
            } catch let failure as DecodingFailure {
                report("\(name): does not decode: \(failure)")
            }
            return true
        }
    }

    /// Nobody would find them, or delete them in time.
    private func checkBriefOnes() throws {
        try BriefRows.check(db, report)
        let sql = "SELECT serial FROM brief WHERE serial IN (SELECT serial FROM lasting) ORDER BY serial"
        try PreparedStatement(sql, on: db).rows { row in
            report("invocation \(row.int64(0)) is both in lasting and in brief")
            return true
        }
    }

    private func checkPackedOnes() throws {
        let isElsewhere = try PreparedStatement("SELECT 1 FROM invocation WHERE serial = ?", on: db)
        try PackedRows.check(db, report) { [self] serial, record in
            let name = "invocation \(serial.rawValue) (\(record.acceptance.target.text), \(record.acceptance.id.text))"
            figures.invocations += 1
            if serial.rawValue >= serialCeiling { report("\(name): serialCeiling is \(serialCeiling)") }
            if max(record.acceptance.createdAtMs, record.progress.completedAtMs ?? 0) > clockMs {
                report("\(name): it ended after \(clockMs), which is what clockMs says")
            }
            isElsewhere.bind(serial.rawValue)
            if try isElsewhere.row({ _ in true }) != nil { report("\(name): is both in a row of its own and packed") }
            let check = InvocationCheck(serial: serial, record: record, journal: try readJournal(of: serial, name)) {
                [report] in report("\(name): \($0)")
            }
            check.runAll(timers: try readTimers(of: serial))
        }
    }

    /// By index; nil for an entry that is stored but does not decode. Says what is wrong with each.
    private func readJournal(of serial: InvocationSerial, _ name: String) throws -> [JournalEntry?] {
        var entries: [JournalEntry?] = []
        journal.bind(serial.rawValue)
        try journal.rows { row in
            let index = row.int(0)
            if index != entries.count {
                report("\(name): journal entry \(entries.count) is missing, the next one is \(index)")
                // What follows a gap is judged by itself.
                guard index > entries.count, index < 10_000_000 else { return false }
                entries.append(contentsOf: repeatElement(nil, count: index - entries.count))
            }
            do {
                entries.append(try JournalRows.entry(row))
            } catch let failure as DecodingFailure {
                report("\(name): journal entry \(index) does not decode: \(failure)")
                entries.append(nil)
            }
            figures.journalEntries += 1
            return true
        }
        return entries
    }

    private func readTimers(of serial: InvocationSerial) throws -> [TimerSlot: Int64] {
        var found: [TimerSlot: Int64] = [:]
        timers.bind(serial.rawValue)
        try timers.rows { row in
            found[TimerSlot(stored: row.int64(0))] = row.int64(1)
            return true
        }
        return found
    }

    /// Who waits for a result that nobody will give it waits for ever.
    private func checkWaits(of check: InvocationCheck) throws {
        guard check.record.progress.status != .completed else { return }
        for (index, entry) in check.journal.enumerated() {
            guard let entry, entry.completion == nil else { continue }
            let link = ParentLink(serial: check.serial, entry: index)
            switch (entry.command, entry.detail) {
            case (.call, .child(let serial, _)), (.attach, .child(let serial, _)):
                guard let flaw = try flaw(of: serial, asCalleeOf: link) else { continue }
                check.report("entry \(index) waits for invocation \(serial.rawValue), which \(flaw)")
            case (.getPromise(let name), _):
                guard let object = check.record.acceptance.target.object,
                    let flaw = try flaw(ofPromise: name, of: object, awaitedBy: link)
                else { continue }
                check.report("entry \(index) waits for the promise '\(name)', which \(flaw)")
            default: continue
            }
        }
    }

    private func flaw(of serial: InvocationSerial, asCalleeOf link: ParentLink) throws -> String? {
        callee.bind(serial.rawValue)
        // One that does not decode is named when it is its turn.
        guard let row = try callee.row({ row in try? InvocationColumns.record(row) }) else {
            let isPacked = (try? PackedRows.record(serial, db)) != nil
            return isPacked ? "has completed" : "does not exist"
        }
        guard let record = row else { return nil }
        if record.progress.status == .completed { return "has completed" }
        let isKnown = record.acceptance.parent == link || record.progress.followers.contains(link)
        return isKnown ? nil : "does not know of it"
    }

    private func flaw(ofPromise name: String, of object: ObjectID, awaitedBy link: ParentLink) throws -> String? {
        promise.bind(object.service)
        promise.bind(object.key)
        promise.bind(name)
        let row = try promise.row { row in try? StoredForm.value(of: row.blob(0)) { try $0.promise() } }
        guard let row else { return "does not exist" }
        guard let found = row else { return nil }
        if found.outcome != nil { return "has been completed" }
        return found.waiters.contains(link) ? nil : "does not know of it"
    }

    // MARK: Promises

    private func checkPromises() throws {
        let sql = "SELECT service, key, name, content FROM promise ORDER BY service, key, name"
        try PreparedStatement(sql, on: db).rows { row in
            do {
                _ = try StoredForm.value(of: row.blob(3)) { try $0.promise() }
            } catch let failure as DecodingFailure {
                report("promise '\(row.text(2))' of \(row.text(0))/\(row.text(1)): does not decode: \(failure)")
            }
            return true
        }
    }

    // MARK: Rows without an invocation, lanes

    private func checkOrphans() throws {
        // What a caller passes on waits for nobody to look whether the callee is still there.
        let timers = "(SELECT serial FROM timer WHERE slot >= \(TimerSlot.start.stored))"
        for (table, things) in [("journal", "journal entries"), (timers, "timers"), ("large_input", "an input")] {
            let sql = """
                SELECT DISTINCT serial FROM \(table) WHERE serial NOT IN (SELECT serial FROM invocation) ORDER BY serial
                """
            try PreparedStatement(sql, on: db).rows { row in
                report("\(things) of invocation \(row.int64(0)), which does not exist")
                return true
            }
        }
    }

    /// In a lane places differ, and only the first is at work.
    private func checkLanes() throws {
        struct Place {
            var lane: ObjectID
            var order: Int64
            var serial: Int64
        }
        var before: Place?
        let sql = """
            SELECT service, key, lane_order, serial, status FROM invocation
            WHERE status <> 'completed' AND kind = 'exclusive' AND lane_order IS NOT NULL
            ORDER BY service, key, lane_order, serial
            """
        try PreparedStatement(sql, on: db).rows { row in
            let place = Place(
                lane: ObjectID(service: row.text(0), key: row.text(1)), order: row.int64(2), serial: row.int64(3))
            if let before, before.lane == place.lane {
                let lane = "lane \(place.lane.service)/\(place.lane.key)"
                if before.order == place.order {
                    report("\(lane): invocations \(before.serial) and \(place.serial) have the same place")
                }
                if row.text(4) != InvocationStatus.pending.rawValue {
                    report("\(lane): invocation \(place.serial) is \(row.text(4)) behind invocation \(before.serial)")
                }
            }
            before = place
            return true
        }
    }
}

extension InvocationTarget {
    fileprivate var text: String { [service, key, handler].compactMap(\.self).joined(separator: "/") }
}
