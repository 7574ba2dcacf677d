public import Foundation
import Outgoing

/// A gateway behind HTTP: `POST url` charges, `DELETE url/key` voids.
///
/// 200 is a charge, 402 a refusal; after anything else, or silence, the money may have moved. Such an outcome is tried
/// once more if there is time left, which is safe thanks to the idempotency key.
public struct HTTPGateway: PaymentGateway {
    private struct Approval: Decodable {
        let success: Bool
        let transactionId: String
    }

    private struct Order: Encodable {
        let amount: Int
        let paymentMethodId: String
    }

    /// How long the buyer waits.
    struct Patience {
        var inAll = Duration.milliseconds(1_600)
        var perAttempt = Duration.milliseconds(1_300)
        /// A second attempt that could not be answered in this time is not begun.
        var shortestAttempt = Duration.milliseconds(700)
        var pause = Duration.milliseconds(50)
    }

    let url: URL
    var patience = Patience()
    private let http = OutgoingHTTP()

    public init(url: URL) { self.url = url }

    public func charge(_ charge: Charge) async -> ChargeOutcome {
        let deadline = ContinuousClock.now + patience.inAll
        var outcome = await attempt(charge, timeout: patience.perAttempt)
        if case .unknown = outcome, deadline - .now >= patience.shortestAttempt + patience.pause {
            do {
                try await Task.sleep(for: patience.pause)
            } catch {
                return outcome
            }
            let second = await attempt(charge, timeout: deadline - .now)
            outcome = second.afterDoubt(outcome)
        }
        return outcome
    }

    public func void(idempotencyKey: String) async throws -> Bool {
        let reply = try await http.send(
            "DELETE", to: url.appendingPathComponent(idempotencyKey), timeout: .seconds(5))
        switch reply.status {
        case 200..<300: return true
        case 404: return false
        default: throw OutgoingHTTP.NoAnswer()
        }
    }

    private func attempt(_ charge: Charge, timeout: Duration) async -> ChargeOutcome {
        do {
            let order = Order(amount: charge.amount, paymentMethodId: charge.paymentMethodId)
            let reply = try await http.send(
                "POST", to: url, json: try JSONEncoder().encode(order),
                headers: ["idempotency-key": charge.idempotencyKey], timeout: timeout)
            switch reply.status {
            case 200:
                let approval = try JSONDecoder().decode(Approval.self, from: reply.body)
                return approval.success
                    ? .approved(transactionId: approval.transactionId) : .declined(method: charge.paymentMethodId)
            case 402:
                return .declined(method: charge.paymentMethodId)
            default:
                return .timedOut(isAnswered: true)
            }
        } catch is DecodingError {
            return .timedOut(isAnswered: true)
        } catch {
            return .timedOut(isAnswered: false)
        }
    }
}

extension ChargeOutcome {
    /// What is known after a second attempt. A refusal does not tell what became of a first one that was never
    /// answered.
    func afterDoubt(_ first: ChargeOutcome) -> ChargeOutcome {
        guard case .unknown(_, isAnswered: false) = first else { return self }
        switch self {
        case .approved: return self
        case .declined(let reason): return .unknown(reason: reason, isAnswered: false)
        case .unknown(let reason, _): return .unknown(reason: reason, isAnswered: false)
        }
    }
}
