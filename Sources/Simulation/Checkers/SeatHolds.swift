package import DurableModel

/// What becomes of holds: seen from the seats, the reservations and those who were answered.
package struct SeatHolds: Checker {
    package static let promise = "a seat is held by one, and its hold ends as was said"

    private struct Hold {
        let seat: String
        /// As text, which sorts like the time that it says.
        let expiresAt: String
    }

    /// By reservation, as last written: what a crash takes away is written again.
    private var holds: [String: Hold] = [:]
    private var decisions: [String: String] = [:]
    private var visits: Set<Int> = []
    /// What guests were told that holds for good, by reservation.
    private var told: [String: String] = [:]
    /// A person has kept a reservation from telling its seat how it ended.
    private var excused: Set<String> = []

    private static let workflow = "reservation-workflow"

    package init() {}

    package mutating func before(
        _ mutation: Mutation, of step: Decided, _ history: History, _ complain: (String) -> Void
    ) {
        switch mutation {
        case .insertInvocation(_, let record) where record.isRun: begin(record.acceptance, history, complain)
        case .updateInvocation(let serial, let progress):
            guard progress.status == .completed, let record = history.truth.invocations[serial] else { return }
            end(record.acceptance, progress, complain)
        case .deleteInvocation(let serial):
            guard let record = history.truth.invocations[serial], record.progress.status != .completed else { return }
            excuse(record.acceptance)
        case .putPromise(let object, "decision", let promise) where object.service == Self.workflow:
            let earlier = history.truth.promises[object]?["decision"]?.outcome
            decide(object.key, promise.outcome, earlier, complain)
        case .putState(let object, "holder", let value) where object.service == "Seat":
            give(object.key, Document(value), Document(history.truth.state[object]?["holder"]), complain)
        case .deleteState(let object, "holder") where object.service == "Seat":
            give(object.key, nil, Document(history.truth.state[object]?["holder"]), complain)
        default: break
        }
    }

    private mutating func begin(_ new: Acceptance, _ history: History, _ complain: (String) -> Void) {
        guard let id = new.target.key, let input = Document(new.input), let seat = input.text("seatId"),
            let expiresAt = input.text("expiresAt")
        else { return complain("a reservation without seat begins: \(String(decoding: new.input, as: UTF8.self))") }
        holds[id] = Hold(seat: seat, expiresAt: expiresAt)
        for (_, other) in history.truth.invocations where other.isRun {
            guard let key = other.acceptance.target.key, key != id, holds[key]?.seat == seat else { continue }
            let object = ObjectID(service: Self.workflow, key: key)
            let decision = Document(history.truth.promises[object]?["decision"]?.outcome)?.text("status")
            if decision == "confirmed" || decision == nil && other.progress.status != .completed {
                complain("\(id) holds \(seat), which \(key) has (\(decision ?? "held"))")
            }
        }
    }

    private mutating func decide(
        _ id: String, _ outcome: Outcome?, _ earlier: Outcome?, _ complain: (String) -> Void
    ) {
        guard let decision = Document(outcome), let status = decision.text("status") else { return }
        if let earlier, earlier != outcome { complain("\(id) is \(status) after it was decided otherwise") }
        decisions[id] = status
        guard let hold = holds[id], let at = decision.text("at") else { return }
        if status == "expired", at < hold.expiresAt { complain("\(id) expires at \(at), before \(hold.expiresAt)") }
        if status == "confirmed", at > hold.expiresAt { complain("\(id) is confirmed at \(at), after its time") }
    }

    /// A seat gets another holder, none, or learns that its holder stays.
    private func give(_ seat: String, _ new: Document?, _ old: Document?, _ complain: (String) -> Void) {
        let id = new?.text("reservationId")
        if new?.text("isConfirmed") == "true", let id, decisions[id] != "confirmed" {
            complain("\(seat) is sold to \(id), which is \(decisions[id] ?? "held")")
        }
        guard let old, let before = old.text("reservationId"), before != id else { return }
        if old.text("isConfirmed") == "true" { complain("\(seat) is taken from \(before), which has confirmed it") }
    }

    private mutating func end(_ acceptance: Acceptance, _ progress: Progress, _ complain: (String) -> Void) {
        switch "\(acceptance.target.service)/\(acceptance.target.handler)" {
        case "Seat/settle", "\(Self.workflow)/run":
            guard let result = Document(progress.outcome)?.text("status"), let id = acceptance.target.key else {
                if case .failure = progress.outcome { excuse(acceptance) }
                return
            }
            if result != decisions[id] { complain("\(id) ends as \(result) and is \(decisions[id] ?? "held")") }
        case "ReservationFunction/reserve":
            guard let report = Document(progress.outcome) else { return }
            let (status, deadline) = (report.text("reservation", "status"), report.text("reservation", "expiresAt"))
            if status != "expired" || report.text("reservation", "expiredAt") ?? "" < deadline ?? "?" {
                complain("a reservation nobody can confirm ends as \(status ?? "nothing"), or early")
            }
        default: break
        }
    }

    private mutating func excuse(_ acceptance: Acceptance) {
        switch acceptance.target.service {
        case "Seat" where acceptance.target.handler == "settle": excused.insert(acceptance.target.key ?? "")
        case Self.workflow where acceptance.target.handler == "run":
            if let seat = holds[acceptance.target.key ?? ""]?.seat { excused.insert(seat) }
        default: break
        }
    }

    // MARK: What guests were told

    package mutating func before(_ event: TraceEvent, _ history: History, _ complain: (String) -> Void) {
        switch event {
        case .asked(let request, "/Usher/visit", _): visits.insert(request)
        case .answered(let request, let answer) where answer.status == 200 && visits.contains(request):
            hear(answer.text.dropFirst().dropLast().split(separator: " ").map(String.init))
        case .ended(let ending) where ending.isAtRest: compareAtEnd(history.durable, complain)
        default: break
        }
    }

    /// "id verdict=status … now=status"
    private mutating func hear(_ words: [String]) {
        guard let id = words.first else { return }
        for word in words.dropFirst() {
            let status = word.split(separator: "=").last.map(String.init) ?? ""
            if !["held", "none"].contains(status) { told[id] = status }
        }
    }

    private func compareAtEnd(_ disk: DiskImage, _ complain: (String) -> Void) {
        for (id, status) in told.sorted(by: { $0.key < $1.key }) {
            let decision = decisions[id] ?? "held"
            if decision != status { complain("a guest was told that \(id) is \(status), it is \(decision)") }
            guard status == "confirmed", let seat = holds[id]?.seat else { continue }
            let holder = Document(disk.state[ObjectID(service: "Seat", key: seat)]?["holder"])
            if holder?.text("reservationId") != id {
                complain("a guest was told that \(seat) is confirmed as \(id), and has it no more")
            }
        }
        for (object, values) in disk.state where object.service == "Seat" && !excused.contains(object.key) {
            guard let holder = Document(values["holder"]), let id = holder.text("reservationId") else { continue }
            if decisions[id] != "confirmed" || holder.text("isConfirmed") != "true" {
                complain("\(object.key) is still held by \(id), which is \(decisions[id] ?? "held")")
            }
        }
    }
}

extension InvocationRecord {
    /// The life of a reservation.
    fileprivate var isRun: Bool {
        acceptance.target.service == "reservation-workflow" && acceptance.target.handler == "run"
    }
}
