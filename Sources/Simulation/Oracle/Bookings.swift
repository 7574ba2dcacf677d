import DurableModel

/// Rooms that trips have booked: those of trips that came about are kept, all others are given back.
struct Bookings {
    private var wanted: Set<String> = []
    /// Trips that were killed, or restarted as new with rooms that another had booked.
    private var excused: [String] = []

    mutating func note(_ ended: ReferenceModel.Ended) {
        guard ended.target.service == "Trip" else { return }
        if ended.isKilled || ended.keptEntries > 0 { return excused.append(ended.room) }
        guard case .success = ended.outcome, let count = Int(ended.input) else { return }
        for number in 0..<count { wanted.insert("\(ended.room)-\(number)") }
    }

    func compare(with kept: Set<String>, _ complain: (String) -> Void) {
        for room in wanted.subtracting(kept).sorted() { complain("room \(room) was booked and is not kept") }
        for room in kept.subtracting(wanted).sorted() where !excused.contains(where: room.hasPrefix) {
            complain("room \(room) is kept and nobody has booked it")
        }
    }
}

extension ReferenceModel.Ended {
    /// As `HandlerContext.derivedKey` names it.
    fileprivate var room: String {
        let digits = String(seed, radix: 16)
        return "\(id.text)-room-\(String(repeating: "0", count: 16 - digits.count))\(digits)"
    }
}
