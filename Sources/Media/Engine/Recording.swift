import Calls

/// One recording under way. Made by the control plane, returned by the writer after its end. It is itself immutable;
/// what changes stands in memory of its own for each thread: `live` is the media thread's, `writing` the writer's.
struct Recording: ~Copyable {
    struct Channel {
        let index: UInt8
        let id: LegID
        let tap: RecordingChannel.Tap
        fileprivate let source: UnsafeMutablePointer<Source>

        /// nil after the leg was closed: silence. The media thread's.
        var leg: LegPointer? {
            get { source.pointee.leg }
            nonmutating set { source.pointee.leg = newValue }
        }
        /// The last tick's. The media thread's.
        var codec: Codec {
            get { source.pointee.codec }
            nonmutating set { source.pointee.codec = newValue }
        }
    }

    fileprivate struct Source {
        var leg: LegPointer?
        var codec: Codec = .pcma
    }

    /// The media thread's.
    struct Live {
        /// The running tick's, 1/48,000 s.
        var position: Int64 = 0
        /// Not begun while the ring had no room for its start.
        var hasBegun = false
        /// Over, and only its end is still to be told.
        var hasEnded = false
        /// Silence is wanted in place of what is heard.
        var wantsPause = false
        /// It is taken.
        var isPaused = false
        /// Where the pause began, until there was room to tell it.
        var untoldPause: Int64?
        /// It advances with the ticks.
        var isRunning: Bool { hasBegun && !hasEnded }
    }

    /// The writer's: what is not yet in blocks, and whether there is any.
    struct Writing {
        var staging: UnsafeMutablePointer<StagedChannel>?
        var isStaged = false
    }

    let id: RecordingID
    let call: CallID
    /// Its legs'.
    let phase: Int
    let count: Int
    let channels: UnsafeMutablePointer<Channel>
    let live: UnsafeMutablePointer<Live>
    let writing: UnsafeMutablePointer<Writing>
    let link: UnsafeMutablePointer<Returned>
    private let sources: UnsafeMutablePointer<Source>

    static let maximumChannels = 8

    static func make(
        _ id: RecordingID, call: CallID, channels: [(channel: RecordingChannel, leg: LegPointer)]
    ) -> RecordingPointer {
        let pointer = RecordingPointer.allocate(capacity: 1)
        let link = UnsafeMutablePointer<Returned>.allocate(capacity: 1)
        link.initialize(to: Returned(object: .recording(pointer), next: nil))
        pointer.initialize(to: Recording(id, call: call, channels: channels, link: link))
        return pointer
    }

    /// Frees it; off the media thread.
    static func free(_ pointer: RecordingPointer) {
        pointer.deinitialize(count: 1)
        pointer.deallocate()
    }

    private init(
        _ id: RecordingID, call: CallID, channels: [(channel: RecordingChannel, leg: LegPointer)],
        link: UnsafeMutablePointer<Returned>
    ) {
        self.id = id
        self.call = call
        phase = channels.first?.leg.pointee.phase ?? 0
        self.link = link
        count = channels.count
        live = .allocate(capacity: 1)
        live.initialize(to: Live())
        writing = .allocate(capacity: 1)
        writing.initialize(to: Writing())
        sources = .allocate(capacity: max(1, count))
        self.channels = .allocate(capacity: max(1, count))
        for (number, entry) in channels.enumerated() {
            (sources + number).initialize(to: Source(leg: entry.leg))
            (self.channels + number).initialize(
                to: Channel(
                    index: UInt8(truncatingIfNeeded: entry.channel.index), id: entry.channel.leg,
                    tap: entry.channel.tap, source: sources + number))
        }
    }

    deinit {
        if let staging = writing.pointee.staging { StagedChannel.free(staging) }
        channels.deallocate()
        sources.deallocate()
        live.deallocate()
        writing.deallocate()
        link.deallocate()
    }
}

typealias RecordingPointer = UnsafeMutablePointer<Recording>
