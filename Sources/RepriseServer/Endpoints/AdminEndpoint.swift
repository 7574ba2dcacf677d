import HTTPTransport
import HTTPWire
import Runtime

/// Requests of the admin port.
struct AdminEndpoint: Sendable {
    let storage: Storage
    let runtime: Runtime
    let ingress: RequestCounts
    let ingressServer: HTTPServer
    let address: ServerConfiguration.Address

    func handle(_ message: HTTPMessage, _ handle: ReplyHandle) {
        handle.reply(HTTPReply(status: message.target == "/health" ? 200 : 404))
    }
}
