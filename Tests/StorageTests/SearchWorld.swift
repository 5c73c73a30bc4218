import Calls
import Foundation
import Storage

/// Dice with a seed (SplitMix64, as `SteppingRandom`).
struct Dice: RandomNumberGenerator {
    private var state: UInt64
    /// Neighbouring seeds must not give the same words shifted by one.
    init(seed: UInt64) { state = (seed &+ 1) &* 0xD134_2543_DE82_EF95 }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word >> 31
    }

    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }

    mutating func pick<Item>(_ items: [Item]) -> Item {
        items[Int.random(in: 0..<items.count, using: &self)]
    }
}

/// A recording as the facts made it, kept beside the store in plain values.
struct WorldRecording {
    var id: RecordingID
    var call: CallID
    var planned: Int64
    /// The how-manieth that was planned: the order within one microsecond.
    var arrival: Int
    var line: String
    var caller: String?
    var digits = ""
    var rings: Int?
    var outcome: Outcome?
    var releasedBy: ReleasedBy?
    var state = RecordingState.planned
    var purpose: String
    var milliseconds: Int64?
    var rating: Int?
    var marks: Set<String> = []
    var orders: [String] = []
    var categories: Set<String> = []
    var agents: Set<WorkNumber> = []
    var texts: [String] = []
    /// Raised by words of its transcript.
    var flags: Set<QAFlagKind> = []
}

/// Makes random calls with recordings and remembers what a search must find, by testing every recording.
struct SearchWorld {
    private(set) var recordings: [WorldRecording] = []
    private var dice: Dice
    private var identifiers = IdentifierGenerator(node: 1)
    private var orders = 0

    static let lines = ["trunk1", "trunk2", "modem1"]
    static let callers = ["13900000001", "13900000002", "13900000003"]
    static let categories = ["fault", "complaint", "consultation"]
    static let words = ["停电", "电压低", "东城区", "抄表", "meter", "Haus 12", "变压器 停电"]
    static let agents = ["1001", "1002", "1003"].map(workNumber)
    static let digits = ["", "1", "12", "2#", "123"]

    init(seed: UInt64) { dice = Dice(seed: seed) }

    private mutating func id<Kind>(_ wall: Int64) -> Identifier<Kind> {
        identifiers.next(wallMicroseconds: wall, random: dice.next())
    }

