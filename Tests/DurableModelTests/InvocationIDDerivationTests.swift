import DurableModel
import Testing

/// The vectors of the ingress reference, section 8.4.
@Suite struct InvocationIDDerivationTests {
    static let partitionKeys: [(String, UInt64, String)] = [
        ("Mary", 0x43c5_171a_2ba4_02b3, "fmRNvSNVxNp"),
        ("seat2B", 0xada5_d6d1_8165_fe6c, "9maBIcE9uRD"),
        ("a", 0x13ac_ce35_37d6_b799, "dceKvwtEc2n"),
        ("b", 0x8172_151f_f72c_5e52, "74rq2A9bm3T"),
        ("userid1", 0x4998_a40f_94b4_bb27, "3puWeoWJykN"),
        ("userid2", 0xc54a_f325_4532_96ae, "eZjTF0DbaEl"),
        ("invoice123", 0xe67a_373f_c1ed_eea7, "epU7bYg3wIm"),
        ("invoice12345", 0x1264_758a_f499_155e, "84O9BgtPLi2"),
    ]

    @Test(arguments: partitionKeys)
    func partitionKeyOfAnObject(key: String, expected: UInt64, prefix: String) {
        let target = InvocationTarget(service: "Any", key: key, handler: "any")
        let id = InvocationID.fresh(target: target, nowMs: 0, entropy: Entropy(1, 2, 3))
        #expect(id.partitionKey == expected)
        #expect(id.text.hasPrefix("inv_1" + prefix))
    }

    @Test func workflowRun() {
        let id = InvocationID.workflowRun(service: "MyWorkflow", key: "wf-1")
        #expect(id.text == "inv_1jFEjVDI9dt16WD9yJBs6iubtTvgXH215i")
        #expect(id.partitionKey == 0x9335_1e41_731f_21e5)
        #expect(id.uuid == 0x0cf3_26db_84a0_f1ac_65e8_858b_5c7e_36e4)
        #expect(
            InvocationID.workflowRun(service: "MyWorkflow", key: "my-key").text
                == "inv_17AIHiTltkYA0Y9idz2RgS4ebTR1u5UGRx")
    }

    @Test func idempotentObject() {
        let target = InvocationTarget(service: "greeter.Greeter", key: "mygreet", handler: "greet")
        let id = InvocationID.idempotent(target: target, key: "myid")
        #expect(id.text == "inv_1clg1xaiGu6n1dkKW6VEnAROPwVDYoHkZg")
        #expect(id.uuid == 0x0e8c_db6f_94bb_0eef_8746_a55e_4672_ec27)
    }

    @Test func idempotentServiceWithControlledSharding() {
        let target = InvocationTarget(service: "greeter.Greeter", handler: "greet")
        let id = InvocationID.idempotent(target: target, key: "K1")
        #expect(id.text == "inv_10eO1sAwo3Re0auIjzC0g9mu7yiUqcYyW5")
        #expect(id.uuid == 0x3975_f9d0_c2a7_6df0_3ad3_e7b1_29e1_8f05)
    }

    @Test func freshIsAULID() {
        let target = InvocationTarget(service: "Svc", handler: "h")
        let entropy = Entropy(0x0123_4567_89ab_cdef, 0xFFFF_FFFF_FE00_1234, 42)
        let id = InvocationID.fresh(target: target, nowMs: 0x0194_41f1_be4f, entropy: entropy)
        #expect(id.uuid == 0x0194_41f1_be4f_0123_4567_89ab_cdef_1234)
        #expect(entropy.seed == 42)
    }

    /// Bucket 412 is that of the idempotency key K1.
    @Test func freshServiceUsesTheBucketFormula() {
        let target = InvocationTarget(service: "greeter.Greeter", handler: "greet")
        let inBucket412 = InvocationID.fresh(target: target, nowMs: 1, entropy: Entropy(1, 412 << 16, 3))
        #expect(inBucket412.partitionKey == InvocationID.idempotent(target: target, key: "K1").partitionKey)
        let inBucket413 = InvocationID.fresh(target: target, nowMs: 1, entropy: Entropy(1, 413 << 16, 3))
        #expect(inBucket413.partitionKey != inBucket412.partitionKey)
    }
}
