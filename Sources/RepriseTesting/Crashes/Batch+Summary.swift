import DurableModel
import EngineCore
import MemoryStore

extension Batch {
    /// What is recorded, for people: the journal entries that are written, and the ends and beginnings of invocations.
    func summary(before disk: DiskImage) -> String {
        var parts: [String] = []
        var targets: [InvocationSerial: InvocationTarget] = [:]
        for mutation in changes {
            if case .insertInvocation(let serial, let record) = mutation { targets[serial] = record.acceptance.target }
        }
        func path(_ serial: InvocationSerial) -> String {
            (targets[serial] ?? disk.invocations[serial]?.acceptance.target)?.path ?? "an invocation"
        }
        for mutation in changes {
            switch mutation {
            case .insertInvocation(let serial, _): parts.append("the acceptance of \(path(serial))")
            case .insertEntry(let serial, let index, let entry):
                parts.append("entry \(index) of \(path(serial)) (\(entry.command.summary))")
            case .updateEntry(let serial, let index, let entry):
                parts.append("the result of entry \(index) of \(path(serial)) (\(entry.command.summary))")
            case .updateInvocation(let serial, let progress) where progress.status == .completed:
                parts.append("the end of \(path(serial))")
            default: break
            }
        }
        return parts.isEmpty ? "a change that no journal has" : parts.joined(separator: " and ")
    }
}
