import Reprise
import Serving

// Work of every kind that can be under way, for the drill in which a build goes on with what an earlier one left:
// `REPRISE_DRILL_SERVICES=1`. With `altered`, handlers have changed as a careless release changes them.

enum DrillServices {
    static func all(_ variant: String) -> [any ServiceDefinition] {
        [Drill(), DrillObject(), DrillWorkflow(), DrillBooks(), variant == "altered" ? AlteredRelease() : Release()]
    }
}

/// While it lasts, steps and handlers fail: `REPRISE_DRILL_OUTAGE=1`.
private struct Outage: Error, CustomStringConvertible {
    let description = "the outage of the drill"

    static var lasts: Bool { Environment.value("REPRISE_DRILL_OUTAGE") == "1" }

    static func strike() throws {
        if lasts { throw Outage() }
    }
}

struct Drill: Service {
    static let handlers: Handlers = [sleep, echo, refuse, step, attempt, once, parent, attach]

    struct Order: Codable, Sendable { var ms: Int }

    /// Results that are still there when the drill is held, whenever that is.
    static let kept = HandlerOptions(
        idempotencyRetention: .seconds(3_000_000_000), journalRetention: .seconds(3_000_000_000))

    static let sleep = handler("sleep") { (ctx: ServiceContext, order: Order) -> String in
        try await ctx.sleep(.milliseconds(order.ms))
        return "slept"
    }
    static let echo = handler("echo", options: kept) { (_: ServiceContext, text: String) -> String in text }
    static let refuse = handler("refuse", options: kept) { (_: ServiceContext, text: String) -> String in
        throw TerminalError(text, code: 409, metadata: ["kind": "refusal"])
    }
    static let step = handler("step") { (ctx: ServiceContext) -> String in
        try await ctx.run("first") {}
        return try await ctx.run("second", retry: RunRetryPolicy(initialDelay: .seconds(20))) {
            try Outage.strike()
            return "stepped"
        }
    }
    static let attempt = handler(
        "attempt", options: HandlerOptions(retry: InvocationRetryPolicy(initialDelay: .seconds(20)))
    ) { (ctx: ServiceContext) -> String in
        try await ctx.run("first") {}
        try Outage.strike()
        return "succeeded"
    }
    static let once = handler(
        "once", options: HandlerOptions(retry: InvocationRetryPolicy(maxAttempts: 1))
    ) { (_: ServiceContext) -> String in
        try Outage.strike()
        return "succeeded"
    }
    /// Waits for an object that waits.
    static let parent = handler("parent") { (ctx: ServiceContext, key: String) -> String in
        let answer = try await ctx.object(DrillObject.self, key: key).call(DrillObject.hold)
        return "the child said \(answer)"
    }
    /// Waits for the result of an invocation that somebody else has made.
    static let attach = handler("attach") { (ctx: ServiceContext, id: String) -> String in
        "it said \(try await ctx.attach(id, of: DrillObject.hold))"
    }
}

struct DrillObject: VirtualObject {
    static let handlers: Handlers = [hold, add, total, awakeableID]
    static let id = StateKey<String>("id")
    static let sum = StateKey<Int>("sum")

    /// Keeps the lane until somebody resolves the awakeable.
    static let hold = exclusive("hold") { (ctx: ObjectContext) -> String in
        let awakeable = try await ctx.awakeable(of: String.self)
        try await ctx.set(id, awakeable.id)
        return try await awakeable.value()
    }
    static let add = exclusive("add", options: Drill.kept) { (ctx: ObjectContext, amount: Int) -> Int in
        let total = (try await ctx.get(sum) ?? 0) + amount
        try await ctx.set(sum, total)
        return total
    }
    static let total = shared("total") { (ctx: SharedObjectContext) -> Int in try await ctx.get(sum) ?? 0 }
    static let awakeableID = shared("awakeableID") { (ctx: SharedObjectContext) -> String? in
        try await ctx.get(id)
    }
}

/// Waits for the word of its shared handler.
struct DrillWorkflow: Workflow {
    static let handlers: Handlers = [run, approve, approval]
    static let word = PromiseKey<String>("word")

    static let run = workflow("run", options: Drill.kept) { (ctx: WorkflowContext) -> String in
        try await ctx.promise(word).value()
    }
    static let approve = shared("approve") { (ctx: SharedWorkflowContext, text: String) in
        try await ctx.promise(word).resolve(text)
    }
    static let approval = shared("approval", options: Drill.kept) { (ctx: SharedWorkflowContext) -> String in
        try await ctx.promise(word).value()
    }
}

/// Steps on a table of its own.
struct DrillBooks: Service {
    static let handlers: Handlers = [enter, linger]

    private static let insert = SQLStatement("INSERT INTO drill_entry (text) VALUES ('entered') RETURNING text")

    /// Fails while the outage lasts.
    static let enter = handler("enter") { (ctx: ServiceContext) -> String? in
        try await ctx.run("first") {}
        let statement = Outage.lasts ? SQLStatement("INSERT INTO drill_entry (text) VALUES (NULL)") : insert
        let retry = RunRetryPolicy(initialDelay: .seconds(20))
        return try await ctx.transaction("second", retry: retry, statement).rows.first?.first?.text
    }
    /// Waits after it.
    static let linger = handler("linger") { (ctx: ServiceContext) -> String? in
        let text = try await ctx.transaction("first", insert).rows.first?.first?.text
        try await ctx.sleep(.seconds(20))
        return text
    }

    let serviceTables: ServiceTables? = ServiceTables(
        namespace: "drill",
        migrations: [.init("1: entries", sql: "CREATE TABLE drill_entry (text TEXT NOT NULL) STRICT")])
}

/// What a later release renames, retypes and reorders.
struct Release: Service {
    static let handlers: Handlers = [rename, retype, reorder]

    /// Long enough to be found under way; nobody wants to wait for a sleep that begins in the drill.
    static var nap: Duration { Outage.lasts ? .seconds(20) : .milliseconds(10) }

    static let rename = handler("rename") { (ctx: ServiceContext) -> String in
        try await ctx.sleep(Release.nap)
        return "kept its name"
    }
    static let retype = handler("retype") { (ctx: ServiceContext, text: String) -> String in
        try await ctx.sleep(Release.nap)
        return text
    }
    static let reorder = handler("reorder") { (ctx: ServiceContext) -> String in
        try await ctx.run("first") {}
        try await ctx.sleep(Release.nap)
        return "kept its order"
    }
}

struct AlteredRelease: Service {
    static let name = "Release"
    static let handlers: Handlers = [renamed, retype, reorder]

    struct Order: Codable, Sendable { var count: Int }

    static let renamed = handler("renamed") { (_: ServiceContext) -> String in "has another name" }
    static let retype = handler("retype") { (ctx: ServiceContext, order: Order) -> String in
        try await ctx.sleep(Release.nap)
        return "\(order.count)"
    }
    static let reorder = handler("reorder") { (ctx: ServiceContext) -> String in
        try await ctx.run("another") {}
        try await ctx.sleep(Release.nap)
        return "has another order"
    }
}
