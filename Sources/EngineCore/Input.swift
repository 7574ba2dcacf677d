package import DurableModel

/// What happens to the engine. Each input is one step and yields one `Turn`.
package enum Input: Sendable {
    /// A caller outside wants something. `entropy` names the invocation if one is created.
    case command(ClientCommand, from: CallerToken, entropy: Entropy)
    /// A handler wants something.
    case operation(AttemptID, Operation)
    case attemptEnded(AttemptID, AttemptResult)
    case runEnded(RunID, RunResult)
    /// The wall clock may have reached a timer.
    case timersDue
    /// Everything up to and including this turn is synced to disk.
    case durable(turn: Int64)
    indirect case loaded(LoadKey, LoadedValue)
    /// Once in a while: retention, and patience with whoever is resumed alone.
    case sweep
    /// The server stops in order: nothing follows.
    case stopping
}

/// Names the one who waits outside for a `ClientReply`.
package struct CallerToken: Hashable, Sendable {
    package var rawValue: UInt64

    package init(_ rawValue: UInt64) { self.rawValue = rawValue }

    /// As `InvocationSerial`.
    package func _rawHashValue(seed: Int) -> Int { QuickHash.of(Int(bitPattern: UInt(rawValue)), seed) }
}

/// One execution of a handler. A later attempt of the same invocation has another epoch, and what an earlier one
/// still tries is refused by it.
package struct AttemptID: Hashable, Sendable {
    package var serial: InvocationSerial
    package var epoch: Int64

    package init(serial: InvocationSerial, epoch: Int64) {
        self.serial = serial
        self.epoch = epoch
    }

    /// As `InvocationSerial`.
    package func _rawHashValue(seed: Int) -> Int { QuickHash.of(Int(epoch), seed) }
}

/// One execution of the closure of a `run`.
package struct RunID: Hashable, Sendable {
    package var serial: InvocationSerial
    package var entry: Int
    /// Counts executions from 1, over restarts as far as failures were recorded.
    package var attempt: Int
    /// For a transactional step: the rank with which its result is written down where it is executed. No result that
    /// arrives meanwhile has a higher one.
    package var durableRank: Int?

    package init(serial: InvocationSerial, entry: Int, attempt: Int, durableRank: Int? = nil) {
        self.serial = serial
        self.entry = entry
        self.attempt = attempt
        self.durableRank = durableRank
    }
}

package enum Operation: Sendable, Equatable {
    case getState(String)
    case stateNames
    case setState(String, Bytes)
    case clearState(String)
    case clearAllState
    case run(name: String, policy: RetryPolicy?)
    case transaction(name: String, policy: RetryPolicy?)
    case call(InvocationTarget, input: Bytes, idempotencyKey: String?)
    case send(InvocationTarget, input: Bytes, delayMs: Int64?, idempotencyKey: String?)
    case sleep(durationMs: Int64)
    /// Until a moment of the engine's time: the one that handlers read, which may be ahead of the wall clock.
    case sleepUntil(Int64)
    case awakeable
    case completeAwakeable(AwakeableID, Outcome)
    case now
    case getPromise(String)
    case peekPromise(String)
    case completePromise(String, Outcome)
    case attach(InvocationID)
    case getOutput(InvocationID)
    case cancel(InvocationID)
    /// Whether this journal goes through code that a later version brought in.
    case patched(String)
    /// Waits for the result of one journal entry.
    case await(entry: Int)
    /// Waits until the condition holds, and learns which entry decided.
    case select(Waiting)
    /// Says something once everything before it is durable; says nothing while replaying.
    case log(LoggedLine)
    /// Tells those who listen outside, as `log` does.
    case publish(Publication)
}

package struct LoggedLine: Sendable, Equatable {
    /// A swift-log level name.
    package var level: String
    package var message: String

    package init(level: String, message: String) {
        self.level = level
        self.message = message
    }
}

/// What a handler tells everybody who listens to a topic.
package struct Publication: Sendable, Equatable {
    package var topic: String
    package var data: Bytes

    package init(topic: String, data: Bytes) {
        self.topic = topic
        self.data = data
    }
}

package enum AttemptResult: Sendable, Equatable {
    case returned(Bytes)
    case terminal(TerminalFailure)
    /// Any other error: the attempt is made again.
    case failed(String)
    /// The handler let `AttemptEnded` through.
    case unwound
    /// The attempt cannot be made as things are (unknown handler, input that does not decode): a person must look.
    case impossible(String)
}

package enum RunResult: Sendable, Equatable {
    case success(Bytes)
    case terminal(TerminalFailure)
    case failed(String)
}
