import DurableModel
import Foundation
import Testing

@testable import SQLiteStore

/// A killed server's directory whose write-ahead log was damaged: what opens is a gap-free prefix of whole commits, or
/// nothing; never a mixture of what the database has taken over and what is left of the log.
@Suite struct LogDamageTests {
    /// The files that a kill leaves, and what each commit made of the contents.
    private struct Scene {
        var database = Data()
        /// The database as it was before the checkpoint that the kill may have met; nil when there was none under way.
        var databaseBefore: Data?
        var log = Data()
        var mark: Data?
        var models: [Int64: StoreModel] = [:]
        var lastCommit: Int64 = 0
    }

    private enum Ending: CaseIterable {
        case commits, checkpoint
        /// A checkpoint that cannot carry all over because somebody reads, and commits beside and after it.
        case heldCheckpoint
    }

    private static func scene(seed: UInt64, commits: Int, _ ending: Ending) throws -> Scene {
        let directory = TemporaryDirectory(isInMemory: true)
        let store = try directory.open()
        var work = RandomWork(seed: seed)
        var scene = Scene()
        // Before the first one, and after the opening, which has a number of its own.
        for number in 0...store.lastCommit { scene.models[number] = work.model }
        // One may make `state` whole, which has a number of its own too.
        func checkpoint() throws {
            try store.checkpoint()
            scene.models[store.lastCommit] = work.model
        }
        func commit(_ count: Int) throws {
            for _ in 0..<count {
                try store.commit(work.nextBatch())
                scene.models[store.lastCommit] = work.model
                // The log begins anew over its old contents when all of it was carried over.
                if work.dice.chance(8) { try checkpoint() }
            }
        }
        try commit(commits)
        switch ending {
        case .commits: break
        case .checkpoint:
            scene.databaseBefore = try directory.bytes(of: Schema.databaseName)
            try checkpoint()
        case .heldCheckpoint:
            try store.commit(work.nextBatch())
            scene.models[store.lastCommit] = work.model
            let other = try directory.otherConnection()
            try other.read { db in
                _ = try CommitNumber.read(db)
                for _ in 0..<3 {
                    try store.commit(work.nextBatch())
                    scene.models[store.lastCommit] = work.model
                }
                scene.databaseBefore = try directory.bytes(of: Schema.databaseName)
                try checkpoint()
                for _ in 0..<3 {
                    try store.commit(work.nextBatch())
                    scene.models[store.lastCommit] = work.model
                }
            }
        }
        scene.database = try directory.bytes(of: Schema.databaseName)
        scene.log = try directory.bytes(of: Schema.databaseName + "-wal")
        scene.mark = try? directory.bytes(of: CheckpointMark.name)
        scene.lastCommit = store.lastCommit
        return scene
    }

    private enum Outcome: Equatable {
        case prefix(Int64)
        case refused(String)
        /// Of contents: what no commit ever left.
        case mixture(String)
    }

    /// Opens what is left of a scene, and compares all that is there with the model of the commit that it claims.
    private static func open(_ scene: Scene, log: Data?) throws -> Outcome {
        let directory = TemporaryDirectory(isInMemory: true)
        try FileManager.default.createDirectory(atPath: directory.path, withIntermediateDirectories: true)
        try scene.database.write(to: directory.url(of: Schema.databaseName))
        try log?.write(to: directory.url(of: Schema.databaseName + "-wal"))
        try scene.mark?.write(to: directory.url(of: CheckpointMark.name))
        let store: SQLiteStore
        do throws(StoreError) {
            store = try SQLiteStore(directory: directory.path, options: .withoutBallast)
        } catch let refusal {
            let isClear = [.fatal, .unusable].contains(refusal.code) && refusal.description.contains(directory.path)
            return isClear ? .refused(refusal.description) : .mixture("refused unclearly: \(refusal)")
        }
        do {
            let last = store.recoveredCommit
            guard let model = scene.models[last], let all = scene.models[scene.lastCommit] else {
                return .mixture("opens at \(last)")
            }
            guard try store.recover() == model.recovered() else { return .mixture("another recovery at \(last)") }
            let serials = Set(model.invocations.keys).union(all.invocations.keys).map { LoadKey.invocation($0) }
            let objects = Set(model.objects).union(all.objects).map { LoadKey.object($0) }
            for key in serials + objects where try store.load([key]) != [model.load(key)] {
                return .mixture("another \(key) at \(last)")
            }
            try store.close()
            return .prefix(last)
        } catch {
            return .mixture("opened, but \(error)")
        }
    }

    /// What a checkpoint leaves that is killed after so many pages: it copies them in their order, and does not come
    /// to saying that it is done.
    private static func halfCopied(_ scene: Scene, pages: Int) -> Scene {
        guard var database = scene.databaseBefore else { return scene }
        if database.count < scene.database.count {
            database.append(Data(count: scene.database.count - database.count))
        }
        var left = pages
        for start in stride(from: 0, to: scene.database.count, by: 4096) where left > 0 {
            let page = start..<min(start + 4096, scene.database.count)
            if database[page] == scene.database[page] { continue }
            database.replaceSubrange(page, with: scene.database[page])
            left -= 1
        }
        var killed = scene
        killed.database = database
        killed.mark = scene.mark.map { $0.dropLast(2) + Data("0\n".utf8) }
        return killed
    }

