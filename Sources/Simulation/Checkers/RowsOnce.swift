import DurableModel

/// A transactional step and its journal entry are committed together, once, after everything that leads to it.
package struct RowsOnce: Checker {
    package static let promise = "a transactional step happens exactly once"

    package init() {}

    package mutating func before(_ event: TraceEvent, _ history: History, _ complain: (String) -> Void) {
        switch event {
        case .transacted(let step):
            let name = "step \(step.entry) of \(step.serial.rawValue)"
            guard let entry = history.durable.journal[step.serial]?[step.entry] else {
                return complain("\(name) is executed before its journal entry is on disk")
            }
            if entry.completion != nil { complain("\(name) is executed although it has a result") }
            for row in step.rows where history.durable.rows[row] != nil { complain("row \(row) is there twice") }
        case .decided(let step):
            for case .updateEntry(let serial, let index, let entry) in step.turn.mutations {
                guard case .transaction = entry.command, case .outcome(.success) = entry.completion else { continue }
                if history.truth.journal[serial]?[index]?.completion == nil {
                    complain("entry \(index) of \(serial.rawValue) has a result without its rows")
                }
            }
        case .ended(let ending):
            let ledger = "books_ledger INSERT "
            let entered = history.durable.rows.keys.filter { $0.hasPrefix(ledger) }.map { $0.dropFirst(ledger.count) }
            let found = ending.entries.map { $0[...] }
            if found != entered.sorted() {
                complain("\(entered.count) rows were entered, the table has \(found.count), or others")
            }
        default: break
        }
    }
}
