import CallFlow
import Calls
import Lines
import Media
import Storage
import Switchboard
import Testing

let agentLeg = LegID(high: 0x0192_0000_0000_7000, low: 0x8000_0000_0000_0010)
let secondLeg = LegID(high: 0x0192_0000_0000_7000, low: 0x8000_0000_0000_0011)
let apartRecording = RecordingID(high: 0x0192_0000_0000_7000, low: 0x8000_0000_0000_0020)
let queueFlow = """
    flow: test
    start: begin
    steps:
      begin: {verb: answer, next: person}
      person: {verb: queue, queue: service, music: music.hold, answered: bye, otherwise: bye}
      bye: {verb: hangup, prompts: [thanks], wait: 2s, warning: [warn]}
    """

/// A call that stands in a queue, and what the desk and the agents' phones say to it.
struct AgentStage {
    var stage: Stage
    let agent = WorkNumber("1001")

    init() throws {
        stage = try Stage(flow: queueFlow)
        stage.establish()
    }

    init(stage: Stage) { self.stage = stage }

    func offer(_ raw: UInt64, _ number: String = "1001") throws -> AgentOffer {
        AgentOffer(id: OfferID(raw), call: stageCall, agent: try #require(WorkNumber(number)), queue: "service")
    }

    @discardableResult
    mutating func desk(_ word: DeskWord, at milliseconds: Int64) -> [CallSession.Action] {
        stage.feed(.desk(word, at: at(milliseconds)))
    }

    @discardableResult
    mutating func phone(_ leg: LegID, _ kind: LineEvent.Kind, at milliseconds: Int64) -> [CallSession.Action] {
        stage.feed(.line(leg, kind, at: at(milliseconds)))
    }

    /// The agent's phone rings at 10 s and is answered after so long; both are connected.
    mutating func connect(
        after milliseconds: Int64, earlier: [OfferRecord] = [], number: String = "1001"
    ) throws {
        let offer = try offer(1, number)
        desk(.offer(offer, leg: agentLeg), at: 10_000)
        phone(agentLeg, .progress(status: 180, early: false), at: 10_050)
        phone(agentLeg, .established(stage.session(.pcma)), at: 10_050 + milliseconds)
        let record = OfferRecord(agent: offer.agent, outcome: .answered, ringMilliseconds: milliseconds)
        desk(
            .connect(
                Connection(
                    offer: offer, leg: agentLeg, waitMilliseconds: 9000 + milliseconds, offers: earlier + [record],
                    announce: Announcement.allCases, apologyAfterRings: 4)), at: 10_060 + milliseconds)
    }

    var hearing: [LegID: [LegID]] {
        var lists: [LegID: [LegID]] = [:]
        for case .hear(let leg, let legs) in stage.actions { lists[leg] = legs }
        return lists
    }

    var deskEvents: [Distributor.Event] {
        stage.actions.compactMap { action in
            if case .desk(let event, _) = action { return event }
            return nil
        }
    }

    func plays(on leg: LegID) -> [CallSession.Play] {
        stage.actions.compactMap { action in
            if case .play(leg, let play) = action { return play }
            return nil
        }
    }
}

/// A work number of the tests; they are all well formed.
func workNumber(_ text: String) -> WorkNumber {
    guard let number = WorkNumber(text) else { preconditionFailure("not a work number: \(text)") }
    return number
}

/// A leg's media said its last word.
func closed(
    _ leg: LegID, at milliseconds: Int64, _ statistics: LegStatistics = LegStatistics()
) -> CallSession.Input {
    .media(MediaEvent(leg: leg, call: stageCall, at: at(milliseconds), position: nil, kind: .closed(statistics)))
}

extension LegStatistics {
    init(lastPacketAt: Instant) {
        self.init()
        self.lastPacketAt = lastPacketAt
    }
}
