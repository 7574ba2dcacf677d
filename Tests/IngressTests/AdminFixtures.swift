import Admin
import DurableModel
import HTTPWire

struct FakeBackend: AdminBackend {
    var stored: [StoredInvocation] = []
    var failure: StoreError?
    var snapshot = MetricsSnapshot()

    func invocations(matching filter: InvocationFilter) throws(StoreError) -> [StoredInvocation] {
        if let failure { throw failure }
        let matching = stored.filter { invocation in
            let target = invocation.record.acceptance.target
            return filter.status.map { $0 == invocation.record.progress.status } ?? true
                && filter.service.map { $0 == target.service } ?? true && filter.key.map { $0 == target.key } ?? true
        }
        return Array(matching.prefix(filter.limit))
    }

    func invocation(_ id: InvocationID) throws(StoreError) -> StoredInvocation? {
        if let failure { throw failure }
        return stored.first { $0.record.acceptance.id == id }
    }

    func metrics() -> MetricsSnapshot { snapshot }
}

let fixtureAdmin = Admin(
    AdminConfiguration(version: "1.7.0", ingressEndpoint: "http://127.0.0.1:8080/", hosts: ["10.0.0.7", "[fd00::7]"]))

func adminReply(_ line: String, host: String? = "localhost:9070", _ backend: FakeBackend = FakeBackend()) -> HTTPReply {
    fixtureAdmin.answer(message(line, host.map { [("host", $0)] } ?? []), from: backend)
}
