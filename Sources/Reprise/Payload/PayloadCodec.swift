/// How values of one type become bytes and back. Built once per handler, state key or step.
struct PayloadCodec<Value: Sendable>: Sendable {
    let input: ErasedHandler.Input
    let output: ErasedHandler.Output
    let encode: @Sendable (Value) throws -> [UInt8]
    let decode: @Sendable ([UInt8]) throws -> Value

    /// Why `bytes` do not decode, nil when they do.
    @Sendable func problem(in bytes: [UInt8]) -> String? {
        do {
            _ = try decode(bytes)
            return nil
        } catch {
            return decodingProblem(error)
        }
    }
}

extension PayloadCodec where Value: Codable {
    /// Raw for `RawBytes`, JSON for everything else.
    static func automatic() -> PayloadCodec {
        // A cast between equal types always succeeds; it tells the compiler what the comparison told us.
        if Value.self == RawBytes.self, let codec = PayloadCodec<RawBytes>.raw as? PayloadCodec { return codec }
        if let scalar = Value.self as? any JSONScalar.Type, let codec = scalarCodec(scalar) as? PayloadCodec {
            return codec
        }
        return json()
    }

    private static func json() -> PayloadCodec {
        let isOptional = Value.self is any OptionalValue.Type
        let absent = (Value.self as? any OptionalValue.Type)?.absent as? Value
        return PayloadCodec(
            input: .json(isRequired: !isOptional), output: .json,
            encode: { try JSONText.encode($0) },
            decode: { bytes in
                if bytes.isEmpty {
                    if let absent { return absent }
                    throw InputProblem("the body is empty, JSON expected")
                }
                let value = try JSONText.decode(Value.self, from: bytes)
                if let problem = (value as? any ValidatedInput)?.problem { throw InputProblem(problem) }
                return value
            })
    }
}

/// A `PayloadCodec<Scalar>`; an opened type cannot be named in the result.
private func scalarCodec<Scalar: JSONScalar>(_: Scalar.Type) -> any Sendable {
    PayloadCodec<Scalar>(
        input: .json(isRequired: true), output: .json,
        encode: { try $0.plainJSON ?? JSONText.encode($0) },
        decode: { bytes in
            if let value = Scalar(plainJSON: bytes) { return value }
            if bytes.isEmpty { throw InputProblem("the body is empty, JSON expected") }
            return try JSONText.decode(Scalar.self, from: bytes)
        })
}

extension PayloadCodec where Value == Void {
    static func nothing(_ rule: UndeclaredInput = .anyBody) -> PayloadCodec {
        PayloadCodec(
            input: rule == .noInput ? .forbidden : .ignored, output: .none, encode: { [] }, decode: { _ in () })
    }
}

extension PayloadCodec where Value == RawBytes {
    static let raw = PayloadCodec(
        input: .bytes, output: .bytes(contentType: RawBytes.contentType), encode: { $0.bytes },
        decode: { RawBytes($0) })
}

/// Input or output that is taken as it is, with any content type; answers are `application/octet-stream`.
public struct RawBytes: Codable, Hashable, Sendable {
    /// The body, as received or to be sent.
    public var bytes: [UInt8]

    static let contentType = "application/octet-stream"

    public init(_ bytes: [UInt8]) { self.bytes = bytes }
}

/// An input with rules beyond its types. It is judged before a request is accepted, so a refusal is a 400 and leaves
/// nothing behind.
public protocol ValidatedInput: Decodable {
    /// What is wrong, for the caller to read; nil when nothing is.
    var problem: String? { get }
}

/// A body that cannot be taken, with the reason for the caller. Throw it from `init(from:)` to refuse a request.
public struct InputProblem: Error, Sendable, CustomStringConvertible {
    /// What the caller reads.
    public let description: String

    public init(_ description: String) { self.description = description }
}

private protocol OptionalValue {
    static var absent: Self { get }
}

extension Optional: OptionalValue {
    fileprivate static var absent: Wrapped? { nil }
}
