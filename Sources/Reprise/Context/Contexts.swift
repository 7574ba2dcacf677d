/// The context of a plain service's handlers.
public final class ServiceContext: HandlerContext {}

/// The context of an object's shared handlers: reads state, runs beside the exclusive handler.
public class SharedObjectContext: HandlerContext {
    /// The object's key.
    public final var key: String { operations.invocation.address.key ?? "" }

    /// The stored value, nil when there is none.
    ///
    /// - Throws: `StoredValueError` when what is stored is no `Value`.
    public nonisolated(nonsending) final func get<Value>(_ stateKey: StateKey<Value>) async throws -> Value? {
        guard let bytes = try await operations.getState(stateKey.name) else { return nil }
        do {
            return try stateKey.codec.decode(bytes)
        } catch {
            throw StoredValueError(source: "state '\(stateKey.name)'", reason: decodingProblem(error))
        }
    }

    /// The names of everything stored, sorted.
    public nonisolated(nonsending) final func stateKeys() async throws -> [String] {
        try await operations.stateNames().sorted()
    }
}

/// The context of an object's exclusive handlers: nobody else changes this object's state meanwhile.
public final class ObjectContext: SharedObjectContext {
    /// Stores a value. It stays even if the handler fails later.
    public nonisolated(nonsending) func set<Value>(_ stateKey: StateKey<Value>, _ value: Value) async throws {
        try await operations.setState(stateKey.name, try stateKey.codec.encode(value))
    }

    /// Removes one value.
    public nonisolated(nonsending) func clear<Value>(_ stateKey: StateKey<Value>) async throws {
        try await operations.clearState(stateKey.name)
    }

    /// Removes everything stored under this key.
    public nonisolated(nonsending) func clearAll() async throws {
        try await operations.clearAllState()
    }
}
