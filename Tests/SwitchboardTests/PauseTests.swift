import CallFlow
import Calls
import Lines
import Media
import Storage
import Switchboard
import Testing

/// Pauses of the recording: who begins and ends them, what is told of keys meanwhile, and what they outlive.
@Suite struct PauseTests {
    static let flow = """
        flow: test
        start: begin
        steps:
          begin: {verb: answer, next: main}
          main:
            verb: menu
            prompts: [hello]
            keys: {"1": quiet, "2": leave}
            timeout: 5s
            no_input: {retries: 0, next: bye}
            wrong_key: {retries: 0, next: bye}
          quiet: {verb: pause_recording, limit: 30s, reason: card, next: card}
          card:
            verb: collect
            prompts: [ask]
            into: asked.card
            min: 4
            max: 19
            timeout: 8s
            no_input: {retries: 0, next: leave}
            invalid: {retries: 0, next: bye}
            next: heard
          heard: {verb: resume_recording, next: main}
          leave:
            verb: record
            person: true
            limit: 10s
            minimum: 0s
            on_hangup: make
            next: make
          make: {verb: order, category: fault, next: bye, failed: bye}
          bye: {verb: hangup}
        """

    /// A call that stands in the flow's menu at 2 s.
    private func called() throws -> Stage {
        var stage = try Stage(flow: Self.flow)
        stage.establish()
        try heardOut(&stage, at: 2000)
        return stage
    }

