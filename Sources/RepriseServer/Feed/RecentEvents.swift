/// The last events, bounded by number and bytes.
struct RecentEvents: Sendable {
    struct Event: Sendable {
        let topic: String
        /// As it is sent.
        let frame: [UInt8]
    }

    let eventsMax: Int
    let bytesMax: Int
    /// The number of the newest event; 0 before the first.
    private(set) var lastNumber = 0
    private var events: [Event?] = []
    /// Events before this index have been given up and are cut off in one go now and then.
    private var start = 0
    private var bytes = 0

    init(eventsMax: Int, bytesMax: Int) {
        self.eventsMax = eventsMax
        self.bytesMax = bytesMax
    }

    mutating func append(_ event: Event) {
        lastNumber += 1
        events.append(event)
        bytes += event.frame.count
        while events.count - start > eventsMax || bytes > bytesMax {
            bytes -= events[start]?.frame.count ?? 0
            events[start] = nil
            start += 1
        }
        if start > eventsMax {
            events.removeFirst(start)
            start = 0
        }
    }

    /// nil when some of them are gone, or when there has never been an event with that number.
    func events(after number: Int) -> [Event]? {
        let count = lastNumber - number
        guard number >= 0, count >= 0, count <= events.count - start else { return nil }
        return events.suffix(count).compactMap(\.self)
    }
}
