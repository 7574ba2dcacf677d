package import MemoryStore

/// The disk of the fake world is the one that users' tests have.
package typealias DiskImage = MemoryStore.DiskImage

extension DiskImage {
    mutating func apply(_ step: StepRecord) {
        complete(step.entry, of: step.serial, rank: step.rank, result: step.result, rows: step.rows)
    }
}
