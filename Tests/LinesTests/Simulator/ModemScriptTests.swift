import Foundation
import Lines
import Media
import Testing

@Suite struct ModemScriptTests {
    static func script(_ text: String) throws(LineError) -> ModemScript {
        try ModemScript(text: text, file: "s.yaml") { name throws(MediaError) in
            guard name == "hello.wav" else { throw MediaError(.audioFile, "\(name): is not there") }
            return [1, 2, 3]
        }
    }

    static func complaints(_ text: String) -> [String] {
        do throws(LineError) {
            _ = try script(text)
            return []
        } catch {
            return error.message.split(separator: "\n").map(String.init)
        }
    }

    @Test func `a whole script`() throws {
        let script = try Self.script(
            """
            script: morning
            modem: {kind: simcom, pin: "1234", registration: roaming, signal: 12, boots: true, boot: 2s, seed: 7}
            calls:
              - after: 2s
                from: withheld
                ring_every: 3s
                rings: 4
                clip: before_ring
                talk: [{wait: 1s}, {keys: "2#", detected: false}, {say: hello.wav}, {tone: {frequency: 440, level: -12, for: 500ms}},
                  {silence: 1.5s}, {hear_out: {quiet: 1s, at_most: 9s}}, {hear_out: {}}, {waiting_call: {from: "13900005678", for: 4s}}, hang_up]
                record: out.wav
                expect: {answered_within: 20s, answered_after: 1s, hung_up_by: hotline}
                when_hung_up: again
                stay: 5s
            answers: [{outcome: busy, after: 1s}]
            faults:
              - {at: 4s, fault: sim_removed}
              - {during_call: {call: 1, since: ring, after: 1s}, usb_gone: {for: 3s}}
              - {at: 9s, hang: {}}
            repeat: true
            """)
        #expect(script.name == "morning")
        #expect(script.modem.kind == .simcom && script.modem.pin == "1234" && !script.modem.isRunning)
        #expect(
            script.modem.registration == .roaming && script.modem.signal == 12 && script.modem.bootMilliseconds == 2000)
        let call = try #require(script.calls.first)
        #expect(call.from == nil && call.ringEvery == 3000 && call.rings == 4 && call.clip == .beforeRing)
        #expect(
            call.conversation.talk == [
                .wait(1000), .keys("2#", detected: false), .say(file: "hello.wav", samples: [1, 2, 3]),
                .tone(frequency: 440, level: -12, milliseconds: 500), .wait(1500), .hearOut(quiet: 1000, atMost: 9000),
                .hearOut(quiet: 700, atMost: 60_000), .waitingCall(from: "13900005678", for: 4000), .hangUp,
            ])
        #expect(call.conversation.record == "out.wav" && call.conversation.stay == 5000)
        #expect(call.expectation.answeredWithin == 20_000 && call.expectation.hungUpBy == .hotline)
        #expect(call.whenHungUp == .again)
        #expect(script.answers.first?.outcome == .busy)
        #expect(
            script.faults == [
                ScriptedFault(moment: .at(4000), fault: .cardRemoved),
                ScriptedFault(moment: .during(call: 1, since: .ring, after: 1000), fault: .usbGone(3000)),
                ScriptedFault(moment: .at(9000), fault: .hang(nil)),
            ])
        #expect(script.repeats)
    }

    @Test func `the least script is an idle Quectel`() throws {
        let script = try Self.script("script: idle\n")
        #expect(script.modem == SimulatedModemSettings(kind: .quectel))
        #expect(script.calls.isEmpty)
    }

    @Test(arguments: [
        ("modem: {kind: quectl}", "s.yaml:1:15: ", "Did you mean \"quectel\"?"),
        ("modem: {pin: \"12\"}", "s.yaml:1:14: pin must be 4 to 8 digits", "1234"),
        ("modem: {signal: 40}", "s.yaml:1:17: signal is 0 to 31", "99"),
        ("calls: {from: x}", "s.yaml:1:8: calls must be a list", "- …"),
        ("calls:\n  - {from: \"12x\"}", "s.yaml:2:12: from in call 1 must be a number", "in quotes"),
        ("calls:\n  - {rings: 3}", "s.yaml:2:5: \"from\" is missing in call 1", "from"),
        (
            "calls:\n  - {from: withheld, talk: [{wiat: 2s}]}", "s.yaml:2:29: call 1, step 1 must have exactly one of",
            "\"wait\""
        ),
        (
            "calls:\n  - {from: withheld, talk: [{wait: 2s, key: \"1\"}]}",
            "s.yaml:2:45: call 1, step 1 must have exactly one", ""
        ),
        (
            "calls:\n  - {from: withheld, talk: [{wait: 2}]}", "s.yaml:2:36: wait in call 1, step 1 must be a duration",
            "500ms"
        ),
        ("calls:\n  - {from: withheld, talk: [{key: X}]}", "s.yaml:2:35: key in call 1, step 1 must be keys", "2#"),
        ("calls:\n  - {from: withheld, talk: [{say: no.wav}]}", "s.yaml:2:35: no.wav: is not there", "script's folder"),
        (
            "calls:\n  - {from: withheld, expect: {no_answer: true, answered_within: 2s}}",
            "s.yaml:2:42: call 1, expect cannot expect", "Remove"
        ),
        ("answers: [{outcome: busy, talk: [{wait: 1s}]}]", "s.yaml:1:33: a call with outcome busy", "outcome: answer"),
        ("faults: [{fault: sim_removd, at: 1s}]", "s.yaml:1:18: \"sim_removd\" in fault 1", "\"sim_removed\""),
        ("faults: [{fault: sim_removed}]", "s.yaml:1:10: fault 1 must have one of at and during_call", "at: 5s"),
        ("faults: [{hang: {for: 0s}, at: 1s}]", "s.yaml:1:23: for in fault 1, hang must be a duration", ""),
        ("faults: [{during_call: {call: 2}, fault: no_carrier}]", "s.yaml:1:31: there is no call 2, only 0", "from 1"),
        ("repeat: true", "s.yaml:1:9: there is no call to repeat", "calls"),
        ("script: x\nfoo: 1", "s.yaml:2:1: unknown key \"foo\" in the script", "Known here"),
        ("script: [", "s.yaml:2:1: not YAML", ""),
    ])
    func `complains with place and advice`(_ text: String, _ beginning: String, _ advice: String) {
        let complaints = Self.complaints(text)
        #expect(complaints.count == 1, "\(complaints)")
        #expect(complaints.first?.hasPrefix(beginning) == true, "\(complaints)")
        #expect(advice.isEmpty || complaints.first?.contains(advice) == true, "\(complaints)")
    }

    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../../modems/scripts").standardizedFileURL.path

    @Test(arguments: ["fault-report", "busy-day", "bad-day", "outbound"])
    func `the shipped scripts are sound`(_ name: String) throws {
        let script = try ModemScript(file: "\(Self.folder)/\(name).yaml")
        #expect(script.name == name)
    }

    @Test func `a file that is not there says what to do`() {
        #expect(throws: LineError.self) { try ModemScript(file: "/nonexistent/x.yaml") }
    }
}
