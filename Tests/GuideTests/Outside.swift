import Synchronization

// The world outside of the guide's services.

final class Outbox: Sendable {
    private let mails = Mutex<[(text: String, to: String)]>([])

    func send(_ text: String, to address: String) { mails.withLock { $0.append((text, address)) } }
    func texts(to address: String) -> [String] { mails.withLock { $0.filter { $0.to == address }.map(\.text) } }
}

actor Bookings {
    private(set) var open: Set<String> = []
    private(set) var count = 0

    func book(_ key: String) {
        open.insert(key)
        count += 1
    }
    func cancel(_ key: String) { open.remove(key) }
}

actor Printer {
    private(set) var pages: [Int] = []

    func print(_ page: Int) { pages.append(page) }
}

struct Receipt: Sendable {
    let id: String
    let article: String
}

/// A database elsewhere.
actor Receipts {
    private(set) var all: [String: Receipt] = [:]

    func insertOrReplace(_ receipt: Receipt) { all[receipt.id] = receipt }
}

let receipts = Receipts()
let outbox = Outbox()
let bookings = Bookings()
let printer = Printer()
