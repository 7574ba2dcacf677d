import DurableModel

/// The state of one object or workflow in memory, complete.
final class ResidentObject {
    typealias Place = Dictionary<ExactText, Bytes>.Index

    private(set) var values: [ExactText: Bytes]
    var promises: [ExactText: DurablePromise]
    var bytes: Int
    var lastTurn: Int64

    init(_ stored: LoadedObject) {
        values = Dictionary(
            stored.values.map { (ExactText($0.name), $0.value) }, uniquingKeysWith: { _, last in last })
        promises = Dictionary(
            stored.promises.map { (ExactText($0.name), $0.promise) }, uniquingKeysWith: { _, last in last })
        bytes = stored.values.reduce(0) { $0 + $1.name.utf8.count + $1.value.count }
        lastTurn = 0
    }

    /// How many bytes more the object has with that value than now. `place` is that of the name.
    func growth(_ name: String, _ value: Bytes, at place: Place?) -> Int {
        value.count - (place.map { values.values[$0].count } ?? -name.utf8.count)
    }

    func set(_ name: String, _ value: Bytes, at place: Place?) {
        bytes += growth(name, value, at: place)
        if let place { values.values[place] = value } else { values[ExactText(name)] = value }
    }

    /// Where the value of that name is; good until something is set or cleared.
    func place(of name: String) -> Place? { values.index(forKey: ExactText(name)) }

    func clear(_ name: String) {
        guard let old = values.removeValue(forKey: ExactText(name)) else { return }
        bytes -= name.utf8.count + old.count
    }

    func value(_ name: String) -> Bytes? { values[ExactText(name)] }

    var sortedNames: [String] { values.keys.sorted().map(\.text) }
}
