import DurableModel
import Reprise

/// Loses the process at every position of every journal of a scenario, and finds the first difference that it makes.
///
///     try await CrashSearch.everyPosition { plan in
///         let runtime = try TestRuntime([Checkout(gateway: gateway)], crashes: plan)
///         return try await runtime.client.service(Checkout.self).call(Checkout.process, order)
///     }
///
/// The scenario is executed once undisturbed. Then it is executed again for each thing that was recorded, once with a
/// crash that loses it and once with a crash right after; the next process goes on with what is on disk, and whoever
/// was waiting for an answer goes on to wait for it. Each time the scenario must return what it returned at first, no
/// invocation may be paused, and no replay may pass anything else to its operations than its journal has.
public enum CrashSearch {
    /// What was tried.
    public struct Summary: Sendable, CustomStringConvertible {
        /// Things that were recorded in the undisturbed execution.
        public let positions: Int
        /// Executions with a crash.
        public let crashes: Int

        public var description: String { "\(crashes) crashes around \(positions) positions" }
    }

    /// - Parameter scenario: Creates everything that it uses anew, a `TestRuntime` with the given plan among it. What
    ///   it returns must not depend on anything that differs from run to run.
    /// - Throws: `CrashDifference`; what the scenario throws when nothing disturbs it.
    @discardableResult
    public nonisolated(nonsending) static func everyPosition<Result: Equatable>(
        _ scenario: (CrashPlan) async throws -> Result
    ) async throws -> Summary {
        let undisturbed = CrashPlan()
        defer { undisturbed.detach() }
        let expected = try await scenario(undisturbed)
        try await judge(undisturbed)
        var crashes = 0
        for commit in 1...max(1, undisturbed.commits) {
            for moment in CrashPlan.Moment.allCases {
                let plan = CrashPlan((commit, moment))
                defer { plan.detach() }
                let result: Result
                do {
                    result = try await scenario(plan)
                } catch {
                    throw CrashDifference(position: plan.description, reason: "the scenario threw \(error)")
                }
                guard plan.hasCrashed else { continue }
                crashes += 1
                try await judge(plan)
                guard result == expected else {
                    throw CrashDifference(
                        position: plan.description, reason: "the scenario returned\n\(result)\ninstead of\n\(expected)")
                }
            }
        }
        return Summary(positions: undisturbed.commits, crashes: crashes)
    }

    private nonisolated(nonsending) static func judge(_ plan: CrashPlan) async throws {
        guard let world = plan.runtime?.world else { throw UnusedPlan() }
        try await world.settle()
        if let difference = world.watch.differences.first {
            throw CrashDifference(position: plan.description, reason: difference.description)
        }
        let paused = await world.look { world in
            world.disk.recordedInvocations.first { $0.status == .paused }
        }
        guard let paused else { return }
        throw CrashDifference(
            position: plan.description,
            reason: "\(paused.address.path) is paused: \(paused.lastFailure ?? "")\n\(paused.table)")
    }
}

/// A crash at some position has made a difference.
public struct CrashDifference: Error, Sendable, CustomStringConvertible {
    /// What was being recorded when the process was lost.
    public let position: String
    /// What differs.
    public let reason: String

    public var description: String { "\(position) makes a difference: \(reason)" }
}

/// The scenario of a `CrashSearch` has created no test runtime with the plan that it got.
public struct UnusedPlan: Error, Sendable, CustomStringConvertible {
    public var description: String { "the scenario of a crash search must hand its plan to a TestRuntime" }
}
