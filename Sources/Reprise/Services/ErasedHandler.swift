/// A handler without its types: what a runtime needs to register and execute it.
package struct ErasedHandler: Sendable {
    package enum Kind: Sendable { case service, exclusive, shared, workflowRun, workflowShared }

    /// How the body is judged before acceptance.
    package enum Input: Sendable, Equatable {
        /// No input declared: any body, ignored.
        case ignored
        /// `.noInput`: neither body nor content type.
        case forbidden
        /// JSON; `isRequired` refuses an empty body.
        case json(isRequired: Bool)
        /// Any content type, the bytes as they are.
        case bytes
    }

    package enum Output: Sendable, Equatable { case none, json, bytes(contentType: String) }

    package var name: String
    package var kind: Kind
    package var options: HandlerOptions
    package var input: Input
    package var output: Output
    /// Says why a body does not decode, nil when it does.
    package var inputProblem: @Sendable ([UInt8]) -> String?
    package var execute: @Sendable @concurrent (sending any DurableOperations, [UInt8]) async throws -> [UInt8]

    package init(
        name: String, kind: Kind, options: HandlerOptions, input: Input, output: Output,
        inputProblem: @escaping @Sendable ([UInt8]) -> String?,
        execute: @escaping @Sendable @concurrent (sending any DurableOperations, [UInt8]) async throws -> [UInt8]
    ) {
        self.name = name
        self.kind = kind
        self.options = options
        self.input = input
        self.output = output
        self.inputProblem = inputProblem
        self.execute = execute
    }
}

/// A service without its types.
package struct ErasedService: Sendable {
    package enum Kind: Sendable { case service, virtualObject, workflow }

    package var name: String
    package var kind: Kind
    package var isPrivate: Bool
    package var handlers: [ErasedHandler]
    package var tables: ServiceTables?

    package init(
        name: String, kind: Kind, isPrivate: Bool, handlers: [ErasedHandler], tables: ServiceTables? = nil
    ) {
        self.name = name
        self.kind = kind
        self.isPrivate = isPrivate
        self.handlers = handlers
        self.tables = tables
    }
}
