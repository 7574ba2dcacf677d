/// The name and type of one value in an object's durable state. Declare it once, as a static constant.
public struct StateKey<Value: Codable & Sendable>: Sendable {
    /// Unique within its object.
    public let name: String
    let codec: PayloadCodec<Value>

    public init(_ name: String) {
        self.name = name
        codec = .automatic()
    }
}
