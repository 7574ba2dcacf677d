import DurableModel

/// The state of one object or workflow in memory, complete.
final class ResidentObject {
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

    func set(_ name: String, _ value: Bytes) {
        let replaced = values.updateValue(value, forKey: ExactText(name))
        bytes += value.count - (replaced?.count ?? -name.utf8.count)
    }

    func clear(_ name: String) {
        guard let old = values.removeValue(forKey: ExactText(name)) else { return }
        bytes -= name.utf8.count + old.count
    }

    func value(_ name: String) -> Bytes? { values[ExactText(name)] }

    var sortedNames: [String] { values.keys.sorted().map(\.text) }
}
