/// Body of `POST /reserve`.
struct ReserveBody: Decodable {
    /// nil as well when it is there and no text.
    var seatId: String?
    /// nil as well when it is empty.
    var userId: String?
    /// False when there is one that is no text: no hold for nobody, then.
    var isUserUsable = true

    private enum CodingKeys: CodingKey { case seatId, userId }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        seatId = try? container.decodeIfPresent(String.self, forKey: .seatId)
        do {
            let user = try container.decodeIfPresent(String.self, forKey: .userId)
            userId = user?.isEmpty == true ? nil : user
        } catch {
            isUserUsable = false
        }
    }
}

/// Body of `POST /confirm/{id}` and `/cancel/{id}`, if there is one.
struct UserBody: Decodable {
    var userId: String?
}

struct ServiceCard: Encodable {
    var service = "Reservation Workflow API"
    var version = "1.0.0"
    var endpoints = [
        "reserve": "POST /reserve", "confirm": "POST /confirm/:reservationId",
        "status": "GET /reservation/:reservationId",
    ]
}

struct ReservedBody: Encodable {
    var reservationId: String
    var seatId: String
    var status: ReservationStatus
    var message: String
    var expiresIn: String
    var workflowInstanceId: String
    var workflowStatus = WorkflowStatus.waiting

    init(_ reservation: Reservation, _ hold: HoldText) {
        reservationId = reservation.reservationId
        seatId = reservation.seatId
        status = reservation.status
        message = "Reservation created with \(hold.attribute) hold. Please confirm before expiration."
        expiresIn = hold.full
        workflowInstanceId = reservation.reservationId
    }
}

struct DecisionBody: Encodable {
    var message: String
    var reservation: Reservation
}

struct LookBody: Encodable {
    var reservation: Reservation
    /// `null` once it is decided.
    var timeRemaining: String?

    private enum CodingKeys: CodingKey { case reservation, timeRemaining }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(reservation, forKey: .reservation)
        try container.encode(timeRemaining, forKey: .timeRemaining)
    }
}

struct WorkflowBody: Encodable {
    var instanceId: String
    var status: WorkflowStatus
}

/// `error` and `output` are `null` when there is none.
struct WorkflowStatus: Encodable {
    static let waiting = WorkflowStatus("waiting")

    /// `waiting`, `complete` or `terminated`.
    var status: String
    var error: String?
    var output: ReservationOutcome?

    init(_ status: String, error: String? = nil, output: ReservationOutcome? = nil) {
        self.status = status
        self.error = error
        self.output = output
    }

    private enum CodingKeys: CodingKey { case status, error, output }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(status, forKey: .status)
        try container.encode(error, forKey: .error)
        try container.encode(output, forKey: .output)
    }
}

/// This API's form of an error; what is nil is left out.
struct Complaint: Encodable {
    var error: String
    var details: String?
    var seatId: String?
    var reservationId: String?
    var reservation: Reservation?

    init(
        _ error: String, details: String? = nil, seatId: String? = nil, reservationId: String? = nil,
        reservation: Reservation? = nil
    ) {
        self.error = error
        self.details = details
        self.seatId = seatId
        self.reservationId = reservationId
        self.reservation = reservation
    }

    static func notFound(_ id: String) -> Complaint { Complaint("Reservation not found", reservationId: id) }
}
