/// Processor time as the files under `/proc` have it.
package enum ProcessorTicks {
    /// Of a process, in user and kernel mode together; nil when this is no `/proc/PID/stat`. A name in it may contain
    /// anything, spaces and parentheses too, so what is counted are the fields after its end.
    ///
    /// - Parameter withChildren: Those that have ended and were waited for, too.
    package static func total(stat: String, withChildren: Bool = false) -> Int? {
        guard let name = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[stat.index(after: name)...].split(separator: " ")
        // Fields 14 to 17 of the file, of which the first two are left out.
        guard fields.count > 14 else { return nil }
        let counts = fields[11..<(withChildren ? 15 : 13)].compactMap { Int($0) }
        return counts.count == (withChildren ? 4 : 2) ? counts.reduce(0, +) : nil
    }

    /// Of the whole machine, whatever it was that did not wait; nil when this is no `/proc/stat`.
    package static func busy(machineStat: String) -> Int? {
        let fields = machineStat.prefix { $0 != "\n" }.split(separator: " ")
        guard fields.first == "cpu" else { return nil }
        let counts = fields.dropFirst().prefix(8).compactMap { Int($0) }
        guard counts.count == 8 else { return nil }
        // user, nice, system, idle, iowait, irq, softirq, steal
        return counts.reduce(0, +) - counts[3] - counts[4]
    }
}
