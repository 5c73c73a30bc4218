import CallFlow
import Calls
import Lines
import Media
import Norms
import Storage
import Switchboard
import Testing

@Suite struct CallSessionTests {
    @Test func ringsPlansTheRecordingAnswersAndSpeaks() throws {
        var stage = try Stage()
        #expect(stage.actions.map(\.name).filter { $0 != "facts" } == ["ring"])
        stage.line(.alerted(.nominal180), at: 20)
        let due = stage.fire(.answer, at: 1020)
        // The row first, then the 200.
        #expect(due.map(\.name) == ["planRecording"])
        #expect(stage.feed(.recordingPlanned(at: at(1024))).map(\.name) == ["answer"])
        stage.line(.answered, at: 1026)
        let begun = stage.line(.established(stage.session(.pcma)), at: 1030).map(\.name)
        #expect(begun.filter { $0 != "facts" } == ["startMedia", "startRecording", "play"])
        let answered = stage.facts.compactMap { fact in
            if case .callAnswered(let answered) = fact { return answered }
            return nil
        }
        #expect(answered.count == 1)
        #expect(answered.first?.ringMilliseconds == 1006)
        #expect(answered.first?.rings == 1)
        #expect(answered.first?.basis == .nominal180)
    }

    @Test func ownRingBackToneIsPlayedUntilTheAnswer() throws {
        var stage = try Stage(alerting: .earlyMedia)
        let alerted = stage.line(.alerted(.emitted183), at: 20).map(\.name).filter { $0 != "facts" }
        #expect(alerted == ["setTimer", "startMedia", "playTone"])
        stage.fire(.answer, at: 1020)
        _ = stage.feed(.recordingPlanned(at: at(1024)))
        stage.line(.answered, at: 1026)
        let begun = stage.line(.established(stage.session(.pcma)), at: 1030).map(\.name).filter { $0 != "facts" }
        // Media flows already; the tone stops before the greeting.
        #expect(begun == ["stopPlay", "startRecording", "play"])
        let bases = stage.facts.compactMap { fact in
            if case .callAlerted(let alerted) = fact { return alerted.basis }
            return nil
        }
        #expect(bases == [.emitted183])
    }

    @Test func nothingIsAnsweredUnrecorded() throws {
        var stage = try Stage()
        stage.line(.alerted(.nominal180), at: 20)
        stage.fire(.answer, at: 1020)
        let refused = stage.feed(.recordingRefused(message: "disk", at: at(1030))).map(\.name)
        #expect(refused.contains("release"))
        #expect(!stage.actions.map(\.name).contains("answer"))
        stage.line(.released(by: LineRelease(cause: .local, status: 480, message: "refused")), at: 1040)
        #expect(stage.released?.outcome == .unrecordable)
        #expect(stage.session.isFinished)
    }

