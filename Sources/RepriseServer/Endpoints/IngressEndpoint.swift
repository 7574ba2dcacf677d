import DurableModel
import HTTPTransport
import HTTPWire
import Ingress
import Runtime
import Synchronization

/// Requests of the ingress port: routes first, then what the ingress contract makes of them.
final class IngressEndpoint: Sendable {
    private let ingress: Ingress
    private let runtime: Runtime
    private let storage: ThreadedStorage
    private let routes: RouteEndpoint
    private let overload: OverloadGuard
    private let isReady = Atomic<Bool>(false)
    let counts = RequestCounts()

    /// `origins` may use it from a browser; nil: all.
    init(
        catalog: Catalog, origins: [String]?, runtime: Runtime, storage: ThreadedStorage, routes: RouteEndpoint,
        overload: OverloadGuard
    ) {
        ingress = Ingress(catalog: catalog, crossOrigin: CrossOrigin(allowed: origins))
        self.runtime = runtime
        self.storage = storage
        self.routes = routes
        self.overload = overload
    }

    /// Recovery is through.
    func becomeReady() { isReady.store(true, ordering: .releasing) }

    func handle(_ message: HTTPMessage, _ handle: ReplyHandle) {
        let readiness = readiness
        let refusal = overload.refusal()
        if routes.mayTake(message), handOver(message, readiness, refusal, handle) { return }
        switch ingress.decide(message, readiness: readiness, refusal: storage.health.refusal ?? refusal) {
        case .reply(let reply): counts.count(reply, handle)
        case .command(let command, let shape):
            overload.requestBegan()
            runtime.submit(command, at: handle.loop) { [self] answer in
                overload.requestEnded()
                render(answer, shape, handle)
            }
        }
    }

    /// Whether a route was meant.
    private func handOver(
        _ message: HTTPMessage, _ readiness: Readiness, _ refusal: Refusal?, _ handle: ReplyHandle
    ) -> Bool {
        var readiness = readiness
        if case .ready = readiness, let refusal {
            readiness = .notReady(reason: refusal.message, retryAfterSeconds: refusal.retryAfterSeconds)
        }
        let isTaken = routes.handle(message, readiness) { [self] in
            overload.requestEnded()
            answer($0, handle)
        }
        if isTaken { overload.requestBegan() }
        return isTaken
    }

    private func answer(_ answer: RouteEndpoint.Answer, _ handle: ReplyHandle) {
        switch answer {
        case .whole(let reply): counts.count(reply, handle)
        case .stream(let reply, let start):
            counts.record(reply.status)
            handle.stream(reply, start)
        }
    }

    /// The answer to a request that is turned away before it gets here.
    func reply(to refusal: HTTPRefusal) -> HTTPReply {
        counts.record(refusal.status)
        return ingress.reply(to: refusal)
    }

    /// Who attaches by id names no target, but its handler says what the result is: it stands with the invocation,
    /// which is durable by now.
    private func render(_ answer: ClientReply, _ shape: ReplyShape, _ handle: ReplyHandle) {
        guard case .result(let id, .success, _) = answer, shape.needsTarget else {
            return counts.count(ingress.render(answer, shape), handle)
        }
        storage.load([.invocationByID(id)]) { [ingress, counts] values in
            var target: InvocationTarget?
            if case .invocation(let loaded?)? = values.first { target = loaded.record.acceptance.target }
            counts.count(ingress.render(answer, shape, target: target), handle)
        }
    }

    private var readiness: Readiness {
        isReady.load(ordering: .acquiring)
            ? .ready : .notReady(reason: "the server is recovering", retryAfterSeconds: 1)
    }
}

extension ConnectionLoop: ReplyPlace {}

extension ThreadedStorage.Health {
    fileprivate var refusal: Refusal? {
        if case .stuck(let reason) = self { .stuck(reason) } else { nil }
    }
}

extension RequestCounts {
    fileprivate func count(_ reply: HTTPReply, _ handle: ReplyHandle) {
        record(reply.status)
        handle.reply(reply)
    }
}
