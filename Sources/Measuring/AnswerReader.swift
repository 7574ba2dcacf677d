/// Finds status and end of HTTP/1.1 answers on a connection that has one request under way at a time. Nothing is copied
/// as long as a head arrives in one piece: who generates load shares the processor with the server that it measures.
package struct AnswerReader {
    package enum Progress: Equatable, Sendable {
        case incomplete
        case complete(status: Int)
        /// Not HTTP, longer than it says, or of a length that it does not say in advance.
        case unreadable
    }

    private struct Head {
        var status: Int
        var bytes: Int
        var contentLength: Int
    }

    private var status = 0
    private var bodyBytesLeft = 0
    private var isInBody = false
    /// Of a head that came in pieces.
    private var headSoFar: [UInt8] = []

    package init() {}

    /// What was received, in order and without what was given before. Once the answer is complete the next may follow.
    package mutating func take(_ bytes: UnsafeRawBufferPointer) -> Progress {
        if isInBody { return takeBody(bytes.count) }
        if headSoFar.isEmpty { return takeHead(bytes) }
        var whole: [UInt8] = []
        swap(&whole, &headSoFar)
        whole.append(contentsOf: bytes)
        return whole.withUnsafeBytes { takeHead($0) }
    }

    private mutating func takeBody(_ count: Int) -> Progress {
        bodyBytesLeft -= count
        guard bodyBytesLeft <= 0 else { return .incomplete }
        isInBody = false
        return bodyBytesLeft == 0 ? .complete(status: status) : .unreadable
    }

    private mutating func takeHead(_ bytes: UnsafeRawBufferPointer) -> Progress {
        var isWhole = false
        guard let head = Self.head(of: bytes, isWhole: &isWhole) else {
            guard !isWhole else { return .unreadable }
            headSoFar = Array(bytes)
            return .incomplete
        }
        status = head.status
        bodyBytesLeft = head.contentLength
        isInBody = true
        return takeBody(bytes.count - head.bytes)
    }

    /// nil when the head is not all there yet, and when it `isWhole` but cannot be read.
    private static func head(of bytes: UnsafeRawBufferPointer, isWhole: inout Bool) -> Head? {
        var contentLength = 0
        var isReadable = true
        var lineStart = 0
        for index in 0..<bytes.count where bytes[index] == newline {
            let line = UnsafeRawBufferPointer(rebasing: bytes[lineStart..<index])
            if line.count <= 1 {
                isWhole = true
                guard isReadable, let status = status(of: bytes) else { return nil }
                return Head(status: status, bytes: index + 1, contentLength: contentLength)
            }
            if has(contentLengthName, line) {
                let length = number(line)
                isReadable = isReadable && length != nil
                contentLength = length ?? 0
            } else if has(transferEncodingName, line) {
                isReadable = false
            }
            lineStart = index + 1
        }
        return nil
    }

    private static func status(of bytes: UnsafeRawBufferPointer) -> Int? {
        // "HTTP/1.1 200"
        guard bytes.count >= 12, bytes[0] == 72, bytes[4] == 47, bytes[8] == 32 else { return nil }
        var status = 0
        for index in 9..<12 {
            guard let digit = digit(bytes[index]) else { return nil }
            status = status * 10 + digit
        }
        return status
    }

    /// A field's name, in whatever case, and its colon.
    private static func has(_ name: StaticString, _ line: UnsafeRawBufferPointer) -> Bool {
        let length = name.utf8CodeUnitCount
        guard line.count > length else { return false }
        for index in 0..<length where line[index] | 0x20 != name.utf8Start[index] | 0x20 { return false }
        return true
    }

    private static func number(_ line: UnsafeRawBufferPointer) -> Int? {
        var number: Int?
        for byte in line.dropFirst(contentLengthName.utf8CodeUnitCount) {
            if let digit = digit(byte) {
                number = (number ?? 0) * 10 + digit
            } else if byte != 32, byte != 13 {
                return nil
            }
        }
        return number
    }

    private static func digit(_ byte: UInt8) -> Int? { byte >= 48 && byte <= 57 ? Int(byte) - 48 : nil }

    private static let newline: UInt8 = 10
    private static let contentLengthName: StaticString = "content-length:"
    private static let transferEncodingName: StaticString = "transfer-encoding:"
}
