import Calls
import Media

/// What a test caller saw of its call. Times named `…Ms` are milliseconds; where one is nil it did not happen.
package struct CallReport: Sendable, Codable, Hashable {
    package enum Outcome: String, Sendable, Codable {
        case answered
        /// A final SIP answer of 300 or more.
        case refused
        /// No final answer within the time.
        case noAnswer = "no_answer"
        /// The call could not be placed, or the transport failed.
        case failed
    }

    /// Keys that went out together.
    package struct Keys: Sendable, Codable, Hashable {
        package var keys: String
        /// After the answer.
        package var atMs: Int64

        package init(keys: String, atMs: Int64) {
            self.keys = keys
            self.atMs = atMs
        }
    }

    /// A stretch in which the caller sent audio.
    package struct Said: Sendable, Codable, Hashable {
        /// `file` or `tone`.
        package var what: String
        /// After the answer.
        package var atMs: Int64
        /// How long it took; nil where it was cut off by the end of the call.
        package var ms: Int64?

        package init(what: String, atMs: Int64, ms: Int64?) {
            self.what = what
            self.atMs = atMs
            self.ms = ms
        }
    }

    package struct Packets: Sendable, Codable, Hashable {
        package var received: UInt64
        package var sent: UInt64
        package var lost: UInt64
        package var late: UInt64
        package var jitterMs: Double
    }

    package struct Recording: Sendable, Codable, Hashable {
        package var file: String
        package var seconds: Double
    }

    package var target: String
    package var outcome: Outcome = .failed
    /// Unix microseconds, UTC, when the INVITE went out.
    package var dialledAt: Int64
    /// The provisional status that let it ring: 180 or 183.
    package var ringStatus: Int?
    /// From the INVITE to the first 180 or 183.
    package var ringAfterMs: Int64?
    /// From the first 180 or 183 to the answer: how long it rang.
    package var ringMs: Int64?
    /// Nominal rings until the answer, a ring beginning each 5 s (GB/T 3380: 1 s tone, 4 s pause).
    package var rings: Int64?
    /// From the INVITE to the answer.
    package var answerMs: Int64?
    package var codec: String?
    /// From the answer to the first RTP packet.
    package var firstPacketMs: Int64?
    /// From the answer to the first audio that is not silence.
    package var firstAudioMs: Int64?
    package var keys: [Keys] = []
    package var said: [Said] = []
    /// From the answer to the end.
    package var talkMs: Int64?
    /// `caller` (this program), `far_end` or `none` (it never was a call).
    package var endedBy = "none"
    /// The message that ended it, with the Reason header's text where one came.
    package var endedWith: String?
    /// The final SIP status where the call was refused.
    package var status: Int?
    /// Q.850 cause of the Reason header.
    package var q850: Int?
    package var packets: Packets?
    package var recording: Recording?

    package init(target: String, dialledAt: Int64) {
        self.target = target
        self.dialledAt = dialledAt
    }

    /// The report for people, a line a fact.
    package var lines: [String] {
        var lines = ["call to \(target)"]
        if let ringStatus, let ringAfterMs {
            lines.append("  rang       \(ringStatus) after \(ringAfterMs) ms")
        } else {
            lines.append("  rang       never")
        }
        switch outcome {
        case .answered:
            let ring = ringMs.map { "after ringing \($0) ms, in ring \(rings ?? 1)" } ?? "without ringing"
            lines.append("  answered   \(ring); \(answerMs ?? 0) ms after dialling, \(codec ?? "no codec")")
        case .refused:
            lines.append("  refused    \(status.map(String.init) ?? "") \(endedWith ?? "")")
        case .noAnswer:
            lines.append("  no answer  \(endedWith ?? "")")
        case .failed:
            lines.append("  failed     \(endedWith ?? "")")
        }
        guard outcome == .answered else { return lines }
        let packet = firstPacketMs.map { "first packet after \($0) ms" } ?? "no packet came"
        let audio = firstAudioMs.map { "first sound after \($0) ms" } ?? "nothing was heard"
        lines.append("  audio      \(packet), \(audio)")
        for press in keys { lines.append("  keys       \(press.keys) at \(Self.seconds(press.atMs))") }
        for stretch in said {
            let length = stretch.ms.map { "for \(Self.seconds($0))" } ?? "until the call ended"
            lines.append("  said       \(stretch.what) at \(Self.seconds(stretch.atMs)) \(length)")
        }
        if let packets {
            lines.append(
                "  packets    \(packets.received) received, \(packets.sent) sent, \(packets.lost) lost, "
                    + "\(packets.late) late, jitter \(Self.tenths(packets.jitterMs)) ms")
        }
        let who = endedBy == "caller" ? "by this caller" : "by the far end"
        let cause = q850.map { ", cause \($0)" } ?? ""
        lines.append("  ended      \(who) after \(Self.seconds(talkMs ?? 0)): \(endedWith ?? "")\(cause)")
        if let recording {
            lines.append("  recorded   \(recording.file), \(Self.tenths(recording.seconds)) s")
        }
        return lines
    }

    /// Milliseconds as seconds with one decimal.
    package static func seconds(_ milliseconds: Int64) -> String { "\(tenths(Double(milliseconds) / 1000)) s" }

    private static func tenths(_ value: Double) -> String {
        let rounded = (value * 10).rounded()
        guard rounded.isFinite, abs(rounded) < 1e15 else { return "?" }
        let whole = Int64(rounded)
        return "\(whole < 0 ? "-" : "")\(abs(whole) / 10).\(abs(whole) % 10)"
    }
}
