public import HTTPTypes

/// What every handler can do durably. Handlers get a subclass: `ServiceContext`, `ObjectContext`,
/// `SharedObjectContext`, `WorkflowContext` or `SharedWorkflowContext`.
///
/// Each operation is journaled: when a handler is replayed, it gets what it got the first time. So a handler must ask
/// for the same things in the same order given the same answers: no clock, randomness, network or other state except
/// through its context; everything else belongs into `run`.
///
/// A context belongs to one attempt of one invocation. It is not `Sendable`: the compiler refuses it in `Task`, in
/// `async let` and in the closure of `run`. Let errors that you do not know pass, `AttemptEnded` above all.
public class HandlerContext {
    let operations: any DurableOperations
    /// Random numbers that are the same in every attempt.
    public final private(set) lazy var random = DurableRandom(seed: operations.invocation.randomSeed)

    /// Answers of `patched`: one name means one thing in one attempt.
    var patches: [String: Bool] = [:]

    init(_ operations: any DurableOperations) {
        self.operations = operations
    }

    /// The public id, `inv_1…`, the same for every attempt.
    public final var invocationID: String { operations.invocation.id }

    /// The caller's `idempotency-key`, if it sent one.
    public final var idempotencyKey: String? { operations.invocation.idempotencyKey }

    /// The caller's request headers, without credentials.
    public final var headers: HTTPFields {
        var fields = HTTPFields()
        for (name, value) in operations.invocation.headers {
            guard let name = HTTPField.Name(name) else { continue }
            fields.append(HTTPField(name: name, value: value))
        }
        return fields
    }

    /// The log of this invocation; see there for when its lines appear.
    public final var logger: HandlerLogger { HandlerLogger(operations: operations) }

    /// A version 4 UUID, the same in every attempt; canonical form, lower case.
    public final func uuid() -> String { random.uuid() }

    /// A key that belongs to one step of this invocation: the same in every attempt, different for every other
    /// invocation and step. Made for the `idempotency-key` of what a `run` calls. `step` should be a plain word, so
    /// that the key can stand in a path.
    public final func derivedKey(_ step: String) -> String {
        // The public id of a purged invocation with an idempotency key comes back; its seed does not.
        let seed = String(decoding: hexadecimal(operations.invocation.randomSeed), as: UTF8.self)
        return "\(operations.invocation.id)-\(step)-\(seed)"
    }

    /// The time at which this line was first executed.
    public nonisolated(nonsending) final func now() async throws -> Timestamp {
        Timestamp(milliseconds: try await operations.nowMs())
    }

    /// Waits; the wait survives restarts and never starts anew. Precision is a millisecond, rounded up.
    public nonisolated(nonsending) final func sleep(_ duration: Duration) async throws {
        try await timer(duration).value()
    }

    /// A sleep to be waited for later.
    public nonisolated(nonsending) final func timer(_ duration: Duration) async throws -> DurableFuture<Void> {
        let handle = try await operations.startSleep(durationMs: max(0, duration.wholeMilliseconds))
        return DurableFuture(operations: operations, handle: handle, decode: { _ in () }, source: "timer")
    }

    /// Waits until a moment that is known already: a deadline that was given out, say. Not at all when that has passed.
    public nonisolated(nonsending) final func sleep(until time: Timestamp) async throws {
        try await timer(until: time).value()
    }

    /// As `sleep(until:)`, to be waited for later. Unlike a duration that is computed from `now`, it is exact even when
    /// the server dies between the two.
    public nonisolated(nonsending) final func timer(until time: Timestamp) async throws -> DurableFuture<Void> {
        let handle = try await operations.startSleep(untilMs: time.milliseconds)
        return DurableFuture(operations: operations, handle: handle, decode: { _ in () }, source: "timer")
    }
}

@available(*, unavailable) extension HandlerContext: Sendable {}
