import DurableModel
import Testing

@Suite struct ExactTextTests {
    private let composed = "caf\u{e9}"
    private let decomposed = "cafe\u{301}"

    @Test func canonicalEquivalentsAreDifferentKeys() {
        #expect(composed == decomposed, "Swift's own view, which this type exists for")
        #expect(ExactText(composed) != ExactText(decomposed))
        #expect(ExactText(composed) == ExactText(composed))
        #expect(ObjectID(service: "S", key: composed) != ObjectID(service: "S", key: decomposed))
        #expect(
            InvocationTarget(service: "S", key: composed, handler: "h")
                != InvocationTarget(service: "S", key: decomposed, handler: "h"))
        #expect(Set([ExactText(composed), ExactText(decomposed), ExactText(composed)]).count == 2)
    }

    @Test func aBatchKeepsARowForEach() {
        let object = ObjectID(service: "S", key: "k")
        var batch = Batch()
        batch.append(.putState(object, name: composed, value: [1]))
        batch.append(.putState(object, name: decomposed, value: [2]))
        batch.append(.putState(object, name: composed, value: [3]))
        #expect(batch.rowCount == 2)
    }
}
