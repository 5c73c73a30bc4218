import CallFlow
import Calls
import Lines
import Media
import Norms
import Storage
import Switchboard
import Testing

let zero = Instant(wall: 1_795_000_000_000_000, mono: 90_000_000_000)
func at(_ milliseconds: Int64) -> Instant { zero.advanced(milliseconds: milliseconds) }
let stageCall = CallID(high: 0x0192_0000_0000_7000, low: 0x8000_0000_0000_0001)
let callerLeg = LegID(high: 0x0192_0000_0000_7000, low: 0x8000_0000_0000_0002)
let stageRecording = RecordingID(high: 0x0192_0000_0000_7000, low: 0x8000_0000_0000_0003)

let flowText = """
    flow: test
    start: begin
    global: {"0": leave}
    steps:
      begin: {verb: answer, next: greet}
      greet: {verb: play, prompts: [hello], next: leave}
      leave:
        verb: record
        person: true
        prompts: [ask]
        limit: 10s
        silence: 3s
        too_short: {prompts: [nothing], retries: 1, next: bye}
        on_hangup: make
        next: make
      make: {verb: order, category: fault, fields: {source: test}, next: bye, failed: bye}
      bye: {verb: hangup, prompts: [thanks], wait: 2s, warning: [warn]}
    """

/// A session with a virtual clock, brought along step by step; keeps all facts and actions.
struct Stage {
    var session: CallSession
    var actions: [CallSession.Action] = []

    init(alerting: Alerting = .ringing, onRing: Int = 1, flow text: String = flowText) throws {
        let settings = try Self.settings(alerting: alerting, onRing: onRing, flow: text)
        let offer = Offer(
            caller: "13800001234", callerRaw: "+8613800001234", callerSource: "from", called: "95598", diversion: nil,
            peer: "192.0.2.7:5060", protocolCallID: "abc@192.0.2.7")
        session = CallSession(
            call: stageCall, leg: callerLeg, recording: stageRecording, line: "trunk1", offer: offer,
            settings: settings,
            variables: ["time.minutes": "600"])
        actions = session.begin(at: at(0))
    }

    /// A call that we place, from the agent's phone on.
    init(outbound: OutboundCall, agentLeg: LegID, flow text: String) throws {
        session = CallSession(
            outbound: outbound, call: stageCall, leg: callerLeg, agentLeg: agentLeg, recording: stageRecording,
            line: "trunk1", settings: try Self.settings(flow: text), variables: ["time.minutes": "600"])
        actions = session.begin(at: at(0))
    }

    static func settings(
        alerting: Alerting = .ringing, onRing: Int = 1, flow text: String
    ) throws -> SessionSettings {
        let (flow, diagnostics) = Flow.load(
            text: text, file: "test.yaml", prompts: ["hello", "ask", "nothing", "thanks", "warn", "music.hold"],
            version: "test@1"
        )
        try diagnostics.throwErrors()
        return SessionSettings(
            ringClock: RingClock(), answerOnRing: onRing, answerAfterMilliseconds: 1000, alerting: alerting,
            apologiseAfterRings: 4, apologiseReading: .beforeNextRing, flow: try #require(flow), flowVersion: "test@1",
            variables: [:])
    }

    @discardableResult
    mutating func feed(_ input: CallSession.Input) -> [CallSession.Action] {
        let new = session.handle(input)
        actions += new
        return new
    }

    @discardableResult
    mutating func line(_ kind: LineEvent.Kind, at milliseconds: Int64) -> [CallSession.Action] {
        feed(.line(callerLeg, kind, at: at(milliseconds)))
    }

    @discardableResult
    mutating func media(
        _ kind: MediaEvent.Kind, at milliseconds: Int64, position: Int64? = nil
    ) -> [CallSession.Action] {
        feed(
            .media(
                MediaEvent(
                    leg: callerLeg, call: stageCall, at: at(milliseconds),
                    position: position.map { AudioPosition(milliseconds: $0) }, kind: kind)))
    }

    /// Fires a timer that was set and neither cancelled nor set anew.
    @discardableResult
    mutating func fire(_ timer: CallSession.Timer, at milliseconds: Int64) -> [CallSession.Action] {
        var generation: Int?
        for action in actions {
            if case .setTimer(timer, let number, _) = action { generation = number }
            if case .cancelTimer(timer) = action { generation = nil }
        }
        return generation.map { feed(.timer(timer, generation: $0, at: at(milliseconds))) } ?? []
    }

    /// Answered after one second in ring 1, media flowing, recording begun at 1,040 ms.
    mutating func establish() {
        line(.alerted(.nominal180), at: 20)
        fire(.answer, at: 1020)
        _ = feed(.recordingPlanned(at: at(1024)))
        line(.answered, at: 1026)
        line(.established(session(.pcma)), at: 1030)
        media(.recordingStarted(stageRecording), at: 1040, position: 0)
    }

    func session(_ codec: Codec) -> MediaSession {
        let remote = Endpoint(address: IPAddress(v4: 0xC000_0207), port: 4000)
        return MediaSession(
            remote: remote, remoteRTCP: remote, codec: codec, payloadType: 8, telephoneEventPayloadType: 101,
            direction: .sendReceive)
    }

    var facts: [Fact] { actions.flatMap(\.facts) }

    /// The tokens of all plays, in order.
    var plays: [(id: PlayID, items: [SpeechItem])] {
        actions.compactMap { action in
            if case .play(_, let play) = action { return (play.id, play.items) }
            return nil
        }
    }

    var released: CallReleased? {
        for case .callReleased(let released) in facts { return released }
        return nil
    }
}

extension CallSession.Action {
    var facts: [Fact] {
        if case .facts(let facts) = self { return facts }
        return []
    }

    var order: CallSession.OrderRequest? {
        if case .createOrder(let request) = self { return request }
        return nil
    }

    var name: String { String(describing: self).prefix { $0 != "(" }.description }
}

extension Fact {
    /// The kind of a note.
    var noted: String? {
        if case .callNoted(let note) = self { return note.kind }
        return nil
    }
}
