import AudioLog
import Calls
import Glibc

/// Takes frames from the media threads' tap rings and writes them as blocks. On the writer's thread; it has no clock of its own, so
/// that tests can run it by hand.
///
/// Each step takes everything out of the rings that is in them at its turn, so that no audio waits in memory for its second to be full: a step of
/// 200 ms makes blocks of 200 ms. Where the disk refuses, what is encoded waits here and the rest in the ring.
struct AudioLogWriter: ~Copyable {
    private static let bufferSize = 1 << 20
    /// At an end every channel may have a staged second and a gap behind it.
    private static let mostForAFrame =
        Recording.maximumChannels
        * (2 * AudioLogFormat.blockHeaderSize + AudioLogSeal.overhead + StagedChannel.capacity) + 1024

    private let shards: UnsafeMutablePointer<EngineShared>
    private let count: Int
    /// The first of them, which has the counters of the log.
    private var shared: UnsafeMutablePointer<EngineShared> { shards }
    private let settings: AudioLogSettings
    private let disk: AudioLogDisk
    private var segment: AudioLogSegmentFile?
    private var nextSequence: UInt64
    private let buffer: UnsafeMutableRawBufferPointer
    /// What of the buffer is encoded, and what of that is written.
    private var filled = 0
    private var flushed = 0
    /// Recordings with audio staged in this step.
    private var staged: [RecordingPointer] = []
    private var lastSync: Int64 = 0
    private var isFailing = false

    /// Makes the folder and looks which segments there are.
    /// - Parameters:
    ///   - shards: what the media threads tap into; outlives this value.
    ///   - count: how many media threads there are.
    init(
        shards: UnsafeMutablePointer<EngineShared>, count: Int, settings: AudioLogSettings, disk: AudioLogDisk
    ) throws(MediaError) {
        try AudioLogFolder.make(settings.folder)
        let highest = try AudioLogFolder.names(settings.folder)
            .compactMap { AudioLogSegmentHeader.sequence(fileName: $0) }.max()
        nextSequence = max(settings.firstSequence, (highest ?? 0) + 1)
        self.shards = shards
        self.count = count
        self.settings = settings
        self.disk = disk
        buffer = .allocate(byteCount: Self.bufferSize, alignment: 64)
    }

    deinit { buffer.deallocate() }

    /// Writes what is there, syncs and rotates what is due.
    mutating func step(at now: Instant) {
        do throws(SystemFailure) {
            try write()
            for index in 0..<count {
                // What comes in meanwhile waits for the next step: no thread's calls are kept waiting by another's.
                var left = shards[index].tap.count
                while left > 0, let (frame, payload) = shards[index].tap.front() {
                    try makeRoom(at: now)
                    take(frame, payload)
                    shards[index].tap.consume()
                    left -= 1
                }
            }
            while let recording = staged.last {
                try makeRoom(at: now)
                for number in 0..<recording.pointee.count { emit(recording, number) }
                recording.pointee.writing.pointee.isStaged = false
                staged.removeLast()
            }
            try write()
            publish(isSealed: false)
            try syncOrRotate(at: now)
            succeeded()
        } catch {
            failed(error)
        }
    }

    /// Writes, syncs and seals; nothing comes after it.
    /// - Returns: whether everything is on the disk; it may be tried again.
    mutating func finish(at now: Instant) -> Bool {
        step(at: now)
        guard (0..<count).allSatisfy({ shards[$0].tap.count == 0 }), flushed == filled else { return false }
        do throws(SystemFailure) {
            try seal()
        } catch {
            failed(error)
        }
        return true
    }

    // MARK: - Frames to blocks

    private mutating func take(_ frame: TapFrame, _ payload: UnsafePointer<UInt8>) {
        let recording = frame.recording
        switch frame.kind {
        case .start:
            recording.pointee.writing.pointee.staging = StagedChannel.make(recording.pointee.count)
            let channels = (0..<recording.pointee.count).map { number in
                let channel = recording.pointee.channels + number
                return AudioLogStart.Channel(
                    index: channel.pointee.index, leg: channel.pointee.id,
                    tap: channel.pointee.tap == .sent ? .sent : .received)
            }
            encode { encoder, span, offset throws(AudioLogError) in
                try encoder.append(
                    start: AudioLogStart(at: frame.at, channels: channels), recording: recording.pointee.id,
                    call: recording.pointee.call, leg: recording.pointee.channels[0].id, into: &span, at: offset)
            }
        case .audio:
            guard let staging = recording.pointee.writing.pointee.staging else { return }
            let number = Int(frame.channel)
            if !staging[number].takes(frame) {
                emit(recording, number)
                emitGap(recording, number, upTo: frame.position)
            }
            if !recording.pointee.writing.pointee.isStaged {
                recording.pointee.writing.pointee.isStaged = true
                staged.append(recording)
            }
            staging[number].append(frame, payload)
        case .end:
            for number in 0..<recording.pointee.count {
                emit(recording, number)
                emitGap(recording, number, upTo: frame.position)
            }
            if recording.pointee.writing.pointee.isStaged { staged.removeAll { $0 == recording } }
            encode { encoder, span, offset throws(AudioLogError) in
                try encoder.append(
                    endOf: recording.pointee.id, call: recording.pointee.call,
                    leg: recording.pointee.channels[0].id, length: AudioPosition(units: frame.position), into: &span,
                    at: offset)
            }
            shared.pointee.returned.push(recording.pointee.link)
        }
    }

