import Dispatch
package import DurableModel

extension ThreadedStorage: TransactionalDriver {
    /// On the thread that commits: between two commits, after everything before it is durable.
    package func transact(_ step: StoredStep, done: @escaping @Sendable (StepVerdict) -> Void) {
        commits.submitLast { [self] in
            guard let store = store as? any TransactionalStore else {
                return done(.failed("this store keeps no tables for services"))
            }
            Failpoint.hit(.beforeTransaction)
            guard let verdict = execute(step, store) else { return }
            Failpoint.hit(.afterTransaction)
            done(verdict)
        }
    }

    /// nil when the disk's state is unknown, and the process stops. Somebody else's lock is waited for only a while:
    /// commits wait behind this.
    private func execute(_ step: StoredStep, _ store: any TransactionalStore) -> StepVerdict? {
        let startedAt = DispatchTime.now().uptimeNanoseconds
        while true {
            do throws(StoreError) {
                return try store.execute(step)
            } catch {
                guard error.code == .busy else {
                    stop(error)
                    return nil
                }
                guard DispatchTime.now().uptimeNanoseconds - startedAt < 1_000_000_000 else {
                    return .failed(error.description)
                }
                pause(.milliseconds(10))
            }
        }
    }
}
