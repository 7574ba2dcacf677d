import DurableModel

extension Entropy {
    /// From the system's generator: ids and seeds must not be guessed.
    static func system() -> Entropy {
        var generator = SystemRandomNumberGenerator()
        return Entropy(generator.next(), generator.next(), generator.next())
    }
}
