import Calls
import Lines
import Testing

/// Whole scripts in virtual time, with a driver that does the least.
@Suite struct ScriptedModemTests {
    /// A driver and what it saw: answers at the `answerOn`-th RING.
    struct Run {
        var world: ScriptedModem
        var answerOn: Int?
        var now = Instant(wall: 0, mono: 0)
        var text = ""
        var rings = 0
        var reports: [SimulatorEvent.Kind] = []
        var effects: [(at: Int64, effect: ScriptedModem.Effect)] = []

        init(_ script: String, answerOn: Int? = 1, once: Bool = false, setUp: String = "ATE0\rAT+CLIP=1;+CCWA=1\r")
            throws
        {
            world = ScriptedModem(try ModemScriptTests.script(script), once: once)
            self.answerOn = answerOn
            keep(world.powerOn(at: now))
            send(setUp)
        }

        mutating func send(_ text: String) { keep(world.receive(Array(text.utf8), at: now)) }

        mutating func run(_ milliseconds: Int64) {
            let end = now.advanced(milliseconds: milliseconds)
            while let due = world.nextDue, due <= end {
                now = max(now, due)
                keep(world.advance(to: now))
            }
            now = end
        }

        private mutating func keep(_ more: [ScriptedModem.Effect]) {
            for effect in more {
                effects.append((now.mono / 1_000_000, effect))
                switch effect {
                case .bytes(let bytes):
                    let piece = String(decoding: bytes, as: UTF8.self)
                    text += piece
                    guard piece.contains("RING") else { continue }
                    rings += 1
                    if rings == answerOn { send("ATA\r") }
                case .report(let event): reports.append(event.kind)
                default: break
                }
            }
        }

        func times(_ matches: (ScriptedModem.Effect) -> Bool) -> [Int64] {
            effects.filter { matches($0.effect) }.map(\.at)
        }
    }

