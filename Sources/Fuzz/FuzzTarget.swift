/// Something that reads bytes from strangers.
struct FuzzTarget: Sendable {
    var name: String
    /// Good inputs, from which bad ones are made.
    var seeds: [[UInt8]]
    /// Words of its language.
    var words: [[UInt8]]
    /// Feeds one input; the sentence that it breaks, nil when all holds. A trap is a finding too.
    var feed: @Sendable ([UInt8]) -> String?

    init(
        _ name: String, seeds: [String], words: [String] = [], feed: @escaping @Sendable ([UInt8]) -> String?
    ) {
        self.init(name, seeds: seeds.map { Array($0.utf8) }, words: words.map { Array($0.utf8) }, feed: feed)
    }

    init(_ name: String, seeds: [[UInt8]], words: [[UInt8]], feed: @escaping @Sendable ([UInt8]) -> String?) {
        self.name = name
        self.seeds = seeds
        self.words = words
        self.feed = feed
    }

    static let all: [FuzzTarget] = [.requests, .paths, .identifiers, .delays, .journal]

    static func named(_ name: String) -> FuzzTarget? { all.first { $0.name == name } }
}
