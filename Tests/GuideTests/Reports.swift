import Reprise

// guide: begin
/// Other invocations, by their id.
struct Reports: Service {
    static let make = handler("make") { (ctx: ServiceContext, pages: Int) -> String in
        for page in 0..<pages { try await ctx.run("page \(page)") { await printer.print(page) } }
        try await ctx.sleep(.seconds(pages > 5 ? 3_600 : 0))
        return "\(pages) pages"
    }

    /// Starts a report and gives it up when it takes too long: its next wait throws, with code 409.
    static let impatient = handler("impatient") { (ctx: ServiceContext, pages: Int) -> String in
        let id = try await ctx.service(Reports.self).send(Reports.make, pages)
        do {
            return try await ctx.attachFuture(id, of: Reports.make).value(within: .seconds(5))
        } catch let error as TerminalError where error.code == 408 {
            try await ctx.cancel(id)
            return "gave up on \(id)"
        }
    }

    /// Looks without waiting.
    static let peek = handler("peek") { (ctx: ServiceContext, id: String) -> String in
        try await ctx.output(of: id, by: Reports.make) ?? "not ready"
    }

    static let handlers: Handlers = [make, impatient, peek]
}
// guide: end
