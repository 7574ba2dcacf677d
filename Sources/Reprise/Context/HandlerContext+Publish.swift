extension HandlerContext {
    /// The most bytes of JSON that one published value may have.
    public static var publishedBytesMax: Int { 64 << 10 }

    /// Tells everybody who listens to `topic` (see `RouteResponse.events(topics:)`) about a change, once it and
    /// everything before it is durable, in the order in which the changes were decided. It never waits for a listener.
    ///
    /// It is news, not a record: who does not listen at the moment misses it and learns so, and an attempt that is
    /// made again may repeat what it said after its last journaled step. So publish the new state of a thing rather
    /// than a difference, and keep the truth in state.
    ///
    /// - Throws: `EncodingError` for what JSON cannot hold, `TerminalError` with code 413 above `publishedBytesMax`.
    public final func publish(_ topic: Topic, _ value: some Encodable) throws {
        let data = try JSONText.encode(value)
        guard data.count <= Self.publishedBytesMax else {
            throw TerminalError(
                "an event of topic '\(topic.name)' has \(data.count) bytes, more than \(Self.publishedBytesMax)",
                code: 413)
        }
        operations.publish(PublishedEvent(topic: topic, data: data))
    }
}
