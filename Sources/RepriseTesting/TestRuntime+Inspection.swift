import DurableModel
public import Reprise
import Runtime

// What has been recorded.
extension TestRuntime {
    /// Every invocation, in the order of acceptance.
    public var invocations: [RecordedInvocation] {
        get async { await world.look { $0.disk.recordedInvocations } }
    }

    /// The invocations of one handler, in the order of acceptance.
    public func invocations<Callee, Input, Output>(
        of handler: Handler<Callee, Input, Output>
    ) async -> [RecordedInvocation] {
        await invocations.filter { $0.address.service == Callee.name && $0.address.handler == handler.name }
    }

    /// One invocation by its public id; nil when there is none.
    public func invocation(_ id: String) async -> RecordedInvocation? {
        guard let id = try? InvocationID(parsing: id) else { return nil }
        return await world.look { world in
            world.disk.serial(of: id).flatMap(world.disk.recordedInvocation)
        }
    }

    /// The state of an object or a workflow, as it is stored.
    public func state(ofService service: any ServiceDefinition.Type, key: String) async -> [String: [UInt8]] {
        let object = ObjectID(service: service.name, key: key)
        return await world.look { $0.disk.state[object] ?? [:] }
    }

    /// What a query finds in the tables of the services.
    ///
    /// - Throws: `UnusableTables` when it cannot be executed.
    public func rows(_ sql: String) async throws -> [[SQLValue]] {
        let found = await world.look { world -> Result<[[SQLCell]], StoreError> in
            do throws(StoreError) {
                return .success(try world.tables.rows(sql))
            } catch {
                return .failure(error)
            }
        }
        switch found {
        case .success(let rows): return rows.map { $0.map(SQLValue.init) }
        case .failure(let error): throw UnusableTables(description: error.description)
        }
    }

    /// What replays have passed to operations although the journal has something else: handlers that are not
    /// deterministic.
    public var differences: [ReplayDifference] { world.watch.differences }

    /// What handlers have published, in the order in which listeners would get it.
    public var published: [PublishedEvent] { world.watch.published }

    /// What handlers have logged.
    public var lines: [String] { world.watch.lines }

    /// All operations of all invocations as tables.
    public var table: String {
        get async { await invocations.map(\.table).joined(separator: "\n") }
    }
}
