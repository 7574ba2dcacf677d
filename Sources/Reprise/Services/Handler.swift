/// One handler of `Owner`, its types hidden. Made by `handler`, `exclusive`, `shared` and `workflow` only.
public protocol HandlerDefinition<Owner>: Sendable {
    associatedtype Owner: ServiceDefinition
    /// The last segment of its path.
    var name: String { get }
    /// What a runtime executes, with `owner`'s collaborators bound.
    func registered(for owner: Owner) -> RegisteredHandler
}

/// A handler as runtimes see it; opaque to service authors.
public struct RegisteredHandler: Sendable {
    package let erased: ErasedHandler
}

/// A handler: its name, its types, its options and its code, in one value. Callers pass it to `call`, `send` and
/// `future`, and the compiler checks owner, input and output.
///
/// `Input` is `Void` for handlers that declare none.
public struct Handler<Owner: ServiceDefinition, Input: Sendable, Output: Sendable>: HandlerDefinition {
    /// The last segment of its path.
    public let name: String
    /// What differs from the defaults.
    public let options: HandlerOptions
    let kind: ErasedHandler.Kind
    let inputCodec: PayloadCodec<Input>
    let outputCodec: PayloadCodec<Output>
    let body: @Sendable @concurrent (Owner, sending any DurableOperations, Input) async throws -> Output

    /// What a runtime executes, with `owner`'s collaborators bound.
    public func registered(for owner: Owner) -> RegisteredHandler {
        let (body, inputCodec, outputCodec) = (body, inputCodec, outputCodec)
        return RegisteredHandler(
            erased: ErasedHandler(
                name: name, kind: kind, options: options, input: inputCodec.input, output: outputCodec.output,
                inputProblem: inputCodec.problem(in:),
                execute: { operations, bytes in
                    let input: Input
                    do {
                        input = try inputCodec.decode(bytes)
                    } catch {
                        // Callers' inputs are judged before they are accepted: this one was written by another version.
                        throw StoredValueError(source: "the stored input", reason: decodingProblem(error))
                    }
                    return try outputCodec.encode(try await body(owner, operations, input))
                }))
    }
}

/// What a handler that declares no input makes of a body.
public enum UndeclaredInput: Sendable {
    /// Any body is accepted and ignored.
    case anyBody
    /// A request with a body or a content type is refused with 400.
    case noInput
}