    /// The facts of one call with one or two recordings.
    mutating func call() -> [Fact] {
        // A few microseconds only, so that many begin in the same one.
        let wall = SteppingTime.start.wall + Int64.random(in: 0..<40, using: &dice)
        func at(_ milliseconds: Int64) -> Instant {
            Instant(wall: wall, mono: 5_000_000_000).advanced(milliseconds: milliseconds)
        }
        let call: CallID = id(wall)
        let leg: LegID = id(wall)
        let line = dice.pick(Self.lines)
        let caller = dice.chance(10) ? nil : dice.pick(Self.callers)
        let start: Fact = .callOffered(
            CallOffered(
                call: call, leg: leg, at: at(0), line: line, direction: .inbound, caller: caller, callerRaw: nil,
                callerSource: "from", called: "95598", diversion: nil, peer: "192.0.2.1:5060", protocolCallID: "x"))
        var facts: [Fact] = []
        var common = WorldRecording(
            id: id(wall), call: call, planned: wall, arrival: 0, line: line, caller: caller, purpose: "call")
        if dice.chance(80) {
            common.rings = Int.random(in: 1...4, using: &dice)
            facts.append(
                .callAnswered(
                    CallAnswered(
                        call: call, at: at(10), rings: common.rings ?? 0, ringMilliseconds: 10, basis: .nominal180,
                        flowVersion: "f")))
        }
        for key in dice.pick(Self.digits) {
            common.digits.append(key)
            facts.append(.callNoted(CallNoted(call: call, at: at(20), kind: "key", data: ["key": String(key)])))
        }
        if dice.chance(25) {
            for mark in RecordingFilter.marks.shuffled(using: &dice).prefix(Int.random(in: 1...2, using: &dice)) {
                common.marks.insert(mark)
                facts.append(.callMarked(CallMarked(call: call, at: at(30), by: dice.pick(Self.agents), mark: mark)))
            }
        }
        for (index, agent) in Self.agents.shuffled(using: &dice).prefix(dice.pick([0, 1, 1, 2])).enumerated() {
            let phone: LegID = id(wall)
            common.agents.insert(agent)
            let late = at(40 + Int64(index))
            facts += [
                .agentOffered(AgentOffered(call: call, leg: phone, at: late, agent: agent, purpose: .queue)),
                .agentAnswered(
                    AgentAnswered(
                        call: call, leg: phone, at: late, agent: agent, purpose: .queue, rings: 1,
                        ringMilliseconds: 1, summedRings: 1, summedRingMilliseconds: 1, basis: .nominal180)),
            ]
            if dice.chance(60) {
                let score = Int.random(in: 1...5, using: &dice)
                common.rating = score
                facts.append(.rated(Rated(call: call, at: late, agent: agent, score: score)))
            }
        }
        if dice.chance(80) {
            let (outcome, by) = (dice.pick([Outcome.completed, .abandoned]), dice.pick([ReleasedBy.caller, .agent]))
            common.outcome = outcome
            common.releasedBy = by
            facts.append(
                .callReleased(
                    CallReleased(
                        call: call, at: at(90), releasedBy: by, evidence: ReleaseEvidence(message: "BYE received"),
                        outcome: outcome, statistics: [:])))
        }
        // The recording begins anywhere among them: what came before must be in the index as well as what comes after.
        for purpose in dice.chance(20) ? ["call", "consultation"] : ["call"] {
            var recording = common
            recording.id = id(wall)
            recording.purpose = purpose
            let own = record(&recording, leg: leg, at: at)
            var merged: [Fact] = []
            var left = facts[...]
            for fact in own {
                let count = Int.random(in: 0...min(3, left.count), using: &dice)
                merged += left.prefix(count)
                left = left.dropFirst(count)
                merged.append(fact)
            }
            facts = merged + left
            recording.arrival = recordings.count
            recordings.append(recording)
        }
        // A second recording is planned after or before the first: arrival is the order of the facts.
        let order = facts.compactMap { fact -> RecordingID? in
            guard case .recordingPlanned(let planned) = fact else { return nil }
            return planned.recording
        }
        let first = recordings.count - order.count
        for (index, id) in order.enumerated() {
            for place in first..<recordings.count where recordings[place].id == id {
                recordings[place].arrival = first + index
            }
        }
        return [start] + facts
    }

