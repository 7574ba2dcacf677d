import Testing

@testable import Orders
@testable import Reprise

/// An order that is taken back, by a customer or by an operator, at every moment of its life.
@Suite struct CancelTests {
    @Test func anOrderIsTakenBackWhileItsPaymentFailsForEver() async throws {
        let shop = try LooseOrderShop()
        shop.gateway.look { $0.failures = .max }
        shop.gateway.close()
        let id = try await shop.submit("o1")
        try await shop.runtime.until("it pays") { shop.gateway.look(\.waiting.count) == 1 }
        let cancel = try await shop.cancel("o1")
        try await shop.runtime.until("it is asked") { shop.runtime.act { $0.running <= 1 } }
        shop.gateway.open()
        #expect(try await shop.outcome(id) == "order cancelled")
        let reply = try await shop.runtime.client.attach(cancel, of: OrderService.cancelOrder)
        #expect(reply == OrderOperationReply(success: true, message: "Order cancelled successfully"))
        #expect(try await shop.audit("o1") == .cancelled)
        #expect(shop.gateway.look(\.attempts.count) == 1)
    }

    @Test func aCancelledOrderIsRefundedOnceAndACompletedOneStays() async throws {
        let shop = try LooseOrderShop()
        // It has paid, and cannot ship yet.
        shop.runtime.hold { $0.service == LooseOrderShop.shipping }
        let id = try await shop.submit("o1")
        try await shop.runtime.settle()
        #expect(shop.gateway.look(\.kept) == 1)
        var cancels: [String] = []
        for _ in 0..<3 { cancels.append(try await shop.cancel("o1")) }
        try await shop.runtime.settle()
        shop.runtime.release()
        #expect(try await shop.outcome(id) == "order cancelled")
        for cancel in cancels {
            let reply = try await shop.runtime.client.attach(cancel, of: OrderService.cancelOrder)
            #expect(reply.success)
            let refund = try #require(reply.refundID)
            #expect(reply.message == "Order cancelled successfully (Refund ID: \(refund))")
        }
        #expect(try await shop.audit("o1") == .cancelled)
        #expect(try await shop.look("o1").paymentInfo?.status == .refunded)

        _ = try await shop.create("o2")
        let refused = try await shop.runtime.client.attach(shop.cancel("o2"), of: OrderService.cancelOrder)
        #expect(!refused.success)
        #expect(try await shop.look("o2").order.status == .completed)
        let again = try await shop.runtime.client.attach(shop.cancel("o1"), of: OrderService.cancelOrder)
        #expect(again == OrderOperationReply(success: true, message: "Order already cancelled"))
    }

    enum Way: CaseIterable, Sendable { case customer, operatorOnce, operatorTwice, both }

    /// Deliveries are let through one by one; after the n-th the order is cancelled.
    @Test(arguments: Way.allCases, [0, 2])
    func aCancellationAtAnyMomentLeavesNothingHalfDone(_ way: Way, _ failures: Int) async throws {
        var isBeyondTheEnd = false
        var moment = 0
        var outcomes: Set<OrderStatus> = []
        while !isBeyondTheEnd {
            let shop = try LooseOrderShop()
            shop.gateway.look { $0.failures = failures }
            let id = try await shop.submit("o1")
            shop.runtime.hold { _ in true }
            try await shop.runtime.settle()
            for _ in 0..<moment {
                if !shop.runtime.releaseOne({ _ in 0 }) { isBeyondTheEnd = true }
                try await shop.runtime.settle()
            }
            if way != .customer { shop.runtime.act { $0.cancel(id) } }
            try await shop.runtime.settle()
            if way == .operatorTwice, shop.runtime.releaseOne({ _ in 0 }) {
                try await shop.runtime.settle()
                shop.runtime.act { $0.cancel(id) }
            }
            if [.customer, .both].contains(way) { _ = try await shop.cancel("o1") }
            shop.runtime.release()
            try await shop.runtime.settle()
            let outcome = try await shop.outcome(id)
            #expect(["o1", "order cancelled", "canceled"].contains(outcome), "moment \(moment)")
            let status = try await shop.audit("o1")
            #expect((status == .completed) == (outcome == "o1"), "moment \(moment): \(outcome)")
            outcomes.insert(status)
            moment += 1
        }
        #expect(moment > 5)
        #expect(outcomes == [.completed, .cancelled])
    }
}
