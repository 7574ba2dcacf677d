public import Reprise

/// The course of a hold as one function: a step that creates the record, a wait until its deadline, a step that ends
/// it. There is no way to confirm it, and it takes no seat from anybody; for that there is `POST /reserve`.
public struct ReservationFunction: Service {
    /// Creates a hold and answers when it has expired: send it, or call it with patience.
    public static let reserve = handler("reserve", ReservationFunction.holdUntilExpiry)

    public static let handlers: Handlers = [reserve]

    let holdMs: Int64

    public init(holdMs: Int64 = 900_000) { self.holdMs = holdMs }

    private func holdUntilExpiry(_ ctx: ServiceContext, _ event: ReservationEvent) async throws -> ReservationReport {
        let (id, createdAt, holdMs) = (ctx.uuid(), try await ctx.now(), holdMs)
        let held = try await ctx.run("create-reservation") {
            Reservation(id: id, seatId: event.seatId, userId: event.userId, createdAt: createdAt, holdMs: holdMs)
        }
        try await ctx.sleep(until: held.expiresAt.timestamp)
        let endedAt = try await ctx.now()
        let expired = try await ctx.run("expire-reservation") { held.decided(Decision(.expired, at: endedAt)) }
        return ReservationReport(message: "Reservation workflow completed", reservation: expired)
    }
}

/// Input of `ReservationFunction/reserve`.
public struct ReservationEvent: Codable, Hashable, Sendable, ValidatedInput {
    public var seatId: String
    public var userId: String?

    public init(seatId: String, userId: String? = nil) {
        self.seatId = seatId
        self.userId = userId
    }

    public var problem: String? { seatId.isEmpty ? "seatId must not be empty" : nil }
}

/// Output of `ReservationFunction/reserve`.
public struct ReservationReport: Codable, Hashable, Sendable {
    public var message: String
    public var reservation: Reservation
}
