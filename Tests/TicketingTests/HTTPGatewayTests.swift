import Foundation
import Outgoing
import Synchronization
import Testing

@testable import Ticketing

@Suite struct HTTPGatewayTests {
    private typealias Answer = LoopbackServer.Answer
    private let order = Charge(amount: 100, paymentMethodId: "card_x", idempotencyKey: "inv_1-charge-0a")
    private let approval = #"{"success":true,"transactionId":"t-1"}"#

    /// A gateway whose patience no busy machine exhausts.
    private func patientGateway(_ server: LoopbackServer) -> HTTPGateway {
        var gateway = HTTPGateway(url: server.url)
        gateway.patience = HTTPGateway.Patience(inAll: .seconds(600), perAttempt: .seconds(300))
        return gateway
    }

    private func charge(_ answers: [Answer]) async throws -> (ChargeOutcome, [LoopbackServer.Request]) {
        let count = Attempt()
        let server = try LoopbackServer { _ in answers[min(count.next(), answers.count - 1)] }
        defer { server.stop() }
        return (await patientGateway(server).charge(order), server.all)
    }

    @Test func anApprovalIsACharge() async throws {
        let (outcome, requests) = try await charge([Answer(body: approval)])
        #expect(outcome == .approved(transactionId: "t-1"))
        let request = try #require(requests.first)
        #expect(requests.count == 1)
        #expect(request.line == "POST /pay HTTP/1.1")
        #expect(request.headers["idempotency-key"] == "inv_1-charge-0a")
        #expect(request.headers["content-type"] == "application/json")
        #expect(
            try JSONDecoder().decode(
                [String: String].self, from: Data(request.body.replacing("100", with: #""100""#).utf8))
                == ["amount": "100", "paymentMethodId": "card_x"])
    }

    @Test func aRefusalIsFinal() async throws {
        let (outcome, requests) = try await charge([Answer(status: 402, body: #"{"error":"Insufficient funds"}"#)])
        #expect(outcome == .declined(reason: "Payment declined (Method: card_x)"))
        #expect(requests.count == 1)
    }

    @Test func doubtIsTriedOnceMore() async throws {
        let (healed, _) = try await charge([Answer(status: 503), Answer(body: approval)])
        #expect(healed == .approved(transactionId: "t-1"))
        let (broken, requests) = try await charge([Answer(status: 503)])
        #expect(broken == .unknown(reason: "Gateway timeout", isAnswered: true))
        #expect(requests.count == 2)
        #expect(Set(requests.map { $0.headers["idempotency-key"] }).count == 1)
        let (garbled, _) = try await charge([Answer(body: "<html>")])
        #expect(garbled == .unknown(reason: "Gateway timeout", isAnswered: true))
    }

    @Test func silenceIsDoubtThatNoRefusalEnds() async throws {
        let (lost, _) = try await charge([Answer(delayMs: nil), Answer(status: 402)])
        #expect(lost == .unknown(reason: "Payment declined (Method: card_x)", isAnswered: false))
        let (silent, _) = try await charge([Answer(delayMs: nil)])
        #expect(silent == .unknown(reason: "Gateway timeout", isAnswered: false))
    }

    @Test func theBuyerDoesNotWaitForASlowGateway() async throws {
        let isOver = Attempt()
        let server = try LoopbackServer { _ in
            for _ in 0..<1_000 where isOver.count == 0 { usleep(10_000) }
            return Answer(body: approval)
        }
        defer { server.stop() }
        var gateway = HTTPGateway(url: server.url)
        gateway.patience.inAll = .milliseconds(300)
        gateway.patience.perAttempt = .milliseconds(200)
        #expect(await gateway.charge(order) == .unknown(reason: "Gateway timeout", isAnswered: false))
        _ = isOver.next()
        #expect(server.all.count <= 1, "there is no time for a second attempt")
    }

    @Test func nobodyThere() async throws {
        let server = try LoopbackServer { _ in Answer() }
        server.stop()
        let gateway = patientGateway(server)
        #expect(await gateway.charge(order) == .unknown(reason: "Gateway timeout", isAnswered: false))
        await #expect(throws: OutgoingHTTP.NoAnswer.self) { try await gateway.void(idempotencyKey: "k") }
    }

    @Test(arguments: [(200, true), (204, true), (404, false)]) func aVoidIsADelete(_ status: Int, _ wasKnown: Bool)
        async throws
    {
        let server = try LoopbackServer { _ in Answer(status: status) }
        defer { server.stop() }
        #expect(try await HTTPGateway(url: server.url).void(idempotencyKey: "inv_1-charge-0a") == wasKnown)
        #expect(server.all.map(\.line) == ["DELETE /pay/inv_1-charge-0a HTTP/1.1"])
    }

    @Test func anUnansweredVoidIsAskedAgain() async throws {
        let server = try LoopbackServer { _ in Answer(status: 503) }
        defer { server.stop() }
        await #expect(throws: OutgoingHTTP.NoAnswer.self) {
            try await HTTPGateway(url: server.url).void(idempotencyKey: "k")
        }
    }

    /// URLSession alone would let six through at a time.
    @Test func fiftyChargesGoOutTogether() async throws {
        let arrived = Attempt()
        let server = try LoopbackServer { _ in
            // Nobody is answered before all have come; those who are alone give up after ten seconds.
            _ = arrived.next()
            for _ in 0..<1_000 where arrived.count < 50 { usleep(10_000) }
            return Answer(status: arrived.count < 50 ? 402 : 200, body: approval)
        }
        defer { server.stop() }
        let gateway = patientGateway(server)
        let approved = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<50 {
                group.addTask { [order] in
                    var order = order
                    order.idempotencyKey += "\(number)"
                    return await gateway.charge(order) == .approved(transactionId: "t-1")
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(approved == 50)
    }

    @Test func mailIsPostedAsJSON() async throws {
        let mail = Mail(id: "m-1", to: "u", subject: "s", body: "b")
        let server = try LoopbackServer { _ in Answer(status: 202) }
        defer { server.stop() }
        try await HTTPMailer(url: server.url).deliver(mail)
        let request = try #require(server.all.first)
        #expect(try JSONDecoder().decode(Mail.self, from: Data(request.body.utf8)) == mail)

        let broken = try LoopbackServer { _ in Answer(status: 500) }
        defer { broken.stop() }
        await #expect(throws: HTTPMailer.Refused.self) { try await HTTPMailer(url: broken.url).deliver(mail) }
    }
}

private final class Attempt: Sendable {
    private let number = Mutex(0)

    var count: Int { number.withLock { $0 } }

    /// 0 first.
    func next() -> Int {
        number.withLock { number in
            defer { number += 1 }
            return number
        }
    }
}
