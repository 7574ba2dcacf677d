/// The name under which handlers publish and pages listen; appears on the wire as the type of a server-sent event.
///
///     extension Topic { static let seats: Topic = "seats" }
public struct Topic: Hashable, Sendable, ExpressibleByStringLiteral {
    public let name: String

    /// nil unless `name` is made of ASCII letters, digits, `-`, `_`, `.` and `/`, and is none of the events that
    /// browsers and streams have already: `open`, `message`, `error`, `reset`.
    public init?(_ name: String) {
        guard Topic.isAllowed(name) else { return nil }
        self.name = name
    }

    /// A name in the source must be one that `init(_:)` takes.
    public init(stringLiteral name: String) {
        precondition(Topic.isAllowed(name), "'\(name)' cannot be the name of a topic")
        self.name = name
    }

    private static func isAllowed(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 128 && !["open", "message", "error", "reset"].contains(name)
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
                    UInt8(ascii: "/"):
                    true
                default: false
                }
            }
    }
}

/// What a handler published: a topic and JSON in one line.
public struct PublishedEvent: Hashable, Sendable {
    public let topic: Topic
    /// Encoded JSON without line breaks.
    public let data: [UInt8]

    public init(topic: Topic, data: [UInt8]) {
        self.topic = topic
        self.data = data
    }
}