    @Test func `a call: rung, answered, talked, hung up by the caller`() throws {
        var run = try Run(
            """
            calls:
              - {after: 2s, from: "13800001234", talk: [{wait: 1s}, {key: "2"}, {say: hello.wav}, {wait: 3s}, hang_up], record: r.wav,
                 expect: {answered_within: 1s, hung_up_by: caller}}
            """)
        run.run(20_000)
        #expect(
            run.reports == [
                .ready, .ringing(call: 1, from: "13800001234", count: 1),
                .answered(call: 1, rings: 1, milliseconds: 150), .pressed("2"), .saying("hello.wav"),
                .hungUp(call: 1, by: .caller), .finished,
            ])
        #expect(run.world.isFinished && run.world.failures.isEmpty)
        // Ready with the first answer at 15 ms; the second command is answered at 30 ms.
        #expect(run.times { if case .say = $0 { true } else { false } } == [3165, 3365])
        #expect(run.times { $0 == .record("r.wav") } == [2165])
        #expect(run.times { $0 == .endRecord } == [6365])
        #expect(run.text.hasSuffix("\r\nNO CARRIER\r\n"))
    }

    @Test func `keys are detected by modems that are told to`() throws {
        let script = "calls: [{after: 1s, from: withheld, talk: [{keys: \"12\"}, hang_up]}]"
        var deaf = try Run(script)
        deaf.run(20_000)
        #expect(!deaf.text.contains("QTONEDET"))
        var run = try Run(script, setUp: "ATE0\rAT+QTONEDET=1\r")
        run.run(20_000)
        #expect(run.text.contains("\r\n+QTONEDET: 49\r\n\r\n+QTONEDET: 50\r\n"))
        #expect(run.world.isFinished)
    }

    @Test func `nobody answers: the caller gives up, and that may be expected or not`() throws {
        let head = "calls: [{after: 1s, from: \"13800001234\", rings: 2, ring_every: 3s, expect: "
        var expected = try Run(head + "{no_answer: true}}]", answerOn: nil)
        expected.run(60_000)
        #expect(expected.reports.contains(.gaveUp(call: 1, rings: 2)))
        #expect(expected.world.isFinished && expected.world.failures.isEmpty)
        var unexpected = try Run(head + "{answered_within: 4s}}]", answerOn: nil)
        unexpected.run(60_000)
        #expect(unexpected.world.failures == ["call 1 was not answered"])
        var late = try Run(head + "{answered_within: 2s}}]", answerOn: 2)
        late.run(200_000)
        #expect(late.world.failures == ["call 1 was answered after 3150 ms, later than 2000 ms"])
    }

    @Test func `the next call comes after the end of the last one`() throws {
        var run = try Run(
            """
            calls:
              - {after: 1s, from: "13800001234", talk: [{wait: 60s}], when_hung_up: again}
              - {after: 5s, from: "13800009999", rings: 1}
            """)
        run.run(3000)
        run.send("ATH\r")
        run.run(1500)
        #expect(run.rings == 2)
        run.send("ATA\r")
        run.run(1000)
        run.send("ATH\r")
        run.run(60_000)
        #expect(
            run.reports.filter { if case .hungUp(_, .hotline) = $0 { true } else { false } }.count == 2)
        #expect(run.reports.contains(.ringing(call: 2, from: "13800009999", count: 1)))
        #expect(run.world.isFinished)
    }

    @Test func `a script that repeats ends with its last call only once`() throws {
        let script = "repeat: true\ncalls: [{after: 1s, from: withheld, rings: 1, ring_every: 1s}]"
        var forever = try Run(script, answerOn: nil)
        forever.run(60_000)
        #expect(forever.rings > 20 && !forever.world.isFinished)
        var once = try Run(script, answerOn: nil, once: true)
        once.run(60_000)
        #expect(once.rings == 1 && once.world.isFinished)
    }

    @Test func `hearing out waits for silence, and not for ever`() throws {
        let script =
            "calls: [{after: 1s, from: withheld, talk: [{hear_out: {quiet: 700ms, at_most: 10s}}, {key: \"1\"}]}]"
        var run = try Run(script)
        run.run(2000)
        #expect(!run.reports.contains(.pressed("1")))
        _ = run.world.heard(isLoud: true, at: run.now)
        run.run(3000)
        _ = run.world.heard(isLoud: false, at: run.now)
        run.run(500)
        _ = run.world.heard(isLoud: true, at: run.now)
        run.run(500)
        _ = run.world.heard(isLoud: false, at: run.now)
        run.run(699)
        #expect(!run.reports.contains(.pressed("1")))
        run.run(1)
        #expect(run.reports.contains(.pressed("1")))
        var deaf = try Run(script)
        deaf.run(1000 + 15 + 150 + 9999)
        #expect(!deaf.reports.contains(.pressed("1")))
        deaf.run(100)
        #expect(deaf.reports.contains(.pressed("1")))
    }

    @Test func `a second caller knocks`() throws {
        let script =
            "calls: [{after: 1s, from: withheld, talk: [{waiting_call: {from: \"13900005678\", for: 5s}}, {wait: 8s}, hang_up]}]"
        var run = try Run(script)
        run.run(3000)
        #expect(run.text.contains("+CCWA: \"13900005678\",129,1"))
        run.send("AT+CHLD=0\r")
        run.run(20_000)
        #expect(run.reports.contains(.waitingRefused) && !run.reports.contains(.waitingGone))
        var ignored = try Run(script)
        ignored.run(20_000)
        #expect(ignored.reports.contains(.waitingGone) && ignored.world.isFinished)
    }

    @Test func `calls that are dialled`() throws {
        var run = try Run(
            """
            answers:
              - {outcome: answer, after: 3s, talk: [{key: "5"}, {wait: 1s}, hang_up]}
              - {outcome: busy, after: 1s}
            """)
        run.send("ATD10086;\r")
        run.run(10_000)
        #expect(
            run.reports == [
                .ready, .dialled(call: 1, number: "10086"), .outcome(call: 1, .answer), .pressed("5"),
                .hungUp(call: 1, by: .caller),
            ])
        run.send("ATD10086;\r")
        run.run(10_000)
        #expect(run.text.hasSuffix("\r\nBUSY\r\n"))
        #expect(!run.world.isFinished)
        // A script without `answers` has nobody to answer.
        var none = try Run("calls: [{after: 60s, from: withheld}]")
        none.run(100)
        none.send("ATD10086;\r")
        none.run(2000)
        #expect(none.text.hasSuffix("\r\nNO CARRIER\r\n"))
    }

    @Test func `faults come at their time`() throws {
        var run = try Run(
            """
            calls: [{after: 1s, from: withheld, talk: [{wait: 60s}]}]
            faults:
              - {during_call: {call: 1, after: 2s}, fault: no_carrier}
              - {at: 10s, usb_gone: {for: 3s}}
            """)
        run.run(5000)
        #expect(run.text.hasSuffix("\r\nNO CARRIER\r\n"))
        run.run(6000)
        #expect(run.times { $0 == .portGone(milliseconds: 3000, needsPower: true) } == [10_015])
        #expect(run.reports.last == .finished)
    }

    @Test func `speech flows only while the driver has switched it on in a call`() throws {
        let script = "calls: [{after: 1s, from: withheld, talk: [{wait: 2s}, hang_up]}]"
        var silent = try Run(script)
        silent.run(20_000)
        #expect(silent.times { if case .speech = $0 { true } else { false } } == [])
        var run = try Run(script, setUp: "ATE0\rAT+QPCMV=1,2\r")
        run.run(20_000)
        #expect(run.times { $0 == .speech(true) } == [1165])
        #expect(run.times { $0 == .speech(false) } == [3165])
    }
}
