/// XXH3, 64 bits, seed 0: the hash from which Restate derives partition keys. Own code because this target may import
/// nothing that has it; `XXH3Tests` holds it against the reference implementation.
package enum XXH3 {
    package static func hash64(_ input: UnsafeRawBufferPointer) -> UInt64 {
        switch input.count {
        case 0: avalancheXXH64(secret64(56) ^ secret64(64))
        case 1...3: hashUpTo3(input)
        case 4...8: hashUpTo8(input)
        case 9...16: hashUpTo16(input)
        case 17...128: hashUpTo128(input)
        case 129...240: hashUpTo240(input)
        default: hashLong(input)
        }
    }

    private static func hashUpTo3(_ input: UnsafeRawBufferPointer) -> UInt64 {
        let count = input.count
        let combined =
            UInt32(input[0]) << 16 | UInt32(input[count >> 1]) << 24 | UInt32(input[count - 1]) | UInt32(count) << 8
        return avalancheXXH64(UInt64(combined) ^ UInt64(secret32(0) ^ secret32(4)))
    }

    private static func hashUpTo8(_ input: UnsafeRawBufferPointer) -> UInt64 {
        let first = UInt64(read32(input, 0))
        let last = UInt64(read32(input, input.count - 4))
        var hash = (last &+ first << 32) ^ (secret64(8) ^ secret64(16))
        hash ^= rotatedLeft(hash, 49) ^ rotatedLeft(hash, 24)
        hash &*= 0x9FB2_1C65_1E98_DF25
        hash ^= (hash >> 35) &+ UInt64(input.count)
        hash &*= 0x9FB2_1C65_1E98_DF25
        return hash ^ hash >> 28
    }

    private static func hashUpTo16(_ input: UnsafeRawBufferPointer) -> UInt64 {
        let low = read64(input, 0) ^ (secret64(24) ^ secret64(32))
        let high = read64(input, input.count - 8) ^ (secret64(40) ^ secret64(48))
        return avalanche(UInt64(input.count) &+ low.byteSwapped &+ high &+ foldedProduct(low, high))
    }

    private static func hashUpTo128(_ input: UnsafeRawBufferPointer) -> UInt64 {
        let count = input.count
        var sum = UInt64(count) &* prime64x1
        // Pairs of 16 bytes from both ends towards the middle.
        for pair in 0...((count - 1) / 32) {
            sum &+= mixed16(input, 16 * pair, secretAt: 32 * pair)
            sum &+= mixed16(input, count - 16 * (pair + 1), secretAt: 32 * pair + 16)
        }
        return avalanche(sum)
    }

    private static func hashUpTo240(_ input: UnsafeRawBufferPointer) -> UInt64 {
        let count = input.count
        var sum = UInt64(count) &* prime64x1
        for round in 0..<8 { sum &+= mixed16(input, 16 * round, secretAt: 16 * round) }
        sum = avalanche(sum)
        for round in 8..<(count / 16) { sum &+= mixed16(input, 16 * round, secretAt: 16 * (round - 8) + 3) }
        sum &+= mixed16(input, count - 16, secretAt: 136 - 17)
        return avalanche(sum)
    }

    private static func hashLong(_ input: UnsafeRawBufferPointer) -> UInt64 {
        let stripe = 64
        let stripesPerBlock = (secretBytes.count - stripe) / 8
        let block = stripe * stripesPerBlock
        var lanes = Lanes()
        let fullBlocks = (input.count - 1) / block
        for index in 0..<fullBlocks {
            for step in 0..<stripesPerBlock {
                lanes.accumulate(input, index * block + step * stripe, secretAt: step * 8)
            }
            lanes.scramble(secretAt: secretBytes.count - stripe)
        }
        let rest = fullBlocks * block
        for step in 0..<((input.count - 1 - rest) / stripe) {
            lanes.accumulate(input, rest + step * stripe, secretAt: step * 8)
        }
        lanes.accumulate(input, input.count - stripe, secretAt: secretBytes.count - stripe - 7)
        return lanes.merged(start: UInt64(input.count) &* prime64x1)
    }

    private struct Lanes {
        var lanes = SIMD8<UInt64>(
            prime32x3, prime64x1, prime64x2, prime64x3, prime64x4, prime32x2, prime64x5, prime32x1)

        mutating func accumulate(_ input: UnsafeRawBufferPointer, _ offset: Int, secretAt secret: Int) {
            for lane in 0..<8 {
                let data = read64(input, offset + 8 * lane)
                let keyed = data ^ secret64(secret + 8 * lane)
                lanes[lane ^ 1] &+= data
                lanes[lane] &+= (keyed & 0xFFFF_FFFF) &* (keyed >> 32)
            }
        }

        mutating func scramble(secretAt secret: Int) {
            for lane in 0..<8 {
                let value = lanes[lane]
                lanes[lane] = (value ^ value >> 47 ^ secret64(secret + 8 * lane)) &* prime32x1
            }
        }

        func merged(start: UInt64) -> UInt64 {
            var sum = start
            for pair in 0..<4 {
                sum &+= foldedProduct(
                    lanes[2 * pair] ^ secret64(11 + 16 * pair), lanes[2 * pair + 1] ^ secret64(19 + 16 * pair))
            }
            return avalanche(sum)
        }
    }

    private static func mixed16(_ input: UnsafeRawBufferPointer, _ offset: Int, secretAt secret: Int) -> UInt64 {
        foldedProduct(
            read64(input, offset) ^ secret64(secret), read64(input, offset + 8) ^ secret64(secret + 8))
    }

    private static func foldedProduct(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let product = a.multipliedFullWidth(by: b)
        return product.high ^ product.low
    }

    private static func avalanche(_ value: UInt64) -> UInt64 {
        var hash = value ^ value >> 37
        hash &*= 0x1656_6791_9E37_79F9
        return hash ^ hash >> 32
    }

    private static func avalancheXXH64(_ value: UInt64) -> UInt64 {
        var hash = (value ^ value >> 33) &* prime64x2
        hash = (hash ^ hash >> 29) &* prime64x3
        return hash ^ hash >> 32
    }

    private static func rotatedLeft(_ value: UInt64, _ count: UInt64) -> UInt64 {
        value << count | value >> (64 - count)
    }

    private static func read64(_ input: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
        UInt64(littleEndian: input.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    private static func read32(_ input: UnsafeRawBufferPointer, _ offset: Int) -> UInt32 {
        UInt32(littleEndian: input.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }

    private static func secret64(_ offset: Int) -> UInt64 { secretBytes.withUnsafeBytes { read64($0, offset) } }
    private static func secret32(_ offset: Int) -> UInt32 { secretBytes.withUnsafeBytes { read32($0, offset) } }

    private static let prime32x1: UInt64 = 0x9E37_79B1
    private static let prime32x2: UInt64 = 0x85EB_CA77
    private static let prime32x3: UInt64 = 0xC2B2_AE3D
    private static let prime64x1: UInt64 = 0x9E37_79B1_85EB_CA87
    private static let prime64x2: UInt64 = 0xC2B2_AE3D_27D4_EB4F
    private static let prime64x3: UInt64 = 0x1656_67B1_9E37_79F9
    private static let prime64x4: UInt64 = 0x85EB_CA77_C2B2_AE63
    private static let prime64x5: UInt64 = 0x27D4_EB2F_1656_67C5

    /// The algorithm's fixed default secret.
    private static let secretBytes: Bytes = [
        0xb8, 0xfe, 0x6c, 0x39, 0x23, 0xa4, 0x4b, 0xbe, 0x7c, 0x01, 0x81, 0x2c, 0xf7, 0x21, 0xad, 0x1c,
        0xde, 0xd4, 0x6d, 0xe9, 0x83, 0x90, 0x97, 0xdb, 0x72, 0x40, 0xa4, 0xa4, 0xb7, 0xb3, 0x67, 0x1f,
        0xcb, 0x79, 0xe6, 0x4e, 0xcc, 0xc0, 0xe5, 0x78, 0x82, 0x5a, 0xd0, 0x7d, 0xcc, 0xff, 0x72, 0x21,
        0xb8, 0x08, 0x46, 0x74, 0xf7, 0x43, 0x24, 0x8e, 0xe0, 0x35, 0x90, 0xe6, 0x81, 0x3a, 0x26, 0x4c,
        0x3c, 0x28, 0x52, 0xbb, 0x91, 0xc3, 0x00, 0xcb, 0x88, 0xd0, 0x65, 0x8b, 0x1b, 0x53, 0x2e, 0xa3,
        0x71, 0x64, 0x48, 0x97, 0xa2, 0x0d, 0xf9, 0x4e, 0x38, 0x19, 0xef, 0x46, 0xa9, 0xde, 0xac, 0xd8,
        0xa8, 0xfa, 0x76, 0x3f, 0xe3, 0x9c, 0x34, 0x3f, 0xf9, 0xdc, 0xbb, 0xc7, 0xc7, 0x0b, 0x4f, 0x1d,
        0x8a, 0x51, 0xe0, 0x4b, 0xcd, 0xb4, 0x59, 0x31, 0xc8, 0x9f, 0x7e, 0xc9, 0xd9, 0x78, 0x73, 0x64,
        0xea, 0xc5, 0xac, 0x83, 0x34, 0xd3, 0xeb, 0xc3, 0xc5, 0x81, 0xa0, 0xff, 0xfa, 0x13, 0x63, 0xeb,
        0x17, 0x0d, 0xdd, 0x51, 0xb7, 0xf0, 0xda, 0x49, 0xd3, 0x16, 0x55, 0x26, 0x29, 0xd4, 0x68, 0x9e,
        0x2b, 0x16, 0xbe, 0x58, 0x7d, 0x47, 0xa1, 0xfc, 0x8f, 0xf8, 0xb8, 0xd1, 0x7a, 0xd0, 0x31, 0xce,
        0x45, 0xcb, 0x3a, 0x8f, 0x95, 0x16, 0x04, 0x28, 0xaf, 0xd7, 0xfb, 0xca, 0xbb, 0x4b, 0x40, 0x7e,
    ]
}
