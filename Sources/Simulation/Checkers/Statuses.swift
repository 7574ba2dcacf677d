/// Every status has its reason: requests that are in order are not refused, and others never get through.
package struct Statuses: Checker {
    package static let promise = "every status has its reason"

    private var expected: [Int: Int] = [:]
    /// How often the server has said that there is no such invocation (404), or no result yet (470).
    private var said = [404: 0, 470: 0]

    package init() {}

    package mutating func before(_ event: TraceEvent, _ history: History, _ complain: (String) -> Void) {
        switch event {
        case .asked(let request, _, let status): expected[request] = status
        case .performed(.answer(.unknown), _): said[404, default: 0] += 1
        case .performed(.answer(.notCompleted), _): said[470, default: 0] += 1
        case .answered(let request, let answer): judge(request, answer, complain)
        default: break
        }
    }

    private mutating func judge(_ request: Int, _ answer: Answer, _ complain: (String) -> Void) {
        var text: String { "request \(request) is answered \(answer.status) \(answer.text)" }
        switch answer.status {
        case 429, 503:
            if answer.headers["retry-after"] == nil { complain("\(text), and is not told when to come again") }
        case _ where expected[request] != nil && expected[request] != answer.status:
            complain("\(text) although it is not in order")
        case 400...:
            guard expected[request] == nil, answer.invocationID == nil else { return }
            let times = said[answer.status] ?? 0
            said[answer.status] = times - 1
            if times <= 0 { complain("\(text) although it is in order") }
        default: break
        }
    }
}
