import Foundation
import Logging
import Synchronization

/// A file of tokens and what was last read from it.
final class TokenFile: Sendable {
    private let path: String
    private let option: String
    private let tokens: Mutex<BearerTokens>

    /// `option` names the file in messages.
    init(_ path: String, option: String) throws(AccessError) {
        self.path = path
        self.option = option
        tokens = Mutex(try Self.read(path, option))
    }

    func holds(_ presented: some Collection<UInt8>) -> Bool {
        let tokens = tokens.withLock { $0 }
        return tokens.holds(presented)
    }

    /// Leaves what was read before in force when the file cannot be used.
    func reload(_ logger: Logger) {
        do throws(AccessError) {
            let fresh = try Self.read(path, option)
            tokens.withLock { $0 = fresh }
            logger.notice("\(option): \(fresh.count) tokens read again")
        } catch {
            logger.error("\(error); the tokens read before stay in force")
        }
    }

    /// Says what would weaken it.
    func logWeaknesses(_ logger: Logger) {
        if tokens.withLock({ $0.hasShortOnes }) {
            logger.warning(
                "\(option): a token is shorter than 16 characters; 'openssl rand -base64 32' makes a good one")
        }
        var status = stat()
        if stat(path, &status) == 0, status.st_mode & S_IROTH != 0 {
            logger.warning("\(option): everybody on this machine can read '\(path)'")
        }
    }

    private static func read(_ path: String, _ option: String) throws(AccessError) -> BearerTokens {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw AccessError("\(option): '\(path)' cannot be read")
        }
        do throws(AccessError) {
            return try BearerTokens(parsing: Array(data))
        } catch {
            throw AccessError("\(option): '\(path)': \(error)")
        }
    }
}