    private mutating func record(
        _ recording: inout WorldRecording, leg: LegID, at: (Int64) -> Instant
    ) -> [Fact] {
        let (id, call) = (recording.id, recording.call)
        var facts: [Fact] = [
            .recordingPlanned(
                RecordingPlanned(
                    recording: id, call: call, at: at(0),
                    channels: [.init(index: 0, leg: leg, role: "caller", tap: "received")],
                    purpose: recording.purpose))
        ]
        if dice.chance(40) {
            for _ in 0..<Int.random(in: 1...2, using: &dice) {
                orders += 1
                let order: OrderID = self.id(at(0).wall)
                let number = "20261122-\(10_000 + orders)"
                let category = dice.pick(Self.categories)
                let text = dice.pick(Self.words)
                recording.orders.append(number)
                recording.categories.insert(category)
                recording.texts.append(text)
                facts += [
                    .orderCreated(
                        OrderCreated(
                            order: order, at: at(50), number: number, code: "1", category: category, call: call,
                            caller: nil, fields: ["what": text])),
                    .orderLinked(OrderLinked(order: order, at: at(51), recording: id, role: "call")),
                ]
            }
        }
        if dice.chance(85) {
            facts.append(.recordingStarted(RecordingStarted(recording: id, call: call, at: at(5))))
            recording.state = .started
        }
        if recording.state == .started, dice.chance(85) {
            let length = Int64.random(in: 0..<6, using: &dice) * 1000
            recording.state = .stopped
            recording.milliseconds = length
            facts.append(
                .recordingStopped(
                    RecordingStopped(
                        recording: id, call: call, at: at(100), length: AudioPosition(milliseconds: length))))
            if dice.chance(80) {
                recording.state = .finished
                facts.append(
                    .recordingFinished(
                        RecordingFinished(
                            recording: id, call: call, at: at(110), file: "\(id).flac", format: "flac", rate: 8000,
                            frames: length * 8, bytes: 1, sha256: "00", gaps: [], recovered: false)))
            } else if dice.chance(50) {
                recording.state = .failed
                facts.append(
                    .recordingFailed(RecordingFailed(recording: id, call: call, at: at(110), message: "disk full")))
            }
        }
        if recording.state == .finished, dice.chance(40) {
            let text = dice.pick(Self.words) + "。" + dice.pick(Self.words)
            recording.texts.append(text)
            facts += [
                .transcriptAsked(TranscriptAsked(recording: id, call: call, at: at(111))),
                .transcriptMade(
                    TranscriptMade(
                        recording: id, call: call, at: at(112), engine: "test", model: nil, language: "zh",
                        channels: [
                            .init(
                                index: 0,
                                segments: [
                                    TranscriptSegment(
                                        fromMilliseconds: 0, toMilliseconds: 10, role: "caller", text: text)
                                ])
                        ])),
            ]
            for flag in QAFlagKind.allCases where dice.chance(30) {
                recording.flags.insert(flag)
                facts.append(
                    .qaFlagged(
                        QAFlagged(
                            recording: id, call: call, at: at(113), flag: flag, word: "x", channel: 0, role: "caller",
                            position: AudioPosition(units: 0))))
            }
        }
        if dice.chance(25) {
            let text = dice.pick(Self.words) + "，" + dice.pick(Self.words)
            recording.texts.append(text)
            facts.append(
                .recordingNoted(
                    RecordingNoted(recording: id, call: call, at: at(120), by: Self.agents[0], text: text)))
        }
        return facts
    }

    /// A filter of one to three conditions, sorted anyhow.
    mutating func filter() -> RecordingFilter {
        var filter = RecordingFilter(
            limit: Int.random(in: 1...25, using: &dice), sort: dice.pick(RecordingSort.allCases),
            descending: dice.chance(50))
        for _ in 0..<Int.random(in: 0...3, using: &dice) {
            switch Int.random(in: 0..<17, using: &dice) {
            case 0: filter.order = recordings.flatMap(\.orders).randomElement(using: &dice) ?? "20261122-1"
            case 1: filter.caller = dice.pick(Self.callers + ["13900000009"])
            case 2: filter.agent = dice.pick(Self.agents + [workNumber("1009")])
            case 3: filter.line = dice.pick(Self.lines + ["line9"])
            case 4: filter.category = dice.pick(Self.categories + ["business"])
            case 5: filter.outcome = dice.pick([Outcome.completed, .abandoned, .inactive])
            case 6: filter.releasedBy = dice.pick([ReleasedBy.caller, .agent, .network])
            case 7:
                filter.ringsAtLeast = Int.random(in: 0...4, using: &dice)
                filter.ringsAtMost = dice.chance(50) ? nil : filter.ringsAtLeast
            case 8: filter.digits = dice.pick(["1", "12", "2", "3", "123"])
            case 9: filter.mark = dice.pick(RecordingFilter.marks)
            case 10:
                filter.ratingAtMost = Int.random(in: 1...5, using: &dice)
                filter.ratingAtLeast = dice.chance(50) ? nil : 1
            case 11: filter.text = dice.pick(["停电", "电", "变压", "区 电", "METER", "haus 12", "停电 meter", "压变"])
            case 12: filter.state = dice.pick(RecordingState.allCases)
            case 15: filter.flag = dice.pick(QAFlagKind.allCases)
            case 13: filter.purpose = dice.pick(["call", "consultation"])
            case 14:
                filter.lengthAtLeast = dice.chance(70) ? Int64.random(in: 0..<6, using: &dice) * 1000 : nil
                filter.lengthAtMost = dice.chance(50) ? Int64.random(in: 0..<6, using: &dice) * 1000 : nil
            default:
                let wall = SteppingTime.start.wall
                filter.from = UTCTime(microseconds: wall + Int64.random(in: 0..<30, using: &dice))
                if dice.chance(50) {
                    filter.to = UTCTime(microseconds: wall + Int64.random(in: 10..<45, using: &dice))
                }
            }
        }
        return filter
    }

