package import DurableModel

/// What `Ingress.render` must know of the request when the engine's reply arrives.
package struct ReplyShape: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        case call(OutputRule)
        case send
        case attach(LookupOutput)
        case output(LookupOutput)
        case awakeable
    }

    /// What a looked-up result is rendered as.
    package enum LookupOutput: Sendable, Equatable {
        case known(OutputRule)
        /// The request names no target, only the invocation's id.
        case targetUnknown
        /// The request names a target whose handler is not registered.
        case handlerGone
    }

    package var kind: Kind
    /// The request's `Origin`, to be mirrored.
    package var origin: String?

    package init(_ kind: Kind, origin: String? = nil) {
        self.kind = kind
        self.origin = origin
    }
}
