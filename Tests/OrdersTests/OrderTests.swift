import Reprise
import Testing

@testable import Orders

@Suite struct OrderTests {
    @Test func anOrderIsPaidShippedAndCompleted() async throws {
        let shop = try OrderShop()
        #expect(try await shop.create("o1") == #"{"order_id":"o1"}"#)
        #expect(try await shop.audit("o1") == .completed)
        let rows = shop.tables.look { $0 }
        let order = try #require(rows.orders["o1"])
        #expect(order.total.text == "30.00")
        #expect(order.customerID == "customer-123")
        let payment = try #require(rows.payments.values.first)
        #expect(payment.id == order.paymentID)
        #expect(payment.amount.text == "30.00")
        #expect(payment.method == "CREDIT_CARD")
        #expect(payment.orderID == "o1")
        let shipment = try #require(rows.shipments.values.first)
        #expect(shipment.info.trackingNumber == order.trackingNumber)
        #expect(shipment.info.trackingNumber.wholeMatch(of: /TRACK-[0-9a-f]{8}/) != nil)
        #expect(shipment.info.carrier == "FedEx")
        #expect(shipment.serviceType == "Ground")
        #expect(shipment.info.currentLocation == "Warehouse")
        #expect(shipment.info.estimatedDelivery == "2025-10-10")
    }

