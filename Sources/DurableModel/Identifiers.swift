package typealias Bytes = [UInt8]

/// The public id of an invocation, Restate's `inv_1…`. Deterministic for workflow runs and idempotency keys, so
/// the same id can come back after a purge: inside the engine an invocation is its `InvocationSerial`.
package struct InvocationID: Hashable, Sendable {
    package var partitionKey: UInt64
    /// In halves: whatever holds a `UInt128` is larger, for its alignment, and is allocated in a slower way.
    package let uuidHigh: UInt64
    package let uuidLow: UInt64

    package init(partitionKey: UInt64, uuid: UInt128) {
        self.init(
            partitionKey: partitionKey, uuidHigh: UInt64(truncatingIfNeeded: uuid >> 64),
            uuidLow: UInt64(truncatingIfNeeded: uuid))
    }

    package init(partitionKey: UInt64, uuidHigh: UInt64, uuidLow: UInt64) {
        self.partitionKey = partitionKey
        self.uuidHigh = uuidHigh
        self.uuidLow = uuidLow
    }

    package var uuid: UInt128 { UInt128(uuidHigh) << 64 | UInt128(uuidLow) }

    /// What a dictionary asks, in place of `hash(into:)`. Ids that are hashes of what a caller chose could be made to
    /// collide if the numbers that they are multiplied with were known: each process has its own.
    package func _rawHashValue(seed: Int) -> Int {
        let low = uuidLow ^ Self.secrets.0
        let high = uuidHigh ^ partitionKey &* Self.secrets.1
        let product = low.multipliedFullWidth(by: high ^ UInt64(bitPattern: Int64(seed)))
        return Int(truncatingIfNeeded: product.high ^ product.low)
    }

    private static let secrets = (secret(0), secret(1))

    private static func secret(_ number: Int) -> UInt64 {
        var hasher = Hasher()
        hasher.combine(number)
        return UInt64(bitPattern: Int64(hasher.finalize())) | 1
    }
}

/// The engine's own name for one invocation: never reused, grows in the order of acceptance.
package struct InvocationSerial: Hashable, Comparable, Sendable {
    package var rawValue: Int64

    package init(_ rawValue: Int64) { self.rawValue = rawValue }

    package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }

    /// What a dictionary asks, in place of `hash(into:)`.
    package func _rawHashValue(seed: Int) -> Int { QuickHash.of(Int(rawValue), seed) }
}

/// The hash of numbers that we hand out ourselves. Dictionaries ask for it dozens of times a call, and nobody outside
/// can choose numbers that collide, so a multiplication does instead of SipHash.
package enum QuickHash {
    /// Neighbours end far apart, also in the low bits.
    @inlinable
    package static func of(_ number: Int, _ seed: Int) -> Int {
        let product = UInt(bitPattern: number ^ seed) &* 0x9E37_79B9_7F4A_7C15
        return Int(bitPattern: product ^ product >> 32)
    }
}

/// The identity of a keyed entity: a virtual object or a workflow.
package struct ObjectID: Hashable, Sendable {
    package let service: String
    package let key: String
    /// Both names are hashed once, with the seed of the process, and not in each of the dictionaries they are keys of.
    private let hash: Int

    package init(service: String, key: String) {
        self.service = service
        self.key = key
        var hasher = Hasher()
        hasher.combine(service)
        hasher.combine(key)
        hash = hasher.finalize()
    }

    /// By bytes, as `ExactText`.
    package static func == (a: Self, b: Self) -> Bool {
        a.hash == b.hash && a.key.hasSameBytes(as: b.key) && a.service.hasSameBytes(as: b.service)
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(hash) }

    /// What a dictionary asks, in place of `hash(into:)`.
    package func _rawHashValue(seed: Int) -> Int { hash ^ seed }
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
