extension Workflow {
    /// The handler that is the workflow: it runs once per key. A second call is refused with 409, a second send is
    /// answered with the id of the first. Every workflow has exactly one.
    ///
    /// - Parameters:
    ///   - name: The last segment of the path; must match `([a-zA-Z]|_[a-zA-Z0-9])[a-zA-Z0-9_]*`.
    ///   - options: What differs from the defaults.
    ///   - body: The code: a closure, or a method of the service (`Signup.onboard`) when it needs collaborators.
    public static func workflow<Input: Codable & Sendable, Output: Codable & Sendable>(
        _ name: String, options: HandlerOptions = HandlerOptions(),
        _ body: @escaping @Sendable @concurrent (WorkflowContext, Input) async throws -> Output
    ) -> Handler<Self, Input, Output> {
        Handler(name: name, options: options, kind: .workflowRun, inputCodec: .automatic(), outputCodec: .automatic()) {
            _, operations, input in try await body(WorkflowContext(operations), input)
        }
    }

    /// As above, with input, without answer.
    public static func workflow<Input: Codable & Sendable>(
        _ name: String, options: HandlerOptions = HandlerOptions(),
        _ body: @escaping @Sendable @concurrent (WorkflowContext, Input) async throws -> Void
    ) -> Handler<Self, Input, Void> {
        Handler(name: name, options: options, kind: .workflowRun, inputCodec: .automatic(), outputCodec: .nothing()) {
            _, operations, input in try await body(WorkflowContext(operations), input)
        }
    }

    /// As above, without input, with answer.
    public static func workflow<Output: Codable & Sendable>(
        _ name: String, options: HandlerOptions = HandlerOptions(), body undeclared: UndeclaredInput = .anyBody,
        _ body: @escaping @Sendable @concurrent (WorkflowContext) async throws -> Output
    ) -> Handler<Self, Void, Output> {
        Handler(
            name: name, options: options, kind: .workflowRun, inputCodec: .nothing(undeclared),
            outputCodec: .automatic()
        ) {
            _, operations, _ in try await body(WorkflowContext(operations))
        }
    }

    /// As above, without input and answer.
    public static func workflow(
        _ name: String, options: HandlerOptions = HandlerOptions(), body undeclared: UndeclaredInput = .anyBody,
        _ body: @escaping @Sendable @concurrent (WorkflowContext) async throws -> Void
    ) -> Handler<Self, Void, Void> {
        Handler(
            name: name, options: options, kind: .workflowRun, inputCodec: .nothing(undeclared), outputCodec: .nothing()
        ) {
            _, operations, _ in try await body(WorkflowContext(operations))
        }
    }

    /// As above, with input and answer, by a method of the service.
    public static func workflow<Input: Codable & Sendable, Output: Codable & Sendable>(
        _ name: String, options: HandlerOptions = HandlerOptions(),
        _ body: @escaping @Sendable (Self)
            -> @Sendable @concurrent (WorkflowContext, Input) async throws -> Output
    ) -> Handler<Self, Input, Output> {
        Handler(name: name, options: options, kind: .workflowRun, inputCodec: .automatic(), outputCodec: .automatic()) {
            owner, operations, input in try await body(owner)(WorkflowContext(operations), input)
        }
    }

    /// As above, with input, without answer, by a method of the service.
    public static func workflow<Input: Codable & Sendable>(
        _ name: String, options: HandlerOptions = HandlerOptions(),
        _ body: @escaping @Sendable (Self)
            -> @Sendable @concurrent (WorkflowContext, Input) async throws -> Void
    ) -> Handler<Self, Input, Void> {
        Handler(name: name, options: options, kind: .workflowRun, inputCodec: .automatic(), outputCodec: .nothing()) {
            owner, operations, input in try await body(owner)(WorkflowContext(operations), input)
        }
    }

    /// As above, without input, with answer, by a method of the service.
    public static func workflow<Output: Codable & Sendable>(
        _ name: String, options: HandlerOptions = HandlerOptions(), body undeclared: UndeclaredInput = .anyBody,
        _ body: @escaping @Sendable (Self)
            -> @Sendable @concurrent (WorkflowContext) async throws -> Output
    ) -> Handler<Self, Void, Output> {
        Handler(
            name: name, options: options, kind: .workflowRun, inputCodec: .nothing(undeclared),
            outputCodec: .automatic()
        ) {
            owner, operations, _ in try await body(owner)(WorkflowContext(operations))
        }
    }

    /// As above, without input and answer, by a method of the service.
    public static func workflow(
        _ name: String, options: HandlerOptions = HandlerOptions(), body undeclared: UndeclaredInput = .anyBody,
        _ body: @escaping @Sendable (Self)
            -> @Sendable @concurrent (WorkflowContext) async throws -> Void
    ) -> Handler<Self, Void, Void> {
        Handler(
            name: name, options: options, kind: .workflowRun, inputCodec: .nothing(undeclared), outputCodec: .nothing()
        ) {
            owner, operations, _ in try await body(owner)(WorkflowContext(operations))
        }
    }
}
