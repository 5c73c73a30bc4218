import AudioLog
import Calls

/// A recording under way, or not yet confirmed: what of it stands in the partial files. Its durable form is the
/// recording's index file.
struct Partial: Sendable, Codable {
    /// The encoded audio of one channel in one codec, a file of its own: the sample n stands at byte n. A change of
    /// codec in mid-call begins another track of the same channel.
    struct Track: Sendable, Codable {
        var channel: UInt8
        var codec: UInt8
        var rate: UInt32
        /// Which samples are there.
        var present = IntervalSet()

        /// 1/48,000 s a sample.
        var unit: Int64 { AudioPosition.unitsPerSecond / Int64(rate) }
    }

    private(set) var version = 1
    let recording: RecordingID
    let call: CallID
    /// From the start block; nil where it was lost.
    private(set) var startedAt: Instant?
    private(set) var channels: [RecordedChannel] = []
    private(set) var tracks: [Track] = []
    /// The furthest end of anything known, in 1/48,000 s.
    private(set) var reach: Int64 = 0
    /// From the end block; nil while the recording runs.
    private(set) var length: Int64?
    /// The segment with the last block of it.
    var lastSegment: UInt64 = 0
    /// What its tracks are encrypted with, from the first byte to the last; nil: they are not.
    let key: RecordingKeyID?

    init(recording: RecordingID, call: CallID, key: RecordingKeyID?) {
        self.recording = recording
        self.call = call
        self.key = key
    }

    /// No end was written yet.
    var isOpen: Bool { length == nil }

    /// The length that a file made now has, in 1/48,000 s.
    var currentLength: Int64 { length ?? reach }

    /// When sample 0 was taken, or the best that is known of it.
    var start: Instant { startedAt ?? Instant(wall: recording.milliseconds * 1000, mono: 0) }

    /// How many channels the file has: as the start block says; two where that is lost.
    var channelCount: Int {
        let named = channels.map { $0.index + 1 }.max() ?? 2
        return max(named, tracks.map { Int($0.channel) + 1 }.max() ?? 0)
    }

    mutating func begin(_ start: AudioLogStart) {
        startedAt = start.at
        channels = start.channels.map(RecordedChannel.init)
    }

    mutating func end(at position: AudioPosition) { length = position.units }

    /// So far there is something in the log: audio, whether or not it is in a file yet, or ticks that were skipped, which count
    /// towards the length of a recording without an end.
    mutating func extend(to position: AudioPosition) { reach = max(reach, position.units) }

    /// The track of an audio block; nil where its codec cannot be decoded here.
    mutating func track(of block: AudioLogBlock) -> Int? {
        if let index = tracks.firstIndex(where: {
            $0.channel == block.channel && $0.codec == block.codec && $0.rate == block.rate
        }) {
            return index
        }
        guard G711.table(codec: block.codec) != nil else { return nil }
        tracks.append(Track(channel: block.channel, codec: block.codec, rate: block.rate))
        return tracks.count - 1
    }

    /// The track's file is gone: what stood in it is missing.
    mutating func lost(track index: Int) { tracks[index].present = IntervalSet() }

    /// These samples stand in the track's file now.
    mutating func wrote(_ samples: Range<Int64>, track index: Int) {
        tracks[index].present.insert(samples.lowerBound, samples.upperBound)
        reach = max(reach, samples.upperBound * tracks[index].unit)
    }

    /// The track file's name.
    func fileName(_ track: Track) -> String {
        "\(recording).\(track.channel).\(track.codec).\(track.rate).track"
    }

    /// The rate of the file: that of all tracks, 8,000 where there is no audio.
    func rate() throws(RecordingError) -> Int64 {
        let rates = Set(tracks.map(\.rate))
        guard rates.count <= 1 else {
            throw RecordingError(
                .codec,
                "Recording \(recording) has audio of several rates (\(rates.sorted())); its partial files stay.",
                recording: recording, call: call)
        }
        return Int64(rates.first ?? 8000)
    }

    /// Which samples each channel lacks, by the channel's index.
    func missing(frames: Int64) -> [IntervalSet] {
        (0..<channelCount).map { channel in
            var present = IntervalSet()
            for track in tracks where Int(track.channel) == channel { present.formUnion(track.present) }
            return present.missing(upTo: frames)
        }
    }
}
