extension Workflow {
    /// A handler that looks at the workflow or completes its promises: before, during and after the run, in any
    /// number.
    ///
    /// - Parameters:
    ///   - name: The last segment of the path; must match `([a-zA-Z]|_[a-zA-Z0-9])[a-zA-Z0-9_]*`.
    ///   - options: What differs from the defaults.
    ///   - body: The code: a closure, or a method of the service (`Signup.confirm`) when it needs collaborators.
    public static func shared<Input: Codable & Sendable, Output: Codable & Sendable>(
        _ name: String, options: HandlerOptions = HandlerOptions(),
        _ body: @escaping @Sendable @concurrent (SharedWorkflowContext, Input) async throws -> Output
    ) -> Handler<Self, Input, Output> {
        Handler(
            name: name, options: options, kind: .workflowShared, inputCodec: .automatic(), outputCodec: .automatic()
        ) {
            _, operations, input in try await body(SharedWorkflowContext(operations), input)
        }
    }

    /// As above, with input, without answer.
    public static func shared<Input: Codable & Sendable>(
        _ name: String, options: HandlerOptions = HandlerOptions(),
        _ body: @escaping @Sendable @concurrent (SharedWorkflowContext, Input) async throws -> Void
    ) -> Handler<Self, Input, Void> {
        Handler(
            name: name, options: options, kind: .workflowShared, inputCodec: .automatic(), outputCodec: .nothing()
        ) {
            _, operations, input in try await body(SharedWorkflowContext(operations), input)
        }
    }

    /// As above, without input, with answer.
    public static func shared<Output: Codable & Sendable>(
        _ name: String, options: HandlerOptions = HandlerOptions(), body undeclared: UndeclaredInput = .anyBody,
        _ body: @escaping @Sendable @concurrent (SharedWorkflowContext) async throws -> Output
    ) -> Handler<Self, Void, Output> {
        Handler(
            name: name, options: options, kind: .workflowShared, inputCodec: .nothing(undeclared),
            outputCodec: .automatic()
        ) {
            _, operations, _ in try await body(SharedWorkflowContext(operations))
        }
    }

    /// As above, without input and answer.
    public static func shared(
        _ name: String, options: HandlerOptions = HandlerOptions(), body undeclared: UndeclaredInput = .anyBody,
        _ body: @escaping @Sendable @concurrent (SharedWorkflowContext) async throws -> Void
    ) -> Handler<Self, Void, Void> {
        Handler(name: name, options: options, kind: .workflowShared, inputCodec: .nothing(undeclared),
        outputCodec: .nothing())
        {
            _, operations, _ in try await body(SharedWorkflowContext(operations))
        }
    }

    /// As above, with input and answer, by a method of the service.
    public static func shared<Input: Codable & Sendable, Output: Codable & Sendable>(
        _ name: String, options: HandlerOptions = HandlerOptions(),
        _ body: @escaping @Sendable (Self)
            -> @Sendable @concurrent (SharedWorkflowContext, Input) async throws -> Output
    ) -> Handler<Self, Input, Output> {
        Handler(
            name: name, options: options, kind: .workflowShared, inputCodec: .automatic(), outputCodec: .automatic()
        ) {
            owner, operations, input in try await body(owner)(SharedWorkflowContext(operations), input)
        }
    }

    /// As above, with input, without answer, by a method of the service.
    public static func shared<Input: Codable & Sendable>(
        _ name: String, options: HandlerOptions = HandlerOptions(),
        _ body: @escaping @Sendable (Self)
            -> @Sendable @concurrent (SharedWorkflowContext, Input) async throws -> Void
    ) -> Handler<Self, Input, Void> {
        Handler(
            name: name, options: options, kind: .workflowShared, inputCodec: .automatic(), outputCodec: .nothing()
        ) {
            owner, operations, input in try await body(owner)(SharedWorkflowContext(operations), input)
        }
    }

    /// As above, without input, with answer, by a method of the service.
    public static func shared<Output: Codable & Sendable>(
        _ name: String, options: HandlerOptions = HandlerOptions(), body undeclared: UndeclaredInput = .anyBody,
        _ body: @escaping @Sendable (Self)
            -> @Sendable @concurrent (SharedWorkflowContext) async throws -> Output
    ) -> Handler<Self, Void, Output> {
        Handler(
            name: name, options: options, kind: .workflowShared, inputCodec: .nothing(undeclared),
            outputCodec: .automatic()
        ) {
            owner, operations, _ in try await body(owner)(SharedWorkflowContext(operations))
        }
    }

    /// As above, without input and answer, by a method of the service.
    public static func shared(
        _ name: String, options: HandlerOptions = HandlerOptions(), body undeclared: UndeclaredInput = .anyBody,
        _ body: @escaping @Sendable (Self)
            -> @Sendable @concurrent (SharedWorkflowContext) async throws -> Void
    ) -> Handler<Self, Void, Void> {
        Handler(name: name, options: options, kind: .workflowShared, inputCodec: .nothing(undeclared),
        outputCodec: .nothing())
        {
            owner, operations, _ in try await body(owner)(SharedWorkflowContext(operations))
        }
    }
}
