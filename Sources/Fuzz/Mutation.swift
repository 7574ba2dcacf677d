/// SplitMix64: a case's number decides all of it.
struct CaseRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(max(bound, 1))) }
}

extension FuzzTarget {
    /// The input that belongs to a number.
    func input(_ number: UInt64) -> [UInt8] {
        var random = CaseRandom(seed: number)
        var bytes = seeds[random.below(seeds.count)]
        for _ in 0...random.below(6) { mutate(&bytes, &random) }
        return bytes
    }

    private func mutate(_ bytes: inout [UInt8], _ random: inout CaseRandom) {
        let start = random.below(bytes.count + 1)
        let end = min(bytes.count, start + random.below(12))
        switch random.below(9) {
        case 0: bytes.insert(UInt8(random.below(256)), at: start)
        case 1 where start < bytes.count: bytes[start] = UInt8(random.below(256))
        case 2 where start < bytes.count: bytes[start] ^= 1 << UInt8(random.below(8))
        case 3: bytes.removeSubrange(start..<end)
        case 4: bytes.insert(contentsOf: bytes[start..<end], at: random.below(bytes.count + 1))
        case 5: bytes.removeSubrange(start...)
        case 6:
            let other = seeds[random.below(seeds.count)]
            bytes.replaceSubrange(start..., with: other[random.below(other.count + 1)...])
        default:
            if !words.isEmpty { bytes.insert(contentsOf: words[random.below(words.count)], at: start) }
        }
    }
}
