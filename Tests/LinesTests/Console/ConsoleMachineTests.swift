import Calls
import Lines
import Media
import Testing

private let call = CallID(high: 0x0192_0000_0000_7000, low: 0x8000_0000_0000_0011)
private let leg = LegID(high: 0x0192_0000_0000_7000, low: 0x8000_0000_0000_0012)
private let other = LegID(high: 0x0192_0000_0000_7000, low: 0x8000_0000_0000_0013)

extension ConsoleMachine.Action {
    fileprivate var word: String {
        switch self {
        case .openAudio: "openAudio"
        case .closeAudio: "closeAudio"
        case .openMedia: "openMedia"
        case .tell(let kind): kind.word
        case .notice(let notice): "notice \(notice)"
        }
    }
}

@Suite struct ConsoleMachineTests {
    /// What a list of events makes a fresh machine do, the last event's actions alone.
    private func last(_ events: [ConsoleMachine.Event]) -> [String] {
        var machine = ConsoleMachine(caller: "13800001234", called: "95598")
        var actions: [ConsoleMachine.Action] = []
        for event in events { actions = machine.handle(event) }
        return actions.map(\.word)
    }

    struct Row: Sendable {
        var events: [ConsoleMachine.Event]
        var actions: [String]
    }

    private static let ringing: [ConsoleMachine.Event] = [.call(call, leg), .ring(leg)]
    private static let talking: [ConsoleMachine.Event] = ringing + [.answer(leg)]

    @Test(arguments: [
        Row(events: [.call(call, leg)], actions: ["openAudio", "notice calling", "offered"]),
        Row(events: ringing, actions: ["openMedia", "alerted emitted_183"]),
        Row(events: talking, actions: ["answered", "established", "notice answered"]),
        Row(events: talking + [.press(Key("5") ?? keyZero)], actions: ["key 5 keyboard 100"]),
        Row(events: talking + [.hangUp], actions: ["released remote_bye", "closeAudio", "notice youHungUp"]),
        Row(events: ringing + [.hangUp], actions: ["released cancelled", "closeAudio", "notice youHungUp"]),
        Row(events: talking + [.release(leg)], actions: ["released local", "closeAudio", "notice hotlineHungUp"]),
        Row(
            events: [.call(call, leg), .refuse(leg)], actions: ["released refused", "closeAudio", "notice refused"]),
        Row(
            events: talking + [.audioLost("gone")],
            actions: ["released failed", "closeAudio", "notice failed(\"gone\")"]),
        Row(
            events: ringing + [.mediaRefused("taken")],
            actions: ["released failed", "closeAudio", "notice failed(\"taken\")"]),
        // Out of turn, or another leg's: nothing happens, and the person is told why.
        Row(events: talking + [.call(call, other)], actions: ["notice busy"]),
        Row(events: [.press(keyZero)], actions: ["notice noCall"]),
        Row(events: ringing + [.press(keyZero)], actions: ["notice noCall"]),
        Row(events: [.hangUp], actions: ["notice noCall"]),
        Row(events: [.drain, .call(call, leg)], actions: ["notice draining"]),
        Row(events: talking + [.release(other)], actions: []),
        Row(events: talking + [.ring(leg)], actions: []),
        Row(events: [.call(call, leg), .answer(leg)], actions: []),
        Row(events: [.audioLost("gone")], actions: []),
        Row(
            events: talking + [.hangUp, .call(call, leg)],
            actions: ["openAudio", "notice calling", "offered"]),
    ])
    func does(_ row: Row) { #expect(last(row.events) == row.actions) }

    @Test func theHangUpIsThePersonsForCertain() throws {
        var machine = ConsoleMachine(caller: "13800001234", called: "95598")
        for event in Self.talking { _ = machine.handle(event) }
        let release = try #require(
            machine.handle(.hangUp).compactMap { action in
                if case .tell(let kind) = action { return kind.release }
                return nil
            }.first)
        #expect(release.q850 == 16)
    }
}

private let keyZero = Key("0").unsafelyUnwrapped
