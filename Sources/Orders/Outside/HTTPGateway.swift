import Foundation
import Outgoing

/// A gateway behind HTTP: `POST url` charges, `DELETE url/key` voids; the key is the payment's id.
///
/// 200 is a charge, 402 a refusal; after anything else, or silence, the money may have moved: the next attempt asks
/// again under the same key.
struct HTTPGateway: PaymentGateway {
    private struct Approval: Decodable {
        let success: Bool
    }

    private struct Order: Encodable {
        let amount: Double
        let paymentMethodId: String
    }

    let url: URL
    let longestPause = Duration.seconds(10)
    private let http = OutgoingHTTP()
    var lateArrival: Duration? { Self.patience + .seconds(5) }
    private static let patience = Duration.seconds(15)

    init(url: URL) { self.url = url }

    var announcement: String { "Calling payment gateway \(url.host ?? "")" }

    func charge(_ charge: Charge, attempt: Int) async -> ChargeOutcome {
        let order = Order(amount: charge.amount.dollars, paymentMethodId: methodID(charge))
        do {
            let reply = try await http.send(
                "POST", to: url, json: try JSONEncoder().encode(order),
                headers: ["idempotency-key": charge.paymentID], timeout: Self.patience)
            switch reply.status {
            case 200:
                let approval = try JSONDecoder().decode(Approval.self, from: reply.body)
                return approval.success ? .approved(note: "status=200") : .declined
            case 402: return .declined
            default: return .failed(note: "status=\(reply.status)", reason: "the gateway answered \(reply.status)")
            }
        } catch is DecodingError {
            return .failed(note: "unreadable answer", reason: "the gateway's answer cannot be read")
        } catch {
            return .failed(note: "no answer", reason: "the gateway did not answer")
        }
    }

    func void(paymentID: String) async throws -> Bool {
        let reply = try await http.send("DELETE", to: url.appendingPathComponent(paymentID), timeout: Self.patience)
        switch reply.status {
        case 200..<300: return true
        case 404: return false
        default: throw PaymentGatewayError(reason: "the gateway answered \(reply.status)")
        }
    }

    /// A gateway gets no card number.
    private func methodID(_ charge: Charge) -> String {
        switch charge.method {
        case .creditCard: charge.isDeclined ? "card_decline" : "card_success"
        case .bankTransfer: "bank_transfer"
        case .digitalWallet: "digital_wallet"
        case nil: "unknown"
        }
    }
}
