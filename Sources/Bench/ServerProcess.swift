import Dispatch
import Foundation
import Glibc

/// A server of its own for one measurement: the binary beside this one, a fresh directory, free ports.
final class ServerProcess {
    let ingressPort: Int
    let adminPort: Int
    let directory: URL
    /// What it is given besides its addresses.
    private let flags: [String]
    /// From the start of the process until the health route answered 200.
    private(set) var startMs = 0.0
    private var process = Process()

    /// Where the processor is what is measured: on a file system in memory if there is one, because the disk's moods
    /// would hide what is asked.
    static func inMemory(or folder: URL, flags: [String] = []) throws -> ServerProcess {
        let memory = URL(fileURLWithPath: "/dev/shm")
        let isThere = FileManager.default.isWritableFile(atPath: memory.path)
        return try ServerProcess(in: isThere ? memory : folder, flags: flags)
    }

    init(in folder: URL, flags: [String] = []) throws {
        self.flags = flags
        directory = folder.appendingPathComponent("bench-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        ingressPort = try LoopbackSocket.freePort()
        adminPort = try LoopbackSocket.freePort()
    }

    func start() async throws {
        process = Process()
        process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
            .deletingLastPathComponent().appendingPathComponent("reprise")
        process.arguments = [
            "serve", "--data-dir", directory.appendingPathComponent("data").path,
            "--ingress", "127.0.0.1:\(ingressPort)", "--admin", "127.0.0.1:\(adminPort)", "--log-level", "error",
        ] + flags
        process.environment = ProcessInfo.processInfo.environment.merging(["REPRISE_BENCH_SERVICES": "1"]) { $1 }
        let begin = DispatchTime.now().uptimeNanoseconds
        do {
            try process.run()
        } catch {
            throw BenchFailure("there is no server beside this program: build the product reprise first")
        }
        while !isReady() {
            guard process.isRunning, DispatchTime.now().uptimeNanoseconds - begin < 60_000_000_000 else {
                throw BenchFailure("the server did not become ready")
            }
            usleep(500)
        }
        startMs = Double(DispatchTime.now().uptimeNanoseconds - begin) / 1e6
    }

    func stop() {
        guard process.isRunning else { return }
        process.terminate()
        process.waitUntilExit()
    }

    func remove() {
        stop()
        try? FileManager.default.removeItem(at: directory)
    }

    private func isReady() -> Bool { (try? fetch("/restate/health", port: ingressPort).status) == 200 }

    var processorMicroseconds: Double { ProcessorTime.microseconds(of: process.processIdentifier) }

    /// Bytes of the database and of its write-ahead log.
    func fileBytes() -> (database: Int, log: Int) {
        func bytes(_ name: String) -> Int {
            var status = stat()
            return stat(directory.appendingPathComponent("data/\(name)").path, &status) == 0 ? Int(status.st_size) : 0
        }
        return (bytes("reprise.db"), bytes("reprise.db-wal"))
    }

    /// Resident memory of the server in bytes: now, and at its highest.
    func memory() -> (now: Int, peak: Int) {
        let status = (try? String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)) ?? ""
        func kilobytes(_ name: String) -> Int {
            let line = status.split(separator: "\n").first { $0.hasPrefix(name) } ?? ""
            return line.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) } ?? 0
        }
        return (kilobytes("VmRSS:") * 1024, kilobytes("VmHWM:") * 1024)
    }

    /// The value of a Prometheus line without labels.
    func metric(_ name: String) -> Double {
        let text = (try? fetch("/metrics", port: adminPort).body) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix(name + " ") } ?? ""
        return line.split(separator: " ").last.flatMap { Double($0) } ?? 0
    }

    /// What a call answered that has to succeed.
    func answer(_ path: String, body: String? = nil) throws -> String {
        let answer = try fetch(path, port: ingressPort, body: body)
        guard (200..<300).contains(answer.status) else { throw BenchFailure("\(path) answered \(answer.status)") }
        return answer.body
    }

    /// One blocking request on a connection of its own.
    func fetch(_ path: String, port: Int, body: String? = nil) throws -> (status: Int, body: String) {
        let descriptor = try LoopbackSocket.connected(to: port)
        defer { close(descriptor) }
        var text = "\(body == nil ? "GET" : "POST") \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
        if let body { text += "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n" }
        let request = Array((text + "\r\n" + (body ?? "")).utf8)
        _ = send(descriptor, request, request.count, Int32(MSG_NOSIGNAL))
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            received += buffer[..<count]
        }
        let parts = String(decoding: received, as: UTF8.self).components(separatedBy: "\r\n\r\n")
        let status = parts[0].split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return (status, parts.dropFirst().joined(separator: "\r\n\r\n"))
    }
}
