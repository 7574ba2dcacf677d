import Reprise

/// What a caller wants to become of a hold.
enum DecisionVerb: Sendable {
    case confirm, cancel

    var handler: Handler<ReservationWorkflow, DecisionRequest, DecisionReply> {
        switch self {
        case .confirm: ReservationWorkflow.confirm
        case .cancel: ReservationWorkflow.cancel
        }
    }

    private var goal: ReservationStatus { self == .confirm ? .confirmed : .cancelled }

    func answer(_ verdict: DecisionReply.Verdict, _ reservation: Reservation) throws -> RouteResponse {
        if reservation.status == goal {
            let message = "Reservation \(verdict == .done ? "" : "is already ")\(goal)"
            return try .json(
                DecisionBody(message: verdict == .done ? "\(message) successfully" : message, reservation: reservation))
        }
        guard reservation.status == .expired else {
            return try .json(
                Complaint(
                    "Reservation cannot be \(goal) from status: \(reservation.status)", reservation: reservation),
                status: .badRequest)
        }
        let reason =
            verdict == .tooLate
            ? "Reservation has expired (\(self == .confirm ? "confirmation" : "cancellation") time exceeded)"
            : "Reservation has expired and cannot be \(goal)"
        return try .json(Complaint(reason, reservation: reservation), status: .gone)
    }
}
