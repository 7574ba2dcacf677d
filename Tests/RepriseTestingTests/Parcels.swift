import Foundation
import Reprise
import Synchronization

/// The world outside of the services under test.
final class Outside: Sendable {
    private let sent = Mutex<[String]>([])

    func send(_ text: String) { sent.withLock { $0.append(text) } }
    var all: [String] { sent.withLock { $0 } }
}

/// A service with every kind of operation.
struct Parcels: Service {
    static let deliver = handler("deliver", Parcels.deliverParcel)
    static let remind = handler("remind", Parcels.sendReminder)
    static let ask = handler("ask", Parcels.askSomebody)
    static let hesitate = handler("hesitate", Parcels.sleepAndReturn)
    static let tick = handler("tick", Parcels.tickForEver)
    static let insist = handler("insist", Parcels.tryThreeTimes)

    static let handlers: Handlers = [deliver, remind, ask, hesitate, tick, insist]

    let outside: Outside

    /// Steps, a wait, a call, a send.
    private func deliverParcel(_ ctx: ServiceContext, _ address: String) async throws -> Int {
        let outside = outside
        let label = ctx.uuid()
        try await ctx.run("pick up") { outside.send("pick up for \(address)") }
        try await ctx.sleep(.hours(24))
        let count = try await ctx.object(Counter.self, key: address).call(Counter.add, 1)
        try await ctx.service(Parcels.self).send(Parcels.remind, label, after: .seconds(60))
        try ctx.publish("parcels", address)
        ctx.logger.info("delivered to \(address)")
        return count
    }

    private func sendReminder(_ ctx: ServiceContext, _ label: String) async throws {
        let outside = outside
        try await ctx.run("remind") { outside.send("remind") }
    }

    private func askSomebody(_ ctx: ServiceContext, _ seconds: Int) async throws -> String {
        let outside = outside
        let answer = try await ctx.awakeable(of: String.self)
        let id = answer.id
        try await ctx.run("ask") { outside.send(id) }
        do {
            return try await answer.value(within: .seconds(seconds))
        } catch let error as TerminalError where error.code == 408 {
            return "no answer"
        }
    }

    private func sleepAndReturn(_ ctx: ServiceContext, _ seconds: Int) async throws -> Int {
        let before = try await ctx.now()
        try await ctx.sleep(.seconds(seconds))
        return Int((try await ctx.now() - before).components.seconds)
    }

    private func tickForEver(_ ctx: ServiceContext) async throws {
        try await ctx.service(Parcels.self).send(Parcels.tick, after: .hours(1))
    }

    private func tryThreeTimes(_ ctx: ServiceContext) async throws -> String {
        let outside = outside
        return try await ctx.run("insist", retry: RunRetryPolicy(initialDelay: .seconds(5), maxAttempts: 3)) {
            outside.send("insist")
            return "done"
        }
    }
}

struct Counter: VirtualObject {
    static let count = StateKey<Int>("count")

    static let add = exclusive("add") { (ctx: ObjectContext, amount: Int) -> Int in
        let sum = (try await ctx.get(count) ?? 0) + amount
        try await ctx.set(count, sum)
        return sum
    }
    static let slow = exclusive("slow") { (ctx: ObjectContext) in
        try await ctx.sleep(.hours(1))
    }
    static let fail = exclusive("fail") { (ctx: ObjectContext) in
        if try await ctx.get(count) == nil { throw TerminalError("nothing to count", code: 409) }
    }

    static let handlers: Handlers = [add, slow, fail]
}

/// The first version of a service, and one whose journal looks different.
struct Letters: Service {
    static let name = "Letters"
    static let write = handler("write") { (ctx: ServiceContext, text: String) -> String in
        let words = try await ctx.run("write") { text.uppercased() }
        try await ctx.sleep(.hours(1))
        return try await ctx.run("seal") { "\(words)." }
    }

    static let handlers: Handlers = [write]
}

struct ChangedLetters: Service {
    static let name = "Letters"
    static let write = handler("write") { (ctx: ServiceContext, text: String) -> String in
        try await ctx.sleep(.hours(1))
        return try await ctx.run("write") { text.uppercased() }
    }

    static let handlers: Handlers = [write]
}
