import Calls
import Media
import Testing
import hotline

@Suite struct CallScriptTests {
    private static func keys(_ text: String) -> CallScript.Step { .keys(text.compactMap { Key($0) }) }

    @Test(
        arguments: [
            ("", []),
            ("w2w1#", [.wait(milliseconds: 1000), keys("2"), .wait(milliseconds: 1000), keys("1#")]),
            ("W 12 *A s t h", [.waitForSilence, keys("12"), keys("*A"), .say, .tone, .hangUp]),
            ("pp", [.wait(milliseconds: 200), .wait(milliseconds: 200)]),
        ] as [(String, [CallScript.Step])])
    func texts(text: String, steps: [CallScript.Step]) throws {
        #expect(try CallScript(text).steps == steps)
    }

    @Test(arguments: [("12x", "character 3"), ("你", "character 1"), (String(repeating: "w", count: 501), "501")])
    func refused(text: String, named: String) {
        let error = #expect(throws: CallScriptError.self) { try CallScript(text) }
        #expect(error?.message.contains(named) == true)
    }

    @Test func whatNamesNoPlaceComesLastButBeforeTheHangUp() throws {
        #expect(try CallScript("w").completed(say: true, tone: true).steps == [.wait(milliseconds: 1000), .say, .tone])
        #expect(
            try CallScript("wh").completed(say: true, tone: false).steps == [.wait(milliseconds: 1000), .say, .hangUp])
        #expect(try CallScript("sw").completed(say: true, tone: false).steps == [.say, .wait(milliseconds: 1000)])
        #expect(try CallScript("").completed(say: false, tone: false).steps == [])
    }
}

@Suite struct CallerMachineTests {
    private static let start = Instant(wall: 1_790_000_000_000_000, mono: 5_000_000_000)
    private static func at(_ milliseconds: Int64) -> Instant { start.advanced(milliseconds: milliseconds) }

    private static func machine(_ script: String) throws -> CallerMachine {
        CallerMachine(
            target: "sip:95598@127.0.0.1:5060", script: try CallScript(script), limitMilliseconds: 30_000, at: start)
    }

    @Test func aCallThroughItsScript() throws {
        var machine = try Self.machine("w2sh")
        #expect(machine.handle(.progress(status: 100), at: Self.at(5)).isEmpty)
        #expect(machine.handle(.progress(status: 180), at: Self.at(20)).isEmpty)
        #expect(machine.handle(.progress(status: 183), at: Self.at(30)).isEmpty)
        let opening = machine.handle(.established(codec: "PCMA"), at: Self.at(6020))
        #expect(
            opening == [
                .startMedia, .watchSilence(milliseconds: 700), .timer(.limit, milliseconds: 30_000),
                .timer(.step(0), milliseconds: 1000),
            ])
        #expect(machine.handle(.firstPacket, at: Self.at(6040)).isEmpty)
        #expect(machine.handle(.talkStarted, at: Self.at(6100)).isEmpty)
        // A timer that names another step is an old one.
        #expect(machine.handle(.timer(.step(1)), at: Self.at(6500)).isEmpty)
        let two = try #require(Key("2"))
        #expect(machine.handle(.timer(.step(0)), at: Self.at(7020)) == [.sendKeys([two])])
        #expect(machine.handle(.keysSent, at: Self.at(7220)) == [.say])
        #expect(machine.handle(.playFinished, at: Self.at(9220)) == [.hangUp])
        #expect(machine.handle(.released(.init(by: .us, message: "BYE sent")), at: Self.at(9230)) == [.finish])
        let report = machine.report
        #expect(report.outcome == .answered)
        #expect(report.ringStatus == 180)
        #expect(report.ringAfterMs == 20)
        #expect(report.ringMs == 6000)
        #expect(report.rings == 2)
        #expect(report.answerMs == 6020)
        #expect(report.firstPacketMs == 20)
        #expect(report.firstAudioMs == 80)
        #expect(report.keys == [CallReport.Keys(keys: "2", atMs: 1000)])
        #expect(report.said == [CallReport.Said(what: "file", atMs: 1200, ms: 2000)])
        #expect(report.talkMs == 3210)
        #expect(report.endedBy == "caller")
        #expect(machine.handle(.hangUpWanted, at: Self.at(9999)).isEmpty)
    }

    @Test func silenceCountsOnlyOnceTheFarEndWasHeard() throws {
        var machine = try Self.machine("W5")
        _ = machine.handle(.established(codec: "PCMU"), at: Self.at(0))
        #expect(machine.handle(.silent, at: Self.at(700)) == [.watchSilence(milliseconds: 700)])
        #expect(machine.handle(.talkStarted, at: Self.at(900)).isEmpty)
        let five = try #require(Key("5"))
        #expect(machine.handle(.silent, at: Self.at(3000)) == [.sendKeys([five])])
    }

    @Test(arguments: [
        (CallerMachine.End.By.refusal, CallReport.Outcome.refused), (.timeout, .noAnswer), (.us, .noAnswer),
        (.failure, .failed),
    ])
    func callsThatAreNotAnswered(by: CallerMachine.End.By, outcome: CallReport.Outcome) throws {
        var machine = try Self.machine("")
        _ = machine.handle(.progress(status: 180), at: Self.at(10))
        let end = CallerMachine.End(by: by, status: 486, q850: 17, message: "486 Busy Here")
        #expect(machine.handle(.released(end), at: Self.at(50)) == [.finish])
        #expect(machine.report.outcome == outcome)
        #expect(machine.report.status == 486)
        #expect(machine.report.q850 == 17)
        #expect(machine.report.rings == nil)
        #expect(machine.report.endedBy == "none")
    }

    @Test func theFarEndHangsUpInTheMiddleOfTheScript() throws {
        var machine = try Self.machine("www")
        _ = machine.handle(.established(codec: "PCMA"), at: Self.at(0))
        _ = machine.handle(.released(.init(by: .farEnd, message: "BYE received")), at: Self.at(500))
        #expect(machine.report.endedBy == "far_end")
        #expect(machine.report.talkMs == 500)
        #expect(machine.handle(.timer(.step(0)), at: Self.at(1000)).isEmpty)
    }

    @Test func theTimeLimitHangsUp() throws {
        var machine = try Self.machine("")
        _ = machine.handle(.established(codec: "PCMA"), at: Self.at(0))
        #expect(machine.handle(.timer(.limit), at: Self.at(30_000)) == [.hangUp])
        _ = machine.handle(.released(.init(by: .us, message: "BYE sent")), at: Self.at(30_010))
        #expect(machine.report.endedBy == "caller")
    }

    @Test func anEndWantedWhileItRingsIsNoAnswer() throws {
        var machine = try Self.machine("")
        #expect(machine.handle(.hangUpWanted, at: Self.at(100)) == [.hangUp])
        _ = machine.handle(.released(.init(by: .us, message: "CANCEL sent")), at: Self.at(110))
        #expect(machine.report.outcome == .noAnswer)
    }
}
