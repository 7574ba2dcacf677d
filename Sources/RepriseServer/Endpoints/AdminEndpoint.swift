import Admin
import Dispatch
import DurableModel
import HTTPTransport
import HTTPWire
import Runtime
import SQLiteStore

/// Requests of the admin port: the figures are taken on the engine's executor, the rows are read on a queue of its own.
final class AdminEndpoint: Sendable {
    private let admin: Admin
    private let storage: Storage
    private let runtime: Runtime
    private let requests: RequestCounts
    private let ingressServer: HTTPServer
    private let queue = DispatchQueue(label: "reprise.admin")

    init(
        storage: Storage, runtime: Runtime, requests: RequestCounts, ingressServer: HTTPServer,
        ingress: ServerConfiguration.Address, address: ServerConfiguration.Address
    ) {
        self.storage = storage
        self.runtime = runtime
        self.requests = requests
        self.ingressServer = ingressServer
        let host = address.host.contains(":") ? "[\(address.host)]" : address.host
        admin = Admin(
            AdminConfiguration(version: RepriseVersion.text, ingressEndpoint: "http://\(ingress)/", hosts: [host]))
    }

    func handle(_ message: HTTPMessage, _ handle: ReplyHandle) {
        switch admin.decide(message) {
        case .reply(let reply): handle.reply(reply)
        case .steer(let request): steer(request, handle)
        case .read: read(message, handle)
        }
    }

    private func steer(_ request: SteeringRequest, _ handle: ReplyHandle) {
        if case .stuck(let reason) = storage.driver.health {
            return handle.reply(request.render(.refused(.stuck(reason))))
        }
        runtime.submit(.steer(request.id, request.steering)) { handle.reply(request.render($0)) }
    }

    private func read(_ message: HTTPMessage, _ handle: ReplyHandle) {
        runtime.measure { [self] figures in
            queue.async { [self] in
                let backend = Backend(store: storage.store, snapshot: snapshot(figures))
                handle.reply(admin.answer(message, from: backend))
            }
        }
    }

    private func snapshot(_ figures: RuntimeFigures) -> MetricsSnapshot {
        var snapshot = MetricsSnapshot()
        for (hundreds, count) in requests.byClass.enumerated() {
            snapshot.requests.add(status: hundreds * 100, UInt64(count))
        }
        snapshot.turns = UInt64(figures.committedTurns)
        snapshot.commits = UInt64(figures.commits)
        snapshot.commitTime = storage.driver.commitTimes
        snapshot.liveAttempts = figures.liveAttempts
        snapshot.parkedAttempts = figures.parkedAttempts
        snapshot.lanes = figures.busyLanes
        snapshot.backlogTurns = figures.backlogTurns
        snapshot.stuckAttempts = figures.stuckAttempts
        snapshot.pausedInvocations = figures.pausedInvocations
        let sizes = storage.store.sizes()
        snapshot.databaseBytes = sizes.databaseBytes
        snapshot.walBytes = sizes.walBytes
        snapshot.connections = ingressServer.connectionCount
        return snapshot
    }
}

private struct Backend: AdminBackend {
    let store: SQLiteStore
    let snapshot: MetricsSnapshot

    func invocations(matching filter: InvocationFilter) throws(StoreError) -> [StoredInvocation] {
        try store.invocations(matching: filter)
    }

    func invocation(_ id: InvocationID) throws(StoreError) -> StoredInvocation? { try store.invocation(id) }

    func metrics() -> MetricsSnapshot { snapshot }
}
