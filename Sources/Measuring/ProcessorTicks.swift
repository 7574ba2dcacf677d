/// The processor time of a process as `/proc/PID/stat` has it.
package enum ProcessorTicks {
    /// In user and kernel mode together; nil when this is no such file. A name in it may contain anything, spaces and
    /// parentheses too, so what is counted are the fields after its end.
    package static func total(stat: String) -> Int? {
        guard let name = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[stat.index(after: name)...].split(separator: " ")
        // Fields 14 and 15 of the file, of which the first two are left out.
        guard fields.count > 12, let user = Int(fields[11]), let kernel = Int(fields[12]) else { return nil }
        return user + kernel
    }
}
