import Synchronization
import Testing

@testable import RepriseServer

/// Keeps what it is sent.
private final class Listener: Sendable {
    private let received = Mutex<[String]>([])

    /// Without the line that every stream begins with.
    var events: [String] { received.withLock { Array($0.dropFirst()) } }

    func listen(to feed: EventFeed, _ topics: Set<String>, after id: String? = nil) -> EventFeed.ListenerID {
        guard let place = feed.takePlace() else { preconditionFailure("there is a place") }
        return feed.add(topics, after: id, place) { [self] bytes in
            let text = String(decoding: bytes, as: UTF8.self)
            received.withLock { $0.append(text.split(separator: "\n").joined(separator: "|")) }
        }
    }
}

@Suite struct EventFeedTests {
    private func feed(_ adjust: (inout EventFeed.Limits) -> Void = { _ in }) -> EventFeed {
        var limits = EventFeed.Limits()
        adjust(&limits)
        return EventFeed(EventFeed.Epoch(startMs: 7), limits: limits)
    }

    private func events(_ feed: EventFeed, after id: String?, _ topics: Set<String> = ["a"]) -> [String] {
        let listener = Listener()
        feed.remove(listener.listen(to: feed, topics, after: id))
        return listener.events
    }

    @Test func whoIsNewIsToldToReadTheState() {
        let feed = feed()
        #expect(events(feed, after: nil) == ["id: 7-0|event: reset|data: {}"])
        feed.publish(topic: "a", data: [0x31])
        #expect(events(feed, after: nil) == ["id: 7-1|event: reset|data: {}"])
    }

    @Test func everybodyHearsTheirTopicsInOneOrder() {
        let feed = feed()
        let (one, both) = (Listener(), Listener())
        let id = one.listen(to: feed, ["a"])
        _ = both.listen(to: feed, ["a", "b"])
        feed.publish(topic: "a", data: [0x31])
        feed.publish(topic: "b", data: [0x32])
        feed.remove(id)
        feed.publish(topic: "a", data: [0x33])
        #expect(one.events.dropFirst() == ["id: 7-1|event: a|data: 1"])
        #expect(
            both.events.dropFirst() == [
                "id: 7-1|event: a|data: 1", "id: 7-2|event: b|data: 2", "id: 7-3|event: a|data: 3",
            ])
        #expect(feed.listenerCount == 1)
    }

    @Test func whoComesBackGetsWhatItMissed() {
        let feed = feed()
        for digit: UInt8 in 0x31...0x34 { feed.publish(topic: digit == 0x32 ? "b" : "a", data: [digit]) }
        let missed = events(feed, after: "7-1").joined(separator: " ")
        #expect(missed == "id: 7-3|event: a|data: 3|id: 7-4|event: a|data: 4")
        #expect(events(feed, after: "7-4") == [])
    }

    @Test(arguments: ["6-1", "8-1", "7-3", "7--1", "7-+1", "7-", "-1", "7", "7-1-1", "x", "", "7-99999999999999999999"])
    func anIDThatIsNotOfThisStartIsAGap(_ id: String) {
        let feed = feed()
        for _ in 0..<2 { feed.publish(topic: "a", data: [0x31]) }
        #expect(events(feed, after: id) == ["id: 7-2|event: reset|data: {}"])
    }

    @Test func whatIsForgottenIsAGap() {
        let feed = feed { $0.eventsMax = 3 }
        for _ in 0..<20 { feed.publish(topic: "a", data: [0x31]) }
        #expect(events(feed, after: "7-16") == ["id: 7-20|event: reset|data: {}"])
        #expect(events(feed, after: "7-17").joined().contains("id: 7-18|event: a|data: 1|id: 7-19"))
    }

    @Test func bytesAreBoundedToo() {
        let feed = feed { $0.bytesMax = 100 }
        for _ in 0..<3 { feed.publish(topic: "a", data: [UInt8](repeating: 0x31, count: 40)) }
        #expect(events(feed, after: "7-1") == ["id: 7-3|event: reset|data: {}"])
        #expect(events(feed, after: "7-2").count == 1)
        feed.publish(topic: "a", data: [UInt8](repeating: 0x31, count: 1_000))
        #expect(events(feed, after: "7-3") == ["id: 7-4|event: reset|data: {}"], "one that fits nowhere")
        #expect(events(feed, after: "7-4") == [])
    }

    @Test func moreThanAListenerMayLeaveUnreadIsAGap() {
        let feed = feed { $0.backlogBytesMax = 100 }
        for _ in 0..<3 { feed.publish(topic: "a", data: [UInt8](repeating: 0x31, count: 40)) }
        #expect(events(feed, after: "7-0") == ["id: 7-3|event: reset|data: {}"])
    }

    @Test func aHeartbeatMovesTheIDOn() {
        let feed = feed()
        let listener = Listener()
        _ = listener.listen(to: feed, ["a"])
        feed.publish(topic: "b", data: [0x31])
        feed.beat()
        #expect(listener.events.last == "id: 7-1|: heartbeat")
    }

    @Test func placesAreCountedAndGivenBack() {
        let feed = feed { $0.listenersMax = 2 }
        var places = [feed.takePlace(), feed.takePlace()]
        #expect(places.allSatisfy { $0 != nil })
        #expect(feed.takePlace() == nil)
        #expect(feed.takePlace() == nil, "a refusal takes none")
        places.removeLast()
        let listener = Listener()
        let id = listener.listen(to: feed, ["a"])
        #expect(feed.takePlace() == nil)
        feed.remove(id)
        #expect(feed.takePlace() != nil)
    }

    @Test func lineBreaksDoNotBeginFields() {
        let frame = EventFrame.event(id: "7-1", topic: "a", data: Array("1\nevent: b".utf8))
        #expect(String(decoding: frame, as: UTF8.self) == "id: 7-1\nevent: a\ndata: 1\ndata: event: b\n\n")
    }
}
