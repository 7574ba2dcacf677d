import DurableModel
import EngineCore

// From what turns decided to the disk.
extension Runtime {
    /// Hands in what was gathered. It goes to the disk at once if nothing else does, else with the next commit.
    func flush() {
        armTimer()
        handIn()
        if commits.begin() { commit() }
        endIfStopped()
    }

    /// On any thread, by whoever has begun: until nothing waits. Groups without rows need no disk.
    private func commit() {
        while var group = commits.next() {
            if group.batch.isEmpty {
                handOver(group.effects)
                continue
            }
            parts.observer?.commitBegins(upTo: group.lastTurn)
            if effectsComeEarly {
                handOver(group.effects)
                group.effects = []
            }
            let (effects, lastTurn, turns, rows) = (group.effects, group.lastTurn, group.turns, group.batch.rowCount)
            return parts.storage.commit(group.batch) { [self] in
                handOver(effects)
                commit()
                // Not before: whoever waits for the last commit asks whether it was the last.
                parts.executor.submit { [self] in committed(upTo: lastTurn, turns: turns, rows: rows) }
            }
        }
    }

    private func committed(upTo turn: Int64, turns: Int, rows: Int) {
        totals.commits += 1
        totals.committedTurns += turns
        totals.committedRows += rows
        step(.durable(turn: turn))
        endIfStopped()
    }

    private func endIfStopped() {
        guard isStopped, gathering.turns == 0, commits.isIdle, let done = whenStopped.take() else { return }
        done()
    }

    func gather(_ turn: Turn) {
        if gathering.batch.rowCount >= commits.rowsMax { handIn() }
        gathering.take(turn) { prepare($0) }
    }

    private func handIn() {
        guard gathering.turns > 0 else { return }
        let rowsExpected = min(gathering.batch.rowCount, 256)
        commits.add(gathering)
        gathering = CommitGroup()
        gathering.batch = Batch(rowsExpected: rowsExpected)
    }

    private func prepare(_ effect: ExternalEffect) -> PreparedEffect? {
        switch effect {
        case .answer(let token, let reply):
            return replies.removeValue(forKey: token).map { .answer(reply, to: $0) }
        case .startRun(let run):
            guard let closure = closures[run.serial]?[run.entry] ?? unnamedClosures[run.serial] else {
                preconditionFailure("the engine starts a run whose closure nobody has handed in")
            }
            closuresInFlight += 1
            return .run(run, closure)
        case .start(let start): return .start(start)
        case .log(let id, let line): return .log(id, line)
        case .publish(let publication): return .publish(publication)
        }
    }
}
