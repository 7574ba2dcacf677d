import DurableModel
import Foundation
import GRDB

@testable import SQLiteStore

/// A directory that goes away with the value.
final class TemporaryDirectory: Sendable {
    let path: String

    /// `isInMemory`, where the system has a file system for it, is for tests that commit often and prove nothing about
    /// disks.
    init(isInMemory: Bool = false) {
        let memory = "/dev/shm"
        let isPossible = isInMemory && FileManager.default.isWritableFile(atPath: memory)
        let parent = isPossible ? memory : FileManager.default.temporaryDirectory.path
        path = parent + "/reprise-store-\(UUID().uuidString)"
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var database: String { path + "/" + Schema.databaseName }

    func open(_ change: (inout StoreOptions) -> Void = { _ in }) throws -> SQLiteStore {
        var options = StoreOptions()
        options.ballastBytes = 0
        change(&options)
        return try SQLiteStore(directory: path, options: options)
    }

    /// Closes nothing in an orderly way: what a crash would leave behind, in another directory.
    func copyOfFiles() throws -> TemporaryDirectory {
        let copy = TemporaryDirectory()
        try FileManager.default.createDirectory(atPath: copy.path, withIntermediateDirectories: true)
        try run("/bin/cp", [database, database + "-wal", copy.path])
        return copy
    }

    /// What `reprise verify` would say.
    func problems() throws -> [String] {
        var found: [String] = []
        _ = try Verification.run(on: path) { found.append($0) }
        return found
    }

    /// Another program at the database, such as a person's SQLite shell.
    func otherConnection() throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        return try DatabaseQueue(path: database, configuration: configuration)
    }
}

/// Runs a program to its end and returns what it printed; throws when it failed.
@discardableResult
func run(_ program: String, _ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw StoreError(.fatal, "\(program): \(text)") }
    return text
}

func batch(_ mutations: [Mutation]) -> Batch {
    var batch = Batch()
    for mutation in mutations { batch.append(mutation) }
    return batch
}

/// The code and text of what was thrown, nil when nothing was.
func failure(of body: () throws -> Void) -> StoreError? {
    do {
        try body()
        return nil
    } catch {
        return error as? StoreError ?? StoreError(.fatal, "not a store error: \(error)")
    }
}
