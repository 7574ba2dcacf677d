import ArgumentParser
import Dispatch
import DurableModel
import Foundation
import SQLiteStore

/// The store alone, to be killed: says what it has recovered, then commits and says so, one number a line.
struct StoreWorkoutCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store-workout", abstract: "Commits until it is killed.")

    @Argument var directory: String
    @Option(help: "Stop after so many commits, as if killed.") var commits: Int64?

    func run() throws {
        var options = StoreOptions()
        options.ballastBytes = 0
        options.walRestartBytes = 256 << 10
        do {
            let store = try SQLiteStore(directory: directory, options: options)
            let first = try StoreWorkout.last(in: store)
            if let flaw = try StoreWorkout.flaw(of: store, after: first) {
                say("wrong: \(flaw)")
                throw ExitCode(3)
            }
            say("recovered \(first)")
            if commits == nil { checkpoint(store) }
            for number in (first + 1)...(first + (commits ?? .max / 2)) {
                try store.commit(StoreWorkout.batch(number))
                say("\(number)")
            }
        } catch let error as StoreError {
            say("refused: \(error)")
            throw ExitCode(2)
        }
        _exit(0)
    }

    private func say(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        _ = bytes.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
    }

    /// Beside the commits, as in the server, but without a rest.
    private func checkpoint(_ store: SQLiteStore) {
        DispatchQueue.global().async {
            while true {
                try? store.checkpoint()
                usleep(2_000)
            }
        }
    }
}
