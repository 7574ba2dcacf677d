package import DurableModel
import Runtime
import Synchronization

/// A disk that does what it is told when the world says so.
package final class SimulatedStorage: StorageDriver {
    private struct State {
        var disk: DiskImage
        var commit: (batch: Batch, done: @Sendable () -> Void)?
        var loads: [(keys: [LoadKey], done: @Sendable ([LoadedValue]) -> Void)] = []
    }

    private let state: Mutex<State>

    package init(disk: DiskImage) { state = Mutex(State(disk: disk)) }

    package var disk: DiskImage { state.withLock { $0.disk } }
    package var hasCommit: Bool { state.withLock { $0.commit != nil } }
    package var loadCount: Int { state.withLock { $0.loads.count } }

    package func commit(_ batch: Batch, done: @escaping @Sendable () -> Void) {
        state.withLock { state in
            precondition(state.commit == nil, "a commit began while another was under way")
            state.commit = (batch, done)
        }
    }

    package func load(_ keys: [LoadKey], done: @escaping @Sendable ([LoadedValue]) -> Void) {
        state.withLock { $0.loads.append((keys, done)) }
    }

    /// The commit under way reaches the disk; `done` is what follows if the process lives to see it.
    package func writeCommit() -> (@Sendable () -> Void)? {
        state.withLock { state in
            guard let commit = state.commit else { return nil }
            state.commit = nil
            state.disk.apply(commit.batch)
            return commit.done
        }
    }

    /// Answers one load from what is on disk now.
    package func answerLoad(at index: Int) {
        let (values, done) = state.withLock { state in
            let load = state.loads.remove(at: index)
            return (load.keys.map(state.disk.load), load.done)
        }
        done(values)
    }
}
