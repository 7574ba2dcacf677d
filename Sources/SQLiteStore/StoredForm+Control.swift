import DurableModel

// How a live invocation is steered and what it waits for, and the promises of workflows.

extension ByteWriter {
    mutating func control(of progress: Progress) {
        list(progress.cancelRanks) { $0.signed($1) }
        signed(progress.cancelsDelivered)
        optional(progress.waiting) { writer, waiting in
            writer.byte(waiting.condition.rawValue)
            writer.list(waiting.entries) { $0.signed($1) }
        }
    }

    mutating func promise(_ promise: DurablePromise) {
        optional(promise.outcome) { $0.outcome($1) }
        links(promise.waiters)
    }
}

extension ByteReader {
    mutating func readControl(into progress: inout Progress) throws {
        progress.cancelRanks = try list { try $0.integer() }
        progress.cancelsDelivered = try integer()
        progress.waiting = try optional { reader in
            let tag = try reader.byte()
            guard let condition = Waiting.Condition(rawValue: tag) else {
                throw DecodingFailure("the condition \(tag) is unknown")
            }
            return Waiting(condition, try reader.list { try $0.integer() })
        }
    }

    mutating func promise() throws -> DurablePromise {
        DurablePromise(outcome: try optional { try $0.outcome() }, waiters: try links())
    }
}

extension Progress {
    var hasControl: Bool { !cancelRanks.isEmpty || cancelsDelivered > 0 || waiting != nil }
}
