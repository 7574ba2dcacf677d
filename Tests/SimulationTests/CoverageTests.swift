import Foundation
import Simulation
import Testing

/// The floor of the coverage keeps up with what there is to cover.
@Suite struct CoverageTests {
    @Test func namesEveryOperationOfTheSeam() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let seam = root.appending(path: "Sources/Reprise/DurableOperations.swift")
        let source = try String(contentsOf: seam, encoding: .utf8)
        let methods = source.matches(of: /func (\w+)\(/).map { String($0.1) }
        #expect(methods.count > 20)
        let floor = Coverage.floor(of: .operations)
        for method in methods where method != "wait" {
            // An id that is computed is no step of the engine.
            guard method != "invocationID" else { continue }
            #expect(floor.contains(method), "no seed has to meet \(method)")
        }
        #expect(floor.count { $0.hasPrefix("wait ") } == 4)
    }

    @Test func aGapIsNoticed() {
        var coverage = Coverage()
        coverage.add(SimulationRun(seed: 3).figures)
        #expect(!coverage.missing.isEmpty)
    }
}
