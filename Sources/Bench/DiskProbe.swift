import Foundation
import Glibc

/// What the disk itself takes to make 4 KiB durable that lie where others lay before, as they do in a log that is begun
/// anew. A file that grows takes longer: its length has to be made durable too.
struct DiskProbe {
    let p50Ms: Double
    let p99Ms: Double

    init(in folder: URL, syncs: Int = 300) throws {
        let path = folder.appendingPathComponent("fdatasync-\(getpid())").path
        let descriptor = open(path, O_CREAT | O_RDWR, 0o600)
        guard descriptor >= 0 else { throw BenchFailure("cannot write in \(folder.path)") }
        defer {
            close(descriptor)
            unlink(path)
        }
        let block = [UInt8](repeating: 1, count: 4096)
        for index in 0..<syncs { pwrite(descriptor, block, block.count, off_t(index * block.count)) }
        fsync(descriptor)
        var times: [UInt64] = []
        for index in 0..<syncs {
            pwrite(descriptor, block, block.count, off_t(index * block.count))
            let start = MonotonicClock.nowNs()
            fdatasync(descriptor)
            times.append(MonotonicClock.nowNs() - start)
        }
        times.sort()
        p50Ms = Double(times[times.count / 2]) / 1e6
        p99Ms = Double(times[times.count * 99 / 100]) / 1e6
    }
}
