import ArgumentParser
import Calls
import Foundation
import Media
import Recordings
import Storage

/// `hotline listen`: a call on a loudspeaker or headset of this machine, while it goes on or afterwards.
struct ListenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "listen",
        abstract: "Plays a call that goes on, or its recording, on an ALSA device.",
        discussion: """
            A call that goes on is heard about a second behind: it is read from the audio log, so that neither the \
            caller nor the server notices. The caller is on the left, the hotline on the right; on a device of one \
            channel both are mixed. Ctrl-C ends it.
            """)

    enum Channel: String, CaseIterable, ExpressibleByArgument { case both, left, right }

    @Option(help: "The call's id, as `calls list` names it.")
    var call: CallID
    @Option(help: "The ALSA device; `aplay -L` lists them.")
    var device = "default"
    @Option(help: "Which side to hear: \(Channel.allCases.map(\.rawValue).joined(separator: ", ")).")
    var channel = Channel.both
    @Option(help: "Begin so many seconds into the recording.")
    var from = 0.0
    @OptionGroup var data: DataOptions

    func run() async throws {
        let reader = try Store.openForQueries(folder: data.folder)
        defer {
            do { try reader.close() } catch {
                FileHandle.standardError.write(Data("hotline listen: the store did not close: \(error)\n".utf8))
            }
        }
        guard let detail = try await reader.call(call) else {
            throw CommandError("there is no call \(call) in \(data.folder).")
        }
        if detail.summary.releasedAt == nil {
            try await live(reader)
        } else {
            try await recorded(detail)
        }
    }

    private func recorded(_ detail: CallDetail) async throws {
        guard let file = detail.summary.recordings.compactMap(\.file).first else {
            throw CommandError(
                detail.summary.answeredAt == nil
                    ? "call \(call) was never answered: nothing was recorded of it."
                    : "the recording of call \(call) is not finished yet; try again in a moment.")
        }
        let sound = try SoundFileReader(
            path: data.folder + "/recordings/" + file, keys: try DataFolder(data.folder).openRecordingKeys())
        try sound.seek(to: Int64(from * Double(sound.rate)))
        let player = try SoundPlayer(device: device, rate: sound.rate)
        print("recording  \(file), \(Screen.milliseconds(sound.frames * 1000 / Int64(sound.rate)))")
        while case let frames = sound.read(frames: sound.rate / 10), !frames.isEmpty {
            let sides = (0..<2).map { side in
                stride(from: min(side, sound.channels - 1), to: frames.count, by: sound.channels).map { frames[$0] }
            }
            try player.play(left: chosen(.left, sides[0]), right: chosen(.right, sides[1]))
        }
        try player.drain()
        if let failure = sound.failure { throw failure }
    }

    /// One side, or silence where it is not to be heard.
    private func chosen(_ side: Channel, _ samples: [Int16]) -> [Int16] {
        channel == .both || channel == side ? samples : [Int16](repeating: 0, count: samples.count)
    }

    private func live(_ reader: StoreReader) async throws {
        var live = LiveRecording(
            dataFolder: data.folder, call: call, keys: try DataFolder(data.folder).openRecordingKeys())
        let player = try SoundPlayer(device: device, rate: 8000)
        print("live       about a second behind; Ctrl-C ends it")
        var mixer = LiveMixer()
        var quiet = 0
        while true {
            let pieces = try live.read()
            quiet = pieces.isEmpty ? quiet + 1 : 0
            mixer.add(pieces)
            let (left, right) = mixer.take(all: live.isOver)
            if !left.isEmpty { try player.play(left: chosen(.left, left), right: chosen(.right, right)) }
            if live.isOver { break }
            // A call that ended before it was recorded has no end in the log.
            if quiet >= 20 {
                quiet = 0
                if try await reader.call(call)?.summary.releasedAt != nil { break }
            }
            try await Task.sleep(for: .milliseconds(100))
        }
        try player.drain()
        print("over       the call has ended")
    }
}

/// Brings the pieces of both channels together by their positions. Samples at 8,000 a second.
struct LiveMixer: Sendable {
    private var channels: [[Int16]] = [[], []]
    /// The position of each channel's first sample that waits, samples; nil: none came yet.
    private var start: Int64?

    /// Pieces of other rates, and of channels beyond the second, are left out.
    mutating func add(_ pieces: [LiveRecording.Piece]) {
        for piece in pieces where piece.rate == 8000 && channels.indices.contains(piece.channel) {
            let position = piece.position.samples(rate: 8000)
            let first = start ?? position
            start = first
            let place = Int(position - first) - channels[piece.channel].count
            if place > 0 { channels[piece.channel] += [Int16](repeating: 0, count: min(place, 80_000)) }
            channels[piece.channel] += piece.samples.dropFirst(max(0, -place))
        }
    }

    /// What both channels have.
    /// - Parameter all: what only one has, too.
    mutating func take(all: Bool = false) -> (left: [Int16], right: [Int16]) {
        let counts = channels.map(\.count)
        let count = all ? counts.max() ?? 0 : counts.min() ?? 0
        guard count > 0 else { return ([], []) }
        let taken = channels.map { samples in
            Array(samples.prefix(count)) + [Int16](repeating: 0, count: max(0, count - samples.count))
        }
        for index in channels.indices { channels[index].removeFirst(min(count, channels[index].count)) }
        start = start.map { $0 + Int64(count) }
        return (taken[0], taken[1])
    }
}
