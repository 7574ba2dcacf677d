import Foundation
import Reprise

/// Answer of `GET /seats`: the plan as it is now. What happens after it is news under `Topic.reservations`.
struct SeatPlan: Encodable {
    /// By the server's clock, for those whose own is wrong.
    var now: Instant
    var holdMs: Int64
    /// In the order of the hall.
    var seats: [SeatNews]

    init(holdMs: Int64, _ client: RepriseClient) async throws {
        self.holdMs = holdMs
        seats = try await withThrowingTaskGroup(of: (Int, SeatNews).self) { group in
            for (position, seatId) in Hall.seatIDs.enumerated() {
                group.addTask { (position, try await client.object(Seat.self, key: seatId).call(Seat.glance)) }
            }
            var found: [(Int, SeatNews)] = []
            for try await seat in group { found.append(seat) }
            return found.sorted { $0.0 < $1.0 }.map(\.1)
        }
        now = Instant(Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1_000)))
    }
}
