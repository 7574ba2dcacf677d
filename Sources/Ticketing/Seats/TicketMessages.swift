public import Reprise

/// Input of `Ticket/reserve`: `"user"`, or `{"userId": "user", "token": "…"}`.
public struct ReserveRequest: Codable, Hashable, Sendable, ValidatedInput {
    public var userId: String
    /// The id of the checkout that is to own the hold.
    public var token: String?

    public init(userId: String, token: String? = nil) {
        self.userId = userId
        self.token = token
    }

    public init(from decoder: any Decoder) throws {
        if let userId = try? decoder.singleValueContainer().decode(String.self) {
            self.init(userId: userId)
        } else {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            self.init(
                userId: try container.decode(String.self, forKey: .userId),
                token: try container.decodeIfPresent(String.self, forKey: .token))
        }
    }

    public var problem: String? { userId.isEmpty ? "userId must not be empty" : nil }
}

/// Input of `Ticket/confirm`: nothing, or `{"token": "…"}`.
public struct ConfirmRequest: Codable, Hashable, Sendable {
    public var token: String?

    public init(token: String?) { self.token = token }

    /// Callers who know of no input send all kinds of bodies; they count as nothing.
    public init(from decoder: any Decoder) throws {
        let container = try? decoder.container(keyedBy: CodingKeys.self)
        self.init(token: try container?.decodeIfPresent(String.self, forKey: .token))
    }
}

/// Input of `Ticket/release`: nothing, which frees the seat whoever has it, or a condition.
public struct ReleaseRequest: Codable, Hashable, Sendable {
    /// Only what this checkout holds.
    public var token: String?
    /// With a token: also what this checkout has bought.
    public var includesSale: Bool?
    /// Only what is older than the new round.
    public var reset: RoundReset?

    public init(token: String, includesSale: Bool) {
        self.token = token
        self.includesSale = includesSale
    }

    public init(reset: RoundReset) { self.reset = reset }

    /// As for `ConfirmRequest`.
    public init(from decoder: any Decoder) throws {
        let container = try? decoder.container(keyedBy: CodingKeys.self)
        token = try container?.decodeIfPresent(String.self, forKey: .token)
        includesSale = try container?.decodeIfPresent(Bool.self, forKey: .includesSale)
        reset = try container?.decodeIfPresent(RoundReset.self, forKey: .reset)
    }
}

/// What a new round says to one ticket.
public struct RoundReset: Codable, Hashable, Sendable {
    public var round: Int
    /// The version of the seat that was counted when the round began.
    public var version: Int
}

/// Output of `reserve`, `confirm` and `release`: `true` for direct callers. A checkout, which brings a token, also
/// learns the version that it must report to the seat map; none if its release found nothing to do.
public struct TicketReply: Codable, Hashable, Sendable {
    public var version: Int?

    private enum CodingKeys: String, CodingKey { case version }

    init(version: Int?) { self.version = version }

    public init(from decoder: any Decoder) throws {
        if (try? decoder.singleValueContainer().decode(Bool.self)) != nil {
            self.init(version: nil)
        } else {
            self.init(version: try decoder.container(keyedBy: CodingKeys.self).decode(Int.self, forKey: .version))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        if let version {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(version, forKey: .version)
        } else {
            var container = encoder.singleValueContainer()
            try container.encode(true)
        }
    }
}
