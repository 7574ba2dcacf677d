import Foundation

package enum Environment {
    /// nil when the variable is unset or empty.
    package static func value(_ name: String) -> String? {
        ProcessInfo.processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Values with commas between them.
    package static func list(_ name: String) -> [String] {
        (value(name) ?? "").split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    }
}

/// An option or variable whose value cannot be used.
package struct ConfigurationError: Error, CustomStringConvertible {
    package let description: String

    package init(_ option: String, _ value: String, _ expected: String) {
        description = "\(option): '\(value)' is not \(expected)"
    }
}
