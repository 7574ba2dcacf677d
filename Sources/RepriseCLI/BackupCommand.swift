import ArgumentParser
import Dispatch
import DurableModel
import Foundation
import SQLiteStore

struct BackupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copies the database of a data directory, while its server is running or not.",
        discussion: """
            The copy holds everything that was answered before the backup began. It is synced before it gets its name;
            an existing file is never overwritten. To restore it: copy it into an empty directory under the name
            reprise.db, and start a server there.
            """)

    @Argument(help: "The data directory.")
    var directory: String
    @Argument(help: "The file to create.")
    var file: String

    func run() throws {
        let backup = Backup(of: directory, to: file)
        let signals = [SIGINT, SIGTERM, SIGHUP].map { Self.clean(backup.partial, at: $0) }
        defer { signals.forEach { $0.cancel() } }
        do {
            let figures = try backup.run()
            print("\(file): \(figures.bytes) bytes, up to commit \(figures.lastCommit)")
        } catch {
            FileHandle.standardError.write(Data("reprise: \(error)\n".utf8))
            throw ExitCode(1)
        }
    }

    /// Who interrupts a backup does not want to find half of it.
    private static func clean(_ partial: String, at number: Int32) -> any DispatchSourceSignal {
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
        source.setEventHandler {
            unlink(partial)
            _exit(128 + number)
        }
        source.resume()
        return source
    }
}
