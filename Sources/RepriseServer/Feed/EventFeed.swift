import Synchronization

/// What handlers publish, in the order of the commits, for everybody who listens at the moment; and the last of it, for
/// those who come back.
///
/// Events have growing numbers; together with the epoch, which no other start of the server has, they make ids that
/// never mean two things. A listener that names the last id it has seen gets what followed, or a `reset` when that
/// cannot be known.
final class EventFeed: Sendable {
    typealias Send = @Sendable ([UInt8]) -> Void

    struct Limits: Sendable {
        var listenersMax = 1_000
        var eventsMax = 4_096
        var bytesMax = 4 << 20
        /// More than this is not sent to one who comes back: reading the state anew is less. Below what a listener may
        /// leave unread.
        var backlogBytesMax = 128 << 10
    }

    struct ListenerID: Hashable, Sendable {
        fileprivate let number: Int
    }

    /// The right to be one of the listeners, until it is released.
    final class Place: Sendable {
        private let taken: PlaceCount

        fileprivate init?(_ taken: PlaceCount, max: Int) {
            self.taken = taken
            guard taken.count.add(1, ordering: .relaxed).newValue <= max else { return nil }
        }

        deinit { taken.count.subtract(1, ordering: .relaxed) }
    }

    fileprivate final class PlaceCount: Sendable {
        let count = Atomic<Int>(0)
    }

    private struct Listener {
        let topics: Set<String>
        let place: Place
        let send: Send
    }

    private struct State {
        var recent: RecentEvents
        var listeners: [Int: Listener] = [:]
        var listenersSoFar = 0
    }

    private let epoch: Epoch
    private let limits: Limits
    private let placesTaken = PlaceCount()
    private let state: Mutex<State>

    init(_ epoch: Epoch, limits: Limits = Limits()) {
        self.epoch = epoch
        self.limits = limits
        state = Mutex(State(recent: RecentEvents(eventsMax: limits.eventsMax, bytesMax: limits.bytesMax)))
    }

    /// nil when there are as many as there may be.
    func takePlace() -> Place? { Place(placesTaken, max: limits.listenersMax) }

    var listenerCount: Int { state.withLock { $0.listeners.count } }

    /// `send` of each listener must not block, nor come back to the feed: it is called in the order of the events,
    /// which the lock keeps.
    func publish(topic: String, data: [UInt8]) {
        state.withLock { state in
            let number = state.recent.lastNumber + 1
            let frame = EventFrame.event(id: epoch.id(number), topic: topic, data: data)
            state.recent.append(RecentEvents.Event(topic: topic, frame: frame))
            for listener in state.listeners.values where listener.topics.contains(topic) { listener.send(frame) }
        }
    }

    /// Sends what was missed since `lastEventID`, or a `reset`, and from then on every event of the topics.
    func add(
        _ topics: Set<String>, after lastEventID: String?, _ place: Place, send: @escaping Send
    ) -> ListenerID {
        state.withLock { state in
            send(EventFrame.greeting)
            if let missed = missed(since: lastEventID, topics, state.recent) {
                if !missed.isEmpty { send(missed) }
            } else {
                send(EventFrame.reset(id: epoch.id(state.recent.lastNumber)))
            }
            state.listenersSoFar += 1
            state.listeners[state.listenersSoFar] = Listener(topics: topics, place: place, send: send)
            return ListenerID(number: state.listenersSoFar)
        }
    }

    func remove(_ id: ListenerID) {
        state.withLock { _ = $0.listeners.removeValue(forKey: id.number) }
    }

    /// Keeps proxies and peers from giving up on quiet streams, and finds listeners that have vanished. It carries the
    /// last id: who listens to a quiet topic need not start anew because of the others.
    func beat() {
        state.withLock { state in
            let frame = EventFrame.heartbeat(id: epoch.id(state.recent.lastNumber))
            for listener in state.listeners.values { listener.send(frame) }
        }
    }

    /// nil when it is not known, or too much.
    private func missed(since lastEventID: String?, _ topics: Set<String>, _ recent: RecentEvents) -> [UInt8]? {
        guard let lastEventID, let number = epoch.number(of: lastEventID),
            let events = recent.events(after: number)
        else { return nil }
        var frames: [UInt8] = []
        for event in events where topics.contains(event.topic) {
            frames += event.frame
            if frames.count > limits.backlogBytesMax { return nil }
        }
        return frames
    }
}
