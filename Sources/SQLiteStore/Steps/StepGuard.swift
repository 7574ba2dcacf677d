import GRDBSQLite

/// What SQLite asks while it compiles and executes statements of services: may they touch this, may they go on.
final class StepGuard {
    /// Whose statement it is. Names of tables are lower-case prefixes, the underscore included.
    enum Author: Equatable {
        case store
        case step(prefix: String)
        case migration(prefix: String)
    }

    var author = Author.store
    /// All tables and modules, in lower case.
    var known: Set<String> = []
    /// nil: as long as it takes.
    var deadline: ContinuousClock.Instant?
    /// Why the last statement was not compiled.
    private(set) var refusal: String?

    func takeRefusal() -> String? { refusal.take() }

    /// Registers with the connection. The guard must outlive it.
    func watch(_ connection: OpaquePointer) {
        let context = Unmanaged.passUnretained(self).toOpaque()
        sqlite3_set_authorizer(
            connection,
            { context, action, first, second, database, view in
                guard let context else { return SQLITE_DENY }
                let request = Request(
                    action: action, first: StepGuard.text(first), second: StepGuard.text(second),
                    database: StepGuard.text(database), view: StepGuard.text(view))
                return Unmanaged<StepGuard>.fromOpaque(context).takeUnretainedValue().answer(request)
            }, context)
        // Often enough that no hundred instructions of a statement take long, values being bounded.
        sqlite3_progress_handler(
            connection, 100,
            { context in
                guard let context else { return 1 }
                return Unmanaged<StepGuard>.fromOpaque(context).takeUnretainedValue().isLate ? 1 : 0
            }, context)
    }

    private static func text(_ pointer: UnsafePointer<CChar>?) -> String? {
        pointer.map { String(cString: $0) }
    }

    private var isLate: Bool {
        guard let deadline else { return false }
        return ContinuousClock.now >= deadline
    }

    /// One question of SQLite's; what the words are depends on the action.
    struct Request {
        let action: CInt
        let first: String?
        let second: String?
        let database: String?
        /// The view or trigger on whose account it is asked.
        let view: String?
    }

    private func answer(_ request: Request) -> CInt {
        let isAllowed =
            switch author {
            case .store: true
            case .step(let prefix): isData(request, prefix)
            case .migration(let prefix): isData(request, prefix) || isDefinition(request, prefix)
            }
        if isAllowed { return SQLITE_OK }
        if refusal == nil { refusal = request.refusal }
        return SQLITE_DENY
    }

    /// Reads and writes of rows.
    private func isData(_ request: Request, _ prefix: String) -> Bool {
        switch request.action {
        case SQLITE_SELECT, SQLITE_RECURSIVE: true
        case SQLITE_FUNCTION: request.second?.lowercased() != "load_extension"
        case SQLITE_READ: mayRead(request, prefix)
        case SQLITE_INSERT, SQLITE_UPDATE, SQLITE_DELETE: owns(request.first, prefix) && request.isMain
        default: false
        }
    }

    private func mayRead(_ request: Request, _ prefix: String) -> Bool {
        let name = request.first?.lowercased() ?? ""
        if ["json_each", "json_tree"].contains(name) || request.isMain && owns(name, prefix) { return true }
        // A read of no column says the name as it was written. It is one that the statement itself gives if nothing
        // else has it.
        return request.second == "" && !known.contains(name) && !name.hasPrefix("sqlite_")
            && !name.hasPrefix("pragma_")
    }

    /// Tables, indexes, views and triggers, and what SQLite itself does in the schema on their account.
    private func isDefinition(_ request: Request, _ prefix: String) -> Bool {
        switch request.action {
        case SQLITE_CREATE_TABLE, SQLITE_DROP_TABLE, SQLITE_CREATE_VIEW, SQLITE_DROP_VIEW:
            request.isMain && (owns(request.first, prefix) || request.first == "sqlite_sequence")
        case SQLITE_CREATE_TRIGGER, SQLITE_DROP_TRIGGER:
            request.isMain && owns(request.first, prefix) && owns(request.second, prefix)
        case SQLITE_CREATE_INDEX, SQLITE_DROP_INDEX:
            request.isMain && ownsIndex(request.first, prefix) && owns(request.second, prefix)
        case SQLITE_REINDEX: request.isMain && ownsIndex(request.first, prefix)
        case SQLITE_ALTER_TABLE: request.first == "main" && owns(request.second, prefix)
        case SQLITE_PRAGMA: request.first == "quick_check"
        case SQLITE_READ, SQLITE_INSERT, SQLITE_UPDATE, SQLITE_DELETE:
            ["sqlite_master", "sqlite_temp_master", "sqlite_sequence", "pragma_quick_check"].contains(request.first)
        default: false
        }
    }

    private func owns(_ name: String?, _ prefix: String) -> Bool { name?.lowercased().hasPrefix(prefix) == true }

    private func ownsIndex(_ name: String?, _ prefix: String) -> Bool {
        owns(name, prefix) || owns(name, "sqlite_autoindex_\(prefix)")
    }
}

extension StepGuard.Request {
    fileprivate var isMain: Bool { database == nil || database == "main" }

    fileprivate var refusal: String {
        switch action {
        case SQLITE_TRANSACTION, SQLITE_SAVEPOINT: "transactions belong to the server"
        case SQLITE_PRAGMA: "PRAGMA \(first ?? "") belongs to the server"
        case SQLITE_ATTACH, SQLITE_DETACH: "other databases are out of reach"
        case SQLITE_INSERT, SQLITE_UPDATE, SQLITE_DELETE:
            ["sqlite_master", "sqlite_temp_master"].contains(first)
                ? Self.schemaRefusal : "table \(first ?? "") is not one of the service's"
        case SQLITE_READ: "table \(view == Schema.invocationView ? Schema.invocationView : first ?? "")"
            + " is not one of the service's"
        case SQLITE_FUNCTION: "function \(second ?? "") is not allowed"
        default: Self.schemaRefusal
        }
    }

    /// SQLite also writes to the schema, or seems to, when a statement uses a table that it makes up.
    private static let schemaRefusal = "the schema is out of reach: migrations make the tables of their namespace"
}
