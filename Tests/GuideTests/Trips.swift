import Reprise

// guide: begin
/// Books a flight and a hotel, or neither.
struct Trips: Service {
    struct Trip: Codable, Sendable {
        var user: String
        var hotel: String
    }

    static let book = handler("book") { (ctx: ServiceContext, trip: Trip) -> String in
        let flight = ctx.derivedKey("flight")
        return try await ctx.saga { saga in
            // Registered before the step that it undoes: a step that was cut short may have happened.
            saga.compensate("cancel flight") { await bookings.cancel(flight) }
            try await ctx.run("book flight") { await bookings.book(flight) }

            saga.compensate {
                // Code of the handler: calls, sends and state are as durable here as anywhere.
                try await ctx.service(Trips.self).send(Trips.apologize, trip.user)
            }
            let room = try await ctx.service(Trips.self).call(Trips.reserveRoom, trip.hotel)
            return "\(room) and a flight"
        }
    }
    static let reserveRoom = handler("reserveRoom") { (ctx: ServiceContext, hotel: String) -> String in
        if hotel == "full" { throw TerminalError("no room left", code: 409) }
        if hotel == "slow" { try await ctx.sleep(.seconds(3_600)) }
        return "a room at \(hotel)"
    }
    static let apologize = handler("apologize") { (ctx: ServiceContext, user: String) in
        try await ctx.run("mail") { outbox.send("sorry", to: user) }
    }

    static let handlers: Handlers = [book, reserveRoom, apologize]
}
// guide: end
