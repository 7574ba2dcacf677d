/// Server-sent events as bytes: fields in lines, an empty line after each event.
enum EventFrame {
    /// A browser that loses the stream tries again after this.
    static let greeting = Array("retry: 1000\n\n".utf8)

    static func event(id: String, topic: String, data: [UInt8]) -> [UInt8] {
        var frame = Array("id: \(id)\nevent: \(topic)\ndata: ".utf8)
        for byte in data {
            frame.append(byte)
            // JSON of ours has no line breaks; one would begin a field of its own.
            if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") { frame.append(contentsOf: "data: ".utf8) }
        }
        frame.append(contentsOf: "\n\n".utf8)
        return frame
    }

    /// What the listener knows may be out of date.
    static func reset(id: String) -> [UInt8] { Array("id: \(id)\nevent: reset\ndata: {}\n\n".utf8) }

    /// No event: without data only the id is taken note of.
    static func heartbeat(id: String) -> [UInt8] { Array("id: \(id)\n: heartbeat\n\n".utf8) }
}
