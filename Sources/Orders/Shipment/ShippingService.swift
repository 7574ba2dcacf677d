import Reprise

/// One shipment, by its id.
struct ShippingService: VirtualObject {
    static let name = "order.sv1.ShippingService"

    struct Shipment: Codable, Hashable, Sendable {
        var orderID: String
        var serviceType: String
        var info: ShipmentInfo
    }

    /// What becomes of a shipment.
    struct Move: Codable, Hashable, Sendable {
        var status: ShipmentStatus
        /// nil: where it was.
        var location: String?
    }

    static let shipment = StateKey<Shipment>("shipment")

    /// Books a shipment; a second call gets the first one's tracking number.
    static let createShipment = exclusive("CreateShipment", ShippingService.create)
    /// Where it is.
    static let trackShipment = shared("TrackShipment", ShippingService.track)
    /// Moves it on, or stops it; what does not exist stays so. Internal.
    static let moveShipment = exclusive(
        "MoveShipment", options: HandlerOptions(isPrivate: true), ShippingService.move)

    static let handlers: Handlers = [createShipment, trackShipment, moveShipment]

    private static let estimatedDelivery = "2025-10-10"

    let provider: any ShippingProvider
    let tables: any OrderTables
    let log: OrdersLog

    private func create(_ ctx: ObjectContext, _ request: CreateShipmentRequest) async throws -> ShipmentReply {
        let id = ctx.key
        ctx.logger.info("[Shipping Object \(id)] Creating shipment for order: \(request.orderID)")
        if let known = try await ctx.get(Self.shipment) { return known.info.created }
        let tracking = "TRACK-\(ctx.uuid().prefix(8))"
        ctx.logger.info("[Shipping Object \(id)] Creating shipment with carrier: \(request.method.carrier)")
        let (provider, method) = (provider, request.method)
        do {
            try await ctx.run("book-shipment", retry: .untilItWorks) {
                try await provider.book(shipmentID: id, method)
            }
        } catch let error as TerminalError {
            if error.isCancellation { throw error }
            throw TerminalError("shipment creation failed: \(error.message)", code: error.code)
        }
        let shipment = Shipment(
            orderID: request.orderID, serviceType: method.serviceType,
            info: ShipmentInfo(
                shipmentID: id, trackingNumber: tracking, carrier: method.carrier, status: .created,
                currentLocation: "Warehouse", estimatedDelivery: Self.estimatedDelivery))
        try await ctx.set(Self.shipment, shipment)
        ctx.logger.info("[Shipping Object \(id)] Persisting shipment to database")
        try await save(shipment, ctx, "[DB] Inserted/Updated shipment: \(id)")
        ctx.logger.info("[Shipping Object \(id)] Shipment created successfully")
        return shipment.info.created
    }

    private func track(_ ctx: SharedObjectContext) async throws -> TrackingReply {
        guard let info = try await ctx.get(Self.shipment)?.info else {
            throw TerminalError("shipment not found", code: 404)
        }
        return TrackingReply(
            shipmentID: info.shipmentID, trackingNumber: info.trackingNumber, status: info.status,
            currentLocation: info.currentLocation, estimatedDelivery: info.estimatedDelivery)
    }

    private func move(_ ctx: ObjectContext, _ move: Move) async throws -> ShipmentInfo? {
        guard var shipment = try await ctx.get(Self.shipment) else { return nil }
        guard shipment.info.status.canBecome(move.status) else { return shipment.info }
        shipment.info.status = move.status
        shipment.info.currentLocation = move.location ?? shipment.info.currentLocation
        try await ctx.set(Self.shipment, shipment)
        try await save(
            shipment, ctx, "[DB] Updated shipment status: \(ctx.key) -> \(shipment.info.status.rawValue)")
        return shipment.info
    }

    private func save(_ shipment: Shipment, _ ctx: ObjectContext, _ line: String) async throws {
        let row = ShipmentRow(
            orderID: shipment.orderID, serviceType: shipment.serviceType, info: shipment.info,
            updatedMs: try await ctx.now().milliseconds)
        let (tables, log) = (tables, log)
        _ = try await ctx.persist("save-shipment-row") {
            try await tables.save(row)
            log.write(line)
        }
    }
}

extension ShipmentInfo {
    fileprivate var created: ShipmentReply {
        ShipmentReply(shipmentID: shipmentID, trackingNumber: trackingNumber, estimatedDelivery: estimatedDelivery)
    }
}
