import DurableModel
import Testing

@testable import EngineCore

/// How long completed invocations are kept.
@Suite struct RetentionTests {
    /// Runs `target` to its end, durable.
    func complete(_ d: Driver, _ target: InvocationTarget, key: String? = nil, entries: Int = 0) {
        let serial = InvocationSerial((d.truth.invocations.keys.max()?.rawValue ?? 0) + 1)
        d.call(target, key: key)
        if !d.outstanding.isEmpty { d.answerLoads() }
        for _ in 0..<entries { d.op(serial, .now) }
        d.returns(serial)
        d.commit()
    }

    /// What the disk still has after a sweep that took its time.
    func sweep(_ d: Driver) -> [Int64] {
        d.sweep()
        d.settle()
        return d.disk.invocations.keys.map(\.rawValue).sorted()
    }

    @Test func keptForItsTimeThenDeleted() {
        let d = Driver()
        complete(d, .brief)
        d.wait(99)
        #expect(sweep(d) == [1])
        d.wait(1)
        #expect(sweep(d) == [])
        #expect(d.later(d.attach(1, as: 5)) == [])
        #expect(d.later(d.answerLoads()) == ["answer c5 unknown"])
    }

    @Test func promisedResultsLiveTheirFullTimeWhateverTheirNumber() {
        let d = Driver { $0.retainedUnpromisedMax = 0 }
        for key in ["k", "l", "m"] { complete(d, .greet, key: key) }
        complete(d, .greet)
        #expect(sweep(d) == [1, 2, 3])
        d.wait(86_399_999)
        #expect(sweep(d) == [1, 2, 3])
        d.wait(1)
        #expect(sweep(d) == [])
    }

    @Test func whatTheStoreNamesIsJudgedAgain() {
        let d = Driver { $0.retainedUnpromisedMax = 0 }
        complete(d, .greet, key: "k")
        complete(d, .greet)
        d.sweep()
        d.answerLoad()
        // As a store that errs would: the first of these is promised.
        d.answerLoad(with: .candidates(d.candidates))
        d.settle()
        #expect(d.disk.invocations.keys.map(\.rawValue) == [1])
    }

    /// One that a person deletes while the store looks for the oldest is counted once.
    @Test func aNameThatCameTooLateIsAskedForAgain() {
        let d = Driver { $0.retainedUnpromisedMax = 2 }
        for _ in 0..<4 { complete(d, .greet) }
        d.sweep()
        let lists = d.outstanding.count
        for list in 0..<lists { d.readLoad(at: list) }
        d.steer(1, .purge)
        if d.outstanding.count > lists { d.answerLoad(at: lists) }
        d.commit()
        d.answerLoads()
        d.settle()
        #expect(d.disk.invocations.keys.map(\.rawValue).sorted() == [3, 4])
    }

    @Test func theOthersAreBoundedInNumberOldestFirst() {
        let d = Driver { $0.retainedUnpromisedMax = 2 }
        for _ in 0..<5 {
            complete(d, .greet)
            d.nowMs += 1
        }
        #expect(sweep(d) == [4, 5])
    }

    /// A deletion for each call would touch as much of the file as the call.
    @Test func theOthersAreDeletedTogether() {
        let d = Driver { $0.retainedUnpromisedMax = 300 }
        for _ in 0..<303 {
            complete(d, .greet)
            d.nowMs += 1
        }
        #expect(sweep(d).count == 303)
        complete(d, .greet)
        #expect(sweep(d) == Array(5...304))
    }

    @Test func oneSliceFollowsTheOtherUntilNothingIsLeft() {
        let d = Driver {
            $0.retainedUnpromisedMax = 1
            $0.sliceMax = 2
        }
        for _ in 0..<8 { complete(d, .greet) }
        #expect(sweep(d) == [8], "of one sweep")
    }

    @Test func aLongJournalIsDeletedInSlices() {
        let d = Driver {
            $0.packedJournalEntriesMax = 1
            $0.sliceMax = 2
        }
        complete(d, .brief, entries: 5)
        d.wait(100)
        d.sweep()
        d.answerLoads()
        #expect(d.rows(d.answerLoads()) == ["delete #1/3", "delete #1/4", "#1 completed"])
        d.commit()
        #expect(sweep(d) == [1])
        #expect(d.disk.journal[1]?.keys.sorted() == [0])
        #expect(sweep(d) == [])
        #expect(d.disk.journal.isEmpty)
    }

    @Test func aCrashBetweenTwoSlicesLosesNoRow() {
        let d = Driver {
            $0.packedJournalEntriesMax = 1
            $0.sliceMax = 2
        }
        complete(d, .brief, entries: 5)
        d.wait(100)
        #expect(sweep(d) == [1])
        d.crash()
        #expect(sweep(d) == [1])
        #expect(sweep(d) == [])
        #expect(d.disk.journal.isEmpty)
    }

    @Test func manyAreDeletedASliceATime() {
        let d = Driver { $0.sliceMax = 2 }
        for _ in 0..<5 { complete(d, .brief) }
        d.wait(100)
        d.sweep()
        d.answerLoads()
        d.commit()
        #expect(d.disk.invocations.count == 3)
        d.settle()
        #expect(d.disk.invocations.isEmpty)
    }

    @Test func whatWaitsForAClosureIsNotDeleted() {
        let d = Driver()
        d.call(.brief)
        d.op(1, .run(name: "r", policy: nil))
        d.commit()
        d.returns(1)
        d.commit()
        d.wait(100)
        #expect(sweep(d) == [1])
        d.runEnds(1, 0, .success([]))
        #expect(sweep(d) == [])
    }

    @Test func whatHasNotCompletedIsNotDeleted() {
        let d = Driver { $0.retainedUnpromisedMax = 0 }
        d.call(.brief)
        d.call(.impatient, as: 2)
        d.ends(2, .failed("no"))
        d.commit()
        d.wait(86_400_000 * 10)
        #expect(sweep(d) == [1, 2])
    }

    @Test func countsSurviveACrash() {
        let d = Driver()
        complete(d, .greet)
        complete(d, .greet, key: "k")
        d.crash()
        #expect(d.engine.retainedUnpromised == 1 && d.engine.retainedPromised == 1)
    }
}

extension Driver {
    /// Everything on disk, as if its time had come.
    fileprivate var candidates: [PurgeCandidate] {
        disk.invocations.sorted { $0.key < $1.key }.map { PurgeCandidate($0.key, $0.value) }
    }
}
