import Calls
import Media

/// The life of one call placed by the test caller: dialled, ringing, talking (step by step through the script), over.
/// A value: what happens comes in with its instant, what to do goes out, and the report grows on the way.
package struct CallerMachine: Sendable {
    package enum Timer: Sendable, Hashable {
        /// The wait of the script's step with this index is over.
        case step(Int)
        /// The longest time after the answer is up.
        case limit
    }

    package enum Event: Sendable, Hashable {
        case progress(status: Int)
        /// 200 came and the ACK is out; media is configured.
        case established(codec: String)
        /// The far end's first RTP packet.
        case firstPacket
        case talkStarted
        case silent
        case keysSent
        case playFinished
        case timer(Timer)
        /// Somebody at the keyboard wants an end.
        case hangUpWanted
        case released(End)
    }

    /// How the leg ended, in words that the report keeps.
    package struct End: Sendable, Hashable {
        package enum By: Sendable, Hashable { case us, farEnd, refusal, timeout, failure }
        package var by: By
        package var status: Int?
        package var q850: Int?
        package var message: String

        package init(by: By, status: Int? = nil, q850: Int? = nil, message: String) {
            self.by = by
            self.status = status
            self.q850 = q850
            self.message = message
        }
    }

    package enum Action: Sendable, Hashable {
        /// Send and play out, and record where a recording was asked for.
        case startMedia
        case watchSilence(milliseconds: Int)
        case sendKeys([Key])
        case say
        case tone
        case timer(Timer, milliseconds: Int64)
        case hangUp
        case finish
    }

    private enum State: Sendable, Hashable {
        case dialling
        /// `step` is the index of the step under way; equal to the count when the script is through.
        case talking(step: Int)
        /// Our hang-up is on its way.
        case leaving
        case over
    }

    private let script: CallScript
    private let limitMilliseconds: Int64
    private let dialledAt: Instant
    private var state = State.dialling
    private var ringingAt: Instant?
    private var answeredAt: Instant?
    private var heard = false
    package private(set) var report: CallReport

    /// - Parameter limitMilliseconds: the longest time after the answer until the caller hangs up.
    package init(target: String, script: CallScript, limitMilliseconds: Int64, at now: Instant) {
        self.script = script
        self.limitMilliseconds = limitMilliseconds
        dialledAt = now
        report = CallReport(target: target, dialledAt: now.wall)
    }

    package mutating func handle(_ event: Event, at now: Instant) -> [Action] {
        switch (state, event) {
        case (.over, _):
            return []
        case (_, .released(let end)):
            return finish(end, at: now)
        case (.dialling, .progress(let status)):
            guard status == 180 || status == 183, ringingAt == nil else { return [] }
            ringingAt = now
            report.ringStatus = status
            report.ringAfterMs = now.milliseconds(since: dialledAt)
            return []
        case (.dialling, .established(let codec)):
            return answered(codec: codec, at: now)
        case (.dialling, .hangUpWanted), (.talking, .hangUpWanted):
            state = .leaving
            return [.hangUp]
        case (.talking, .firstPacket):
            if report.firstPacketMs == nil { report.firstPacketMs = sinceAnswer(now) }
            return []
        case (.talking, .talkStarted):
            heard = true
            if report.firstAudioMs == nil { report.firstAudioMs = sinceAnswer(now) }
            return []
        case (.talking(let step), .silent):
            guard current(step) == .waitForSilence else { return [] }
            // Before the first word silence says nothing: the far end has not begun yet.
            guard heard else { return [.watchSilence(milliseconds: CallScript.silenceMilliseconds)] }
            return begin(step: step + 1, at: now)
        case (.talking(let step), .keysSent):
            guard case .keys = current(step) else { return [] }
            return begin(step: step + 1, at: now)
        case (.talking(let step), .playFinished):
            guard current(step) == .say || current(step) == .tone else { return [] }
            if let last = report.said.indices.last { report.said[last].ms = sinceAnswer(now) - report.said[last].atMs }
            return begin(step: step + 1, at: now)
        case (.talking(let step), .timer(.step(let due))):
            guard due == step, case .wait = current(step) else { return [] }
            return begin(step: step + 1, at: now)
        case (.talking, .timer(.limit)):
            state = .leaving
            return [.hangUp]
        case (.dialling, _), (.talking, _), (.leaving, _):
            return []
        }
    }

    private mutating func answered(codec: String, at now: Instant) -> [Action] {
        answeredAt = now
        report.outcome = .answered
        report.codec = codec
        report.answerMs = now.milliseconds(since: dialledAt)
        if let ringingAt {
            let milliseconds = now.milliseconds(since: ringingAt)
            report.ringMs = milliseconds
            report.rings = 1 + milliseconds / 5000
        }
        let opening: [Action] = [
            .startMedia, .watchSilence(milliseconds: CallScript.silenceMilliseconds),
            .timer(.limit, milliseconds: limitMilliseconds),
        ]
        return opening + begin(step: 0, at: now)
    }

    private mutating func begin(step: Int, at now: Instant) -> [Action] {
        state = .talking(step: step)
        switch current(step) {
        case nil:
            return []
        case .keys(let keys):
            report.keys.append(.init(keys: String(keys.map(\.character)), atMs: sinceAnswer(now)))
            return [.sendKeys(keys)]
        case .wait(let milliseconds):
            return [.timer(.step(step), milliseconds: milliseconds)]
        case .waitForSilence:
            return [.watchSilence(milliseconds: CallScript.silenceMilliseconds)]
        case .say:
            report.said.append(.init(what: "file", atMs: sinceAnswer(now), ms: nil))
            return [.say]
        case .tone:
            report.said.append(.init(what: "tone", atMs: sinceAnswer(now), ms: nil))
            return [.tone]
        case .hangUp:
            state = .leaving
            return [.hangUp]
        }
    }

    private mutating func finish(_ end: End, at now: Instant) -> [Action] {
        let answered = answeredAt != nil
        let leaving = state == .leaving
        state = .over
        report.endedWith = end.message
        report.q850 = end.q850
        report.status = end.status
        if answered {
            report.talkMs = sinceAnswer(now)
            report.endedBy = leaving || end.by == .us ? "caller" : "far_end"
        } else {
            switch end.by {
            case .refusal: report.outcome = .refused
            case .timeout: report.outcome = .noAnswer
            case .us: report.outcome = .noAnswer
            case .farEnd, .failure: report.outcome = .failed
            }
        }
        return [.finish]
    }

    private func current(_ step: Int) -> CallScript.Step? {
        script.steps.indices.contains(step) ? script.steps[step] : nil
    }

    private func sinceAnswer(_ now: Instant) -> Int64 {
        answeredAt.map { now.milliseconds(since: $0) } ?? 0
    }
}
