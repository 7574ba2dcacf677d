/// Which target may import what: the layers of the architecture. Imports point strictly down; each line forbids
/// everything that it does not name.
enum ImportTable {
    static let allowed: [String: Set<String>] = [
        "DurableModel": [],
        "HTTPWire": [],
        "Measuring": [],
        "Reprise": ["Foundation", "Logging", "HTTPTypes"],
        "EngineCore": ["DurableModel", "Collections"],
        "MemoryStore": ["DurableModel"],
        "Ingress": ["DurableModel", "HTTPWire"],
        "Admin": ["DurableModel", "HTTPWire"],
        "Runtime": ["EngineCore", "DurableModel", "Reprise", "Collections", "Logging"] + threads,
        "SQLiteStore": ["DurableModel", "GRDB", "GRDBSQLite", "CSQLite", "Synchronization"] + libc,
        "TLS": ["COpenSSL", "Synchronization"],
        "HTTPTransport": ["HTTPWire", "TLS", "CEpoll"] + threads + libc,
        "Outgoing": ["Foundation", "FoundationNetworking"],
        "Ticketing": ["Reprise", "Outgoing", "Foundation", "Synchronization"],
        "Reservations": ["Reprise", "Foundation"],
        "Orders": ["Reprise", "Outgoing", "Foundation", "GRDB", "Dispatch", "Synchronization"],
        "RepriseServer": [
            "Reprise", "Runtime", "SQLiteStore", "HTTPTransport", "TLS", "HTTPWire", "Ingress", "Admin", "EngineCore",
            "DurableModel", "Logging", "HTTPTypes", "ServiceLifecycle",
        ] + threads + libc,
        // No socket, no file.
        "RepriseTesting": [
            "Reprise", "Runtime", "EngineCore", "DurableModel", "MemoryStore", "SQLiteStore", "HTTPWire", "Ingress",
            "HTTPTypes", "Logging", "Collections",
        ] + threads,
        // No socket, no file, no real clock. Of the store what executes statements of services, in memory: they have no
        // other meaning than SQLite's.
        "Simulation": [
            "Reprise", "Runtime", "EngineCore", "DurableModel", "MemoryStore", "SQLiteStore", "HTTPWire", "Ingress",
            "Ticketing", "Orders", "Reservations", "Logging", "Collections",
        ],
        "Simulate": ["Simulation", "ArgumentParser", "Foundation", "Synchronization"],
        "Serving": ["RepriseServer", "Reprise", "ArgumentParser", "Logging", "Foundation"],
        "RepriseCLI": [
            "Serving", "RepriseServer", "Reprise", "Ticketing", "Orders", "Reservations", "SQLiteStore", "DurableModel",
            "TLS", "ArgumentParser", "Foundation", "FoundationNetworking", "Dispatch",
        ],
        "Fixtures": [
            "Serving", "Reprise", "SQLiteStore", "DurableModel", "ArgumentParser", "Foundation", "Dispatch",
        ],
        "Fuzz": [
            "HTTPWire", "Ingress", "SQLiteStore", "DurableModel", "ArgumentParser", "Foundation", "Synchronization",
        ] + libc,
        "Bench": [
            "Measuring", "SQLiteStore", "DurableModel", "CEpoll", "GRDBSQLite", "Histogram", "ArgumentParser",
        ] + threads + libc,
    ]

    /// They decide; they never act, wait or look at a clock.
    static let pure: Set<String> = ["DurableModel", "HTTPWire", "Measuring", "EngineCore", "Ingress", "Admin"]

    /// What people write services and servers with; everything else that crosses a target is `package`.
    static let publicTargets: Set<String> = ["Reprise", "RepriseServer", "RepriseTesting", "Ticketing", "Reservations"]

    private static let threads: Set<String> = ["Dispatch", "Foundation", "Synchronization"]
    private static let libc: Set<String> = ["Glibc", "Darwin"]
}

private func + (a: Set<String>, b: Set<String>) -> Set<String> { a.union(b) }
