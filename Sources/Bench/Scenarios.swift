import ArgumentParser
import Foundation
import Measuring

/// What is measured, in this order.
enum Scenario: String, CaseIterable, ExpressibleByArgument {
    case hello, dbos, loads, budget, rows, keys, lane, waiters, steps, starts
}

struct Scenarios {
    let folder: URL
    let isQuick: Bool
    let pending: Int
    let rivals: Rivals

    private var rounds: Int { isQuick ? 3 : 7 }
    private var seconds: Double { isQuick ? 1 : 2.5 }

    func run(_ scenario: Scenario, _ report: inout Report) async throws {
        switch scenario {
        case .hello:
            guard let hello = rivals.hello else { return }
            try await HelloDuel(folder: folder, hello: hello, rounds: rounds, seconds: seconds).run(&report)
        case .dbos:
            guard !rivals.dbos.isEmpty else { return }
            try await WorkflowDuel(folder: folder, dbos: rivals.dbos, rounds: 3, seconds: 2 * seconds).run(&report)
        case .loads: try await Loads(folder: folder, rounds: isQuick ? 3 : 5, seconds: seconds).run(&report)
        case .budget: try await StepBudget(folder: folder, rounds: 2 * rounds + 1, seconds: seconds / 2).run(&report)
        case .rows: try rows(&report)
        case .keys: try await Keys(folder: folder, rounds: rounds, seconds: seconds).run(&report)
        case .lane:
            try await DeepLane(folder: folder, rounds: 3, depth: isQuick ? 10_000 : 100_000).run(&report)
        case .waiters: try await Waiters(folder: folder, rounds: rounds).run(&report)
        case .steps: try await StepCosts(folder: folder, rounds: rounds).run(&report)
        case .starts: try await Starts(folder: folder, pending: pending).run(&report)
        }
    }

    private func rows(_ report: inout Report) throws {
        report.heading("Rows that the store commits, against raw SQLite with the same rows per commit")
        var (store, raw) = (Series(), Series())
        for _ in 0..<rounds {
            let rows = try JournalRows(in: folder, commits: isQuick ? 100 : 400)
            store.append(rows.storePerSecond)
            raw.append(rows.rawPerSecond)
        }
        report.add(
            Figure(
                "rows committed", store, unit: "/s", against: .init("raw SQLite", raw),
                level: .atLeast(0.4, goal: 0.6)))
    }
}