    /// Any thresholds, so that every way of searching is gone.
    mutating func limits() -> RecordingSearchLimits {
        var limits = RecordingSearchLimits()
        limits.collect = dice.pick([1, 10, 50, 10_000])
        limits.collectWords = dice.pick([1, 10, 10_000])
        limits.tested = dice.pick([1, 20, 10_000])
        limits.few = dice.pick([0, 2, 10])
        limits.merge = dice.pick([0, 5, 1000])
        limits.mergedPage = dice.pick([0, 30])
        limits.window = dice.pick([1, 7, 40])
        return limits
    }

    // MARK: - What must be found

    /// All that fit, in the order of the filter.
    func matching(_ filter: RecordingFilter) -> [WorldRecording] {
        recordings.filter { Self.fits($0, filter) }.sorted { one, other in
            filter.descending
                ? Self.key(other, filter) < Self.key(one, filter) : Self.key(one, filter) < Self.key(other, filter)
        }
    }

    static func key(_ recording: WorldRecording, _ filter: RecordingFilter) -> (Int64, Int64, Int) {
        switch filter.sort {
        case .time: (0, recording.planned, recording.arrival)
        case .length: (recording.milliseconds ?? -1, recording.planned, recording.arrival)
        case .rings: (Int64(recording.rings ?? -1), recording.planned, recording.arrival)
        }
    }

    private static func fits(_ recording: WorldRecording, _ filter: RecordingFilter) -> Bool {
        func within<Value: Comparable>(_ value: Value?, _ least: Value?, _ most: Value?) -> Bool {
            guard least != nil || most != nil else { return true }
            guard let value else { return false }
            return least.map { value >= $0 } ?? true && most.map { value <= $0 } ?? true
        }
        func same<Value: Equatable>(_ value: Value?, _ wanted: Value?) -> Bool { wanted == nil || value == wanted }
        return (filter.order.map { recording.orders.contains($0) } ?? true) && same(recording.caller, filter.caller)
            && (filter.agent.map { recording.agents.contains($0) } ?? true) && same(recording.line, filter.line)
            && (filter.category.map { recording.categories.contains($0) } ?? true)
            && same(recording.outcome, filter.outcome) && same(recording.releasedBy, filter.releasedBy)
            && within(recording.rings, filter.ringsAtLeast, filter.ringsAtMost)
            && (filter.digits.map { recording.digits.hasPrefix($0) } ?? true)
            && (filter.mark.map { recording.marks.contains($0) } ?? true)
            && (filter.flag.map { recording.flags.contains($0) } ?? true)
            && within(recording.rating, filter.ratingAtLeast, filter.ratingAtMost)
            && same(recording.state, filter.state) && same(recording.purpose, filter.purpose)
            && within(recording.milliseconds, filter.lengthAtLeast, filter.lengthAtMost)
            && (filter.from.map { recording.planned >= $0.microseconds } ?? true)
            && (filter.to.map { recording.planned < $0.microseconds } ?? true)
            && (filter.text.map { fits(recording.texts, $0) } ?? true)
    }

    /// Each part between spaces stands in some text, character by character.
    private static func fits(_ texts: [String], _ query: String) -> Bool {
        query.split(separator: " ").allSatisfy { part in
            let wanted = SearchText.words(String(part))
            return texts.contains { text in
                let words = SearchText.words(text)
                return words.indices.contains { words[$0...].starts(with: wanted) }
            }
        }
    }
}
