import DurableModel
import EngineCore
import MemoryStore
public import Reprise
import Runtime

extension TestRuntime {
    /// Executes the handler of an invocation that has ended once more, on its journal alone: it must ask for the same,
    /// and end the same. Nothing is done on the way; what is recorded stays as it is.
    ///
    /// - Parameter services: Other code, such as the next version; nil is what was given at first.
    /// - Throws: `ReplayFailure` when it does something else; `UnknownInvocation`; `RegistrationError`;
    ///   `UnusableTables`; `TestStalled`.
    public func replay(_ invocationID: String, with services: [any ServiceDefinition]? = nil) async throws {
        let registered = try services.map { try ServiceRegistration($0, keepsTables: true).services } ?? self.services
        guard let id = try? InvocationID(parsing: invocationID),
            let recorded = await world.look({ $0.disk.endedInvocation(id) })
        else { throw UnknownInvocation(id: invocationID) }
        var settings = world.settings
        settings.crashes = nil
        let replayed: TestWorld
        do throws(StoreError) {
            replayed = try TestWorld(registered, nowMs: now.milliseconds, seed: 0, settings, recorded.interrupted)
        } catch {
            throw UnusableTables(description: error.description)
        }
        defer { replayed.close() }
        try await replayed.settle()
        let found = await replayed.look { $0.disk.recordedInvocation(recorded.serial) }
        let difference = found.flatMap { recorded.difference(to: $0, replayed.watch.differences) }
        guard let difference else { return }
        throw ReplayFailure(handler: recorded.record.acceptance.target.path, reason: difference)
    }
}

/// The replay of an invocation has not done what its journal says.
public struct ReplayFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// Such as `Service/key/handler`.
    public let handler: String
    /// What differs.
    public let reason: String

    public var description: String { "a replay of \(handler) makes a difference: \(reason)" }
}

/// An invocation with everything that its end has left of it.
private struct EndedInvocation: Sendable {
    let serial: InvocationSerial
    let record: InvocationRecord
    let journal: [JournalEntry]

    /// A disk on which nothing but its end is missing.
    var interrupted: DiskImage {
        var acceptance = record.acceptance
        acceptance.parent = nil
        var progress = Progress(status: .running)
        progress.journalLength = journal.count
        progress.cancelRanks = record.progress.cancelRanks
        progress.cancelsDelivered = record.progress.cancelsDelivered
        var disk = DiskImage()
        disk.apply(.insertInvocation(serial, InvocationRecord(acceptance: acceptance, progress: progress)))
        for (index, entry) in journal.enumerated() { disk.apply(.insertEntry(serial, index, entry)) }
        disk.apply(.putMeta(.serialCeiling, serial.rawValue + 1))
        return disk
    }

    func difference(to replayed: RecordedInvocation, _ differences: [ReplayDifference]) -> String? {
        if let first = differences.first { return first.description }
        if replayed.status == .paused { return replayed.lastFailure }
        if replayed.journal.count > journal.count {
            let more = RecordedInvocation(record, journal).table
            let operation = replayed.journal[journal.count]
            let asked = "\(operation.kind.rawValue) \"\(operation.name ?? "")\""
            return "the handler asked for \(asked) beyond the end of\n\(more)"
        }
        guard let result = replayed.result else {
            return "it has not ended, but is \(replayed.status.rawValue): \(replayed.lastFailure ?? replayed.table)"
        }
        let expected = record.progress.outcome.map(OperationResult.init)
        return result == expected ? nil : "it ended with \(result.words) instead of \(expected?.words ?? "nothing")"
    }
}

extension DiskImage {
    fileprivate func endedInvocation(_ id: InvocationID) -> EndedInvocation? {
        guard let serial = serial(of: id), let record = invocations[serial], record.progress.status == .completed
        else { return nil }
        return EndedInvocation(
            serial: serial, record: record, journal: record.progress.packedJournal ?? journalEntries(of: serial))
    }
}
