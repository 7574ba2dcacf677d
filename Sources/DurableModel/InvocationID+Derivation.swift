// How new ids come about (ingress reference 8.4): the same target gives the same id here and on a Restate server with
// controlled idempotent sharding.
extension InvocationID {
    private static let bucketCount: UInt64 = 512

    /// The one run of a workflow.
    package static func workflowRun(service: String, key: String) -> InvocationID {
        InvocationID(partitionKey: partitionKey(ofObject: key), uuid: digest(["wf", service, key]))
    }

    /// Any handler but a workflow's run, called with an idempotency key.
    package static func idempotent(target: InvocationTarget, key: String) -> InvocationID {
        guard let objectKey = target.key else {
            return InvocationID(
                partitionKey: partitionKey(ofService: target.service, bucket: hash([key]) % bucketCount),
                uuid: digest(["ik", target.service, target.handler, key]))
        }
        return InvocationID(
            partitionKey: partitionKey(ofObject: objectKey),
            uuid: digest(["ik", target.service, objectKey, target.handler, key]))
    }

    /// Everything else: a ULID of `nowMs` and `entropy`. Uses none of the bits of `Entropy.seed`.
    package static func fresh(target: InvocationTarget, nowMs: Int64, entropy: Entropy) -> InvocationID {
        let milliseconds = UInt128(UInt64(bitPattern: max(0, nowMs)) & 0xFFFF_FFFF_FFFF)
        let random = UInt128(entropy.words.0) << 16 | UInt128(entropy.words.1 & 0xFFFF)
        let uuid = milliseconds << 80 | random
        guard let objectKey = target.key else {
            let bucket = (entropy.words.1 >> 16) % bucketCount
            return InvocationID(partitionKey: partitionKey(ofService: target.service, bucket: bucket), uuid: uuid)
        }
        return InvocationID(partitionKey: partitionKey(ofObject: objectKey), uuid: uuid)
    }

    /// When a fresh one was made, in milliseconds since 1970, as its ULID says. Of ids that are hashes it says nothing.
    package var acceptedAtMs: Int64 { Int64(uuid >> 80) }

    private static func partitionKey(ofObject key: String) -> UInt64 { hash([key]) }

    private static func partitionKey(ofService service: String, bucket: UInt64) -> UInt64 {
        hash([service, "unscoped/service"], bucket)
    }

    /// Rust's hash bytes: each string followed by 0xFF, an integer as 8 bytes little endian.
    private static func hash(_ strings: [String], _ number: UInt64? = nil) -> UInt64 {
        let count = strings.reduce(number == nil ? 0 : 8) { $0 + $1.utf8.count + 1 }
        // Each call has its id: on the stack, unless a name is long.
        return withUnsafeTemporaryAllocation(byteCount: count, alignment: 1) { bytes in
            var end = 0
            func append(_ byte: UInt8) {
                bytes[end] = byte
                end += 1
            }
            for string in strings {
                for byte in string.utf8 { append(byte) }
                append(0xFF)
            }
            if let number {
                for shift in stride(from: 0 as UInt64, to: 64, by: 8) {
                    append(UInt8(truncatingIfNeeded: number >> shift))
                }
            }
            return XXH3.hash64(UnsafeRawBufferPointer(bytes))
        }
    }

    private static func digest(_ parts: [String]) -> UInt128 {
        var bytes = Bytes()
        for (index, part) in parts.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes.append(contentsOf: part.utf8)
        }
        return SHA256.digest(bytes).prefix(16).reduce(0) { $0 << 8 | UInt128($1) }
    }
}

extension Entropy {
    /// The bits for the randomness of the invocation's handler, independent of those that make its id.
    package var seed: UInt64 { words.2 }
}
