import Reprise

// guide: begin
/// Asks a person who is not a service: whoever has the id can answer, from a handler or by
/// `POST /restate/awakeables/{id}/resolve`.
struct Approvals: Service {
    struct Request: Codable, Sendable {
        var text: String
        var seconds: Int
    }

    static let ask = handler("ask") { (ctx: ServiceContext, request: Request) -> String in
        let answer = try await ctx.awakeable(of: Bool.self)
        let id = answer.id
        try await ctx.run("mail") { outbox.send("\(request.text)? answer with \(id)", to: "boss") }
        do {
            return try await answer.value(within: .seconds(request.seconds)) ? "approved" : "refused"
        } catch let error as TerminalError where error.code == 408 {
            return "nobody answered"
        }
    }

    static let answer = handler("answer") { (ctx: ServiceContext, id: String) in
        try await ctx.resolveAwakeable(id, true)
    }

    static let handlers: Handlers = [ask, answer]
}
// guide: end
