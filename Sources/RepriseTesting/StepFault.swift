import Reprise
import Runtime
import Synchronization

/// What goes wrong with a step, for `TestRuntime.inject`.
public struct StepFault: Sendable {
    enum Effect: Sendable {
        case error(InjectedFailure)
        case terminal(TerminalError)
        /// The closure is executed, and its result does not come back.
        case lostResult(InjectedFailure)
    }

    let effect: Effect
    /// nil is for ever.
    let times: Int?

    /// The closure is not executed, and fails with an error that is retried. `times` nil is always.
    public static func error(_ message: String = "injected", times: Int? = 1) -> StepFault {
        StepFault(effect: .error(InjectedFailure(message)), times: times)
    }

    /// The closure is not executed, and fails for good.
    public static func terminal(_ message: String = "injected", code: Int = 500) -> StepFault {
        StepFault(effect: .terminal(TerminalError(message, code: code)), times: 1)
    }

    /// The closure is executed, but its result gets lost: it fails with an error that is retried, as when the answer of
    /// a gateway does not arrive. `times` nil is always.
    public static func lostResult(_ message: String = "the result got lost", times: Int? = 1) -> StepFault {
        StepFault(effect: .lostResult(InjectedFailure(message)), times: times)
    }
}

/// The error of an injected failure; it is retried as any error is.
public struct InjectedFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// As it was injected.
    public let message: String

    public init(_ message: String) { self.message = message }

    public var description: String { message }
}

/// Faults that are to come, and how often each step was executed.
final class FaultPlan: Sendable {
    private struct Planned {
        let step: String
        /// nil is any.
        let service: String?
        let effect: StepFault.Effect
        var remaining: Int?
    }

    private struct State {
        var planned: [Planned] = []
        var executions: [String: Int] = [:]
        var forbidsAll = false
    }

    private let state = Mutex(State())

    func add(_ fault: StepFault, at step: String, in service: String?) {
        state.withLock {
            $0.planned.append(Planned(step: step, service: service, effect: fault.effect, remaining: fault.times))
        }
    }

    /// From now on no step is executed.
    func forbidAll() { state.withLock { $0.forbidsAll = true } }

    func clear() { state.withLock { $0.planned.removeAll() } }

    func executions(of step: String) -> Int { state.withLock { $0.executions[step] ?? 0 } }

    func wrapped(_ closure: @escaping RunClosure, of step: String, in address: HandlerAddress) -> RunClosure {
        { [self] in
            switch takeNext(step, address.service) {
            case .error(let error): throw error
            case .terminal(let error): throw error
            case .lostResult(let error):
                _ = try await closure()
                throw error
            case nil: return try await closure()
            }
        }
    }

    /// Why a transactional step fails; nil when it does not.
    func takeReason(toFail step: String, in service: String) -> String? {
        switch takeNext(step, service) {
        case .error(let error), .lostResult(let error): error.message
        case .terminal(let error): error.message
        case nil: nil
        }
    }

    /// The step is about to be executed: what happens to it. The first fault that fits is used up first.
    private func takeNext(_ step: String, _ service: String) -> StepFault.Effect? {
        state.withLock { state in
            if state.forbidsAll { return .error(InjectedFailure("a replay executes no steps")) }
            let index = state.planned.firstIndex {
                $0.step == step && ($0.service == nil || $0.service == service) && $0.remaining != 0
            }
            var effect: StepFault.Effect?
            if let index {
                effect = state.planned[index].effect
                state.planned[index].remaining = state.planned[index].remaining.map { $0 - 1 }
            }
            switch effect {
            case nil, .lostResult: state.executions[step, default: 0] += 1
            case .error, .terminal: break
            }
            return effect
        }
    }
}
