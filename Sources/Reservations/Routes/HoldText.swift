/// The length of a hold in words.
struct HoldText {
    /// Such as `15 minutes`.
    let full: String
    /// Such as `15-minute`.
    let attribute: String

    init(ms: Int64) {
        let (count, unit): (Int64, String) =
            if ms % 60_000 == 0 { (ms / 60_000, "minute") } else if ms % 1_000 == 0 { (ms / 1_000, "second") } else {
                (ms, "millisecond")
            }
        full = "\(count) \(unit)\(count == 1 ? "" : "s")"
        attribute = "\(count)-\(unit)"
    }

    /// Such as `14m 59s`: begun seconds do not count.
    static func minutesAndSeconds(ms: Int64) -> String { "\(ms / 60_000)m \(ms / 1_000 % 60)s" }
}
