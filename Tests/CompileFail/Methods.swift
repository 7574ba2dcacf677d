// compiles
import Reprise

struct Fixture: Service {
    static let run = handler("run", Fixture.work)
    static let rest = handler("rest", Fixture.relax)
    static let handlers: Handlers = [run, rest]

    let greeting: String

    func work(_ ctx: ServiceContext, _ name: String) async throws -> String {
        let first = try await ctx.object(Door.self, key: name).future(Door.open, name)
        let second = try await ctx.runFuture("b") { try await outside() }
        let awakeable = try await ctx.awakeable(of: String.self)
        try await ctx.object(Door.self, key: name).send(Door.open, awakeable.id, after: .minutes(15))
        let answer = try await awakeable.value()
        try await helper(ctx, answer)
        return "\(greeting) \(try await first.value()) \(try await second.value()) \(ctx.random.next(in: 0..<5))"
    }

    func relax(_ ctx: ServiceContext) async throws { try await ctx.sleep(.seconds(1)) }

    private func helper(_ ctx: HandlerContext, _ id: String) async throws {
        try await ctx.resolveAwakeable(id, [1, 2])
        do {
            try await ctx.service(Fixture.self).call(Fixture.rest)
        } catch let error as TerminalError {
            try await ctx.rejectAwakeable(id, error.message)
        }
    }
}

func route() -> Route {
    .post("/open/{door}") { request, client in
        let user: String = try request.json()
        let isOpen = try await client.object(Door.self, key: request.parameter("door")).call(Door.open, user)
        return try .json(isOpen)
    }
}