    private func heardOut(_ stage: inout Stage, at milliseconds: Int64) throws {
        stage.media(.playFinished(try #require(stage.plays.last?.id)), at: milliseconds)
    }

    @discardableResult
    private func press(
        _ keys: String, _ stage: inout Stage, from milliseconds: Int64
    ) throws -> [CallSession.Action] {
        var actions: [CallSession.Action] = []
        for (index, character) in keys.enumerated() {
            let now = milliseconds + Int64(index) * 300
            let key = try #require(Key(character))
            actions += stage.media(.keyDown(key, .telephoneEvent), at: now, position: now - 1040)
            actions += stage.media(.keyUp(key, .telephoneEvent, milliseconds: 120), at: now + 120)
            actions += stage.line(.key(key, .info, milliseconds: 120), at: now + 130)
        }
        return actions
    }

    private func paused(_ stage: inout Stage, at milliseconds: Int64, _ recording: RecordingID = stageRecording) {
        stage.media(.recordingPaused(recording), at: milliseconds, position: milliseconds - 1040)
    }

    private func resumed(_ stage: inout Stage, at milliseconds: Int64) {
        stage.media(.recordingResumed(stageRecording), at: milliseconds, position: milliseconds - 1040)
    }

    private func commands(_ actions: [CallSession.Action]) -> [Bool] {
        actions.compactMap { if case .pauseRecordings(let isPaused) = $0 { isPaused } else { nil } }
    }

    /// `flow card 2000`, `> flow 5000`: pauses and their ends, as facts.
    private func spans(_ stage: Stage) -> [String] {
        stage.facts.compactMap { fact in
            switch fact {
            case .recordingPaused(let paused):
                let who = paused.agent?.text ?? paused.by.rawValue
                return "\(who) \(paused.reason) \(paused.position.milliseconds)"
            case .recordingResumed(let resumed):
                return "> \(resumed.agent?.text ?? resumed.by.rawValue) \(resumed.position.milliseconds)"
            default: return nil
            }
        }
    }

    private func notes(_ stage: Stage, _ kind: String) -> [CallNoted] {
        stage.facts.compactMap { fact in
            if case .callNoted(let note) = fact, note.kind == kind { return note }
            return nil
        }
    }

    // MARK: - The flow

    @Test func theFlowPausesBeforeItAsksAndKeysAreDots() throws {
        var stage = try called()
        let asked = try press("1", &stage, from: 3000)
        let names = asked.map(\.name).filter { ["pauseRecordings", "play"].contains($0) }
        #expect(names == ["pauseRecordings", "play"])
        #expect(commands(asked) == [true])
        paused(&stage, at: 3020)
        try heardOut(&stage, at: 4000)
        let entered = try press("6222#", &stage, from: 5000)
        // Of the last key something may still be heard.
        #expect(commands(entered) == [])
        #expect(commands(stage.fire(.pauseTone, at: 7200)) == [false])
        resumed(&stage, at: 7220)
        try heardOut(&stage, at: 8000)
        try press("2", &stage, from: 9000)
        #expect(notes(stage, "key").compactMap { $0.data["key"] } == ["1", "•", "•", "•", "•", "•", "2"])
        #expect(notes(stage, "key_up").compactMap { $0.data["key"] } == ["1", "2"])
        #expect(notes(stage, "key_ignored").isEmpty)
        #expect(!stage.facts.contains { "\($0)".contains("6222") })
        #expect(spans(stage) == ["flow card 1980", "> flow 6180"])
        for fact in stage.facts {
            if case .recordingPaused(let paused) = fact {
                #expect(paused.limitMilliseconds == 30_000 && paused.recording == stageRecording)
            }
        }
    }

    @Test func keysByWayOfTheAudioAreDotsToo() throws {
        var stage = try called()
        let one = try #require(Key("1"))
        stage.media(.keyDown(one, .inBand), at: 3000, position: 1960)
        paused(&stage, at: 3020)
        try heardOut(&stage, at: 4000)
        // A question cut short by a key says which it was, otherwise.
        stage.media(.playStopped(PlayID(1), key: Key("4"), playedMilliseconds: 10), at: 4500)
        for (index, character) in "4111".enumerated() {
            stage.media(.keyDown(try #require(Key(character)), .inBand), at: 5000 + Int64(index) * 300)
        }
        #expect(notes(stage, "key").compactMap { $0.data["key"] } == ["1", "•", "•", "•", "•"])
        #expect(notes(stage, "prompt_stopped").compactMap { $0.data["key"] } == ["•"])
    }

    @Test func thePauseEndsAtItsLimit() throws {
        var stage = try called()
        try press("1", &stage, from: 3000)
        paused(&stage, at: 3020)
        try heardOut(&stage, at: 4000)
        #expect(commands(stage.fire(.pauseLimit, at: 33_000)) == [false])
        resumed(&stage, at: 33_020)
        #expect(spans(stage) == ["flow card 1980", "> limit 31980"])
        // What is keyed as the silence ends may have begun in it.
        try press("6", &stage, from: 33_100)
        try press("7", &stage, from: 33_500)
        #expect(notes(stage, "key").compactMap { $0.data["key"] } == ["1", "•", "7"])
    }

    @Test func aVoiceMessageIsNeverSilence() throws {
        var stage = try called()
        try press("1", &stage, from: 3000)
        paused(&stage, at: 3020)
        try heardOut(&stage, at: 4000)
        // Nothing is pressed: the flow goes on to a message without having resumed.
        let timer = try #require(
            stage.actions.compactMap { if case .setTimer(.flow(let id), _, _) = $0 { id } else { nil } }.last)
        stage.fire(.flow(timer), at: 12_000)
        let begun = stage.media(.playFinished(try #require(stage.plays.last?.id)), at: 12_400)
        #expect(notes(stage, "message_started").count == 1)
        #expect(commands(begun) == [false])
        resumed(&stage, at: 12_420)
        #expect(spans(stage) == ["flow card 1980", "> message 11380"])
    }

    @Test func aPauseInAPauseCountsAnew() throws {
        var call = try AgentStage()
        try call.connect(after: 3000)
        pause(&call, at: 20_000)
        paused(&call.stage, at: 20_020)
        let again = call.desk(.command(.pauseRecording(workNumber("1002"), reason: "ID")), at: 100_000)
        #expect(commands(again) == [])
        let due = again.compactMap { action -> Instant? in
            if case .setTimer(.pauseLimit, _, let due) = action { return due }
            return nil
        }
        #expect(due == [at(280_000)])
        #expect(notes(call.stage, "recording_pause_renewed").map { $0.data["agent"] } == ["1002"])
        #expect(spans(call.stage) == ["1001 card 18980"])
    }

    @Test func aCallThatIsNotRecordedHasNoPause() throws {
        var settings = try Stage.settings(flow: Self.flow)
        settings.isRecorded = false
        var stage = try Stage(flow: Self.flow)
        stage.session = CallSession(
            call: stageCall, leg: callerLeg, recording: stageRecording, line: "trunk1",
            offer: Offer(
                caller: "13900001234", callerRaw: nil, callerSource: "from", called: "95598", diversion: nil, peer: "",
                protocolCallID: ""), settings: settings, variables: [:])
        stage.actions = stage.session.begin(at: at(0))
        stage.line(.alerted(.nominal180), at: 20)
        stage.fire(.answer, at: 1020)
        stage.line(.answered, at: 1026)
        stage.line(.established(stage.session(.pcma)), at: 1030)
        try heardOut(&stage, at: 2000)
        let asked = try press("1", &stage, from: 3000)
        #expect(commands(asked) == [])
        #expect(notes(stage, "recording_pause_refused").map { $0.data["by"] } == ["flow"])
        // Nor before the first sample.
        var early = AgentStage(stage: try Stage(flow: queueFlow))
        early.desk(.command(.pauseRecording(workNumber("1001"), reason: nil)), at: 500)
        #expect(commands(early.stage.actions) == [])
        #expect(notes(early.stage, "command_refused").map { $0.data["command"] } == ["pauseRecording"])
    }

    // MARK: - Agents

    private func pause(_ call: inout AgentStage, at milliseconds: Int64) {
        call.desk(.command(.pauseRecording(workNumber("1001"), reason: "card")), at: milliseconds)
    }

    @Test func anAgentPausesAndLetsItGoOn() throws {
        var call = try AgentStage()
        try call.connect(after: 3000)
        pause(&call, at: 20_000)
        paused(&call.stage, at: 20_020)
        try press("44", &call.stage, from: 21_000)
        call.desk(.command(.resumeRecording(workNumber("1001"))), at: 40_000)
        resumed(&call.stage, at: 40_020)
        #expect(commands(call.stage.actions) == [true, false])
        #expect(spans(call.stage) == ["1001 card 18980", "> 1001 38980"])
        #expect(notes(call.stage, "key").compactMap { $0.data["key"] } == ["•", "•"])
        // There is nothing to end.
        call.desk(.command(.resumeRecording(workNumber("1001"))), at: 41_000)
        #expect(notes(call.stage, "command_refused").map { $0.data["command"] } == ["resumeRecording"])
    }

    @Test func theAgentsKeyIsOnAndOff() throws {
        var call = try AgentStage()
        try call.connect(after: 3000)
        func keys(_ at: Int64) throws {
            for (index, character) in "*#".enumerated() {
                call.phone(
                    agentLeg, .key(try #require(Key(character)), .info, milliseconds: 100), at: at + Int64(index) * 300)
            }
        }
        try keys(20_000)
        #expect(commands(call.stage.actions) == [true])
        paused(&call.stage, at: 20_320)
        try keys(30_000)
        #expect(commands(call.stage.actions) == [true, false])
        resumed(&call.stage, at: 30_320)
        #expect(spans(call.stage) == ["1001  19280", "> 1001 29280"])
    }

    @Test func anAgentsPauseEndsByItself() throws {
        var call = try AgentStage()
        try call.connect(after: 3000)
        pause(&call, at: 20_000)
        paused(&call.stage, at: 20_020)
        #expect(commands(call.stage.fire(.pauseLimit, at: 200_000)) == [false])
        resumed(&call.stage, at: 200_020)
        #expect(spans(call.stage) == ["1001 card 18980", "> limit 198980"])
    }

    // MARK: - What a pause outlives

    @Test func aPauseOutlivesHoldAndItsRecordingApartIsSilentToo() throws {
        var call = try AgentStage()
        try call.connect(after: 3000)
        pause(&call, at: 20_000)
        paused(&call.stage, at: 20_020)
        let held = call.phone(agentLeg, .held(true), at: 21_000)
        let planned = held.compactMap { action -> Int? in
            if case .planApart(let number, _) = action { number } else { nil }
        }
        call.stage.feed(.apartPlanned(apartRecording, number: try #require(planned.first), at: at(21_010)))
        func apart(_ kind: MediaEvent.Kind, _ now: Int64, _ position: Int64) {
            call.stage.feed(
                .media(
                    MediaEvent(
                        leg: agentLeg, call: stageCall, at: at(now),
                        position: AudioPosition(milliseconds: position), kind: kind)))
        }
        apart(.recordingStarted(apartRecording), 21_020, 0)
        apart(.recordingPaused(apartRecording), 21_020, 0)
        // Taken back: the recording apart ends in the pause, the call's own stays silent.
        call.phone(agentLeg, .held(false), at: 26_000)
        apart(.recordingStopped(apartRecording), 26_020, 5000)
        #expect(commands(call.stage.actions) == [true])
        #expect(spans(call.stage) == ["1001 card 18980", "1001 card 0", "> recording_end 5000"])
        let kinds = call.stage.facts.compactMap { fact -> String? in
            switch fact {
            case .recordingResumed(let resumed) where resumed.recording == apartRecording: "resumed"
            case .recordingStopped(let stopped) where stopped.recording == apartRecording: "stopped"
            default: nil
            }
        }
        #expect(kinds == ["resumed", "stopped"])
    }

    @Test func aPauseOutlivesATransferAndTheNextAgentEndsIt() throws {
        var call = try AgentStage()
        try call.connect(after: 3000)
        pause(&call, at: 20_000)
        paused(&call.stage, at: 20_020)
        call.desk(.command(.transfer(.agent(workNumber("1002")), leg: secondLeg, kind: .blind)), at: 21_000)
        call.phone(secondLeg, .established(call.stage.session(.pcma)), at: 24_000)
        call.phone(agentLeg, .released(by: LineRelease(cause: .local, message: "BYE sent")), at: 24_100)
        #expect(commands(call.stage.actions) == [true])
        call.desk(.command(.resumeRecording(workNumber("1002"))), at: 30_000)
        resumed(&call.stage, at: 30_020)
        #expect(spans(call.stage) == ["1001 card 18980", "> 1002 28980"])
    }

    @Test func aPauseOutlivesAConsultationAndTheAgentsGoing() throws {
        var call = try AgentStage()
        try call.connect(after: 3000)
        pause(&call, at: 20_000)
        paused(&call.stage, at: 20_020)
        call.desk(.command(.consult(.agent(workNumber("1002")), leg: secondLeg)), at: 21_000)
        call.phone(secondLeg, .established(call.stage.session(.pcma)), at: 22_000)
        call.desk(.command(.consultEnded(.cancelled)), at: 25_000)
        call.phone(secondLeg, .released(by: LineRelease(cause: .local, message: "BYE sent")), at: 25_100)
        call.phone(agentLeg, .released(by: LineRelease(cause: .remoteBye, message: "BYE received")), at: 30_000)
        #expect(commands(call.stage.actions) == [true])
        // It ends with the call, before the recording's own end is told.
        call.stage.line(.released(by: LineRelease(cause: .remoteBye, message: "BYE received")), at: 40_000)
        call.stage.media(.recordingStopped(stageRecording), at: 40_020, position: 38_980)
        #expect(spans(call.stage) == ["1001 card 18980", "> recording_end 38980"])
        let kinds = call.stage.facts.map(\.typeName).filter { $0.hasPrefix("recording_") }
        #expect(kinds.suffix(2) == ["recording_resumed", "recording_stopped"])
    }

    // MARK: - The media thread

    @Test func eachStretchHasOneAuthorHoweverFastTheyCome() throws {
        var call = try AgentStage()
        try call.connect(after: 3000)
        pause(&call, at: 20_000)
        // Ended, before the media thread has said a word.
        call.desk(.command(.resumeRecording(workNumber("1001"))), at: 20_005)
        #expect(commands(call.stage.actions) == [true])
        let first = call.stage.media(.recordingPaused(stageRecording), at: 20_020, position: 18_980)
        #expect(commands(first) == [false])
        // Wanted again, before it goes on.
        call.desk(.command(.pauseRecording(workNumber("1002"), reason: "ID")), at: 20_030)
        #expect(commands(call.stage.actions) == [true, false])
        let second = call.stage.media(.recordingResumed(stageRecording), at: 20_040, position: 19_000)
        #expect(commands(second) == [true])
        call.stage.media(.recordingPaused(stageRecording), at: 20_060, position: 19_020)
        #expect(spans(call.stage) == ["1001 card 18980", "> 1001 19000", "1002 ID 19020"])
    }

    @Test func whatTheMediaThreadHadNoRoomForIsToldAgain() throws {
        var call = try AgentStage()
        try call.connect(after: 3000)
        pause(&call, at: 20_000)
        call.stage.feed(.pauseRefused(at: at(20_001)))
        #expect(commands(call.stage.fire(.pauseRetry, at: 20_101)) == [true])
        paused(&call.stage, at: 20_120)
        // Confirmed: nothing is told again.
        call.stage.feed(.pauseRefused(at: at(20_130)))
        #expect(commands(call.stage.fire(.pauseRetry, at: 20_230)) == [])
        #expect(spans(call.stage) == ["1001 card 19080"])
    }
}
