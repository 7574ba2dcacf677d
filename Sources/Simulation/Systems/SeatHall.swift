import Reprise
import Reservations

/// The reservation system, and somebody who uses it as its HTTP routes do: all its handlers are private.
enum SeatHall {
    static func services(holdMs: Int64) -> [any ServiceDefinition] {
        var configuration = ReservationsConfiguration()
        configuration.holdMs = holdMs
        return ReservationsSystem(configuration).services + [Usher()]
    }
}

/// Guests come, hold a seat, think for a while, and decide.
struct Usher: Service {
    static let visit = handler("visit", options: WorkloadOptions.brief, Usher.holdAndDecide)
    static let handlers: Handlers = [visit]

    /// "seat user manner delayMs"; says which reservation it was, how the call ended and what holds now.
    private func holdAndDecide(_ ctx: ServiceContext, _ visit: String) async throws -> String {
        let words = visit.split(separator: " ").map(String.init)
        guard words.count == 4, let delayMs = Int(words[3]) else { throw TerminalError("no visit", code: 400) }
        let hold: Reservation
        do {
            hold = try await ctx.object(Seat.self, key: words[0]).call(Seat.hold, HoldRequest(userId: words[1]))
        } catch let error as TerminalError where error.message.hasPrefix("Seat is") {
            return "taken"
        }
        try await ctx.sleep(.milliseconds(delayMs))
        let workflow = ctx.workflow(ReservationWorkflow.self, key: hold.reservationId)
        let (mine, theirs) = (DecisionRequest(userId: words[1]), DecisionRequest(userId: "somebody else"))
        let replies: [DecisionReply]
        switch words[2] {
        case "confirm": replies = [try await workflow.call(ReservationWorkflow.confirm, mine)]
        case "cancel": replies = [try await workflow.call(ReservationWorkflow.cancel, mine)]
        case "steal": replies = [try await workflow.call(ReservationWorkflow.confirm, theirs)]
        case "waver":
            let yes = try await workflow.future(ReservationWorkflow.confirm, mine)
            let no = try await workflow.future(ReservationWorkflow.cancel, mine)
            replies = try await DurableFuture.all([yes, no])
        default: replies = []
        }
        let view = try await workflow.call(ReservationWorkflow.look)
        let verdicts = replies.map { "\($0.verdict.rawValue)=\($0.reservation?.status.rawValue ?? "none")" }
        let now = view.reservation?.status.rawValue ?? "none"
        return ([hold.reservationId] + verdicts + ["now=\(now)"]).joined(separator: " ")
    }
}
