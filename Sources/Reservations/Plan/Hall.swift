/// The seats that are on the plan: five rows of ten, `A1` to `E10`. Others can be held too; they are on no plan.
enum Hall {
    static let rows = ["A", "B", "C", "D", "E"]
    static let seatsPerRow = 10
    static let seatIDs = rows.flatMap { row in (1...seatsPerRow).map { "\(row)\($0)" } }

    private static let known = Set(seatIDs)

    static func contains(_ seatID: String) -> Bool { known.contains(seatID) }
}
