import Calls
import Glibc

/// Both devices of a card from their opening to their loss or closing; on the card's thread.
struct SoundSession: ~Copyable {
    /// A running device that moves nothing for so long is lost, nanoseconds.
    private static let stall: Int64 = 1_000_000_000
    /// A thread that was away for so long itself does not blame the device.
    private static let absence: Int64 = 500_000_000
    private static let reportInterval: Int64 = 200_000_000
    private static let turnMilliseconds = 20
    /// After a wake-up for nothing only the eventfd is listened to for so long: not every plugin's descriptors tell
    /// the truth.
    private static let napMilliseconds = 5
    private static let mostDescriptors = 32

    private let shared: SoundCardShared
    private let capture: PCM
    private let playback: PCM
    private var bridge: SoundBridge
    private let frames: UnsafeMutablePointer<Int16>
    private let staged: UnsafeMutablePointer<Int16>
    private var stagedStart = 0
    private var stagedCount = 0
    private let descriptors: UnsafeMutablePointer<pollfd>
    private var written: Int64 = 0
    private var lastCapture: Int64 = 0
    private var lastPlayback: Int64 = 0
    private var lastPlayed: Int64 = 0
    private var lastTurn: Int64 = 0
    private var lastReport: Int64 = 0

    var format: SoundFormat { SoundFormat(rate: capture.rate, channels: capture.channels) }

    /// Opens both devices.
    init(shared: SoundCardShared) throws(MediaError) {
        let wanted = shared.configuration
        let capture = try PCM(wanted.capture, .capture, rate: wanted.rate, channels: wanted.channels)
        let playback = try PCM(wanted.playback, .playback, rate: wanted.rate, channels: wanted.channels)
        let bridge = try SoundBridge(
            link: shared.link, capture: SoundFormat(rate: capture.rate, channels: capture.channels),
            playback: SoundFormat(rate: playback.rate, channels: playback.channels))
        frames = .allocate(capacity: capture.buffer * capture.channels)
        staged = .allocate(capacity: playback.buffer * playback.channels)
        descriptors = .allocate(capacity: Self.mostDescriptors)
        shared.statistics.withLock {
            $0.capture.rate = capture.rate
            $0.capture.channels = capture.channels
            $0.playback.rate = playback.rate
            $0.playback.channels = playback.channels
        }
        self.bridge = bridge
        self.shared = shared
        self.capture = capture
        self.playback = playback
    }

    deinit {
        frames.deallocate()
        staged.deallocate()
        descriptors.deallocate()
    }

    /// Fills the playback device and starts both.
    mutating func start() throws(MediaError) {
        let now = shared.time.now().mono
        lastCapture = now
        lastPlayback = now
        lastTurn = now
        _ = try feed(at: now)
        try capture.start()
        try playback.start()
    }

    /// Runs until the card is no longer wanted.
    /// - Throws: `MediaError` with code `.device` where a device is lost.
    mutating func run() throws(MediaError) {
        var isNapping = false
        while true {
            try wait(isNapping: isNapping)
            shared.turn()
            let wished = shared.wished
            if wished.quits || !wished.isWanted {
                report(at: shared.time.now().mono)
                return
            }
            let now = shared.time.now().mono
            let hasRead = try drain(at: now)
            let hasFed = try feed(at: shared.time.now().mono)
            isNapping = !hasRead && !hasFed
            try watch(at: now)
            if now - lastReport >= Self.reportInterval {
                report(at: now)
                // A hang that has passed was told as a loss.
                if hasRead { shared.tellOpen(format, isOpening: false) }
            }
        }
    }

    // MARK: - Waiting

    private mutating func wait(isNapping: Bool) throws(MediaError) {
        var captured = 0
        var played = 0
        if !isNapping {
            captured = capture.descriptors(into: descriptors + 1, count: Self.mostDescriptors / 2 - 1)
            played = playback.descriptors(into: descriptors + 1 + captured, count: Self.mostDescriptors / 2)
        }
        let milliseconds = isNapping ? Self.napMilliseconds : Self.turnMilliseconds
        guard shared.wait(descriptors, count: 1 + captured + played, milliseconds: milliseconds) else {
            throw MediaError(.device, "the sound card's descriptors cannot be polled", errno: errno)
        }
        guard !isNapping else { return }
        let gone = Int16(POLLHUP | POLLNVAL)
        if captured > 0, capture.events(of: descriptors + 1, count: captured) & gone != 0 || capture.isDisconnected {
            throw capture.failure("was lost", -ENODEV)
        }
        if played > 0,
            playback.events(of: descriptors + 1 + captured, count: played) & gone != 0 || playback.isDisconnected
        {
            throw playback.failure("was lost", -ENODEV)
        }
    }

