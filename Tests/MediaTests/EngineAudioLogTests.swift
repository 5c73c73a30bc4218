import AudioLog
import Calls
import Foundation
import Glibc
import Media
import Synchronization
import Testing

@Suite struct EngineAudioLogTests {
    /// A disk that refuses by order.
    final class Disk: Sendable {
        private let state = Mutex<(write: Int32, sync: Int32, open: Int32, most: Int)>((0, 0, 0, .max))

        func refuse(write: Int32 = 0, sync: Int32 = 0, open: Int32 = 0, most: Int = .max) {
            state.withLock { $0 = (write, sync, open, most) }
        }

        var calls: AudioLogDisk {
            let system = AudioLogDisk.system
            return AudioLogDisk(
                create: { [self] path in
                    let number = state.withLock { $0.open }
                    guard number == 0 else {
                        errno = number
                        return -1
                    }
                    return system.create(path)
                },
                write: { [self] descriptor, bytes, count, offset in
                    let (number, most) = state.withLock { ($0.write, $0.most) }
                    guard number == 0 else {
                        errno = number
                        return -1
                    }
                    return system.write(descriptor, bytes, min(count, most), offset)
                },
                sync: { [self] descriptor in
                    let number = state.withLock { $0.sync }
                    guard number == 0 else {
                        errno = number
                        return -1
                    }
                    return system.sync(descriptor)
                })
        }
    }

    static func run(_ rig: EngineRig, _ leg: EngineLeg, steps: Int) {
        for _ in 0..<steps {
            rig.tick(10)
            rig.engine.writeLog(at: rig.clock.now())
        }
    }

    static func begin(_ rig: EngineRig) throws -> (leg: EngineLeg, recording: RecordingID) {
        let leg = try rig.leg()
        let recording: RecordingID = rig.identifier()
        try rig.engine.startRecording(recording, call: leg.call, channels: leg.bothWays)
        return (leg, recording)
    }

    @Test(arguments: [ENOSPC, EIO]) func whatTheDiskRefusesIsWrittenLater(number: Int32) throws {
        let disk = Disk()
        let rig = try EngineRig(disk: disk.calls)
        let (leg, recording) = try Self.begin(rig)
        Self.run(rig, leg, steps: 3)
        disk.refuse(write: number)
        Self.run(rig, leg, steps: 4)
        // A part of a block gets through, then nothing again, then everything.
        disk.refuse(most: 33)
        Self.run(rig, leg, steps: 1)
        disk.refuse(write: number)
        Self.run(rig, leg, steps: 2)
        disk.refuse()
        Self.run(rig, leg, steps: 2)
        try rig.engine.stopRecording(recording)
        rig.tick()
        let log = try rig.log()
        let found = try #require(log.recordings[recording])
        #expect(try found.bytes(0).count == 120 * 160)
        #expect(try found.bytes(1).count == 120 * 160)
        #expect(found.length == .ticks(120))
        #expect(log.skips.isEmpty)
        #expect(rig.progress.health == ["failing \(number)", "recovered", "failing \(number)", "recovered"])
        #expect(rig.engine.statistics.logErrors == 6)
    }

    @Test func aSegmentThatCannotBeOpenedIsTriedAgain() throws {
        let disk = Disk()
        let rig = try EngineRig(disk: disk.calls)
        disk.refuse(open: ENOSPC)
        let (leg, recording) = try Self.begin(rig)
        Self.run(rig, leg, steps: 5)
        disk.refuse()
        Self.run(rig, leg, steps: 1)
        #expect(try rig.log().recordings[recording]?.bytes(0).count == 60 * 160)
        #expect(rig.progress.health == ["failing \(ENOSPC)", "recovered"])
    }

