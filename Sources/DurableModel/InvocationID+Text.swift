extension InvocationID {
    private static let textLength = 38

    /// Parses `inv_1…`.
    package init(parsing text: String) throws(IdentifierError) {
        let payload = try IdentifierText.payload(of: text, prefix: "inv")
        guard payload.count == Base62.width64 + Base62.width128 else { throw .badLength }
        self.init(
            partitionKey: try Base62.decode64(payload.prefix(Base62.width64)),
            uuid: try Base62.decode128(payload.dropFirst(Base62.width64)))
    }

    /// The public form, 38 characters.
    package var text: String {
        String(unsafeUninitializedCapacity: Self.textLength) { text in
            let payload = text.initialize(fromContentsOf: "inv_1".utf8)
            Base62.write(partitionKey, to: text[payload...])
            Base62.write(uuid, to: text[(payload + Base62.width64)...])
            return Self.textLength
        }
    }
}

extension InvocationID: CustomStringConvertible {
    package var description: String { text }
}
