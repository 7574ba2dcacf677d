package import DurableModel

/// The answer that a caller reads is about what it asked for, however requests are pipelined and connections lost.
package struct RightCaller: Checker {
    package static let promise = "answers reach those who asked"

    private var paths: [String: String] = [:]
    private var asked: [Int: String] = [:]

    package init() {}

    package mutating func before(_ event: TraceEvent, _ history: History, _ complain: (String) -> Void) {
        switch event {
        case .asked(let request, let path, _): asked[request] = path
        case .answered(let request, let answer):
            guard let id = answer.invocationID else { return }
            if let path = paths[id], path != asked[request] {
                complain("request \(request) for \(asked[request] ?? "nothing") is answered with \(id) of \(path)")
            }
        default: break
        }
    }

    package mutating func before(
        _ mutation: Mutation, of step: Decided, _ history: History, _ complain: (String) -> Void
    ) {
        guard case .insertInvocation(_, let record) = mutation else { return }
        let target = record.acceptance.target
        let segments = [target.service, target.key, target.handler].compactMap { $0 }
        paths[record.acceptance.id.text] = "/" + segments.joined(separator: "/")
    }
}
