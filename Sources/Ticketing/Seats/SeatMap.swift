public import Reprise

/// The overview of all seats, fed by checkouts and tickets; starts a new round when the venue is sold out.
///
/// One state value per seat and one tally: a `set` costs the same however many seats there are. A seat's version keeps
/// late reports out.
public struct SeatMap: VirtualObject {
    /// The only key in use.
    public static let globalKey = "global"

    /// Reports the status of a seat.
    public static let set = exclusive("set", SeatMap.setSeat)
    /// All seats ever reported, in the order of their first report.
    public static let get = shared("get", SeatMap.allSeats)
    /// Makes every venue seat available: a new round, begun by hand.
    public static let reset = exclusive("reset", SeatMap.resetVenue)
    /// An older name of `reset`.
    public static let resetAll = exclusive("resetAll", SeatMap.resetVenue)

    public static let handlers: Handlers = [set, get, reset, resetAll]

    static let tally = StateKey<Tally>("tally")
    private static let seatPrefix = "seat/"

    static func entry(_ seatID: String) -> StateKey<Entry> { StateKey(seatPrefix + seatID) }

    struct Tally: Codable, Hashable, Sendable {
        var seats = 0
        /// Venue seats that are SOLD.
        var sold = 0
        var round = 1
    }

    struct Entry: Codable, Hashable, Sendable {
        var position: Int
        var status: SeatStatus
        var version: Int
    }

    let hidesWriters: Bool

    /// - Parameter hidesWriters: Only `get` is reachable over HTTP.
    public init(hidesWriters: Bool = false) { self.hidesWriters = hidesWriters }

    public var privateHandlers: Handlers { hidesWriters ? [Self.set, Self.reset, Self.resetAll] : [] }

    private func setSeat(_ ctx: ObjectContext, _ update: SeatUpdate) async throws -> Bool {
        let key = Self.entry(update.seatId)
        let old = try await ctx.get(key)
        if let old, let version = update.version, version <= old.version { return true }
        let before = try await ctx.get(Self.tally) ?? Tally()
        var tally = before
        var entry = old ?? tally.newEntry()
        if Venue.contains(update.seatId) {
            tally.sold += (update.status == .sold ? 1 : 0) - (entry.status == .sold ? 1 : 0)
        }
        entry.status = update.status
        entry.version = update.version ?? entry.version

        if tally.sold >= Venue.seatCount, ctx.key == Self.globalKey {
            ctx.logger.info("All seats sold! Triggering auto-reset...")
            // The last seat is never stored as SOLD: nobody sees a sold-out map.
            try await beginRound(ctx, tally, last: (update.seatId, entry))
        } else {
            try await ctx.set(key, entry)
            if tally != before { try await ctx.set(Self.tally, tally) }
            try tell(ctx, update.seatId, entry.status)
        }
        return true
    }

    private func resetVenue(_ ctx: ObjectContext) async throws {
        try await beginRound(ctx, try await ctx.get(Self.tally) ?? Tally(), last: nil)
    }

    /// Shows every venue seat as available and has the tickets follow. Each ticket is told the version that was counted
    /// here, so a seat to which anything has happened since keeps what it has: no sale or hold of the new round is lost
    /// to a late reset.
    private func beginRound(_ ctx: ObjectContext, _ tally: Tally, last: (id: String, entry: Entry)?) async throws {
        var tally = tally
        tally.round += 1
        tally.sold = 0
        var versions: [Int] = []
        for seatID in Venue.seatIDs {
            let key = Self.entry(seatID)
            let stored = try await ctx.get(key)
            var entry = (seatID == last?.id ? last?.entry : stored) ?? tally.newEntry()
            versions.append(entry.version)
            entry.status = .available
            if entry != stored {
                try await ctx.set(key, entry)
                try tell(ctx, seatID, entry.status)
            }
        }
        try await ctx.set(Self.tally, tally)
        guard ctx.key == Self.globalKey else { return }
        try await ctx.service(GameManager.self).send(
            GameManager.reset, RoundPlan(round: tally.round, versions: versions))
    }

    /// News of the hall's seats, for pages.
    private func tell(_ ctx: ObjectContext, _ seatID: String, _ status: SeatStatus) throws {
        guard ctx.key == Self.globalKey, Venue.contains(seatID) else { return }
        try ctx.publish(.tickets, SeatLine(id: seatID, status: status))
    }

    private func allSeats(_ ctx: SharedObjectContext) async throws -> [SeatLine] {
        var lines: [(position: Int, line: SeatLine)] = []
        for name in try await ctx.stateKeys() where name.hasPrefix(Self.seatPrefix) {
            let seatID = String(name.dropFirst(Self.seatPrefix.count))
            guard let entry = try await ctx.get(Self.entry(seatID)) else { continue }
            lines.append((entry.position, SeatLine(id: seatID, status: entry.status)))
        }
        return lines.sorted { $0.position < $1.position }.map(\.line)
    }
}

extension Topic {
    /// Changes of the venue's seats, as `SeatLine`.
    public static let tickets: Topic = "ticket"
}

extension SeatMap.Tally {
    mutating func newEntry() -> SeatMap.Entry {
        defer { seats += 1 }
        return SeatMap.Entry(position: seats, status: .available, version: 0)
    }
}

/// Input of `SeatMap/set`.
public struct SeatUpdate: Codable, Hashable, Sendable, ValidatedInput {
    public var seatId: String
    public var status: SeatStatus
    /// The ticket's version. Without one (a direct call) the status is taken as it is.
    public var version: Int?

    public init(seatId: String, status: SeatStatus, version: Int? = nil) {
        self.seatId = seatId
        self.status = status
        self.version = version
    }

    public var problem: String? { seatId.isEmpty ? "seatId must not be empty" : nil }
}

/// One element of `SeatMap/get`.
public struct SeatLine: Codable, Hashable, Sendable {
    public var id: String
    public var status: SeatStatus
}
