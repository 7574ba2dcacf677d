import DurableModel

/// What a disk twin with a planted defect answers; without one, the truth.
package final class StorageSabotage {
    package init() {}

    func remember(_ disk: DiskImage) {}

    func recovered(_ state: RecoveredState, _ disk: DiskImage) -> RecoveredState { state }

    func loaded(_ key: LoadKey, _ disk: DiskImage) -> LoadedValue { disk.load(key) }
}