    /// What is staged becomes a block.
    private mutating func emit(_ recording: RecordingPointer, _ number: Int) {
        guard let staging = recording.pointee.writing.pointee.staging, staging[number].count > 0 else { return }
        let block = staging[number].block(of: recording, channel: number)
        let payload = UnsafeRawBufferPointer(start: staging[number].bytes, count: staging[number].count)
        encode { encoder, span, offset throws(AudioLogError) in
            try encoder.append(block, payload: payload.bytes, into: &span, at: offset)
        }
        staging[number].clear()
    }

    /// Ticks that were skipped, or frames that found no room in the ring.
    private mutating func emitGap(_ recording: RecordingPointer, _ number: Int, upTo position: Int64) {
        guard let staging = recording.pointee.writing.pointee.staging, staging[number].expected < position else {
            return
        }
        let block = staging[number].gap(of: recording, channel: number, upTo: position)
        encode { encoder, span, offset throws(AudioLogError) in
            try encoder.append(
                block, payload: UnsafeRawBufferPointer(start: nil, count: 0).bytes, into: &span, at: offset)
        }
        staging[number].move(to: position)
    }

    private mutating func encode(
        _ body: (inout AudioLogEncoder, inout MutableRawSpan, Int) throws(AudioLogError) -> Int
    ) {
        guard let segment else { return }
        do throws(AudioLogError) {
            var span = buffer.mutableBytes
            filled = try body(&segment.encoder, &span, filled)
            shared.pointee.counters.logBlocks.add()
        } catch {
            // A block outside the format's limits (a recording of more than two days): it is left out, and counted.
            shared.pointee.counters.logErrors.add()
        }
    }

    // MARK: - Blocks to the disk

    /// Sees to a segment, and to room in the buffer for all that one frame can bring about.
    private mutating func makeRoom(at now: Instant) throws(SystemFailure) {
        if buffer.count - filled < Self.mostForAFrame { try write() }
        guard segment == nil else { return }
        let header = AudioLogSegmentHeader(
            node: settings.node, sequence: nextSequence, created: now, tag: .random(in: 0 ... .max))
        let opened = try AudioLogSegmentFile(
            folder: settings.folder, header: header, sealer: settings.sealer(header.tag), disk: disk)
        nextSequence += 1
        segment = opened
        shared.pointee.counters.logSegments.add()
        // What this step writes was taken since the step before.
        lastSync = now.mono &- Int64(settings.flushMilliseconds) * 1_000_000
        encode { encoder, span, offset throws(AudioLogError) in try encoder.begin(into: &span, at: offset) }
        // The name must survive a power failure as the file's data do.
        guard AudioLogFolder.sync(settings.folder) else {
            throw SystemFailure(operation: "sync", path: settings.folder, number: errno)
        }
    }

    /// Hands everything encoded to the kernel.
    private mutating func write() throws(SystemFailure) {
        guard let segment, flushed < filled else { return }
        let begin = SystemTime.monotonic()
        defer { noteStall(since: begin) }
        while flushed < filled {
            let count = try segment.write(UnsafeRawBufferPointer(rebasing: buffer[flushed..<filled]))
            flushed += count
            shared.pointee.counters.logBytes.add(UInt64(count))
        }
        flushed = 0
        filled = 0
        if segment.written >= Int64(settings.segmentBytes) { try seal() }
    }

    private mutating func syncOrRotate(at now: Instant) throws(SystemFailure) {
        guard let segment else { return }
        if now.mono &- segment.createdAt >= Int64(settings.segmentMilliseconds) * 1_000_000 { return try seal() }
        // At the next step it would be too late.
        let most = Int64(settings.syncMilliseconds - settings.flushMilliseconds) * 1_000_000
        guard segment.isDirty, now.mono &- lastSync > most else { return }
        lastSync = now.mono
        let begin = SystemTime.monotonic()
        defer { noteStall(since: begin) }
        do throws(SystemFailure) {
            try segment.sync()
        } catch {
            // After a failed sync the kernel may have forgotten the pages: a second try on the same file proves
            // nothing, so that the next segment begins.
            leave(segment)
            throw error
        }
    }

    /// Ends the segment; with its last bytes durable, if the disk will have it.
    private mutating func seal() throws(SystemFailure) {
        guard let segment else { return }
        defer { leave(segment) }
        if segment.isDirty { try segment.sync() }
    }

    private mutating func leave(_ segment: AudioLogSegmentFile) {
        publish(isSealed: true)
        self.segment = nil
    }

    private func publish(isSealed: Bool) {
        guard let segment, isSealed || segment.written > segment.published else { return }
        segment.published = segment.written
        settings.progress(
            AudioLogProgress(
                sequence: segment.sequence, path: segment.path, flushedBytes: UInt64(segment.written),
                isSealed: isSealed))
    }

    // MARK: - Health

    private mutating func failed(_ failure: SystemFailure) {
        shared.pointee.counters.logErrors.add()
        guard !isFailing else { return }
        isFailing = true
        settings.health(.failing(failure.error))
    }

    private mutating func succeeded() {
        guard isFailing else { return }
        isFailing = false
        settings.health(.recovered)
    }

    private func noteStall(since begin: Int64) {
        shared.pointee.counters.maximumLogStall.raise(to: UInt64(max(0, SystemTime.monotonic() - begin)))
    }
}
