import DurableModel
import HTTPWire
import Ingress
import Runtime

/// The ingress port of one simulated process: production wire machine, ingress contract and runtime, without sockets.
///
/// `@unchecked Sendable`: a simulation has one thread, and everything in it happens there.
final class FrontDoor: @unchecked Sendable {
    private let ingress: Ingress
    private let runtime: Runtime
    private let storage: SimulatedStorage
    var isReady = false

    init(catalog: Catalog, runtime: Runtime, storage: SimulatedStorage) {
        ingress = Ingress(catalog: catalog)
        self.runtime = runtime
        self.storage = storage
    }

    func handle(_ message: HTTPMessage, _ reply: @escaping @Sendable (HTTPReply) -> Void) {
        let readiness: Readiness =
            isReady ? .ready : .notReady(reason: "the server is recovering", retryAfterSeconds: 1)
        switch ingress.decide(message, readiness: readiness, refusal: storage.refusal) {
        case .reply(let answer): reply(answer)
        case .command(let command, let shape):
            runtime.submit(command) { [self] answer in render(answer, shape, reply) }
        }
    }

    private func render(
        _ answer: ClientReply, _ shape: ReplyShape, _ reply: @escaping @Sendable (HTTPReply) -> Void
    ) {
        guard case .result(let id, .success, _) = answer, shape.needsTarget else {
            return reply(ingress.render(answer, shape))
        }
        storage.load([.invocationByID(id)]) { [ingress] values in
            var target: InvocationTarget?
            if case .invocation(let loaded?)? = values.first { target = loaded.record.acceptance.target }
            reply(ingress.render(answer, shape, target: target))
        }
    }
}

/// The server's end of one connection.
///
/// `@unchecked Sendable`: a simulation has one thread, and everything in it happens there.
final class ServerConnection: @unchecked Sendable {
    private var machine = HTTPConnectionMachine(limits: HTTPLimits())
    private let door: FrontDoor
    private let life: Life
    /// Bytes on their way to the client.
    var toClient: Bytes = []
    private(set) var isClosed = false

    private static let date = "Thu, 01 Jan 2026 00:00:00 GMT"

    init(_ door: FrontDoor, _ life: Life) {
        self.door = door
        self.life = life
    }

    var wantsBytes: Bool { !isClosed && machine.wantsBytes }

    func receive(_ bytes: ArraySlice<UInt8>) { perform(machine.received(bytes, date: Self.date)) }

    /// The client has sent all it will.
    func finish() { perform(machine.peerFinished()) }

    private func perform(_ actions: [HTTPConnectionMachine.Action]) {
        for action in actions {
            switch action {
            case .send(let bytes): toClient += bytes
            case .close, .closeLingering: isClosed = true
            // No route of this world streams; one that did would end at once.
            case .streamBegan(let number): perform(machine.endStream(of: number, date: Self.date))
            case .streamEnded: break
            case .deliver(let number, let message):
                door.handle(message) { [weak self] reply in self?.answer(number, reply) }
            }
        }
    }

    private func answer(_ number: Int, _ reply: HTTPReply) {
        guard life.isAlive, !isClosed else { return }
        perform(machine.reply(to: number, reply, date: Self.date))
    }
}
