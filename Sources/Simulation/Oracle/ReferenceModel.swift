import DurableModel

/// What the workload's services would answer if there were no crashes, no concurrency and no disk: a dictionary per
/// object, and invocations one after the other. To add an operation, add its line to `expected`.
struct ReferenceModel {
    /// What is known of an invocation that has ended.
    struct Ended {
        let id: InvocationID
        let seed: UInt64
        let target: InvocationTarget
        let input: String
        let outcome: Outcome
        let journal: [JournalEntry]
        /// So many entries of its journal are another invocation's doing.
        let keptEntries: Int
        let isKilled: Bool
        let cancels: Int

        /// It did what its journal says beyond what was kept, and no more.
        var isByJournal: Bool { isKilled || cancels > 0 || keptEntries > 0 }
    }

    /// By object and name, as JSON.
    private(set) var state: [ObjectID: [String: String]] = [:]

    /// Executes it and says what it should have answered; nil where anything will do.
    mutating func execute(_ ended: Ended) -> Expectation {
        if ended.isByJournal {
            replay(ended)
            return .anything
        }
        let key = ended.target.object
        switch "\(ended.target.service)/\(ended.target.handler)" {
        case "Account/deposit": return deposit(ended, key)
        case "Account/withdraw": return withdraw(ended, key)
        case "Account/close":
            let before = key.map { total(of: $0) } ?? 0
            if let key { state[key] = nil }
            return .exactly("\(before)")
        case "Account/embrace", "Account/waltz": return embrace(ended)
        case "Account/glance": return glance(ended)
        case "Account/balance": return .exactly(ended.readValue ?? "0")
        case "Account/names": return .exactly("\"\(ended.readNames.joined(separator: " "))\"")
        case "Teller/transfer": return transfer(ended)
        case "Teller/collect": return collect(ended)
        case "Teller/post": return .exactly("\"posted\"")
        case "Mailbox/receive": return receive(ended, key)
        case "Approval/process": return process(ended)
        case "Approval/approve", "Approval/refuse": return completePromise(ended)
        case "Approval/status": return status(ended)
        default: return executeStateless(ended)
        }
    }

    private func executeStateless(_ ended: Ended) -> Expectation {
        switch "\(ended.target.service)/\(ended.target.handler)" {
        case "Errand/steps": steps(ended)
        case "Errand/spin", "Errand/stubborn": .exactly(ended.input)
        case "Errand/pace": .exactly("\"slept\"")
        case "Errand/bell": bell(ended)
        case "Errand/supervise": supervise(ended)
        case "Errand/ring", "Errand/hush": .exactly("")
        case "Errand/secret": .exactly("\((Int(ended.input) ?? 0) * 2)")
        case "Chorus/settle": settle(ended)
        case "Chorus/hurry": hurry(ended)
        case "Chorus/pick": pick(ended)
        case "Clerk/delegate": delegate(ended)
        case "Clerk/insist": insist(ended)
        case "Clerk/whisper": whisper(ended)
        case "Trip/book": book(ended)
        case "Bookkeeper/enter": .exactly(ended.input)
        default: .anything
        }
    }

    enum Expectation: Equatable {
        case anything
        /// A success with this body.
        case exactly(String)
        case oneOf([String])
        case failure(String)

        func isMet(by outcome: Outcome) -> Bool {
            switch (self, outcome) {
            case (.anything, _): true
            case (.exactly(let text), .success(let bytes)): text == String(decoding: bytes, as: UTF8.self)
            case (.oneOf(let texts), .success(let bytes)): texts.contains(String(decoding: bytes, as: UTF8.self))
            case (.failure(let message), .failure(let failure)): failure.message == message
            default: false
            }
        }
    }

    // MARK: Accounts

    private func total(of object: ObjectID) -> Int { state[object]?["total"].flatMap(Int.init) ?? 0 }

    private mutating func deposit(_ ended: Ended, _ key: ObjectID?) -> Expectation {
        guard let key, let amount = Int(ended.input) else { return .anything }
        // A step that the outside refuses for good ends the deposit before it counts.
        if let refusal = ended.stepFailure { return .failure(refusal) }
        if amount % 3 == 0 { state[key, default: [:]]["slip"] = ended.stepResults.first }
        let total = total(of: key) + amount
        state[key, default: [:]]["total"] = String(total)
        return .exactly("\(total)")
    }

    private mutating func withdraw(_ ended: Ended, _ key: ObjectID?) -> Expectation {
        guard let key, let amount = Int(ended.input) else { return .anything }
        let total = total(of: key)
        guard total >= amount else { return .failure("insufficient funds") }
        state[key, default: [:]]["total"] = String(total - amount)
        if amount % 4 == 0 { state[key]?["slip"] = nil }
        return .exactly("\(total - amount)")
    }

    private func transfer(_ ended: Ended) -> Expectation {
        for case .failure(let failure) in ended.callOutcomes { return .failure(failure.message) }
        guard ended.callOutcomes.count == 2, case .success(let bytes) = ended.callOutcomes[1] else { return .anything }
        return .exactly("\"moved \(String(decoding: bytes, as: UTF8.self))\"")
    }

    private func collect(_ ended: Ended) -> Expectation {
        let texts = ended.callOutcomes.compactMap { outcome in
            if case .success(let bytes) = outcome { String(decoding: bytes, as: UTF8.self) } else { nil }
        }
        return texts.count == 2 ? .exactly("\"\(texts[0]) \(texts[1]) true\"") : .anything
    }

    private mutating func receive(_ ended: Ended, _ key: ObjectID?) -> Expectation {
        guard let key else { return .anything }
        let tag = ended.input.dropFirst().dropLast()
        let before = state[key]?["letters"].map { $0.dropFirst().dropLast() }
        state[key, default: [:]]["letters"] = before.map { "\"\($0) \(tag)\"" } ?? "\"\(tag)\""
        return .exactly("")
    }

    // MARK: Cut short

    private mutating func replay(_ ended: Ended) {
        guard let key = ended.target.object else { return }
        for entry in ended.journal.dropFirst(ended.keptEntries) {
            switch entry.command {
            case .setState(let name, let value): state[key, default: [:]][name] = String(decoding: value, as: UTF8.self)
            case .clearState(let name): state[key]?[name] = nil
            case .clearAllState: state[key] = nil
            default: break
            }
        }
    }
}
