/// One kind of request that clients make, and how often. To add an operation, add a line here and tell
/// `ReferenceModel` what its handler answers.
struct WorkloadOperation: Sendable {
    let weight: Int
    let request: @Sendable (inout SeededRandom) -> PlannedRequest

    init(_ weight: Int, _ request: @escaping @Sendable (inout SeededRandom) -> PlannedRequest) {
        self.weight = weight
        self.request = request
    }

    static let all = own + SystemRequests.orders + SystemRequests.reservations

    private static let own: [WorkloadOperation] = [
        WorkloadOperation(20) { PlannedRequest("/Account/\(account(&$0))/deposit", "\(1 + $0.below(15))") },
        WorkloadOperation(10) { PlannedRequest("/Account/\(account(&$0))/withdraw", "\(1 + $0.below(12))") },
        WorkloadOperation(1) { PlannedRequest("/Account/\(account(&$0))/close") },
        WorkloadOperation(3) { PlannedRequest("/Account/\(account(&$0))/embrace", "\"\(account(&$0))\"") },
        WorkloadOperation(2) { PlannedRequest("/Account/\(account(&$0))/waltz", "\"\(account(&$0))\"") },
        WorkloadOperation(2) { PlannedRequest("/Account/\(account(&$0))/glance", "\"\(account(&$0))\"") },
        WorkloadOperation(6) { read(PlannedRequest("/Account/\(account(&$0))/balance")) },
        WorkloadOperation(3) { read(PlannedRequest("/Account/\(account(&$0))/names")) },
        WorkloadOperation(10) { random in
            PlannedRequest(
                "/Teller/transfer", "\"\(account(&random)) \(account(&random)) \(1 + random.below(9))\"")
        },
        WorkloadOperation(5) { PlannedRequest("/Teller/collect", "\"\(account(&$0)) \(account(&$0))\"") },
        WorkloadOperation(8) { random in
            let tag = String(random.next() % 1_000_000)
            return PlannedRequest("/Teller/post", "\"box-\(random.below(3)) \(tag) \(random.below(4_000))\"")
        },
        WorkloadOperation(10) { PlannedRequest("/Errand/steps", "\(1 + $0.below(5))") },
        WorkloadOperation(1) { PlannedRequest("/Errand/spin", "\(40 + $0.below(60))") },
        WorkloadOperation(4) { PlannedRequest("/Errand/pace", "\($0.below(3_000))") },
        WorkloadOperation(5) { PlannedRequest("/Errand/bell", $0.chance(50) ? "0" : "\(100 + $0.below(4_000))") },
        WorkloadOperation(4) { PlannedRequest("/Errand/supervise", "\($0.below(900))") },
        WorkloadOperation(2) { PlannedRequest("/Errand/stubborn", "\($0.below(5))") },
        WorkloadOperation(3) { random in
            PlannedRequest(
                "/Chorus/settle", "\"\(account(&random)) \(account(&random)) \(1 + random.below(9))\"")
        },
        WorkloadOperation(3) { PlannedRequest("/Chorus/hurry", "\"\($0.below(400)) \($0.below(400))\"") },
        WorkloadOperation(3) { PlannedRequest("/Chorus/pick", "\"\(account(&$0)) \(account(&$0))\"") },
        WorkloadOperation(2) { PlannedRequest("/Clerk/delegate", "\"\(workflow(&$0))\"") },
        WorkloadOperation(2) { PlannedRequest("/Clerk/insist", "\"\(workflow(&$0))\"") },
        WorkloadOperation(3) { PlannedRequest("/Clerk/whisper", "\($0.below(6))") },
        WorkloadOperation(4) { PlannedRequest("/Trip/book", "\(1 + $0.below(4))") },
        WorkloadOperation(4) { random in
            let manner = ["s", "quick "][random.below(2)]
            return PlannedRequest("/Approval/\(workflow(&random))/process", "\"\(manner)\(random.below(100))\"")
        },
        WorkloadOperation(1) { PlannedRequest("/Approval/\(workflow(&$0))/refuse", "\"r\($0.below(100))\"") },
        WorkloadOperation(5) { PlannedRequest("/Approval/\(workflow(&$0))/approve", "\"a\($0.below(100))\"") },
        WorkloadOperation(2) { read(PlannedRequest("/Approval/\(workflow(&$0))/status")) },
        WorkloadOperation(3) { random in
            let buyer = "{\"ticketId\":\"seat-\(1 + random.below(4))\",\"userId\":\"u\(random.below(100))\"}"
            return PlannedRequest("/Checkout/process", buyer)
        },
        WorkloadOperation(1) { read(PlannedRequest("/Ticket/seat-\(1 + $0.below(4))/get")) },
        WorkloadOperation(3) { PlannedRequest("/Bookkeeper/enter", "\(1 + $0.below(3))") },
        WorkloadOperation(6, Lookup.draw),
        WorkloadOperation(3, Disorder.draw),
    ]

    /// The services of the workload proper, in which a person may do anything.
    static let services: Set<String> = [
        "Account", "Teller", "Mailbox", "Errand", "Approval", "Chorus", "Clerk", "Trip",
        "Bookkeeper",
    ]

    static let clients = 8

    private static let totalWeight = all.reduce(0) { $0 + $1.weight }

    /// A request of some kind, with the habits of its client.
    static func draw(_ random: inout SeededRandom) -> PlannedRequest {
        var left = random.below(totalWeight)
        var request = PlannedRequest("/")
        for operation in all {
            left -= operation.weight
            guard left < 0 else { continue }
            request = operation.request(&random)
            break
        }
        if request.target == nil, request.expects == nil { giveHabits(to: &request, &random) }
        if random.chance(6) {
            request.hangUp = random.chance(50) ? .beforeAnswer : .midRequest(percent: random.below(100))
        }
        request.isChunked = random.chance(15)
        request.client = random.below(clients)
        return request
    }

    private static func giveHabits(to request: inout PlannedRequest, _ random: inout SeededRandom) {
        if request.path.isWorkflowRun {
            request.isRead = true
            if random.chance(25) { request.headers.append("x-reprise-run-or-attach: true") }
        } else if random.chance(60) {
            request.idempotencyKey = random.chance(30) ? againKey(&random) : "k\(random.next() % 1_000_000_000)"
        }
        if random.chance(25) {
            request.isSend = true
            request.sequel = random.chance(60) ? .attach : random.chance(50) ? .output : nil
            if random.chance(30), !request.path.hasPrefix("/Checkout") { request.delayMs = random.below(3_000) }
        }
    }

    static func againKey(_ random: inout SeededRandom) -> String { "again-\(random.below(12))" }

    static func workflow(_ random: inout SeededRandom) -> String { "w\(random.below(8))" }

    static func account(_ random: inout SeededRandom) -> String { ["ann", "bob", "cy", "dot"][random.below(4)] }

    private static func read(_ request: PlannedRequest) -> PlannedRequest {
        var request = request
        request.isRead = true
        return request
    }
}

extension String {
    /// The one handler of a workflow that runs once per key and so takes no idempotency key.
    var isWorkflowRun: Bool {
        hasPrefix("/Approval/") && hasSuffix("/process") || hasPrefix("/order.sv1.") && hasSuffix("/CreateOrder")
    }
}
