import AudioLog
import Calls
import Foundation
import Glibc
import Media
import Synchronization
import Testing

/// What is on the disk, and what only the kernel has, at the worst moment of every step of the writer: in virtual time.
@Suite struct EnginePowerLossTests {
    /// Notes how much of each segment is durable.
    private final class Witness: Sendable {
        private let durable = Mutex<[String: Int]>([:])

        var calls: AudioLogDisk {
            let system = AudioLogDisk.system
            return AudioLogDisk(
                create: system.create, write: system.write,
                sync: { [self] descriptor in
                    var status = stat()
                    guard system.sync(descriptor) == 0, fstat(descriptor, &status) == 0 else { return -1 }
                    let file = Self.name(descriptor)
                    durable.withLock { $0[file] = Int(status.st_size) }
                    return 0
                })
        }

        private static func name(_ descriptor: Int32) -> String {
            do {
                let path = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(descriptor)")
                return String(path.split(separator: "/").last ?? "")
            } catch {
                return ""
            }
        }

        /// The audio in a log's folder: what the kernel has, and what a power failure leaves.
        func reach(_ folder: String) throws -> (written: Int64, durable: Int64) {
            guard FileManager.default.fileExists(atPath: folder) else { return (0, 0) }
            var reach: (written: Int64, durable: Int64) = (0, 0)
            for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
                let bytes = [UInt8](try #require(FileManager.default.contents(atPath: "\(folder)/\(name)")))
                let synced = durable.withLock { $0[name] ?? 0 }
                reach.written = max(reach.written, Self.end(bytes))
                reach.durable = max(reach.durable, Self.end(Array(bytes.prefix(synced))))
            }
            return reach
        }

        /// The least end of the two channels, in milliseconds.
        private static func end(_ bytes: [UInt8]) -> Int64 {
            var scanner = AudioLogScanner()
            var ends: [UInt8: Int64] = [0: 0, 1: 0]
            while true {
                switch scanner.next(in: bytes.span.bytes, base: 0, isFinal: true) {
                case .block(let block, _):
                    if block.kind == .audio {
                        ends[block.channel] = max(ends[block.channel] ?? 0, block.end.milliseconds)
                    }
                case .more: return ends.values.min() ?? 0
                case .header, .skipped: continue
                }
            }
        }
    }

    @Test(arguments: [60_000, 1_700]) func noMoreThanHalfASecondIsEverAtStake(segmentMilliseconds: Int) throws {
        let witness = Witness()
        let rig = try EngineRig(disk: witness.calls, settings: { $0.segmentMilliseconds = segmentMilliseconds })
        _ = try EngineAudioLogTests.begin(rig)
        var worst: (killed: Int64, powerless: Int64) = (0, 0)
        for step in 1...40 as ClosedRange<Int64> {
            rig.tick(10)
            // The next thing that happens would be the writer's step.
            let reach = try witness.reach(rig.logFolder)
            worst.killed = max(worst.killed, step * 200 - reach.written)
            worst.powerless = max(worst.powerless, step * 200 - reach.durable)
            rig.engine.writeLog(at: rig.clock.now())
        }
        #expect(worst.killed == Int64(AudioLogFormat.flushMilliseconds))
        #expect(worst.powerless <= Int64(AudioLogFormat.syncMilliseconds), "\(worst.powerless) ms")
    }
}
