import Testing

@testable import Reprise

@Suite struct RegistrationTests {
    struct Named: Service {
        static var name: String { names.current }
        static let names = Names()
        static var handlers: Handlers { names.handlers.map { handler($0) { (_: ServiceContext) in } } }
        var privateHandlers: Handlers { Self.names.hidden.map { Self.handler($0) { (_: ServiceContext) in } } }
    }

    /// Task-local, so that cases run beside each other.
    struct Names {
        @TaskLocal static var service = "Named"
        @TaskLocal static var listed = ["run"]
        @TaskLocal static var concealed: [String] = []
        var current: String { Names.service }
        var handlers: [String] { Names.listed }
        var hidden: [String] { Names.concealed }
    }

    private func register(
        _ service: String, _ handlers: [String] = ["run"], hidden: [String] = []
    ) -> RegistrationError? {
        Names.$service.withValue(service) {
            Names.$listed.withValue(handlers) {
                Names.$concealed.withValue(hidden) {
                    do throws(RegistrationError) {
                        _ = try ServiceRegistration([Named()])
                        return nil
                    } catch {
                        return error
                    }
                }
            }
        }
    }

    @Test(arguments: ["A", "order.sv1.OrderService", "_1", "_a", "a-b_c.9", "Openapi", "arestate"])
    func goodServiceNames(_ name: String) { #expect(register(name) == nil) }

    @Test(arguments: ["", "_", "__a", "1a", "-a", ".a", "a b", "a/b", "ä", "aé", "a%"])
    func badServiceNames(_ name: String) { #expect(register(name) == .invalidServiceName(name)) }

    @Test(arguments: ["restate", "Restate", "RESTATEful", "openapi"])
    func reservedServiceNames(_ name: String) { #expect(register(name) == .reservedServiceName(name)) }

    @Test(arguments: ["", "a.b", "a-b", "9", "_", "a b"])
    func badHandlerNames(_ name: String) {
        #expect(register("S", [name]) == .invalidHandlerName(service: "S", handler: name))
    }

    @Test func listsAreChecked() {
        #expect(register("S", []) == .noHandlers(service: "S"))
        struct Aimless: Workflow {
            static let look = shared("look") { (_: SharedWorkflowContext) -> Int in 1 }
            static let handlers: Handlers = [look]
        }
        #expect(throws: RegistrationError.notOneWorkflowRun(service: "Aimless", found: 0)) {
            try ServiceRegistration([Aimless()])
        }
        #expect(register("S", ["a", "b", "a"]) == .duplicateHandler(service: "S", handler: "a"))
        #expect(register("S", ["a"], hidden: ["b"]) == .unknownPrivateHandler(service: "S", handler: "b"))
        #expect(throws: RegistrationError.duplicateService("Counter")) {
            try ServiceRegistration([Counter(), Tally(amount: 1), Counter()])
        }
        #expect("\(RegistrationError.duplicateService("S"))" == "service 'S' is registered twice")
    }

    @Test func erasureKeepsEverything() throws {
        struct Mixed: VirtualObject {
            static let a = exclusive("a", options: HandlerOptions(isPrivate: true)) { (_: ObjectContext, _: Int) in "" }
            static let b = shared("b") { (_: SharedObjectContext, bytes: RawBytes) in bytes }
            static let c = exclusive("c", body: .noInput) { (_: ObjectContext) in }
            static let handlers: Handlers = [a, b, c]
            static let isPrivate = true
            var privateHandlers: Handlers { [Self.c] }
        }
        let service = try #require(try ServiceRegistration([Mixed()]).services.first)
        #expect(service.name == "Mixed")
        #expect(service.kind == .virtualObject)
        #expect(service.isPrivate)
        #expect(service.handlers.map(\.name) == ["a", "b", "c"])
        #expect(service.handlers.map(\.kind) == [.exclusive, .shared, .exclusive])
        #expect(service.handlers.map(\.options.isPrivate) == [true, false, true])
        #expect(service.handlers.map(\.input) == [.json(isRequired: true), .bytes, .forbidden])
        #expect(service.handlers.map(\.output) == [.json, .bytes(contentType: "application/octet-stream"), .none])
    }
}
