import DurableModel
import Testing

@testable import SQLiteStore

@Suite struct StoredFormTests {
    static let seeds = UInt64(1)...200

    @Test func everyCommandReadsBack() throws {
        for command in Samples.commands {
            let bytes = StoredForm.bytes { $0.command(command) }
            #expect(try StoredForm.value(of: bytes) { try $0.command() } == command)
        }
    }

    @Test func everyCompletionReadsBack() throws {
        for completion in Samples.completions {
            let bytes = StoredForm.bytes { $0.completion(completion) }
            #expect(try StoredForm.value(of: bytes) { try $0.completion() } == completion)
        }
    }

    @Test func everyDetailReadsBack() throws {
        for detail in Samples.details {
            let bytes = StoredForm.bytes { $0.detail(detail) }
            #expect(try StoredForm.value(of: bytes) { try $0.detail() } == detail)
        }
    }

    @Test func numbersReadBack() throws {
        var dice = Dice(seed: 1)
        let numbers = Samples.numbers + (0..<1000).map { _ in Int64(bitPattern: dice.next() >> UInt64(dice.below(64))) }
        for number in numbers {
            let bytes = StoredForm.bytes { $0.signed(number) }
            #expect(try StoredForm.value(of: bytes) { try $0.signed() } == number)
        }
    }

    /// Files of earlier versions stay readable: these bytes may never change.
    @Test func theFormIsPinned() {
        let target = InvocationTarget(service: "S", key: "k", handler: "h")
        #expect(StoredForm.bytes { $0.command(.setState(name: "n", value: [9])) } == [1, 3, 1, 110, 1, 9])
        #expect(
            StoredForm.bytes { $0.command(.send(target: target, input: [], delayMs: 64, idempotencyKey: nil)) }
                == [1, 8, 1, 83, 1, 1, 107, 1, 104, 0, 1, 128, 1, 0])
        #expect(StoredForm.bytes { $0.completion(.outcome(.success([5]))) } == [1, 5, 1, 1, 5])
        #expect(StoredForm.bytes { $0.detail(.due(-1)) } == [1, 4, 1])
        let id = InvocationID(partitionKey: 1, uuid: 2)
        #expect(id.stored == Bytes(repeating: 0, count: 15) + [2, 0, 0, 0, 0, 0, 0, 0, 1])
    }

    @Test func sentencesSayWhatIsWrong() {
        #expect(reason([]) == "the value ends after 0 bytes")
        #expect(reason([9, 1]) == "the value has format 9, this version reads format 1")
        #expect(reason([1, 200]) == "the command tag 200 is unknown")
        #expect(reason([1, 1, 5, 97]) == "a length of 5 is given at byte 3, where 1 bytes are left")
        #expect(reason([1, 1, 1, 0xff]) == "the text at byte 3 is not UTF-8")
        #expect(reason([1, 2, 2]) == "1 bytes follow the value")
        let endless: Bytes = [1, 1] + Bytes(repeating: 255, count: 11)
        #expect(reason(endless) == "an integer that ends at byte 12 has more than 64 bits")
    }

    private func reason(_ bytes: Bytes) -> String? {
        do {
            _ = try StoredForm.value(of: bytes) { try $0.command() }
            return nil
        } catch {
            return (error as? DecodingFailure)?.description
        }
    }

    @Test(arguments: seeds) func anyBytesAreAnswered(seed: UInt64) {
        var dice = Dice(seed: seed)
        for _ in 0..<200 {
            var bytes: Bytes = [1] + dice.bytes(upTo: 60)
            if dice.chance(50) { bytes[min(1, bytes.count - 1)] = UInt8(dice.below(14)) }
            readAnyway(bytes)
        }
    }

    /// A value with one byte changed, cut or added is another value or a failure, never a trap.
    @Test(arguments: seeds) func damagedValuesAreAnswered(seed: UInt64) {
        var dice = Dice(seed: seed)
        var bytes = StoredForm.bytes { $0.list([dice.pick(Samples.entries)]) { $0.entry($1) } }
        for _ in 0..<100 {
            switch dice.below(3) {
            case 0: bytes[dice.below(bytes.count)] = UInt8(dice.below(256))
            case 1: bytes.insert(UInt8(dice.below(256)), at: dice.below(bytes.count + 1))
            default: if bytes.count > 1 { bytes.remove(at: dice.below(bytes.count)) }
            }
            readAnyway(bytes)
        }
    }

    private func readAnyway(_ bytes: Bytes) {
        // What decodes must encode to something that decodes to the same.
        if let command = try? StoredForm.value(of: bytes, { try $0.command() }) {
            let again = try? StoredForm.value(of: StoredForm.bytes { $0.command(command) }) { try $0.command() }
            if case .run(_, let policy?) = command, policy.factor.isNaN { return }
            #expect(again == command)
        }
        _ = try? StoredForm.value(of: bytes) { try $0.completion() }
        _ = try? StoredForm.value(of: bytes) { try $0.detail() }
        _ = try? StoredForm.value(of: bytes) { try $0.headers() }
        _ = try? StoredForm.value(of: bytes) { try $0.metadata() }
        _ = try? StoredForm.value(of: bytes) { try $0.list { try $0.entry() } }
    }
}
