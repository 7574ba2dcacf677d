/// On which loop a new connection lives.
enum LoopChoice {
    /// A few that are busy are served by one loop with half of the wake-ups that two would take, each of which waits
    /// for half of the answers; for many there is a loop on each core.
    private static let connectionsOfFirst = 128

    /// - Parameter counts: The connections of each loop.
    static func place(_ counts: [Int], areEncrypted: Bool) -> Int {
        // Encryption costs more than wake-ups.
        let few = areEncrypted ? 1 : connectionsOfFirst
        let least = counts.indices.min { counts[$0] < counts[$1] } ?? 0
        return counts.firstIndex { $0 < few } ?? least
    }
}