    /// Cuts, flips and losses of the log of one scene, and what came of each.
    private static func damages(seed: UInt64, hasMark: Bool = true) throws -> [(about: String, outcome: Outcome)] {
        var dice = Dice(seed: seed &* 77)
        let scene = try Self.scene(seed: seed, commits: 12 + dice.below(30), dice.pick(Ending.allCases))
        return try (0..<12).map { variant in
            var left = dice.chance(40) ? Self.halfCopied(scene, pages: dice.below(12)) : scene
            if !hasMark { left.mark = nil }
            var log: Data? = scene.log
            let about: String
            switch dice.below(8) {
            case 0:
                log = nil
                about = "no log"
            case 1, 2, 3:
                let length = dice.below(scene.log.count)
                log = scene.log.prefix(length)
                about = "a log cut to \(length) of \(scene.log.count) bytes"
            default:
                let place = dice.chance(15) ? dice.below(32) : dice.below(scene.log.count)
                log?[place] ^= UInt8(1 + dice.below(255))
                about = "byte \(place) of \(scene.log.count) flipped"
            }
            return ("seed \(seed), variant \(variant): \(about)", try Self.open(left, log: log))
        }
    }

    @Test(arguments: UInt64(1)...25) func whatOpensIsAPrefix(seed: UInt64) throws {
        for (about, outcome) in try Self.damages(seed: seed) {
            if case .mixture(let flaw) = outcome { Issue.record("\(about): \(flaw)") }
        }
    }

    /// What the tests above prove: damage that costs nothing, damage that costs commits, damage that is refused; and that
    /// it would go unnoticed without the mark.
    @Test func theDamageIsOfEveryKind() throws {
        var kinds: Set<String> = []
        for seed in UInt64(1)...6 {
            let scene = try Self.damages(seed: seed).map(\.outcome)
            for outcome in scene {
                switch outcome {
                case .prefix: kinds.insert("prefix")
                case .refused: kinds.insert("refused")
                case .mixture: kinds.insert("mixture")
                }
            }
            for case .mixture in try Self.damages(seed: seed, hasMark: false).map(\.outcome) {
                kinds.insert("mixture without the mark")
            }
        }
        #expect(kinds == ["prefix", "refused", "mixture without the mark"])
    }

    /// The log has begun anew and the first commit in it is killed halfway, while a checkpoint that looks for work finds
    /// the one before, all of which is in the database.
    @Test(arguments: [false, true]) func aLogThatHasJustBegunAnewMissesNothing(byRestart: Bool) throws {
        let directory = TemporaryDirectory(isInMemory: true)
        let store = try directory.open()
        var work = RandomWork(seed: 5)
        for _ in 0..<5 { try store.commit(work.nextBatch()) }
        if byRestart { try store.restartLog() } else { try store.checkpoint() }
        let last = store.lastCommit
        let before = try LogHeader(of: directory.database).generation
        try store.commit(work.nextBatch())
        let generation = try LogHeader(of: directory.database).generation
        #expect(generation != before)
        try store.checkpointMark.begin(last, of: generation)
        let killed = TemporaryDirectory(isInMemory: true)
        try FileManager.default.createDirectory(atPath: killed.path, withIntermediateDirectories: true)
        for name in [Schema.databaseName, CheckpointMark.name] {
            try directory.bytes(of: name).write(to: killed.url(of: name))
        }
        let log = Schema.databaseName + "-wal"
        try directory.bytes(of: log).prefix(2_000).write(to: killed.url(of: log))
        #expect(try killed.open().recoveredCommit == last)
    }

    /// Another program may have carried the whole log over and removed it: SQLite's shell does when it is closed.
    @Test func aLogThatAnotherProgramHasCarriedOverIsNotMissed() throws {
        for seed in UInt64(200)..<212 {
            var dice = Dice(seed: seed)
            var scene = try Self.scene(seed: seed, commits: 10, dice.pick([.checkpoint, .heldCheckpoint]))
            if dice.chance(50) { scene = Self.halfCopied(scene, pages: 3) }
            let directory = TemporaryDirectory(isInMemory: true)
            try FileManager.default.createDirectory(atPath: directory.path, withIntermediateDirectories: true)
            try scene.database.write(to: directory.url(of: Schema.databaseName))
            try scene.log.write(to: directory.url(of: Schema.databaseName + "-wal"))
            let other = try directory.otherConnection()
            _ = try other.read(CommitNumber.read)
            try other.close()
            #expect(!FileManager.default.fileExists(atPath: directory.database + "-wal"))
            scene.database = try directory.bytes(of: Schema.databaseName)
            let outcome = try Self.open(scene, log: nil)
            // Where a checkpoint may have been under way the contents decide, and these are those of no engine.
            if case .refused(let reason) = outcome { #expect(reason.contains("(")) }
            if scene.mark?.dropLast().last == UInt8(ascii: "1") { #expect(outcome == .prefix(scene.lastCommit)) }
            if case .mixture(let flaw) = outcome { Issue.record("seed \(seed): \(flaw)") }
        }
    }

    @Test func aCheckpointThatWasKilledIsMadeUpFor() throws {
        for seed in UInt64(100)..<110 {
            var dice = Dice(seed: seed)
            let scene = try Self.scene(seed: seed, commits: 20, dice.pick([.checkpoint, .heldCheckpoint]))
            for pages in 0..<10 {
                let killed = Self.halfCopied(scene, pages: pages)
                #expect(
                    try Self.open(killed, log: scene.log) == .prefix(scene.lastCommit), "seed \(seed), \(pages) pages")
            }
        }
    }
}

extension StoreOptions {
    fileprivate static var withoutBallast: StoreOptions {
        var options = StoreOptions()
        options.ballastBytes = 0
        return options
    }
}

extension TemporaryDirectory {
    fileprivate func url(of file: String) -> URL { URL(fileURLWithPath: path + "/" + file) }

    fileprivate func bytes(of file: String) throws -> Data { try Data(contentsOf: url(of: file)) }
}
