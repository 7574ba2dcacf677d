import Reprise

/// An order from its creation to its end, by its id: pay, ship, done; or taken back.
struct OrderService: Workflow {
    static let name = "order.sv1.OrderService"

    /// Resolved when somebody wants the order cancelled.
    static let cancellation = PromiseKey<Bool>("cancel")

    /// The whole life of the order; answers when it is over.
    static let createOrder = workflow("CreateOrder", OrderService.create)
    /// The order as it is now.
    static let getOrder = shared("GetOrder", OrderService.look)
    /// Sets a status by hand, forward only.
    static let updateOrderStatus = shared("UpdateOrderStatus", OrderService.update)
    /// Takes the order back unless it is complete: refund, shipment, status. Waits for that for a while.
    static let cancelOrder = shared("CancelOrder", OrderService.cancel)

    static let handlers: Handlers = [createOrder, getOrder, updateOrderStatus, cancelOrder]

    private func create(_ ctx: WorkflowContext, _ request: CreateOrderRequest) async throws -> OrderReference {
        ctx.logger.info("[Workflow \(ctx.key)] Creating order for customer: \(request.customerID)")
        // Drawn here, so that every attempt has the same.
        var life = OrderLife(
            draft: request, paymentID: ctx.uuid(), shipmentID: ctx.uuid(),
            wish: try await ctx.promise(Self.cancellation).future())
        do {
            try await life.run(ctx)
        } catch let error as TerminalError where error == OrderLife.exists {
            throw error
        } catch let error as TerminalError {
            try await life.takeBack(ctx)
            ctx.logger.error("[Workflow \(ctx.key)] Order cancelled: \(error.message)")
            throw error
        }
        return OrderReference(orderID: ctx.key)
    }

    private func look(_ ctx: SharedWorkflowContext) async throws -> OrderReply {
        if let state = try await record(ctx).call(OrderRecord.get) { return state.reply(id: ctx.key) }
        for _ in 0..<Self.patience {
            try await requireAcceptance(ctx)
            if let state = try await record(ctx).call(OrderRecord.get) { return state.reply(id: ctx.key) }
            try await ctx.sleep(.milliseconds(20))
        }
        return OrderReply(order: OrderReply.Order(id: ctx.key, customerID: "", items: [], status: .pending))
    }

    /// How often an order that was accepted a moment ago is asked for its record.
    private static let patience = 5

    private nonisolated(nonsending) func requireAcceptance(_ ctx: SharedWorkflowContext) async throws {
        do {
            _ = try await ctx.workflow(OrderService.self, key: ctx.key).output(Self.createOrder)
        } catch let error as TerminalError {
            throw error.isCancellation ? error : .orderNotFound(ctx.key)
        }
    }

    private func update(
        _ ctx: SharedWorkflowContext, _ request: UpdateOrderStatusRequest
    ) async throws -> OrderOperationReply {
        guard let status = OrderStatus(rawValue: request.status) else {
            throw TerminalError("unknown status \(request.status)", code: 400)
        }
        // An order that is not over has money and parcels to take back.
        if status == .cancelled { return try await cancel(ctx) }
        return try await record(ctx).call(OrderRecord.setStatus, status)
            ? OrderOperationReply(success: true, message: "Order status updated successfully")
            : OrderOperationReply(success: false, message: "Order status can only move forward")
    }

    private func cancel(_ ctx: SharedWorkflowContext) async throws -> OrderOperationReply {
        switch try await record(ctx).call(OrderRecord.requestCancel) {
        case .unknown: throw TerminalError.orderNotFound(ctx.key)
        case .tooLate:
            return OrderOperationReply(
                success: false, message: "Cannot cancel order that has already been completed")
        case .cancelled: return OrderOperationReply(success: true, message: "Order already cancelled")
        case .goesAhead: break
        }
        let promise = ctx.promise(Self.cancellation)
        if try await promise.peek() == nil {
            do {
                try await promise.resolve(true)
            } catch let error as TerminalError where error.code == 409 && !error.isCancellation {
                // Somebody else was faster.
            }
        }
        return try await outcome(ctx)
    }

    /// Waits for the end of the workflow.
    private func outcome(_ ctx: SharedWorkflowContext) async throws -> OrderOperationReply {
        let run = ctx.workflow(OrderService.self, key: ctx.key).invocationID
        do {
            _ = try await ctx.attachFuture(run, of: Self.createOrder).value(within: .seconds(30))
        } catch let error as TerminalError where error.code == 408 {
            return OrderOperationReply(success: true, message: "Order cancellation is under way")
        } catch let error as TerminalError where !error.isCancellation {
            // That is how cancelled orders end.
        }
        let state = try await record(ctx).call(OrderRecord.get)
        guard state?.status == .cancelled else {
            return OrderOperationReply(success: false, message: "Order could not be cancelled")
        }
        let refund = state?.payment?.refundID
        return OrderOperationReply(
            success: true,
            message: "Order cancelled successfully\(refund.map { " (Refund ID: \($0))" } ?? "")", refundID: refund)
    }

    private func record(_ ctx: SharedWorkflowContext) -> HandlerClient<OrderRecord> {
        ctx.object(OrderRecord.self, key: ctx.key)
    }
}
