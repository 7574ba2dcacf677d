extension AwakeableID {
    /// Parses `sign_1…`, with or without base64 padding.
    package init(parsing text: String) throws(IdentifierError) {
        let (invocation, index) = try AwakeablePayload.decode(
            IdentifierText.payload(of: text, prefix: "sign"))
        self.init(invocation: invocation, index: index)
    }

    /// The public form, 44 characters.
    package var text: String {
        "sign_1" + AwakeablePayload.encode(invocation, index)
    }
}

/// The awakeable of older service protocols, `prom_1…`: an invocation and the index of a journal entry. This server
/// hands out none, but clients may hold ids of this form, and a well-formed one is not a malformed request.
package struct LegacyAwakeableID: Hashable, Sendable {
    package var invocation: InvocationID
    package var entryIndex: UInt32

    /// Parses `prom_1…`, with or without base64 padding.
    package init(parsing text: String) throws(IdentifierError) {
        (invocation, entryIndex) = try AwakeablePayload.decode(
            IdentifierText.payload(of: text, prefix: "prom"))
    }

    package var text: String {
        "prom_1" + AwakeablePayload.encode(invocation, entryIndex)
    }
}

/// Base64url of 28 bytes: partition key, uuid and index, each big endian.
private enum AwakeablePayload {
    private static let byteCount = 28

    static func encode(_ invocation: InvocationID, _ index: UInt32) -> String {
        var bytes = Bytes()
        bytes.reserveCapacity(byteCount)
        append(UInt128(invocation.partitionKey), width: 8, to: &bytes)
        append(invocation.uuid, width: 16, to: &bytes)
        append(UInt128(index), width: 4, to: &bytes)
        return String(decoding: Base64URL.encode(bytes), as: UTF8.self)
    }

    static func decode(_ payload: ArraySlice<UInt8>) throws(IdentifierError) -> (InvocationID, UInt32) {
        guard let bytes = Base64URL.decode(payload) else { throw .malformedPayload }
        guard bytes.count == byteCount else { throw .badLength }
        let id = InvocationID(partitionKey: UInt64(integer(bytes[0..<8])), uuid: integer(bytes[8..<24]))
        return (id, UInt32(integer(bytes[24..<28])))
    }

    private static func append(_ value: UInt128, width: Int, to bytes: inout Bytes) {
        for position in (0..<width).reversed() {
            bytes.append(UInt8(truncatingIfNeeded: value >> UInt128(8 * position)))
        }
    }

    private static func integer(_ bytes: ArraySlice<UInt8>) -> UInt128 {
        bytes.reduce(0) { $0 << 8 | UInt128($1) }
    }
}