    @Test func afterAFailedSyncTheNextSegmentBegins() throws {
        let disk = Disk()
        let rig = try EngineRig(disk: disk.calls)
        let (leg, recording) = try Self.begin(rig)
        Self.run(rig, leg, steps: 2)
        disk.refuse(sync: EIO)
        Self.run(rig, leg, steps: 3)
        disk.refuse()
        Self.run(rig, leg, steps: 3)
        let log = try rig.log()
        #expect(log.segments.map(\.sequence) == [1, 2])
        #expect(try log.recordings[recording]?.bytes(1).count == 80 * 160)
        #expect(rig.progress.health == ["failing \(EIO)", "recovered"])
        #expect(rig.progress.all.filter(\.isSealed).map(\.sequence) == [1])
    }

    @Test func segmentsRotateBySizeAndAge() throws {
        let rig = try EngineRig(settings: {
            $0.segmentBytes = 20_000
            $0.segmentMilliseconds = 3000
            $0.firstSequence = 41
        })
        let (leg, recording) = try Self.begin(rig)
        Self.run(rig, leg, steps: 30)
        rig.engine.close(leg: leg.id)
        rig.tick()
        // Idle: the last segment is sealed by its age, and no other is made.
        for _ in 0..<40 {
            rig.tick(10)
            rig.engine.writeLog(at: rig.clock.now())
        }
        let log = try rig.log()
        #expect(try log.recordings[recording]?.bytes(0).count == 300 * 160)
        #expect(log.segments.map(\.sequence) == Array(41..<41 + UInt64(log.segments.count)))
        #expect(log.segments.count >= 5)
        #expect(Set(log.segments.map(\.tag)).count == log.segments.count)
        #expect(rig.progress.all.filter(\.isSealed).map(\.sequence) == log.segments.map(\.sequence))
        // What is told to be flushed is there, in whole blocks, and never goes back.
        for (before, after) in zip(rig.progress.all, rig.progress.all.dropFirst()) {
            #expect(before.sequence < after.sequence || before.flushedBytes <= after.flushedBytes)
        }
        for last in rig.progress.all where last.isSealed {
            let size = try FileManager.default.attributesOfItem(atPath: last.path)[.size] as? NSNumber
            #expect(size?.uint64Value == last.flushedBytes)
        }
        // A second engine goes on behind what it finds.
        let name = AudioLogSegmentHeader.fileName(sequence: log.segments.last?.sequence ?? 0)
        #expect(rig.progress.all.last?.path.hasSuffix(name) == true)
    }

    @Test func theNextEngineBeginsBehindTheSegmentsItFinds() throws {
        let folder = try PromptsFolder()
        try FileManager.default.createDirectory(atPath: folder.path + "/log", withIntermediateDirectories: true)
        for name in ["00000000000000000012.hlas", "00000000000000000007.hlas", "notes.txt", "x.hlas"] {
            #expect(FileManager.default.createFile(atPath: folder.path + "/log/" + name, contents: nil))
        }
        let path = folder.path + "/log"
        let rig = try EngineRig(settings: { $0.folder = path })
        let (leg, _) = try Self.begin(rig)
        Self.run(rig, leg, steps: 1)
        #expect(rig.progress.all.map(\.sequence) == [13])
    }

    @Test func aFolderThatCannotBeIsTold() throws {
        #expect {
            _ = try EngineRig(settings: { $0.folder = "/proc/self/status/log" })
        } throws: {
            ($0 as? MediaError)?.code == .audioLog && ($0 as? MediaError)?.errno != nil
        }
    }

    @Test func shutdownLeavesEverythingSealed() throws {
        let rig = try EngineRig()
        let (leg, recording) = try Self.begin(rig)
        rig.tick(25)
        rig.engine.shutdown()
        #expect(rig.heard.names(of: leg.id).suffix(2) == ["recordingStopped", "closed"])
        let log = try EngineLog(folder: rig.logFolder)
        #expect(log.recordings[recording]?.length == .ticks(25))
        #expect(rig.progress.all.last?.isSealed == true)
        #expect { try rig.leg() } throws: { ($0 as? MediaError)?.code == .limit }
        rig.engine.shutdown()
    }
}
