import DurableModel
import GRDB

/// Whether the write-ahead log holds what the database needs of it, judged before anything can carry it over: to close
/// a connection that can write would make a mixture permanent.
enum LogCheck {
    enum Verdict {
        case whole
        /// There is no log where a checkpoint may have been under way. Another program may have carried all of it over
        /// and removed it, as SQLite's shell does when it is closed; or it was lost. Only the contents can tell.
        case missing
        case damaged(String)
    }

    /// `mark` must have been read before the connection of `db` began its transaction.
    static func verdict(of db: Database, _ mark: CheckpointMark.Content?, in directory: String) throws -> Verdict {
        guard let mark else { return .whole }
        let found = try CommitNumber.read(db)
        if found < mark.commit { return .damaged(damage(found, mark.commit, directory)) }
        // What is newer than the mark comes from the log, which therefore is whole up to there.
        if found > mark.commit || mark.isComplete { return .whole }
        do {
            let header = try LogHeader(of: "\(directory)/\(Schema.databaseName)")
            if header.generation != mark.log { return .whole }
            let page = try Int64.fetchOne(db, sql: "SELECT rootpage FROM sqlite_schema WHERE name = 'meta'") ?? 0
            // If not the log then the database has the number, and the other pages may not have followed.
            return header.hasTransaction(writing: UInt32(clamping: page))
                ? .whole : .damaged(damage(found, mark.commit, directory))
        } catch LogHeader.Failure.empty {
            return .missing
        } catch LogHeader.Failure.damaged {
            return .damaged(damage(found, mark.commit, directory))
        }
    }

    /// For the opening: throws unless the log is whole.
    static func requireWholeLog(of directory: DataDirectory) throws(StoreError) {
        let file = directory.file(Schema.databaseName)
        let mark = try CheckpointMark.read(in: directory.path)
        guard let mark, DataDirectory.size(of: file) > 0 else { return }
        do {
            let queue = try Connections.openForReading(file)
            defer { try? queue.close() }
            try queue.read { db in
                switch try verdict(of: db, mark, in: directory.path) {
                case .whole: return
                case .damaged(let damage): throw StoreError(.unusable, damage)
                case .missing:
                    var problems: [String] = []
                    try StoreChecks.run(on: db) { problems.append($0) }
                    guard let problem = problems.first else { return }
                    throw StoreError(
                        .unusable, damage(try CommitNumber.read(db), mark.commit, directory.path) + " (\(problem))")
                }
            }
        } catch {
    throw StoreError(
                error, while: "opening \(file), whose log was being carried over at commit \(mark.commit)")
        }
    }

    private static func damage(_ found: Int64, _ carried: Int64, _ directory: String) -> String {
        "the write-ahead log \(directory)/\(Schema.databaseName)-wal is damaged or missing: what is left ends at "
            + "commit \(found), and commits up to \(carried) were being carried from it into the database, which is a "
            + "mixture without them; restore a backup into a new directory"
    }
}
