import Reprise
import Testing

@testable import Ticketing

private let confirmed = #""Booking Confirmed""#

@Suite struct CheckoutTests {
    @Test func aSaleEndsSoldChargedAndMailedOnce() async throws {
        let shop = try Shop()
        #expect(try await shop.checkout("s", "u1") == confirmed)
        #expect(try await shop.ticket("s") == #"{"reservedBy":"u1","reservedUntil":null,"status":"SOLD"}"#)
        #expect(try await shop.runtime.request("SeatMap/global/get") == #"[{"id":"s","status":"SOLD"}]"#)
        try await shop.audit(["s"], confirmed: 1)
        let mail = try #require(shop.mailer.mails.first)
        #expect(mail.to == "u1")
        #expect(mail.subject == "Booking Confirmed")
        #expect(mail.body == "You have successfully purchased ticket s.")
        #expect(shop.gateway.look { $0.requests.map(\.amount) } == [100])
        #expect(
            shop.lines.all == [
                "[DEBUG] Processing payment of $100 with method: card_success", "Payment successful",
                "Sending email to u1", "Subject: Booking Confirmed",
                "Body: You have successfully purchased ticket s.", "Email sent successfully",
            ])
        #expect(
            shop.runtime.lines == [
                "[DEBUG] Checkout process started for ticket: s, user: u1, paymentMethod: card_success"
            ])
    }

    @Test(arguments: [
        ("card_decline", "Payment failed: Payment declined: Payment declined (Method: card_decline)", 0),
        ("card_error", "Payment failed: Payment declined: Gateway timeout", 1),
    ])
    func aFailedPaymentFreesTheSeat(_ method: String, _ message: String, _ voids: Int) async throws {
        let shop = try Shop()
        let error = try await shop.runtime.refusal("Checkout/process", Shop.order("s", "u1", method))
        #expect(error?.message == message)
        #expect(error?.code == 500)
        #expect(try await shop.ticket("s") == Shop.untouched)
        #expect(try await shop.view("s") == .available)
        try await shop.audit(["s"], confirmed: 0)
        #expect(shop.gateway.look(\.voidRequests) == voids)
        #expect(try await shop.checkout("s", "u2") == confirmed, "a compensated seat is sellable")
        try await shop.audit(["s"], confirmed: 1)
    }

    @Test(arguments: [nil, "card_xyz"]) func otherMethodsSucceed(_ method: String?) async throws {
        let shop = try Shop()
        #expect(try await shop.checkout("s", "u1", method) == confirmed)
        #expect(
            try await shop.runtime.request(
                "Checkout/process", #"{"ticketId":"t","userId":"u","paymentMethodId":null}"#) == confirmed)
    }

    @Test(arguments: ["u1", "u2"]) func aSoldSeatIsSold(_ second: String) async throws {
        let shop = try Shop()
        #expect(try await shop.checkout("s", "u1") == confirmed)
        #expect(try await shop.checkout("s", second) == "Ticket already sold")
        #expect(try await shop.ticket("s").contains("u1"))
        try await shop.audit(["s"], confirmed: 1)
        #expect(shop.gateway.look(\.requests.count) == 1)
    }

    @Test(arguments: ["u2", "u1"]) func whileOnePaysOthersAreRefused(_ second: String) async throws {
        let shop = try Shop()
        shop.gateway.close()
        let first = try await shop.submit("s", "u1")
        try await shop.runtime.until("the first pays") { shop.gateway.look(\.waiting.count) == 1 }
        let state = try await shop.runtime.client.object(Ticket.self, key: "s").call(Ticket.get)
        #expect(state.status == .reserved)
        #expect(state.reservedBy == "u1")
        #expect(state.reservedUntil == shop.runtime.now.milliseconds + 900_000)
        #expect(try await shop.view("s") == .reserved)
        #expect(try await shop.checkout("s", second) == "Ticket is currently reserved")
        shop.gateway.open()
        #expect(try await shop.outcome(first) == "Booking Confirmed")
        try await shop.audit(["s"], confirmed: 1)
        #expect(shop.gateway.look(\.requests.count) == 1)
    }

    @Test(arguments: [true, false]) func oneOfAHundredWins(_ isOneUser: Bool) async throws {
        let shop = try Shop()
        var ids: [String] = []
        for n in 0..<100 { ids.append(try await shop.submit("s", isOneUser ? "u" : "u\(n)")) }
        var outcomes: [String: Int] = [:]
        for id in ids { outcomes[try await shop.outcome(id), default: 0] += 1 }
        #expect(outcomes["Booking Confirmed"] == 1)
        #expect(
            outcomes.keys.allSatisfy {
                ["Booking Confirmed", "Ticket is currently reserved", "Ticket already sold"].contains($0)
            })
        try await shop.audit(["s"], confirmed: 1)
        #expect(shop.gateway.look(\.requests.count) == 1)
    }

    @Test func differentSeatsAreSoldInParallel() async throws {
        let shop = try Shop()
        shop.gateway.close()
        var ids: [String] = []
        for n in 1...50 { ids.append(try await shop.submit("p-\(n)", "u\(n)")) }
        try await shop.runtime.until("all pay at once") { shop.gateway.look(\.waiting.count) == 50 }
        shop.gateway.open()
        for id in ids { #expect(try await shop.outcome(id) == "Booking Confirmed") }
        try await shop.audit((1...50).map { "p-\($0)" }, confirmed: 50)
    }

    @Test func anIdempotencyKeyMakesOneSale() async throws {
        let shop = try Shop()
        let order = Shop.order("s", "u1")
        #expect(try await shop.runtime.request("Checkout/process", order, idempotencyKey: "k") == confirmed)
        #expect(try await shop.runtime.request("Checkout/process", order, idempotencyKey: "k") == confirmed)
        try await shop.audit(["s"], confirmed: 1)
    }

    @Test(arguments: [
        "", "{}", "[]", "nonsense", #"{"ticketId":"","userId":"u"}"#, #"{"ticketId":"s","userId":""}"#,
        #"{"ticketId":"s","userId":5}"#, #"{"ticketId":"s"}"#, #"{"userId":"u"}"#, #"{"ticketId":null,"userId":"u"}"#,
    ])
    func badOrdersAreRefusedBeforeAcceptance(_ body: String) async throws {
        let shop = try Shop()
        let error = try await shop.runtime.refusal("Checkout/process", body)
        #expect(error?.code == 400)
        #expect(body.isEmpty || error?.message.hasPrefix("input validation error: ") == true)
        #expect(await shop.runtime.invocations.isEmpty)
    }

    @Test func aBrokenMailSystemDoesNotTouchTheSale() async throws {
        let shop = try Shop()
        shop.mailer.refuseAll()
        #expect(try await shop.checkout("s", "u1") == confirmed)
        try await shop.runtime.advance(by: .hours(1))
        #expect(shop.mailer.attempts == 16)
        #expect(shop.mailer.mails.isEmpty)
        #expect(try await shop.ticket("s").contains("SOLD"))
        #expect(shop.gateway.look(\.kept) == 1)
        #expect(shop.runtime.lines.last?.hasSuffix("given up: Refused()") == true)
    }

    @Test func aChargeWhoseAnswerWasLostIsTakenBackEvenIfTheGatewayIsDownAtFirst() async throws {
        let shop = try Shop()
        shop.gateway.look { $0.failingVoids = 5 }
        #expect(
            try await shop.checkout("s", "u1", "card_lost_answer")
                == "Payment failed: Payment declined: Gateway timeout")
        try await shop.runtime.advance(by: .minutes(1))
        try await shop.audit(["s"], confirmed: 0)
        #expect(shop.gateway.look(\.voided.count) == 1)
    }

    @Test func aChargeThatArrivesAfterItsVoidIsVoidedLater() async throws {
        let shop = try Shop()
        let request = VoidRequest(chargeKey: "late", mayArriveLate: true)
        try await shop.runtime.client.service(PaymentService.self).send(PaymentService.void, request)
        try await shop.runtime.settle()
        shop.gateway.look { _ = $0.charged.insert("late") }
        #expect(shop.gateway.look(\.kept) == 1)
        try await shop.runtime.advance(by: .milliseconds(30_000))
        #expect(shop.gateway.look(\.kept) == 0)
    }
}
