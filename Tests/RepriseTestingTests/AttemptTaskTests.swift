import Reprise
import RepriseTesting
import Testing

/// Attempts share tasks: what a handler does to its task is not the next one's.
@Suite struct AttemptTaskTests {
    private struct Rebel: Service {
        static let cancel = handler("cancel") { (_: ServiceContext, number: Int) -> Int in
            withUnsafeCurrentTask { $0?.cancel() }
            return number
        }
        static let look = handler("look") { (_: ServiceContext, _: Int) -> Bool in Task.isCancelled }

        static let handlers: Handlers = [cancel, look]
    }

    @Test func aCancelledTaskIsNotUsedAgain() async throws {
        let runtime = try TestRuntime([Rebel()])
        for number in 0..<5 {
            let rebel = runtime.client.service(Rebel.self)
            #expect(try await rebel.call(Rebel.cancel, number) == number)
            #expect(try await rebel.call(Rebel.look, number) == false)
        }
    }
}
