import Collections
import DurableModel

// Calls that wait for each other. An edge leads from an invocation that waits for nothing but the results of calls to
// whoever must end before such a call can: the callee, or the owner of the lane in which it queues.
extension Engine {
    private struct Link {
        let caller: Resident
        let entry: Int
        let callee: Resident
        /// Who has to end first: the callee, or whoever owns its lane.
        let blocker: InvocationSerial

        var isQueued: Bool { callee.progress.status == .pending }
    }

    private struct Node {
        var links: [Link]
        /// It goes on when all of its calls have ended; else when one has.
        var needsAll: Bool
    }

    /// A cheap look that clears the usual case: what is called is at work.
    func mayCloseCycle(_ invocation: Resident, _ open: [Int]) -> Bool {
        var hasCall = false
        for index in open {
            guard invocation.journal[index].command.waitsForInvocation,
                case .child(let serial, _) = invocation.journal[index].detail
            else { continue }
            hasCall = true
            guard open.count == 1, let callee = invocations[serial] else { continue }
            let isQueued = callee.progress.status == .pending
            let blocker = isQueued ? callee.lane.flatMap { lanes[$0]?.owner }.flatMap { invocations[$0] } : callee
            if let attempt = blocker?.attempt, attempt.parked == nil { return false }
        }
        return hasCall
    }

    /// Fails the youngest call of a cycle that `serial` has closed by waiting.
    mutating func breakDeadlock(of serial: InvocationSerial) throws(Wait) {
        guard let invocation = try find(serial),
            invocation.attempt?.parked != nil || invocation.progress.status == .suspended
        else { return }
        let cycle = try cycle(through: invocation)
        invocation.attempt?.mayBeDeadlocked = false
        guard !cycle.isEmpty else { return }
        let failure = TerminalFailure(code: 409, message: Self.describe(cycle))
        let queued = cycle.filter(\.isQueued)
        let victim = (queued.isEmpty ? cycle : queued).max { $0.callee.serial < $1.callee.serial }
        guard let victim else { return }
        if victim.isQueued {
            try withdraw(victim.callee, failure)
        } else {
            complete(victim.entry, of: victim.caller, with: .outcome(.failure(failure)))
        }
        followUps.append(.lookForDeadlock(serial))
    }

    private static func describe(_ cycle: [Link]) -> String {
        let callers = cycle.map { "\($0.caller.acceptance.target.path) (\($0.caller.id.text))" }
        let path = (callers + [callers[0]]).joined(separator: " waits for ")
        return "deadlock: \(path)"
    }

    /// The links of a cycle that keeps `start` from ever going on; empty when there is none.
    private func cycle(through start: Resident) throws(Wait) -> [Link] {
        let nodesMax = 1_000
        var nodes: [InvocationSerial: Node] = [:]
        var order: OrderedSet<InvocationSerial> = [start.serial]
        var next = 0
        while next < order.count {
            guard order.count <= nodesMax else { return [] }
            let serial = order[next]
            next += 1
            guard let invocation = try find(serial), let node = try node(of: invocation) else { continue }
            nodes[serial] = node
            order.append(contentsOf: node.links.lazy.map(\.blocker))
        }
        let stuck = Self.stuck(nodes, order.elements)
        guard stuck.contains(start.serial) else { return [] }
        return Self.walk(nodes, stuck, from: start.serial)
    }

    /// nil for whoever can go on by itself.
    private func node(of invocation: Resident) throws(Wait) -> Node? {
        guard let waiting = invocation.attempt?.parked?.waiting ?? invocation.progress.waiting,
            invocation.attempt?.parked != nil || invocation.progress.status == .suspended,
            waiting.entries.allSatisfy(invocation.journal.indices.contains)
        else { return nil }
        let needsAll = waiting.condition == .all || waiting.condition == .allSettled
        var links: [Link] = []
        for index in waiting.entries where invocation.journal[index].completion == nil {
            if let link = try link(from: invocation, index) {
                links.append(link)
            } else if !needsAll {
                return nil
            }
        }
        return links.isEmpty ? nil : Node(links: links, needsAll: needsAll)
    }

    private func link(from invocation: Resident, _ index: Int) throws(Wait) -> Link? {
        guard invocation.journal[index].command.waitsForInvocation,
            case .child(let serial, _) = invocation.journal[index].detail, let callee = try find(serial)
        else { return nil }
        var blocker = serial
        if callee.progress.status == .pending, let laneID = callee.lane, let owner = lanes[laneID]?.owner {
            blocker = owner
        }
        return Link(caller: invocation, entry: index, callee: callee, blocker: blocker)
    }

    /// Those who can only go on after each other: all, less whoever has a way out, until nobody is left to strike out.
    private static func stuck(
        _ nodes: [InvocationSerial: Node], _ order: [InvocationSerial]
    ) -> Set<InvocationSerial> {
        var stuck = Set(order.filter { nodes[$0] != nil })
        var hasChanged = true
        while hasChanged {
            hasChanged = false
            for serial in order where stuck.contains(serial) {
                guard let node = nodes[serial] else { continue }
                let stuckLinks = node.links.filter { stuck.contains($0.blocker) }
                let isFree = node.needsAll ? stuckLinks.isEmpty : stuckLinks.count < node.links.count
                if isFree {
                    stuck.remove(serial)
                    hasChanged = true
                }
            }
        }
        return stuck
    }

    private static func walk(
        _ nodes: [InvocationSerial: Node], _ stuck: Set<InvocationSerial>, from start: InvocationSerial
    ) -> [Link] {
        var path: [Link] = []
        var visited: [InvocationSerial] = []
        var current = start
        while !visited.contains(current) {
            visited.append(current)
            guard let link = nodes[current]?.links.first(where: { stuck.contains($0.blocker) }) else { return [] }
            path.append(link)
            current = link.blocker
        }
        let first = visited.firstIndex(of: current) ?? 0
        return Array(path[first...])
    }
}

extension Command {
    fileprivate var waitsForInvocation: Bool {
        switch self {
        case .call, .attach: true
        default: false
        }
    }
}
