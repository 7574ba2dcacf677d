/// What one connection may take. Checked before memory is taken.
package struct HTTPLimits: Sendable, Equatable {
    /// Request line and fields together.
    package var headBytesMax = 64 << 10
    package var targetBytesMax = 16 << 10
    package var fieldsMax = 256
    package var bodyBytesMax = 32 << 20
    /// One chunk-size line with its extensions, or one trailer line.
    package var chunkLineBytesMax = 4 << 10
    package var trailerBytesMax = 16 << 10
    /// Chunk lines beyond 16 bytes, and two for each byte of data, in one body.
    package var chunkExcessBytesMax = 16 << 10
    /// Requests of one connection that are being answered; beyond that nothing is read.
    package var pipelinedMax = 16

    package init() {}
}
