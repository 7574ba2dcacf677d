import Foundation
import Glibc

/// Hummingbird's hello world on a free port.
final class HelloProcess {
    let port: Int
    private let process = Process()

    init(_ path: String) throws {
        port = try LoopbackSocket.freePort()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = [String(port)]
        try process.run()
        for _ in 0..<10_000 {
            if let descriptor = try? LoopbackSocket.connected(to: port) {
                close(descriptor)
                return
            }
            guard process.isRunning else { break }
            usleep(1_000)
        }
        stop()
        throw BenchFailure("\(path) did not start")
    }

    var processorMicroseconds: Double { ProcessorTime.microseconds(of: process.processIdentifier) }

    func stop() {
        guard process.isRunning else { return }
        process.terminate()
        process.waitUntilExit()
    }
}
