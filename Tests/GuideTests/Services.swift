import Reprise

// guide: begin
/// Weather for one place: no key, no state, any number of calls at a time.
struct Forecasts: Service {
    struct Forecast: Codable, Sendable {
        var place: String
        var celsius: Int
    }

    static let today = handler("today") { (ctx: ServiceContext, place: String) -> Forecast in
        // The world outside is asked once; every replay gets the recorded answer.
        let celsius = try await ctx.run("ask the station", retry: RunRetryPolicy(maxAttempts: 5)) {
            try await measure(place)
        }
        if celsius < -273 { throw TerminalError("the station of \(place) is broken", code: 502) }
        return Forecast(place: place, celsius: celsius)
    }

    /// A method may be a handler too, and has to be when it names itself.
    static let everyMorning = handler("everyMorning", Forecasts.wakeUp)

    static let handlers: Handlers = [today, everyMorning]

    /// Sends itself the next message: it wakes up every morning, whatever restarts lie between.
    func wakeUp(_ ctx: ServiceContext, _ place: String) async throws {
        let forecasts = ctx.service(Forecasts.self)
        let forecast = try await forecasts.call(Forecasts.today, place)
        ctx.logger.info("\(place): \(forecast.celsius) degrees at \(try await ctx.now())")
        try await forecasts.send(Forecasts.everyMorning, place, after: .seconds(86_400))
    }
}
// guide: end

/// The station.
private func measure(_ place: String) async throws -> Int { place == "Atlantis" ? -300 : place.count }
