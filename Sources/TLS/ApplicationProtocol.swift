internal import COpenSSL

/// What is spoken inside of TLS (ALPN, RFC 7301). The list is where HTTP/2 would come in.
enum ApplicationProtocol {
    /// In our order of preference, each behind its length.
    private static let ours: [UInt8] = ["http/1.1"].flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }

    /// A client that offers protocols, and none that is spoken here, is told so at once instead of being misunderstood.
    static let select:
        @convention(c) (
            OpaquePointer?, UnsafeMutablePointer<UnsafePointer<UInt8>?>?, UnsafeMutablePointer<UInt8>?,
            UnsafePointer<UInt8>?, UInt32, UnsafeMutableRawPointer?
        ) -> Int32 = { _, chosen, chosenLength, offered, offeredLength, _ in
            guard let chosen, let chosenLength, let offered else { return SSL_TLSEXT_ERR_ALERT_FATAL }
            let offers = UnsafeBufferPointer(start: offered, count: Int(offeredLength))
            var wanted = ours[...]
            while let length = wanted.popFirst().map(Int.init) {
                let name = wanted.prefix(length)
                wanted = wanted.dropFirst(length)
                guard let range = position(of: name, in: offers) else { continue }
                // It points into what the client sent, which outlives the call.
                chosen.pointee = offered + range
                chosenLength.pointee = UInt8(name.count)
                return SSL_TLSEXT_ERR_OK
            }
            return SSL_TLSEXT_ERR_ALERT_FATAL
        }

    /// Where the bytes of `name` begin in a list of names with lengths.
    private static func position(of name: ArraySlice<UInt8>, in list: UnsafeBufferPointer<UInt8>) -> Int? {
        var index = 0
        while index < list.count {
            let length = Int(list[index])
            let start = index + 1
            guard start + length <= list.count else { return nil }
            if list[start..<(start + length)].elementsEqual(name) { return start }
            index = start + length
        }
        return nil
    }
}
