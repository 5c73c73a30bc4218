import CallFlow
import Calls
import Lines
import Media
import Storage
import Switchboard
import Testing

/// A PIN stands nowhere in a call's facts, whenever its keys are pressed and whichever way they come.
@Suite struct SecretKeyTests {
    static let flow = """
        flow: test
        internal: true
        start: begin
        steps:
          begin: {verb: answer, next: greet}
          greet: {verb: play, prompts: [hello], next: notice}
          notice: {verb: play, prompts: [nothing], barge_in: false, next: pin}
          pin:
            verb: collect
            prompts: [ask]
            into: asked.pin
            secret: true
            min: 4
            max: 8
            timeout: 5s
            no_input: {retries: 0, next: bye}
            invalid: {retries: 0, next: bye}
            next: look
          look:
            verb: lookup
            source: agents
            arguments: {pin: "${asked.pin}"}
            timeout: 3s
            next: main
            fallback: main
          main:
            verb: menu
            prompts: [thanks]
            keys: {"7": message, "9": again}
            timeout: 5s
            no_input: {retries: 0, next: bye}
            wrong_key: {retries: 0, next: bye}
          message: {verb: record, limit: 10s, minimum: 0s, next: bye}
          again: {verb: lookup, source: agents, arguments: {a: b}, timeout: 3s, next: main, fallback: greet}
          bye: {verb: hangup}
        """

    private struct Caller {
        var stage: Stage
        var now: Int64 = 2000

        init() throws {
            stage = try Stage(flow: SecretKeyTests.flow)
            stage.establish()
        }

        /// Presses keys as the media engine sees it: a key that cuts short does so in the same tick, before or after.
        mutating func press(_ keys: String, cutting: Bool = false, cutFirst: Bool = false, isReleased: Bool = true)
            throws
        {
            for character in keys {
                let key = try #require(Key(character))
                now += 400
                let cut = MediaEvent.Kind.playStopped(
                    try #require(stage.plays.last?.id), key: key, playedMilliseconds: 300)
                if cutting, cutFirst { stage.media(cut, at: now, position: now) }
                stage.media(.keyDown(key, .telephoneEvent), at: now, position: now)
                if cutting, !cutFirst { stage.media(cut, at: now, position: now) }
                guard isReleased else { continue }
                stage.media(.keyUp(key, .telephoneEvent, milliseconds: 120), at: now + 120, position: now + 120)
                stage.line(.key(key, .info, milliseconds: 120), at: now + 130)
            }
        }

        mutating func finishPlay() throws {
            now += 400
            stage.media(.playFinished(try #require(stage.plays.last?.id)), at: now, position: now)
        }

        var notes: [CallNoted] {
            stage.facts.compactMap { if case .callNoted(let note) = $0 { note } else { nil } }
        }

        /// Keys that are told, by kind of note.
        func told(_ kind: String) -> [String] { notes.filter { $0.kind == kind }.compactMap { $0.data["key"] } }

        var toldAnywhere: [String] { notes.compactMap { $0.data["key"] } }

        var pins: [String] {
            stage.actions.compactMap { action in
                if case .lookup("agents", let arguments, _) = action { return arguments["pin"] }
                return nil
            }
        }
    }

    @Test(arguments: [true, false])
    func `a PIN that cuts its question short`(cutFirst: Bool) throws {
        var caller = try Caller()
        try caller.finishPlay()
        try caller.finishPlay()
        try caller.press("2", cutting: true, cutFirst: cutFirst)
        try caller.press("468#")
        #expect(caller.pins == ["2468"])
        #expect(caller.toldAnywhere == [])
        #expect(caller.notes.filter { $0.kind == "key_secret" }.count == 5)
        #expect(caller.notes.contains { $0.kind == "prompt_stopped" })
    }

    @Test(arguments: [true, false])
    func `a PIN typed ahead: taken where the prompts let it, told nowhere`(cutFirst: Bool) throws {
        var caller = try Caller()
        // Into the greeting, which it cuts short, and the notice, which drops it.
        try caller.press("2", cutting: true, cutFirst: cutFirst)
        try caller.press("468")
        try caller.finishPlay()
        #expect(caller.stage.plays.last?.items != [.prompt("ask")], "the key that cut the greeting short waits")
        try caller.press("468#")
        #expect(caller.pins == ["2468"])
        #expect(caller.toldAnywhere == [])
    }

    @Test func `the last key's end, and its second coming, are not told once the flow has gone on`() throws {
        var caller = try Caller()
        try caller.finishPlay()
        try caller.finishPlay()
        try caller.press("246")
        try caller.press("8#", isReleased: false)
        _ = caller.stage.feed(.lookupFinished(["ok": "true"], at: at(caller.now + 20)))
        #expect(caller.stage.plays.last?.items == [.prompt("thanks")])
        let hash = try #require(Key("#"))
        let eight = try #require(Key("8"))
        caller.stage.media(.keyUp(hash, .telephoneEvent, milliseconds: 90), at: caller.now + 90)
        caller.stage.line(.key(eight, .info, milliseconds: 90), at: caller.now + 95)
        caller.stage.line(.key(hash, .info, milliseconds: 90), at: caller.now + 99)
        #expect(caller.toldAnywhere == [])
    }

    @Test func `the next question's own key is told; what is typed behind it, ahead of a PIN, is not`() throws {
        var caller = try Caller()
        try caller.finishPlay()
        try caller.finishPlay()
        try caller.press("2468#")
        _ = caller.stage.feed(.lookupFinished(["ok": "true"], at: at(caller.now + 20)))
        try caller.press("9", cutting: true)
        #expect(caller.told("key") == ["9"])
        #expect(caller.told("key_up") == ["9"])
        try caller.press("2468")
        _ = caller.stage.feed(.lookupFailed(reason: "timeout", at: at(caller.now + 20)))
        #expect(caller.toldAnywhere.allSatisfy { $0 == "9" })
    }

    @Test func `the finish key of a message ends it in such a flow, too`() throws {
        var caller = try Caller()
        try caller.finishPlay()
        try caller.finishPlay()
        try caller.press("2468#")
        _ = caller.stage.feed(.lookupFinished(["ok": "true"], at: at(caller.now + 20)))
        try caller.press("7", cutting: true)
        try caller.finishPlay()
        #expect(caller.notes.contains { $0.kind == "message_started" })
        try caller.press("#")
        #expect(caller.notes.contains { $0.kind == "message_ended" })
        #expect(caller.stage.actions.contains { $0.name == "release" })
    }
}
