// swift-tools-version: 6.2
import PackageDescription

// Swift 6 language mode everywhere; a misspelt feature name is ignored silently by the compiler, so
// `Tests/TidyTests/FeatureGuard.swift` refuses to compile when one of these is not in force.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),  // SE-0335: the cost of an existential is visible
    .enableUpcomingFeature("InternalImportsByDefault"),  // SE-0409: an import is not part of the interface by accident
]

func pure(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

let package = Package(
    name: "reprise",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "Reprise", targets: ["Reprise"]),
        .library(name: "RepriseServer", targets: ["RepriseServer"]),
        .library(name: "RepriseTesting", targets: ["RepriseTesting"]),
        .executable(name: "reprise", targets: ["RepriseCLI"]),
        // Services for tests from outside; not for use.
        .executable(name: "reprise-fixtures", targets: ["Fixtures"]),
    ],
    dependencies: [
        // SQLite with migrations, statement cache and concurrent readers over the system's libsqlite3.
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        // The ecosystem's validated HTTP field names and values.
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        // Ordered dictionaries, deques and heaps: no iteration order that differs from run to run.
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        // One logging front end for handlers and server.
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        // The command line.
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        // Signals and orderly shutdown.
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        // Latency histograms of `Bench`.
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
    ],
    targets: [
        // L0
        .systemLibrary(name: "CEpoll"),
        .systemLibrary(name: "CSQLite"),
        .systemLibrary(name: "COpenSSL", providers: [.apt(["libssl-dev"])]),
        // L1
        pure("DurableModel"),
        pure("HTTPWire"),
        pure("Measuring"),
        pure("Reprise", [
            .product(name: "HTTPTypes", package: "swift-http-types"),
            .product(name: "Logging", package: "swift-log"),
        ]),
        // L2
        pure("EngineCore", ["DurableModel", .product(name: "Collections", package: "swift-collections")]),
        pure("MemoryStore", ["DurableModel"]),
        pure("Ingress", ["DurableModel", "HTTPWire"]),
        pure("Admin", ["DurableModel", "HTTPWire"]),
        pure("TLS", ["COpenSSL"]),
        // L3
        pure("Runtime", [
            "EngineCore", "DurableModel", "Reprise", .product(name: "Logging", package: "swift-log"),
            .product(name: "Collections", package: "swift-collections"),
        ]),
        pure("SQLiteStore", [
            "DurableModel", "CSQLite",
            .product(name: "GRDB", package: "GRDB.swift"),
            .product(name: "GRDBSQLite", package: "GRDB.swift"),  // binds the rows of a commit without boxing
        ]),
        pure("HTTPTransport", ["HTTPWire", "TLS", "CEpoll"]),
        pure("Outgoing"),
        pure("Ticketing", ["Reprise", "Outgoing"]),
        pure("Reservations", ["Reprise"]),
        pure("Orders", ["Reprise", "Outgoing", .product(name: "GRDB", package: "GRDB.swift")]),
        // L4
        pure("RepriseServer", [
            .product(name: "HTTPTypes", package: "swift-http-types"),
            "Reprise", "Runtime", "SQLiteStore", "HTTPTransport", "TLS", "HTTPWire", "Ingress", "Admin", "EngineCore",
            "DurableModel",
            .product(name: "Logging", package: "swift-log"),
            .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        ]),
        pure("RepriseTesting", [
            "Reprise", "Runtime", "EngineCore", "DurableModel", "MemoryStore", "SQLiteStore", "HTTPWire", "Ingress",
            .product(name: "HTTPTypes", package: "swift-http-types"),
            .product(name: "Collections", package: "swift-collections"),
            .product(name: "Logging", package: "swift-log"),
        ]),
        pure("Simulation", [
            "Reprise", "Runtime", "EngineCore", "DurableModel", "MemoryStore", "SQLiteStore", "HTTPWire", "Ingress",
            "Ticketing", "Orders", "Reservations",
            .product(name: "Collections", package: "swift-collections"),
            .product(name: "Logging", package: "swift-log"),
        ]),
        // L5
        pure("Serving", [
            "RepriseServer", "Reprise",
            .product(name: "ArgumentParser", package: "swift-argument-parser"),
            .product(name: "Logging", package: "swift-log"),
        ]),
        .executableTarget(
            name: "RepriseCLI",
            dependencies: [
                "Serving", "RepriseServer", "Ticketing", "Orders", "Reservations", "Reprise",
                "SQLiteStore", "DurableModel", "TLS",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            // In the binary itself: it is all there is to install.
            resources: [.embedInCode("Page/Assets")],
            swiftSettings: strict),
        .executableTarget(
            name: "Fixtures",
            dependencies: [
                "Serving", "Reprise", "SQLiteStore", "DurableModel",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "Simulate",
            dependencies: ["Simulation", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            swiftSettings: strict),
        .executableTarget(
            name: "Fuzz",
            dependencies: [
                "HTTPWire", "Ingress", "SQLiteStore", "DurableModel",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "Bench",
            dependencies: [
                "Measuring", "SQLiteStore", "DurableModel", "CEpoll",
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
                .product(name: "Histogram", package: "hdrhistogram-swift"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),
        .testTarget(name: "HTTPWireTests", dependencies: ["HTTPWire"], swiftSettings: strict),
        .testTarget(name: "MeasuringTests", dependencies: ["Measuring"], swiftSettings: strict),
        .testTarget(name: "HTTPTransportTests", dependencies: ["HTTPTransport", "HTTPWire"], swiftSettings: strict),
        .testTarget(name: "DurableModelTests", dependencies: ["DurableModel"], swiftSettings: strict),
        .testTarget(name: "IngressTests", dependencies: ["Ingress", "Admin", "HTTPWire", "DurableModel"], swiftSettings: strict),
        .testTarget(name: "SQLiteStoreTests", dependencies: ["SQLiteStore", "DurableModel", .product(name: "GRDB", package: "GRDB.swift")], swiftSettings: strict),
        .testTarget(name: "EngineCoreTests", dependencies: ["EngineCore", "DurableModel", "Simulation"], swiftSettings: strict),
        .testTarget(name: "RepriseTests", dependencies: ["Reprise"], swiftSettings: strict),
        .testTarget(
            name: "RuntimeTests",
            dependencies: ["Runtime", "SQLiteStore", "DurableModel", .product(name: "Logging", package: "swift-log")],
            swiftSettings: strict),
        .testTarget(
            name: "RepriseTestingTests",
            dependencies: [
                "RepriseTesting", "Reprise", .product(name: "HTTPTypes", package: "swift-http-types"),
            ], swiftSettings: strict),
        .testTarget(
            name: "ReservationsTests", dependencies: ["Reservations", "RepriseTesting", "Reprise"],
            swiftSettings: strict),
        .testTarget(
            name: "TicketingTests", dependencies: ["Ticketing", "Outgoing", "RepriseTesting", "Reprise"], swiftSettings: strict),
        .testTarget(
            name: "OrdersTests",
            dependencies: ["Orders", "RepriseTesting", "Reprise", .product(name: "GRDB", package: "GRDB.swift")],
            swiftSettings: strict),
        .testTarget(
            name: "SimulationTests",
            dependencies: [
                "Simulation", "EngineCore", "DurableModel", "Runtime", "Reprise",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "RepriseServerTests",
            dependencies: [
                "RepriseServer", "Reprise", "HTTPWire", .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "GuideTests",
            dependencies: [
                "RepriseServer", "RepriseTesting", "Reprise", .product(name: "Logging", package: "swift-log"),
            ], swiftSettings: strict),
        .testTarget(name: "TidyTests", swiftSettings: strict),
    ]
)