    // MARK: - Moving frames

    /// Takes all that the capture device has.
    /// - Returns: false where it had nothing.
    private mutating func drain(at now: Int64) throws(MediaError) -> Bool {
        switch capture.read(into: frames, count: capture.buffer) {
        case .frames(let count):
            guard count > 0 else { return false }
            bridge.captured(frames, count: count, at: now)
            shared.statistics.withLock { $0.capture.frames += UInt64(count) }
            lastCapture = now
            return true
        case .xrun:
            shared.statistics.withLock { $0.capture.xruns += 1 }
            bridge.captureLost()
            try capture.recover()
            try capture.start()
            return true
        case .lost(let number): throw capture.failure("was lost", -number)
        }
    }

    /// Fills the playback device up to its mark.
    /// - Returns: false where there was nothing to do.
    private mutating func feed(at now: Int64) throws(MediaError) -> Bool {
        var hasMoved = false
        // The second time round after an xrun.
        for _ in 0..<2 {
            switch playback.available() {
            case .frames(let room):
                let standing = max(0, playback.buffer - room)
                let played = written - Int64(standing)
                if played != lastPlayed {
                    lastPlayed = played
                    lastPlayback = now
                    bridge.played(frames: played, at: now)
                }
                let wanted = min(playback.fill - standing - stagedCount, playback.buffer - stagedCount)
                if wanted > 0 { stage(wanted, at: now) }
                if try push() { return true }
                return hasMoved
            case .xrun:
                shared.statistics.withLock { $0.playback.xruns += 1 }
                bridge.playbackLost()
                try playback.recover()
                hasMoved = true
            case .lost(let number): throw playback.failure("was lost", -number)
            }
        }
        return hasMoved
    }

    /// Makes `count` frames more, behind those that wait.
    private mutating func stage(_ count: Int, at now: Int64) {
        let channels = playback.channels
        if stagedStart > 0 {
            staged.update(from: staged + stagedStart * channels, count: stagedCount * channels)
            stagedStart = 0
        }
        bridge.fill(staged + stagedCount * channels, count: count, at: now)
        stagedCount += count
    }

    /// Writes what is staged, as far as the device takes it, and starts the device where it stands.
    private mutating func push() throws(MediaError) -> Bool {
        guard stagedCount > 0 else { return false }
        switch playback.write(staged + stagedStart * playback.channels, count: stagedCount) {
        case .frames(let count):
            stagedStart += count
            stagedCount -= count
            written += Int64(count)
            shared.statistics.withLock { $0.playback.frames += UInt64(count) }
            return count > 0
        case .xrun:
            shared.statistics.withLock { $0.playback.xruns += 1 }
            bridge.playbackLost()
            try playback.recover()
            return true
        case .lost(let number): throw playback.failure("was lost", -number)
        }
    }

    // MARK: - Watching

    private mutating func watch(at now: Int64) throws(MediaError) {
        let wasAway = now - lastTurn >= Self.absence
        lastTurn = now
        if wasAway {
            lastCapture = now
            lastPlayback = now
        }
        if now - lastCapture >= Self.stall { throw capture.failure("gives no samples for 1 s", -EIO) }
        if now - lastPlayback >= Self.stall { throw playback.failure("takes no samples for 1 s", -EIO) }
    }

    private mutating func report(at now: Int64) {
        lastReport = now
        let captureDelay = capture.delay().map { Double($0) * 1000 / Double(capture.rate) }
        let playbackDelay = playback.delay().map { Double($0) * 1000 / Double(playback.rate) }
        var measured = SoundCardStatistics()
        bridge.report(into: &measured)
        measured.capture.deviceMilliseconds = captureDelay
        measured.playback.deviceMilliseconds = playbackDelay
        shared.statistics.withLock {
            $0.capture.take(measured.capture)
            $0.playback.take(measured.playback)
        }
    }
}
