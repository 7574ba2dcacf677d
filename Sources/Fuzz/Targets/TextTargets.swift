import DurableModel
import HTTPWire
import Ingress
import SQLiteStore

extension FuzzTarget {
    /// Ids of invocations and awakeables: what is read is written as something that reads the same.
    static let identifiers = FuzzTarget(
        "identifiers",
        seeds: [
            "inv_1gidH2J8JM6R1azgDZGNSC8R7blvv0LmmK", "inv_142KZBNwGWeN7vPQZy0twQWZnT45jlsCgV",
            "sign_1gidH2J8JM6R1azgDZGNSC8R7blvv0LmmKAAAAEQ", "inv_10000000000000000000000000000000000",
        ],
        words: ["inv_1", "sign_1", "prom_1", "_", "z", "zzzzzzzzzzz", "0000000000", "-", "=", "\u{E9}"],
        feed: { bytes in
            guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
            if let id = try? InvocationID(parsing: text), (try? InvocationID(parsing: id.text)) != id {
                return "an invocation's id is written as it is read: \(id.text)"
            }
            if let id = try? AwakeableID(parsing: text), (try? AwakeableID(parsing: id.text)) != id {
                return "an awakeable's id is written as it is read: \(id.text)"
            }
            return nil
        })

    private static let sending = Ingress(catalog: Catalog([
        ServiceDescriptor(name: "S", kind: .service, handlers: [HandlerDescriptor(name: "h", kind: .service)])
    ]))

    /// Delays of a send: none is negative or beyond the limit of Restate's parser.
    static let delays = FuzzTarget(
        "delays",
        seeds: [
            "10s", "1h 30m", "PT1H30M", "P1DT2.5S", "1 hour, 30 minutes", "01:02:03", "1500", "+3 days", "2weeks 1ms",
            "9.5us", "PT0.000000001S",
        ],
        words: [
            "P", "T", "PT", "D", "H", "M", "S", "W", "ms", "us", "ns", "hours", ",", " ", ":", ".", "+", "-", "00",
            "99999999999",
            "18446744073709551616", "ago",
        ],
        feed: { bytes in
            let encoded = bytes.map { "%" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            let message = HTTPMessage(method: "POST", target: "/S/h/send?delay=\(encoded)")
            guard case .command(.invoke(let command), _) = sending.decide(message),
                case .send(let delayMs) = command.mode
            else { return nil }
            guard let delayMs else { return nil }
            return (0...631_107_417_600_000).contains(delayMs) ? nil : "a delay is within bounds: \(delayMs)"
        })

    private static let entries: [JournalEntry] = [
        JournalEntry(.getState(name: "state"), completion: .value([1, 2, 3])),
        JournalEntry(.setState(name: "state", value: Array("{}".utf8)), completion: .done),
        JournalEntry(.getStateNames, completion: .names(["a", "b"])),
        JournalEntry(.run(name: "charge", policy: .invocationDefault), completion: .outcome(.success([7]))),
        JournalEntry(
            .call(target: InvocationTarget(service: "O", key: "k", handler: "h"), input: [9], idempotencyKey: "i"),
            completion: .outcome(.failure(TerminalFailure(code: 409, message: "no")))),
        JournalEntry(.sleep(durationMs: 900_000), completion: .elapsed, detail: .due(1_700_000_000_000)),
        JournalEntry(.awakeable, detail: .signal(17)),
        JournalEntry(.now, completion: .time(1_700_000_000_000)),
    ]

    /// Stored journal entries: damaged ones are refused, and what is read is written as something that reads the same.
    static let journal = FuzzTarget(
        "journal", seeds: entries.map(StoredEntry.bytes),
        words: [[0], [1], [2], [100], [255, 255, 255, 255, 15], [0x80]],
        feed: { bytes in
            guard let entry = StoredEntry.entry(from: bytes) else { return nil }
            let again = StoredEntry.bytes(of: entry)
            // A factor that is not a number differs from itself; its bytes do not.
            guard let second = StoredEntry.entry(from: again), StoredEntry.bytes(of: second) == again else {
                return "an entry is written as it is read: \(entry)"
            }
            return nil
        })
}
