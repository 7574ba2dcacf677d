import Hummingbird
import Logging

/// `Hello PORT`: answers `GET /` and `POST /` on 127.0.0.1, and nothing else.
@main
struct Hello {
    static func main() async throws {
        guard CommandLine.arguments.count == 2, let port = Int(CommandLine.arguments[1]) else { return }
        let router = Router()
        router.get("/") { _, _ in "hello world" }
        router.post("/") { _, _ in "hello world" }
        var logger = Logger(label: "hello")
        logger.logLevel = .warning
        let application = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: port)), logger: logger)
        try await application.runService()
    }
}
