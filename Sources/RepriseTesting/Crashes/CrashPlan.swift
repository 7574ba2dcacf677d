import DurableModel
import Synchronization

/// When a `TestRuntime` is to lose its process. `CrashSearch` makes plans; hand the one that a scenario gets to the
/// test runtime that it creates.
public final class CrashPlan: Sendable, CustomStringConvertible {
    enum Moment: String, Sendable, CaseIterable {
        /// Nothing of it is on disk.
        case before
        /// It is on disk, and nothing of it has been said or done.
        case after
    }

    private struct State {
        var commits = 0
        /// What was being recorded when the process was lost.
        var position: String?
        var runtime: TestRuntime?
    }

    private let target: (commit: Int, moment: Moment)?
    private let state = Mutex(State())

    init(_ target: (commit: Int, moment: Moment)? = nil) { self.target = target }

    /// Commits so far. Each turn of the engine is one.
    var commits: Int { state.withLock(\.commits) }
    var hasCrashed: Bool { state.withLock { $0.position != nil } }
    var runtime: TestRuntime? { state.withLock(\.runtime) }

    /// Keeps the runtime, so that it can be judged when the scenario has let it go.
    func attach(_ runtime: TestRuntime) { state.withLock { $0.runtime = runtime } }

    func detach() { state.withLock { $0.runtime = nil } }

    /// Whether the process is lost with this commit.
    func moment(ofCommit number: Int, _ summary: () -> String) -> Moment? {
        let summary = target?.commit == number ? summary() : nil
        return state.withLock { state in
            state.commits = number
            guard let summary, state.position == nil, let moment = target?.moment else { return nil }
            state.position = summary
            return moment
        }
    }

    /// Where the process was lost, in words.
    public var description: String {
        guard let target else { return "no crash" }
        let position = state.withLock(\.position) ?? "commit \(target.commit), which has not come"
        return target.moment == .before ? "a crash that lost \(position)" : "a crash right after \(position)"
    }
}