    @Test func aMessageBecomesAnOrderWithItsStretchOfTheRecording() throws {
        var stage = try Stage()
        stage.establish()
        let hello = try #require(stage.plays.first)
        stage.media(.playFinished(hello.id), at: 2040, position: 1000)
        let ask = try #require(stage.plays.last)
        stage.media(.playFinished(ask.id), at: 4040, position: 3000)
        // The beep may be a play of its own.
        if stage.plays.count == 3, let beep = stage.plays.last {
            stage.media(.playFinished(beep.id), at: 4440, position: 3400)
        }
        stage.media(.keyDown(try #require(Key("#")), .telephoneEvent), at: 9440, position: 8400)
        let request = try #require(stage.actions.compactMap(\.order).first)
        #expect(request.category == "fault")
        #expect(request.fields == ["source": "test"])
        #expect(request.messageTo == AudioPosition(milliseconds: 8400))
        let from = try #require(request.messageFrom)
        #expect((3000...3400).contains(from.milliseconds))
        // The number is spoken only after the order is durable.
        let before = stage.plays.count
        _ = stage.feed(.orderMade(number: "20261123-0001", code: "1234", at: at(9460)))
        #expect(stage.plays.count == before + 1)
    }

    @Test func whoHangsUpInMidMessageHasLeftOne() throws {
        var stage = try Stage()
        stage.establish()
        stage.media(.playFinished(try #require(stage.plays.first).id), at: 2040, position: 1000)
        while stage.plays.count < 4, let play = stage.plays.last,
            !stage.facts.contains(where: { $0.noted == "message_started" })
        {
            stage.media(.playFinished(play.id), at: 4040, position: 3000)
        }
        stage.line(.released(by: LineRelease(cause: .remoteBye, message: "BYE received")), at: 9040)
        let request = try #require(stage.actions.compactMap(\.order).first)
        #expect(request.messageFrom == AudioPosition(milliseconds: 3000))
        #expect(request.messageTo == AudioPosition(milliseconds: 8000))
        stage.media(.closed(LegStatistics()), at: 9060)
        // The call is not over before its order is durable.
        #expect(!stage.session.isFinished)
        _ = stage.feed(.orderMade(number: "20261123-0001", code: "1234", at: at(9080)))
        #expect(stage.session.isFinished)
        #expect(stage.released?.outcome == .completed)
        #expect(stage.released?.at == at(9040))
    }

    @Test func theSameKeyInTwoWaysIsPressedOnce() throws {
        var stage = try Stage()
        stage.establish()
        let two = try #require(Key("2"))
        stage.media(.keyDown(two, .telephoneEvent), at: 2000, position: 960)
        stage.line(.key(two, .info, milliseconds: 160), at: 2005)
        stage.media(.keyDown(two, .telephoneEvent), at: 2500, position: 1460)
        #expect(stage.facts.filter { $0.noted == "key" }.count == 2)
        #expect(stage.facts.filter { $0.noted == "key_ignored" }.count == 1)
    }

    @Test func givenUpWhileRinging() throws {
        var stage = try Stage()
        stage.line(.alerted(.nominal180), at: 20)
        stage.line(.released(by: LineRelease(cause: .cancelled, status: 487, message: "CANCEL received")), at: 700)
        #expect(stage.session.isFinished)
        #expect(stage.released?.outcome == .abandoned)
        #expect(stage.released?.releasedBy == .caller)
        #expect(!stage.facts.contains { if case .callAnswered = $0 { true } else { false } })
    }

    @Test func aRecordingPlannedButNeverBegunIsToldAsFailed() throws {
        var stage = try Stage()
        stage.line(.alerted(.nominal180), at: 20)
        stage.fire(.answer, at: 1020)
        _ = stage.feed(.recordingPlanned(at: at(1024)))
        stage.line(.answered, at: 1026)
        stage.line(.released(by: LineRelease(cause: .noAck, message: "no ACK")), at: 33_000)
        stage.media(.closed(LegStatistics()), at: 33_020)
        #expect(stage.released?.outcome == .notEstablished)
        #expect(stage.facts.contains { if case .recordingFailed = $0 { true } else { false } })
    }

    @Test func aRecordingWithoutASampleIsToldAsFailedOnly() throws {
        var stage = try Stage()
        stage.line(.alerted(.nominal180), at: 20)
        stage.fire(.answer, at: 1020)
        _ = stage.feed(.recordingPlanned(at: at(1024)))
        stage.line(.answered, at: 1026)
        stage.line(.established(stage.session(.pcma)), at: 1030)
        stage.line(.released(by: LineRelease(cause: .remoteBye, message: "BYE received")), at: 1031)
        stage.media(.recordingStopped(stageRecording), at: 1040, position: 0)
        stage.media(.closed(LegStatistics()), at: 1040)
        #expect(stage.session.isFinished)
        #expect(stage.facts.contains { if case .recordingFailed = $0 { true } else { false } })
        #expect(!stage.facts.contains { if case .recordingStopped = $0 { true } else { false } })
    }

    @Test func mediaThatSaysNothingMoreDoesNotKeepTheCallOpen() throws {
        var stage = try Stage()
        stage.establish()
        stage.line(.released(by: LineRelease(cause: .remoteBye, message: "BYE received")), at: 5000)
        #expect(!stage.session.isFinished)
        stage.fire(.close(callerLeg), at: 7000)
        #expect(stage.session.isFinished)
        #expect(stage.facts.contains { $0.noted == "media_close_timeout" })
    }

    @Test func theFlowWaitsForTheCallerToHangUpAndOnlyThenReleases() throws {
        var stage = try Stage()
        stage.establish()
        stage.media(.playFinished(try #require(stage.plays.first).id), at: 2000, position: 960)
        // Two messages too short lead to the end.
        for round in 0..<40 where !stage.actions.contains(where: { $0.name == "release" }) {
            let moment = 3000 + Int64(round) * 1000
            if let play = stage.plays.last { stage.media(.playFinished(play.id), at: moment, position: moment - 1040) }
            stage.media(.silent(milliseconds: 3000), at: moment + 500, position: moment - 540)
            for number in 0..<60 { stage.fire(.flow(number), at: moment + 800) }
        }
        #expect(stage.actions.contains { $0.name == "release" })
        let spoken = stage.plays.flatMap(\.items)
        #expect(spoken.contains(.prompt("thanks")))
        #expect(spoken.contains(.prompt("warn")))
        stage.line(.released(by: LineRelease(cause: .local, message: "BYE sent")), at: 60_000)
        stage.media(.closed(LegStatistics()), at: 60_020)
        #expect(stage.released?.outcome == .releasedAfterWait)
        #expect(stage.released?.releasedBy == .flow)
    }

    @Test func staleTimersAreHarmless() throws {
        var stage = try Stage()
        stage.line(.alerted(.nominal180), at: 20)
        #expect(stage.feed(.timer(.answer, generation: 9999, at: at(500))).isEmpty)
        #expect(stage.feed(.timer(.flow(1), generation: 1, at: at(500))).isEmpty)
        #expect(!stage.fire(.answer, at: 1020).isEmpty)
    }
}
