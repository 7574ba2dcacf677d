extension InvocationID {
    package static func workflowRun(service: String, key: String) -> InvocationID { InvocationID(partitionKey: 1, uuid: 1) }
    package static func idempotent(target: InvocationTarget, idempotencyKey: String) -> InvocationID { InvocationID(partitionKey: 1, uuid: 1) }
    package static func fresh(target: InvocationTarget, nowMs: Int64, entropy: Entropy) -> InvocationID { InvocationID(partitionKey: entropy.words.0, uuid: UInt128(entropy.words.1)) }
}
extension Entropy { package var seed: UInt64 { words.2 } }
extension InvocationID { package var text: String { "" } }
extension AwakeableID { package var text: String { "" }
 package init(parsing: String) throws { self.init(invocation: InvocationID(partitionKey: 0, uuid: 0), index: 0) } }
