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
        var text = Bytes()
        text.reserveCapacity(Self.textLength)
        text.append(contentsOf: "inv_1".utf8)
        Base62.append(partitionKey, to: &text)
        Base62.append(uuid, to: &text)
        return String(decoding: text, as: UTF8.self)
    }
}

extension InvocationID: CustomStringConvertible {
    package var description: String { text }
}
