package import DurableModel
package import EngineCore
package import Runtime

/// One thing that happened in a simulated world.
package enum TraceEvent: Sendable {
    /// A process starts on what is on disk.
    case booted(wallMs: Int64, DiskImage)
    case decided(Decided)
    /// The rows of all turns up to this one are on their way to the disk.
    case commitBegan(upTo: Int64)
    /// They have reached it.
    case committed
    case commitFailed
    /// A transactional step is on disk, its result with it.
    case transacted(StepRecord)
    case performed(PerformedEffect, turn: Int64)
    /// The closure of a `run` is executed, as seen by the world outside.
    case closureBegan(invocation: String, step: String)
    case closureEnded(invocation: String, step: String, result: String)
    /// A client has sent the last byte of a request.
    /// `expects` is the status with which it must be refused; nil for what is in order.
    case asked(request: Int, path: String, expects: Int? = nil)
    case answered(request: Int, Answer)
    case hungUp(request: Int)
    case fault(FaultKind)
    /// Something that the engine has been told already comes again.
    case repeated(String)
    case crashed
    /// The process stopped in order.
    case stopped
    /// No faults from here on.
    case calm
    /// Nothing can happen any more, or the patience of the world is at its end.
    case ended(Ending)
}

/// How a run ended.
package struct Ending: Sendable, Equatable {
    /// Nothing was left to happen.
    package var isAtRest: Bool
    /// Charges of the ticket shop that were not given back.
    package var chargesKept: Int
    /// Rooms that were booked and not given back.
    package var roomsKept: Set<String>
    /// Requests that are still waiting for their answer.
    package var unanswered: Int
    /// Of the bookkeeper's ledger.
    package var entries: [String] = []
    package var shop = ShopHoldings()

    package init(isAtRest: Bool, chargesKept: Int = 0, roomsKept: Set<String> = [], unanswered: Int = 0) {
        self.isAtRest = isAtRest
        self.chargesKept = chargesKept
        self.roomsKept = roomsKept
        self.unanswered = unanswered
    }
}

/// A step of the engine. A class because a trace is told to many checkers, and steps are large.
package final class Decided: Sendable {
    /// nil for what recovery found.
    package let input: Input?
    package let turn: Turn
    package let wallMs: Int64

    package init(input: Input?, turn: Turn, wallMs: Int64) {
        self.input = input
        self.turn = turn
        self.wallMs = wallMs
    }
}

/// An HTTP answer as the client has read it.
package struct Answer: Sendable, Equatable {
    package var status: Int
    package var headers: [String: String]
    package var body: Bytes

    package init(status: Int, headers: [String: String] = [:], body: Bytes = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    package var invocationID: String? { headers["x-restate-id"] }
    package var text: String { String(decoding: body, as: UTF8.self) }
}

package typealias Trace = [TraceEvent]
