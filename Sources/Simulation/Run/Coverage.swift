/// What a run of many seeds has met, and what it must have met to mean anything.
package struct Coverage: Sendable {
    /// Kinds of things that occur.
    package enum Group: String, CaseIterable, Sendable {
        case faults, operations, commands, steerings, statuses, incidents, systems
    }

    private var met: [Group: [String: Int]] = [:]

    package init() {}

    package mutating func add(_ figures: SimulationRun.Figures) {
        for (group, counts) in figures.occurrences { met[group, default: [:]].merge(counts) { $0 + $1 } }
    }

    /// How often each kind of the floor has occurred, in the order of the floor.
    package func counts(of group: Group) -> [(kind: String, count: Int)] {
        Self.floor(of: group).map { ($0, met[group]?[$0] ?? 0) }
    }

    /// What never occurred.
    package var missing: [String] {
        Group.allCases.flatMap { group in
            counts(of: group).filter { $0.count == 0 }.map { "\(group.rawValue) \($0.kind)" }
        }
    }
}
