import Calls
import Storage
import Switchboard
import Testing

/// What a call's rows tell of its recording.
@Suite struct RecordingRulesTests {
    private static let recording = RecordingID(high: 0x0192_0000_0000_7000, low: 0x8000_0000_0000_0005)
    private static let now = UTCTime(microseconds: zero.wall + 86_400_000_000)

    /// A call of a minute with a recording in order.
    private static func call(_ change: (inout CallCheck, inout RecordingCheck) -> Void = { _, _ in }) -> CallCheck {
        var recording = RecordingCheck(
            id: recording, callID: stageCall, purpose: "call", state: .finished, startedAt: UTCTime(at(1050)),
            file: "2026/11/18/a.flac", rate: 8000, frames: 479_600, bytes: 500_000, sha256: "ab", gaps: [],
            recovered: false, failure: nil, channelCount: 2, figures: figures(), hadAgent: true)
        var call = CallCheck(
            id: stageCall, offeredAt: UTCTime(at(0)), answeredAt: at(1000), releasedAt: at(61_000), outcome: .completed,
            recordings: [])
        change(&call, &recording)
        if call.recordings.isEmpty { call.recordings = [recording] }
        return call
    }

    private static func figures(
        talk: [Int64] = [20_000, 30_000], missing: [Int64] = [0, 0], clipped: [Int64] = [0, 0], length: Int64 = 59_950
    ) -> RecordingMeasured {
        RecordingMeasured(
            recording: recording, call: stageCall, at: zero, lengthMilliseconds: length, silenceMilliseconds: 5000,
            overtalkMilliseconds: 0, thresholdDecibels: -45,
            channels: [0, 1].map {
                .init(
                    index: $0, missingMilliseconds: missing[$0], talkMilliseconds: talk[$0], peak: 9000, level: -2000,
                    clippedSamples: clipped[$0])
            })
    }

    private static func kinds(_ call: CallCheck, now: UTCTime = now) -> [RecordingAlarmKind] {
        RecordingRules.findings(call, now: now).map(\.kind)
    }

    @Test func aRecordingInOrderIsPassedOver() {
        #expect(Self.kinds(Self.call()).isEmpty)
    }

    @Test func anAnsweredCallWithoutARecordingIsFound() throws {
        var call = Self.call()
        call.recordings = []
        let found = try #require(RecordingRules.findings(call, now: Self.now).first)
        #expect(found.kind == .missingRecording && found.subject == stageCall.description)
        // Another recording of its is not the call's own.
        call = Self.call { $1.purpose = "consultation" }
        #expect(Self.kinds(call) == [.missingRecording])
        // Without media, or in less than a second, there was nothing to record.
        call.recordings = []
        call.outcome = .notEstablished
        #expect(Self.kinds(call).isEmpty)
        call.outcome = .completed
        call.releasedAt = at(1900)
        #expect(Self.kinds(call).isEmpty)
    }

    @Test(arguments: [
        (472_000 as Int64, Outcome.completed, false), (471_992, .completed, true), (488_000, .completed, false),
        (488_008, .completed, true), (240_000, .completed, true),
        // What a crash cut off lacks at most what was not yet flushed, and may reach beyond the last event.
        (466_000, .interrupted, false), (800_000, .interrupted, false), (463_000, .interrupted, true),
    ]) func theLengthIsTheTalksToASecond(frames: Int64, outcome: Outcome, isFound: Bool) {
        let call = Self.call {
            $1.frames = frames
            $0.outcome = outcome
        }
        #expect(Self.kinds(call) == (isFound ? [.length] : []))
    }

    @Test func gapsOfMoreThanASecondAreFound() {
        #expect(Self.kinds(Self.call { $1.gaps = [[0, 48_000]] }).isEmpty)
        #expect(Self.kinds(Self.call { $1.gaps = [[0, 24_000], [48_000, 72_048]] }) == [.gaps])
    }

    @Test func whatFailedIsFoundOnce() {
        let never = Self.call {
            $1.state = .failed
            $1.startedAt = nil
            $1.failure = "no audio of it reached the audio log"
        }
        #expect(Self.kinds(never) == [.failed])
        let begun = Self.call { $1.state = .failed }
        #expect(Self.kinds(begun) == [.failed])
        // The call was over before its first sample.
        let short = Self.call {
            $1.state = .failed
            $1.startedAt = nil
            $0.releasedAt = at(1500)
        }
        #expect(Self.kinds(short).isEmpty)
    }

    @Test func afterHalfAnHourTheFileMustBeMade() {
        let call = Self.call { $1.state = .stopped }
        #expect(Self.kinds(call, now: UTCTime(at(61_000 + 1_800_000))).isEmpty)
        #expect(Self.kinds(call, now: UTCTime(at(61_000 + 1_800_001))) == [.unfinished])
    }

    @Test func aMissingChannelIsFound() {
        #expect(Self.kinds(Self.call { $1.channelCount = 1 }) == [.channelMissing])
        #expect(
            Self.kinds(Self.call { $1.figures = Self.figures(talk: [0, 30_000], missing: [59_940, 0]) })
                == [.channelMissing])
    }

    @Test func oneWayAudioIsFoundWhereSomebodyShouldHaveTalked() {
        let silentCaller = Self.figures(talk: [0, 30_000])
        #expect(Self.kinds(Self.call { $1.figures = silentCaller }) == [.oneWay])
        // Who only listens to the machine may be silent; the machine may not.
        #expect(
            Self.kinds(
                Self.call {
                    $1.figures = silentCaller
                    $1.hadAgent = false
                }
            ).isEmpty)
        #expect(
            Self.kinds(
                Self.call {
                    $1.figures = Self.figures(talk: [9000, 0])
                    $1.hadAgent = false
                }) == [.oneWay])
        // In a few seconds nothing needs to be said.
        #expect(
            Self.kinds(
                Self.call {
                    $0.releasedAt = at(10_000)
                    $1.frames = 72_000
                    $1.figures = Self.figures(talk: [0, 5000], length: 9000)
                }
            ).isEmpty)
    }

    @Test func clippingIsFoundAboveOneInAHundred() {
        // 20 s of talk are 160,000 samples.
        #expect(Self.kinds(Self.call { $1.figures = Self.figures(clipped: [1600, 0]) }).isEmpty)
        #expect(Self.kinds(Self.call { $1.figures = Self.figures(clipped: [1601, 0]) }) == [.clipping])
        #expect(
            Self.kinds(
                Self.call {
                    $1.hadAgent = false
                    $1.figures = Self.figures(talk: [900, 30_000], clipped: [5000, 0])
                }
            ).isEmpty)
    }

    @Test func whatWasNeverMeasuredIsNotJudged() {
        #expect(Self.kinds(Self.call { $1.figures = nil }).isEmpty)
    }
}
