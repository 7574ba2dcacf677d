package typealias Bytes = [UInt8]

/// The public id of an invocation, Restate's `inv_1…`. Deterministic for workflow runs and idempotency keys, so
/// the same id can come back after a purge: inside the engine an invocation is its `InvocationSerial`.
package struct InvocationID: Hashable, Sendable {
    package var partitionKey: UInt64
    package var uuid: UInt128

    package init(partitionKey: UInt64, uuid: UInt128) {
        self.partitionKey = partitionKey
        self.uuid = uuid
    }
}

/// The engine's own name for one invocation: never reused, grows in the order of acceptance.
package struct InvocationSerial: Hashable, Comparable, Sendable {
    package var rawValue: Int64

    package init(_ rawValue: Int64) { self.rawValue = rawValue }

    package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

/// The identity of a keyed entity: a virtual object or a workflow.
package struct ObjectID: Hashable, Sendable {
    package var service: String
    package var key: String

    package init(service: String, key: String) {
        self.service = service
        self.key = key
    }

    /// By bytes, as `ExactText`.
    package static func == (a: Self, b: Self) -> Bool {
        a.key.hasSameBytes(as: b.key) && a.service.hasSameBytes(as: b.service)
    }
}

package struct InvocationTarget: Hashable, Sendable {
    package var service: String
    /// nil for plain services.
    package var key: String?
    package var handler: String

    package init(service: String, key: String? = nil, handler: String) {
        self.service = service
        self.key = key
        self.handler = handler
    }

    /// By bytes, as `ExactText`.
    package static func == (a: Self, b: Self) -> Bool {
        a.key.map(ExactText.init) == b.key.map(ExactText.init) && a.service.hasSameBytes(as: b.service)
            && a.handler.hasSameBytes(as: b.handler)
    }

    package var object: ObjectID? { key.map { ObjectID(service: service, key: $0) } }
}

/// The address of one awakeable: an invocation and the index of the signal that its creator waits for. Text form
/// is Restate's `sign_1…`.
package struct AwakeableID: Hashable, Sendable {
    package var invocation: InvocationID
    package var index: UInt32

    package init(invocation: InvocationID, index: UInt32) {
        self.invocation = invocation
        self.index = index
    }
}

/// Randomness handed to the engine with an input that may create an invocation.
package struct Entropy: Sendable, Equatable {
    package var words: (UInt64, UInt64, UInt64)

    package init(_ a: UInt64, _ b: UInt64, _ c: UInt64) { words = (a, b, c) }

    package static func == (a: Self, b: Self) -> Bool { a.words == b.words }
}
