import Admin
import Dispatch
import DurableModel
import HTTPTransport
import HTTPWire
import Runtime
import SQLiteStore
import Synchronization

/// Requests of the admin port: the figures are taken on the engine's executor, the rows are read on a queue of its own.
final class AdminEndpoint: Sendable {
    private let admin: Admin
    private let storage: Storage
    private let runtime: Runtime
    private let requests: RequestCounts
    private let ingressServer: HTTPServer
    private let watchdog: EngineWatchdog
    private let lastFigures = Mutex(RuntimeFigures())
    private let queue = DispatchQueue(label: "reprise.admin")

    init(
        storage: Storage, runtime: Runtime, watchdog: EngineWatchdog, requests: RequestCounts,
        ingressServer: HTTPServer, ingress: ServerConfiguration.Address, address: ServerConfiguration.Address,
        hostNames: [String]
    ) {
        self.storage = storage
        self.runtime = runtime
        self.watchdog = watchdog
        self.requests = requests
        self.ingressServer = ingressServer
        let host = address.host.contains(":") ? "[\(address.host)]" : address.host
        admin = Admin(
            AdminConfiguration(
                version: RepriseVersion.text, ingressEndpoint: "http://\(ingress)/", hosts: [host] + hostNames))
    }

    func handle(_ message: HTTPMessage, _ handle: ReplyHandle) {
        switch admin.decide(message) {
        case .reply(let reply): handle.reply(reply)
        case .steer(let request): steer(request, handle)
        case .read(needsFigures: false): answer(message, MetricsSnapshot(), handle)
        case .read(needsFigures: true): measure(message, handle)
        }
    }

    private func steer(_ request: SteeringRequest, _ handle: ReplyHandle) {
        if case .stuck(let reason) = storage.driver.health {
            return handle.reply(request.render(.refused(.stuck(reason))))
        }
        runtime.submit(.steer(request.id, request.steering)) { handle.reply(request.render($0)) }
    }

    /// An engine that is stuck gives no figures: then the last ones have to do.
    private func measure(_ message: HTTPMessage, _ handle: ReplyHandle) {
        let first = FirstAnswer<RuntimeFigures> { [self] figures in answer(message, snapshot(figures), handle) }
        runtime.measure { [self] figures in
            lastFigures.withLock { $0 = figures }
            first.give(figures)
        }
        queue.asyncAfter(deadline: .now() + .milliseconds(500)) { [self] in
            var last = lastFigures.withLock { $0 }
            if watchdog.isStuck { last.stuckAttempts += 1 }
            first.give(last)
        }
    }

    private func answer(_ message: HTTPMessage, _ snapshot: MetricsSnapshot, _ handle: ReplyHandle) {
        queue.async { [self] in
            handle.reply(admin.answer(message, from: Backend(store: storage.store, snapshot: snapshot)))
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
