import Reprise

/// What this server runs.
enum Systems {
    static func services() throws -> [any ServiceDefinition] {
        var services: [any ServiceDefinition] = []
        #if DEBUG
            if Environment.value("REPRISE_TEST_SERVICES") == "1" { services += TestServices.all }
        #endif
        if Environment.value("REPRISE_BENCH_SERVICES") == "1" { services += BenchServices.all }
        return services
    }

    static func routes() throws -> [Route] { [] }
}
