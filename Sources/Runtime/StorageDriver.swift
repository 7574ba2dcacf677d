package import DurableModel
import EngineCore

/// How the runtime reaches the disk. The server does it on threads, the simulator when the seed says so.
package protocol StorageDriver: Sendable {
    /// Makes the batch durable and calls `done` once it is. One commit is under way at a time. There is no failure:
    /// a driver retries what can be retried and ends the process otherwise.
    func commit(_ batch: Batch, done: @escaping @Sendable () -> Void)
    /// Reads in a transaction begun after this call.
    func load(_ keys: [LoadKey], done: @escaping @Sendable ([LoadedValue]) -> Void)
}

/// An optional capability of a storage driver: steps of services on tables of their own.
package protocol TransactionalDriver: StorageDriver {
    /// Executes the step between two commits and calls `done` once it is durable, or has failed.
    func transact(_ step: StoredStep, done: @escaping @Sendable (StepVerdict) -> Void)
}

/// An external effect and the turn that decided it.
struct OwedEffect: Sendable {
    let turn: Int64
    let effect: PreparedEffect
}

/// An external effect with what performing it takes.
enum PreparedEffect: Sendable {
    case answer(ClientReply, to: Caller)
    case run(RunID, StepWork)
    case start(AttemptStart)
    case log(InvocationID, LoggedLine)
    case publish(Publication)
    case event(EngineEvent)
}

package typealias ReplyCallback = @Sendable (ClientReply) -> Void
/// What the handler wants done outside of the engine.
enum StepWork: Sendable {
    case closure(RunClosure)
    case transaction(StepText)
}

package typealias RunClosure = @Sendable () async throws -> [UInt8]
