import Calls
import Storage

/// Whose voice each channel of a recording carries, as far as it matters for a transcript: people's speech is written
/// down, our own prompts are not, since they are known and would be found in every call.
struct TranscriptOwners: Sendable {
    private struct Stretch {
        var fromMilliseconds: Int64
        var role: String
    }
    private var channels: [Int: [Stretch]] = [:]

    /// The role of what we play ourselves.
    static let machine = "system"

    init(_ detail: RecordingDetail) {
        for channel in detail.found.recording.channels {
            channels[channel.index] = [Stretch(fromMilliseconds: 0, role: channel.role)]
        }
        let segments = detail.segments.sorted { ($0.channel, $0.fromMilliseconds) < ($1.channel, $1.fromMilliseconds) }
        for segment in segments {
            channels[segment.channel, default: []].append(
                Stretch(fromMilliseconds: segment.fromMilliseconds, role: segment.role))
        }
    }

    /// Channels on which a person speaks at some time, sorted.
    var peoples: [Int] {
        channels.filter { $0.value.contains { $0.role != Self.machine } }.keys.sorted()
    }

    /// Who has most of a stretch: its middle decides, since recognisers' bounds reach into what is beside them.
    func role(channel: Int, from: Int64, to: Int64) -> String {
        let middle = from + (to - from) / 2
        return channels[channel]?.last { $0.fromMilliseconds <= middle }?.role ?? Self.machine
    }
}
