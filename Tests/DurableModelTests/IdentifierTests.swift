import DurableModel
import Testing

/// The vectors of the ingress reference, section 8.
@Suite struct IdentifierTests {
    static let invocations: [(String, UInt64, UInt128)] = [
        ("inv_1fBuS9KMPNrt0zQBGdilypucn1EeT7AO5j", 0x539a_3b9a_5842_c2b5, 0x019b_b8d0_8d1f_5ce4_8c85_7e07_f175_ff12),
        ("inv_1gdJBtdVEcM942bjcDmb1c1khoaJe11Hbz", 0x493c_42ed_1c3c_f1bc, 0x018e_5257_b998_007d_b7f4_f3f4_7e80_9584),
        ("inv_13q6r7rhzaG85fs0bfyqW8cubIUYJFjvBT", 0x34cc_8e02_f0ca_d827, 0x018d_41f8_4666_fb78_6069_d033_4d0e_79ac),
        ("inv_105k1wlNFHb201SZwviYzes2mjOamuMJWw", 1, 1),
        ("inv_1lYGhA16ahyf7N42dgm5tFLK9N8MT7fHC7", .max, .max),
        ("inv_1000000000000000000000000000000000", 0, 0),
    ]

    @Test(arguments: invocations)
    func invocationText(text: String, partitionKey: UInt64, uuid: UInt128) throws {
        let id = InvocationID(partitionKey: partitionKey, uuid: uuid)
        #expect(id.text == text)
        #expect(try InvocationID(parsing: text) == id)
    }

    /// Ids of deployments and subscriptions have the same 22 characters for the same 128 bits.
    static let otherIDs: [(String, UInt128)] = [
        ("dp_11nGQpCRmau6ypL82KH2TnP", 0x0194_41f1_be4f_1515_34e9_1b9a_2173_692d),
        ("dp_15VqmTOnXH3Vv2pl5HOG7UB", 0x018d_404e_4bf2_68e6_63b8_4033_fc7e_b7c2),
        ("sub_15VqmTOnXH3Vv2pl5HOG7Ua", 0xe68c_404e_4bf2_68e6_63b8_4033_fc7e_b7c2),
    ]

    @Test(arguments: otherIDs)
    func encodingOf128Bits(text: String, value: UInt128) {
        #expect(InvocationID(partitionKey: 92, uuid: value).text == "inv_17TIg0lHS4mY" + text.suffix(22))
    }

    static let malformed: [(String, IdentifierError)] = [
        ("", .badLength),
        ("mxvgUOrwIb8", .badFormat),
        ("mxvgUOrwIb8cYrGPHkAAKSKY3O!6IEy_g", .unknownType),
        ("inv_ub23411ba", .unknownVersion),
        ("inv_1b234d1ba", .badLength),
        ("inv_", .badLength),
        ("inv_1fBuS9KMPNrt0zQBGdilypucn1EeT7AO5j1", .badLength),
        ("inv_1fBuS9KMPNrt0zQBGdilypucn1EeT7AO5", .badLength),
        ("dp_11nGQpCRmau6ypL82KH2TnP", .wrongType(expected: "inv")),
        ("sign_1XaULgbTwP4YBl2OeOiizwzgRDEewO7H5AAAAEQ", .wrongType(expected: "inv")),
        ("inv_1fBuS9KMPNrt0zQBGdilypucn1EeT7AO!j", .malformedPayload),
        ("inv_1lYGhA16ahyg7N42dgm5tFLK9N8MT7fHC7", .malformedPayload),
        ("inv_1lYGhA16ahyf7N42dgm5tFLK9N8MT7fHC8", .malformedPayload),
        ("inv_1ZZZZZZZZZZZ0000000000000000000000", .malformedPayload),
        ("inv_100000000000ZZZZZZZZZZZZZZZZZZZZZZ", .malformedPayload),
    ]

    @Test(arguments: malformed)
    func malformedInvocation(text: String, expected: IdentifierError) {
        #expect(throws: expected) { try InvocationID(parsing: text) }
    }

    @Test func awakeable() throws {
        let printed = "sign_1XaULgbTwP4YBl2OeOiizwzgRDEewO7H5AAAAEQ"
        let invocation = try InvocationID(parsing: "inv_1bwBIwDnsKNn7Ba5hvqyOp1YNCMDAlqhwZ")
        let id = AwakeableID(invocation: invocation, index: 17)
        #expect(id.text == printed)
        #expect(try AwakeableID(parsing: printed) == id)
        #expect(try AwakeableID(parsing: printed + "==") == id)
    }

    @Test func legacyAwakeable() throws {
        let printed = "prom_1NMyOAvDK2CcBjUH4Rmb7eGBp0DNNDnmsAAAAAQ"
        let id = try LegacyAwakeableID(parsing: printed)
        #expect(id.invocation.text == "inv_13q6r7rhzaG85fs0bfyqW8cubIUYJFjvBT")
        #expect(id.entryIndex == 1)
        #expect(id.text == printed)
        #expect(throws: IdentifierError.wrongType(expected: "sign")) { try AwakeableID(parsing: printed) }
    }

    static let malformedAwakeables: [(String, IdentifierError)] = [
        ("foo", .badFormat),
        ("sign_1xyz", .malformedPayload),
        ("sign_1", .badLength),
        ("sign_2XaULgbTwP4YBl2OeOiizwzgRDEewO7H5AAAAEQ", .unknownVersion),
        // Half of the padding, padding inside, an alphabet that is not URL-safe, loose bits after the last byte.
        ("sign_1XaULgbTwP4YBl2OeOiizwzgRDEewO7H5AAAAEQ=", .malformedPayload),
        ("sign_1XaULgbTwP4YBl2OeOiizwzgRDEewO7H5AAAAE=Q", .malformedPayload),
        ("sign_1XaULgbTwP4YBl2OeOiizwzgRDEewO7H5AA+AEQ", .malformedPayload),
        ("sign_1XaULgbTwP4YBl2OeOiizwzgRDEewO7H5AAAAER", .malformedPayload),
        ("sign_1XaULgbTwP4YBl2OeOiizwzgRDEewO7H5AAAAEQAAAA", .badLength),
    ]

    @Test(arguments: malformedAwakeables)
    func malformedAwakeable(text: String, expected: IdentifierError) {
        #expect(throws: expected) { try AwakeableID(parsing: text) }
    }

    @Test(arguments: [0, 17, 0x7FFF_FFFF, UInt32.max])
    func awakeableRoundTrip(index: UInt32) throws {
        let id = AwakeableID(invocation: InvocationID(partitionKey: .max, uuid: .max - 1), index: index)
        #expect(id.text.utf8.count == 44)
        #expect(try AwakeableID(parsing: id.text) == id)
    }
}
