#if LIBFUZZER
import Foundation

/// The target of REPRISE_FUZZ_TARGET.
private let chosen = FuzzTarget.named(ProcessInfo.processInfo.environment["REPRISE_FUZZ_TARGET"] ?? "")

/// What libFuzzer calls with each input.
@_cdecl("LLVMFuzzerTestOneInput")
func feedOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let chosen else { preconditionFailure("REPRISE_FUZZ_TARGET names no target") }
    if let broken = chosen.feed(Array(UnsafeBufferPointer(start: bytes, count: count))) {
        preconditionFailure("not true: \(broken)")
    }
    return 0
}
#endif
