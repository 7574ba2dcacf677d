public import Reprise

/// Resets the venue without keeping the seat map's key busy.
public struct GameManager: Service {
    /// Without input: has the seat map begin a new round. With the plan of one: frees the tickets.
    public static let reset = handler("reset", GameManager.resetSeats)

    public static let handlers: Handlers = [reset]

    let isHidden: Bool

    /// - Parameter isHidden: Not reachable over HTTP.
    public init(isHidden: Bool = false) { self.isHidden = isHidden }

    public var privateHandlers: Handlers { isHidden ? [Self.reset] : [] }

    private func resetSeats(_ ctx: ServiceContext, _ plan: RoundPlan?) async throws {
        guard let plan, plan.versions.count == Venue.seatCount else {
            try await ctx.object(SeatMap.self, key: SeatMap.globalKey).send(SeatMap.reset)
            return
        }
        ctx.logger.info("GameManager: Executing async reset-all-seats...")
        for (seatID, version) in zip(Venue.seatIDs, plan.versions) {
            let reset = RoundReset(round: plan.round, version: version)
            try await ctx.object(Ticket.self, key: seatID).send(Ticket.release, ReleaseRequest(reset: reset))
        }
    }
}

/// What a new round found: the version of each venue seat, in their order.
public struct RoundPlan: Codable, Hashable, Sendable {
    public var round: Int
    public var versions: [Int]

    public init(round: Int, versions: [Int]) {
        self.round = round
        self.versions = versions
    }

    /// Callers who know of no input send all kinds of bodies; they count as no plan.
    public init(from decoder: any Decoder) throws {
        guard let container = try? decoder.container(keyedBy: CodingKeys.self) else {
            self.init(round: 0, versions: [])
            return
        }
        self.init(
            round: try container.decodeIfPresent(Int.self, forKey: .round) ?? 0,
            versions: try container.decodeIfPresent([Int].self, forKey: .versions) ?? [])
    }
}
