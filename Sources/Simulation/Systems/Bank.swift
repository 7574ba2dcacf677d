/// The gateway of the order system, as an honest one is: it says of one payment what it has said before, it cannot give
/// back what it has never seen, and what is sent to it may arrive although nobody hears its answer, or late.
///
/// `@unchecked Sendable`: a simulation has one thread, and everything in it happens there.
final class Bank: @unchecked Sendable {
    /// What is under way longer than this never arrives.
    static let lateArrivalMs: Int64 = 20_000

    private let clock: SimulatedClock
    private var charged: Set<String> = []
    private var declined: Set<String> = []
    private var givenBack: Set<String> = []
    private var underWay: [(payment: String, arrivesMs: Int64)] = []

    init(clock: SimulatedClock) { self.clock = clock }

    var nowMs: Int64 { clock.nowMs() }

    /// False: no money has moved, and none will.
    func charge(_ payment: String) -> Bool {
        settle(untilMs: nowMs)
        return take(payment)
    }

    /// Says no; false when it has said yes before.
    func decline(_ payment: String) -> Bool {
        settle(untilMs: nowMs)
        guard !charged.contains(payment) else { return false }
        declined.insert(payment)
        return true
    }

    /// The charge is on its way, and whoever sent it hears no more of it.
    func send(_ payment: String, arrivesMs: Int64) { underWay.append((payment, arrivesMs)) }

    /// Gives back; false when there is nothing to give back, as far as it knows.
    func giveBack(_ payment: String) -> Bool {
        settle(untilMs: nowMs)
        guard charged.contains(payment) else { return false }
        givenBack.insert(payment)
        return true
    }

    /// Payments whose money was taken and not given back, once everything has arrived.
    var kept: Set<String> {
        settle(untilMs: .max)
        return charged.subtracting(givenBack)
    }

    private func settle(untilMs: Int64) {
        for arrival in underWay where arrival.arrivesMs <= untilMs { _ = take(arrival.payment) }
        underWay.removeAll { $0.arrivesMs <= untilMs }
    }

    private func take(_ payment: String) -> Bool {
        guard !declined.contains(payment), !givenBack.contains(payment) else { return false }
        charged.insert(payment)
        return true
    }
}