    @Test func theLinesAreThose() async throws {
        let shop = try OrderShop()
        _ = try await shop.create("o1")
        let order = try #require(shop.tables.look { $0.orders["o1"] })
        let (p, s) = (try #require(order.paymentID), try #require(order.shipmentID))
        #expect(
            shop.runtime.lines == [
                "[Workflow o1] Creating order for customer: customer-123",
                "[Workflow o1] Persisting order to database",
                "[Workflow o1] Step 2: Processing payment",
                "[Payment Object \(p)] Processing payment for order: o1, amount: 30.00",
                "[Payment Object \(p)] Creating payment record in database",
                "[Payment Object \(p)] Payment completed successfully",
                "[Workflow o1] Payment completed: \(p)",
                "[Workflow o1] Step 3: Creating shipment",
                "[Shipping Object \(s)] Creating shipment for order: o1",
                "[Shipping Object \(s)] Creating shipment with carrier: FedEx",
                "[Shipping Object \(s)] Persisting shipment to database",
                "[Shipping Object \(s)] Shipment created successfully",
                "[Workflow o1] Shipment created: \(s)",
                "[Workflow o1] Order completed",
            ])
        #expect(
            shop.lines.all == [
                "[DB] Inserted/Updated order: o1",
                "[DB] Inserted/Updated payment: \(p)",
                "[Payment Object \(p)] Starting payment transaction processing...",
                "[Payment Object \(p)] Asking the fake",
                "[Payment Object \(p)] ✅ Payment attempt SUCCEEDED (attempt 1)",
                "[Payment Object \(p)] Payment transaction completed successfully",
                "[DB] Updated payment status: \(p) -> PAYMENT_COMPLETED",
                "[DB] Updated order payment: o1 -> \(p)",
                "[DB] Updated order status: o1 -> PAID",
                "[DB] Inserted/Updated shipment: \(s)",
                "[DB] Updated order shipment: o1 -> \(s)",
                "[DB] Updated order status: o1 -> SHIPPED",
                "[DB] Updated order status: o1 -> COMPLETED",
            ])
    }

    @Test func whileThePaymentIsPendingNothingElseIsKnown() async throws {
        let shop = try OrderShop()
        shop.gateway.close()
        let id = try await shop.submit("o1")
        try await shop.runtime.until("it pays") { shop.gateway.look(\.waiting.count) == 1 }
        let text = try await shop.runtime.request("\(OrderShop.service)/o1/GetOrder", "{}")
        #expect(
            text
                == #"{"order":{"customer_id":"customer-123","id":"o1","items":\#(OrderShop.basket),"status":"PENDING"}}"#)
        shop.gateway.open()
        #expect(try await shop.outcome(id) == "o1")
        let reply = try await shop.look("o1")
        #expect(reply.paymentInfo?.amount == 30)
        #expect(reply.paymentInfo?.paymentMethod == "CREDIT_CARD")
    }

    @Test func anOrderIsCreatedOnce() async throws {
        let shop = try OrderShop()
        #expect(try await shop.create("o1") == #"{"order_id":"o1"}"#)
        let writes = shop.tables.look(\.writes)
        _ = try await shop.submit("o1")
        try await shop.runtime.settle()
        #expect(shop.tables.look(\.writes) == writes)
        #expect(shop.gateway.look(\.attempts.count) == 1)
    }

    @Test(arguments: [("1", "10.00"), ("3", "30.00"), ("7", "70.00")])
    func unitsCostTen(_ quantity: String, _ total: String) async throws {
        let shop = try OrderShop()
        // As protobuf's JSON spells it.
        let body = #"{"customerId":"c","items":[{"productId":"p","quantity":\#(quantity)}]}"#
        _ = try await shop.runtime.request("\(OrderShop.service)/o/CreateOrder", body)
        #expect(shop.tables.look { $0.orders["o"]?.total.text } == total)
    }

    @Test(arguments: [
        "", "{}", "[]", #"{"customer_id":"c"}"#, #"{"customer_id":"c","items":[]}"#,
        #"{"customer_id":"","items":[{"product_id":"p","quantity":1}]}"#,
        #"{"customer_id":"c","items":[{"product_id":"","quantity":1}]}"#,
        #"{"customer_id":"c","items":[{"product_id":"p","quantity":0}]}"#,
        #"{"customer_id":"c","items":[{"product_id":"p","quantity":-1}]}"#,
        #"{"customer_id":"c","items":[{"product_id":"p","quantity":1000001}]}"#,
        #"{"customer_id":"c","items":[{"product_id":"p","quantity":1.5}]}"#,
        #"{"customer_id":"c","items":[{"product_id":"p","quantity":1}],"payment_method":{}}"#,
    ])
    func badOrdersAreRefusedBeforeAcceptance(_ body: String) async throws {
        let shop = try OrderShop()
        let error = try await shop.runtime.refusal("\(OrderShop.service)/o/CreateOrder", body)
        #expect(error?.code == 400)
        #expect(await shop.runtime.invocations.isEmpty)
    }

    @Test func anUnknownOrderIsNotFound() async throws {
        let shop = try OrderShop()
        for handler in ["GetOrder", "CancelOrder"] {
            let error = try await shop.runtime.refusal("\(OrderShop.service)/o/\(handler)", "{}")
            #expect(error == TerminalError("order not found: o", code: 404), "\(handler)")
        }
        let error = try await shop.runtime.refusal(
            "\(OrderShop.service)/o/UpdateOrderStatus", #"{"status":"SHIPPED"}"#)
        #expect(error?.code == 404)
    }

    @Test func anOrderWhoseWorkflowIsForgottenIsNotPaidAgain() async throws {
        let shop = try OrderShop()
        #expect(try await shop.create("o1") == #"{"order_id":"o1"}"#)
        try await shop.runtime.advance(by: .seconds(25 * 3_600))
        #expect(try await shop.create("o1") == "there is such an order already")
        #expect(try await shop.audit("o1") == .completed)
        #expect(try await shop.ledger("o1").count == 1)
    }

    @Test func anOrderThatWasDoneByHandAndIsNotPaidIsTakenBack() async throws {
        let shop = try LooseOrderShop(maxAttempts: 1)
        shop.gateway.look { $0.failures = .max }
        shop.gateway.close()
        let call = try await shop.submit("o1")
        try await shop.runtime.until("it pays") { shop.gateway.look(\.waiting.count) == 1 }
        _ = try await shop.runtime.request(
            "\(LooseOrderShop.service)/o1/UpdateOrderStatus", #"{"status":"COMPLETED"}"#)
        shop.gateway.open()
        #expect(try await shop.outcome(call).hasPrefix("payment failed"))
        #expect(try await shop.audit("o1") == .cancelled)
    }

    @Test func aDeclinedCardCancelsTheOrder() async throws {
        let shop = try OrderShop()
        let message = try await shop.create("o1", "4000000000000002")
        #expect(message == "payment failed: payment processing failed: card declined")
        #expect(try await shop.audit("o1") == .cancelled)
        #expect(shop.gateway.look(\.attempts.count) == 1)
        #expect(shop.tables.look(\.shipments.isEmpty))
        #expect(shop.tables.look { $0.payments.values.map(\.status) } == [.failed])
    }

    @Test func aRefusedShipmentGivesTheMoneyBack() async throws {
        let shop = try OrderShop()
        shop.provider.refusal.withLock { $0 = TerminalError("no vans") }
        #expect(try await shop.create("o1") == "shipment creation failed: no vans")
        #expect(try await shop.audit("o1") == .cancelled)
        #expect(shop.tables.look { $0.payments.values.map(\.status) } == [.refunded])
        #expect(shop.gateway.look(\.voided.count) == 1)
    }

    @Test func aDatabaseThatIsAwayForAWhileOnlyDelays() async throws {
        let shop = try OrderShop()
        shop.tables.look { $0.failures = 20 }
        #expect(try await shop.create("o1") == #"{"order_id":"o1"}"#)
        #expect(try await shop.audit("o1") == .completed)
        #expect(shop.gateway.look(\.attempts.count) == 1)
    }

    @Test func aStatusIsSetByHandForwardOnly() async throws {
        let shop = try OrderShop()
        _ = try await shop.create("o1")
        func set(_ status: String) async throws -> String {
            try await shop.runtime.request(
                "\(OrderShop.service)/o1/UpdateOrderStatus", #"{"orderId":"o1","status":"\#(status)"}"#)
        }
        let done = #"{"message":"Order status updated successfully","success":true}"#
        #expect(try await set("COMPLETED") == done)
        #expect(try await set("SHIPPED").contains(#""success":false"#))
        #expect(try await set("CANCELLED").contains(#""success":false"#))
        #expect(try await shop.look("o1").order.status == .completed)
        #expect(try await set("DELIVERED") == done)
        #expect(try await shop.look("o1").order.status == .delivered)
        #expect(shop.tables.look { $0.orders["o1"]?.status } == .delivered)
        let error = try await shop.runtime.refusal(
            "\(OrderShop.service)/o1/UpdateOrderStatus", #"{"status":"LOST"}"#)
        #expect(error?.code == 400)
    }
}
