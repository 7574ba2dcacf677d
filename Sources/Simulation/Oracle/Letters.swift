import DurableModel

/// What was posted, and so has to arrive: once, and later once more.
struct Letters {
    private var posted: [String: Int] = [:]
    /// A person has meddled with their delivery.
    private var excused: Set<String> = []

    mutating func note(_ ended: ReferenceModel.Ended) {
        switch ended.target.handler {
        case "post":
            let tag = String(ended.input.dropFirst().split(separator: " ").dropFirst().first ?? "")
            if ended.isByJournal { excuse(tag) }
            if case .success = ended.outcome { posted[tag, default: 0] += 1 }
        case "receive":
            if ended.isByJournal { excuse(String(ended.input.dropFirst().dropLast())) }
        default: break
        }
    }

    /// Taken back before it began, or begun again after its end.
    mutating func noteMeddling(with acceptance: Acceptance) {
        guard acceptance.target.handler == "receive" else { return }
        excuse(String(decoding: acceptance.input.dropFirst().dropLast(), as: UTF8.self))
    }

    private mutating func excuse(_ tag: String) { excused.insert(tag.last == "+" ? String(tag.dropLast()) : tag) }

    func compare(with disk: DiskImage, _ complain: (String) -> Void) {
        var arrived: [Substring: Int] = [:]
        for (object, values) in disk.state where object.service == "Mailbox" {
            let text = String(decoding: values["letters"] ?? [], as: UTF8.self)
            for letter in text.split(whereSeparator: { $0 == " " || $0 == "\"" }) { arrived[letter, default: 0] += 1 }
        }
        for (tag, count) in posted.sorted(by: { $0.key < $1.key }) where !excused.contains(tag) {
            for letter in [tag, tag + "+"] where arrived[letter[...]] != count {
                complain("letter \(letter) was posted \(count) times and arrived \(arrived[letter[...]] ?? 0) times")
            }
        }
    }
}
