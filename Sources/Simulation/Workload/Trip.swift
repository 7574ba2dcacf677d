import Reprise

/// A saga whose steps and compensations reach outside: what is booked in vain must be given back, whatever happens.
struct Trip: Service {
    static let book = handler("book", options: WorkloadOptions.brief, Trip.bookRooms)
    static let handlers: Handlers = [book]

    let hands: Hands
    let rooms: Books

    /// So many rooms; every third trip comes to nothing in the end.
    private func bookRooms(_ ctx: ServiceContext, _ count: Int) async throws -> String {
        try await ctx.saga { saga in
            for number in 0..<count {
                let (hands, rooms, id) = (hands, rooms, ctx.invocationID)
                let room = "\(ctx.derivedKey("room"))-\(number)"
                saga.compensate("undo") {
                    _ = try await hands.reach(id, "undo", refusesForGood: false)
                    if hands.life.isAlive { _ = rooms.void(room) }
                }
                _ = try await ctx.run("room \(number)") {
                    let token = try await hands.reach(id, "room \(number)")
                    if hands.life.isAlive, !rooms.charge(room) { throw TerminalError("given back before", code: 410) }
                    return token
                }
                try await hands.stumble(ctx.invocationID)
                if number % 2 == 0 { try await ctx.sleep(.milliseconds(count * 30)) }
            }
            guard count % 3 != 0 else { throw TerminalError("nothing came of it", code: 410) }
            saga.commit()
            return "booked"
        }
    }
}
