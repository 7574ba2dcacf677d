import Reprise

/// Whoever carries parcels.
protocol ShippingProvider: Sendable {
    /// Books a shipment; repeating it is harmless.
    ///
    /// - Throws: a `TerminalError` when the provider will never do it; anything else is tried again.
    func book(shipmentID: String, _ method: CreateShipmentRequest.Method) async throws
}

/// No parcel leaves this machine.
struct SimulatedProvider: ShippingProvider {
    func book(shipmentID: String, _ method: CreateShipmentRequest.Method) async throws {}
}
