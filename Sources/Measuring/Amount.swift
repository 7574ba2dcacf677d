/// Numbers as people read them: no more digits than say something.
package enum Amount {
    /// Units that are words stand apart from their number; "x" and "/s" do not.
    package static func text(_ value: Double, _ unit: String) -> String {
        let isSuffix = unit.isEmpty || unit == "x" || unit.hasPrefix("/")
        return number(value) + (isSuffix ? "" : " ") + unit
    }

    package static func number(_ value: Double) -> String {
        guard value.isFinite else { return "?" }
        let size = value.magnitude
        // At 0.005 and less, two digits after the point would say nothing.
        let decimals = size >= 99.95 ? 0 : size >= 9.995 ? 1 : size >= 0.1 || size == 0 ? 2 : 4
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        let scaled = (size * scale).rounded()
        guard scaled < 1e15 else { return "?" }
        let whole = Int(scaled) / Int(scale)
        let rest = String(Int(scaled) % Int(scale))
        let fraction = decimals == 0 ? "" : "." + String(repeating: "0", count: decimals - rest.count) + rest
        return (value < 0 && scaled > 0 ? "-" : "") + grouped(whole) + fraction
    }

    private static func grouped(_ whole: Int) -> String {
        var digits = String(whole)
        var groups: [String] = []
        while digits.count > 3 {
            groups.insert(String(digits.suffix(3)), at: 0)
            digits.removeLast(3)
        }
        return ([digits] + groups).joined(separator: ",")
    }
}
