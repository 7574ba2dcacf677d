import Reprise

/// Where a shipment is. It only moves forward.
enum ShipmentStatus: String, Codable, Hashable, Sendable, CaseIterable {
    case created = "SHIPMENT_CREATED"
    case pickedUp = "SHIPMENT_PICKED_UP"
    case inTransit = "SHIPMENT_IN_TRANSIT"
    case outForDelivery = "SHIPMENT_OUT_FOR_DELIVERY"
    case delivered = "SHIPMENT_DELIVERED"
    /// Stopped.
    case exception = "SHIPMENT_EXCEPTION"

    func canBecome(_ next: ShipmentStatus) -> Bool {
        guard self != .delivered, self != .exception,
            let here = Self.allCases.firstIndex(of: self), let there = Self.allCases.firstIndex(of: next)
        else { return false }
        return there > here
    }
}

/// A shipment as `GetOrder` tells it.
struct ShipmentInfo: Codable, Hashable, Sendable {
    var shipmentID: String
    var trackingNumber: String
    var carrier: String
    var status: ShipmentStatus
    var currentLocation: String
    /// `2025-10-10`.
    var estimatedDelivery: String

    enum CodingKeys: String, CodingKey {
        case carrier, status
        case shipmentID = "shipment_id"
        case trackingNumber = "tracking_number"
        case currentLocation = "current_location"
        case estimatedDelivery = "estimated_delivery"
    }
}

/// Input of `CreateShipment`. The address is taken and not kept: no parcel leaves this machine.
struct CreateShipmentRequest: Codable, Hashable, Sendable, ValidatedInput {
    struct Address: Codable, Hashable, Sendable {
        var street = "123 Main St"
        var city = "San Francisco"
        var state = "CA"
        var postalCode = "94105"
        var country = "USA"
        var recipientName = "Customer"
        var phoneNumber: String?

        enum CodingKeys: String, CodingKey {
            case street, city, state, country
            case postalCode = "postal_code"
            case recipientName = "recipient_name"
            case phoneNumber = "phone_number"
        }

        init() {}

        init(from decoder: any Decoder) throws {
            let fields = try Fields(decoder)
            street = try fields.optional("street") ?? ""
            city = try fields.optional("city") ?? ""
            state = try fields.optional("state") ?? ""
            postalCode = try fields.optional("postal_code") ?? ""
            country = try fields.optional("country") ?? ""
            recipientName = try fields.optional("recipient_name") ?? ""
            phoneNumber = try fields.optional("phone_number")
        }
    }

    struct Method: Codable, Hashable, Sendable {
        var carrier = "FedEx"
        var serviceType = "Ground"
        /// In dollars.
        var cost = 15.0
        var estimatedDays = 5

        enum CodingKeys: String, CodingKey {
            case carrier, cost
            case serviceType = "service_type"
            case estimatedDays = "estimated_days"
        }

        init() {}

        init(from decoder: any Decoder) throws {
            let fields = try Fields(decoder)
            carrier = try fields.optional("carrier") ?? ""
            serviceType = try fields.optional("service_type") ?? ""
            cost = try fields.optional("cost") ?? 0
            estimatedDays = try fields.optional("estimated_days") ?? 0
        }
    }

    var orderID: String
    var address = Address()
    var method = Method()

    init(orderID: String) { self.orderID = orderID }

    enum CodingKeys: String, CodingKey {
        case orderID = "order_id"
        case address = "shipping_address"
        case method = "shipping_method"
    }

    init(from decoder: any Decoder) throws {
        let fields = try Fields(decoder)
        orderID = try fields.required("order_id")
        address = try fields.optional("shipping_address") ?? Address()
        method = try fields.optional("shipping_method") ?? Method()
    }

    var problem: String? { orderID.isEmpty ? "order_id must not be empty" : nil }
}

/// Output of `CreateShipment`.
struct ShipmentReply: Codable, Hashable, Sendable {
    var shipmentID: String
    var trackingNumber: String
    var estimatedDelivery: String

    enum CodingKeys: String, CodingKey {
        case shipmentID = "shipment_id"
        case trackingNumber = "tracking_number"
        case estimatedDelivery = "estimated_delivery"
    }
}

/// Output of `TrackShipment`.
struct TrackingReply: Codable, Hashable, Sendable {
    struct Event: Codable, Hashable, Sendable {
        var timestamp: String
        var location: String
        var description: String
        var status: ShipmentStatus
    }

    var shipmentID: String
    var trackingNumber: String
    var status: ShipmentStatus
    var currentLocation: String
    var estimatedDelivery: String
    /// Nobody reports any.
    var events: [Event] = []

    enum CodingKeys: String, CodingKey {
        case status, events
        case shipmentID = "shipment_id"
        case trackingNumber = "tracking_number"
        case currentLocation = "current_location"
        case estimatedDelivery = "estimated_delivery"
    }
}
