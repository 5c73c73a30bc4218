import Calls

/// One recording under way. Made by the control plane; the media thread owns `position` and the channels' legs, the
/// writer owns `staging`; returned by the writer after its end.
struct Recording: ~Copyable {
    struct Channel {
        let index: UInt8
        let id: LegID
        let tap: RecordingChannel.Tap
        /// nil after the leg was closed: silence.
        var leg: LegPointer?
        var codec: Codec = .pcma
    }

    let id: RecordingID
    let call: CallID
    let count: Int
    let channels: UnsafeMutablePointer<Channel>
    let link: UnsafeMutablePointer<Returned>
    /// The running tick's, 1/48,000 s.
    var position: Int64 = 0
    /// Not begun while the ring had no room for its start.
    var hasBegun = false
    /// Over, and only its end is still to be told.
    var hasEnded = false
    /// It advances with the ticks.
    var isRunning: Bool { hasBegun && !hasEnded }
    /// The writer's: what is not yet in blocks, and whether there is any.
    var staging: UnsafeMutablePointer<StagedChannel>?
    var isStaged = false

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
        self.link = link
        count = channels.count
        self.channels = .allocate(capacity: max(1, count))
        for (number, entry) in channels.enumerated() {
            (self.channels + number).initialize(
                to: Channel(
                    index: UInt8(truncatingIfNeeded: entry.channel.index), id: entry.channel.leg,
                    tap: entry.channel.tap, leg: entry.leg))
        }
    }

    deinit {
        if let staging { StagedChannel.free(staging) }
        channels.deallocate()
        link.deallocate()
    }
}

typealias RecordingPointer = UnsafeMutablePointer<Recording>
