extension InvocationID {
    package static func workflowRun(service: String, key: String) -> InvocationID { InvocationID(partitionKey: 1, uuid: 1) }
    package static func idempotent(target: InvocationTarget, idempotencyKey: String) -> InvocationID { var h: UInt64 = 0xcbf29ce484222325; for b in (target.service + (target.key ?? "") + target.handler + idempotencyKey).utf8 { h = (h ^ UInt64(b)) &* 0x100000001b3 }; return InvocationID(partitionKey: h, uuid: UInt128(h)) }
    package static func fresh(target: InvocationTarget, nowMs: Int64, entropy: Entropy) -> InvocationID { InvocationID(partitionKey: entropy.words.0, uuid: UInt128(entropy.words.1)) }
}
extension Entropy { package var seed: UInt64 { words.2 } }
extension InvocationID { package var text: String { "inv_\(partitionKey)" } }
extension AwakeableID { package var text: String { "" }
 package init(parsing: String) throws { self.init(invocation: InvocationID(partitionKey: 0, uuid: 0), index: 0) } }
