/// Judges a request by its head (the body of the message is empty), as soon as that is complete: nil lets it in. Who is
/// refused gets the answer, and the connection is closed, because the body that may follow is not wanted.
package typealias HTTPAdmission = @Sendable (HTTPMessage) -> HTTPRefusal?
