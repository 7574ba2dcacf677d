import Foundation
import Reprise

struct Greeter: Service {
    static let handlers: Handlers = [greet]

    /// JSON in and out, an empty body allowed.
    static let greet = handler("greet") { (_: ServiceContext, name: String?) -> String in
        "Hello \(name ?? "nobody")"
    }
}

struct Typed: Service {
    static let handlers: Handlers = [h]

    struct Order: Codable, Sendable {
        var item: String
        var count: Int
    }

    static let h = handler("h") { (_: ServiceContext, order: Order) -> Order in order }
}

struct VoidService: Service {
    static let name = "Void"
    static let handlers: Handlers = [ping]

    static let ping = handler("ping", body: .noInput) { (_: ServiceContext) in }
}

struct Priv: Service {
    static let isPrivate = true
    static let handlers: Handlers = [h]

    static let h = handler("h") { (_: ServiceContext) -> String in "called" }
}

struct Echo: Service {
    static let handlers: Handlers = [headers, body]

    /// The headers that it sees, as pairs in their order.
    static let headers = handler("headers") { (ctx: ServiceContext) -> [[String]] in
        ctx.headers.map { [$0.name.canonicalName, $0.value] }
    }

    /// Its body, of any content type.
    static let body = handler("body") { (_: ServiceContext, body: RawBytes) -> RawBytes in body }
}

struct Slow: Service {
    static let handlers: Handlers = [sleep, work]

    struct Order: Codable, Sendable { var ms: Int }
    struct Work: Codable, Sendable { var untilFile: String }

    static let sleep = handler("sleep") { (ctx: ServiceContext, order: Order) -> String in
        try await ctx.sleep(.milliseconds(order.ms))
        return "done"
    }

    /// Is at work, not waiting, until a file of that path is there.
    static let work = handler("work") { (ctx: ServiceContext, work: Work) -> String in
        try await ctx.run("work") {
            while !FileManager.default.fileExists(atPath: work.untilFile) {
                try await Task.sleep(for: .milliseconds(10))
            }
        }
        return "done"
    }
}
