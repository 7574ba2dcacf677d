/// The hall: what is counted as sold out and reset. Seats outside of it can be sold too, round after round they stay.
enum Venue {
    static let seatCount = 50
    static let seatIDs = (1...seatCount).map { "seat-\($0)" }
    static let pricePerTicket = 100

    private static let known = Set(seatIDs)

    static func contains(_ seatID: String) -> Bool { known.contains(seatID) }
}
