import ArgumentParser
import Foundation

/// Reads cases from standard input, each a length of four bytes (most significant first) and so many bytes; prints a
/// line of JSON for each: what a connection makes of them. Ends with 1 when the verdict depends on how they are cut.
struct VerdictsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verdicts", abstract: "Says what the request parser makes of the cases on standard input.")

    private struct Verdict: Encodable {
        struct Request: Encodable {
            var method: String
            var target: String
            /// In hexadecimal.
            var body: String
        }

        var requests: [Request]
        var refusal: Int?
        var isClosed: Bool
        var wait: String

        init(_ transcript: Transcript) {
            requests = transcript.requests.map { request in
                let hex = request.body.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
                return Request(method: request.method, target: request.target, body: hex)
            }
            refusal = transcript.refusal
            isClosed = transcript.isClosed
            wait = "\(transcript.wait)"
        }
    }

    func run() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let input = [UInt8](FileHandle.standardInput.readDataToEndOfFile())
        var position = 0
        while position + 4 <= input.count {
            let length = input[position..<(position + 4)].reduce(0) { $0 << 8 | Int($1) }
            let start = position + 4
            guard start + length <= input.count else { throw ValidationError("the last case is cut short") }
            position = start + length
            let bytes = input[start..<position]
            let whole = Transcript(of: [bytes])
            let byByte = Transcript(of: bytes.indices.map { bytes[$0...$0] })
            guard whole == byByte else {
                let text = String(decoding: bytes, as: UTF8.self)
                throw ValidationError("it depends on the cut: \(whole), \(byByte): \(text)")
            }
            FileHandle.standardOutput.write(try encoder.encode(Verdict(whole)) + Data("\n".utf8))
        }
    }
}
