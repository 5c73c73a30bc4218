/// Makes the report's figures of what the threads left behind, call by call.
struct CallJudge {
    private let plan: Plan
    private let table: LegTable
    private let clock: RunClock
    private let records: [LegRecord]
    private let expected: [G711.Law: PromptJudge]
    private let voice: [G711.Law: Voice]
    /// Nanoseconds since the run began.
    private let plateau: ClosedRange<Int64>

    private var toRinging: [Int64] = []
    private var toAnswer: [Int64] = []
    private var answerToAudio: [Int64] = []
    private var inviteToAudio: [Int64] = []
    private var keyToPrompt: [Int64] = []
    private var delays: [Int64] = []
    private let lateness = Histogram()
    private let plateauLateness = Histogram()

    init(
        _ plan: Plan, table: LegTable, clock: RunClock, records: [LegRecord], expected: [G711.Law: PromptJudge],
        voice: [G711.Law: Voice], plateau: ClosedRange<Int64>
    ) {
        self.plan = plan
        self.table = table
        self.clock = clock
        self.records = records
        self.expected = expected
        self.voice = voice
        self.plateau = plateau
    }

    /// Takes a while: about 5 ms for a minute of a call.
    mutating func judge(into report: inout Report) {
        var list: [Report.Call] = []
        var bridges: [Int: BridgeJudge.Verdict] = [:]
        for leg in records.indices where records[leg].role == .caller || records[leg].invitedAt != nil {
            var call = judge(leg, into: &report)
            if !plan.phones.isEmpty, records[leg].answeredAt != nil {
                let verdict = bridge(leg)
                bridges[leg] = verdict
                call.bridge = verdict
            }
            list.append(call)
        }
        report.calls.toRinging = Spread(toRinging)
        report.calls.toAnswer = Spread(toAnswer)
        report.calls.answerToAudio = Spread(answerToAudio)
        report.calls.inviteToAudio = Spread(inviteToAudio)
        report.streams.lateness = Spread(lateness)
        report.streams.plateauLateness = Spread(plateauLateness)
        let all = report.streams.received + report.streams.missing
        report.streams.missingShare = all == 0 ? 0 : Double(report.streams.missing) / Double(all)
        report.audio.keyToPrompt = Spread(keyToPrompt)
        if !plan.phones.isEmpty { join(bridges, into: &report) }
        if plan.listsCalls { report.list = list }
    }

    // MARK: One leg

    private mutating func judge(_ leg: Int, into report: inout Report) -> Report.Call {
        let record = records[leg]
        let figures = StreamFigures(table.notes(of: leg))
        let media = table.legs[leg]
        count(leg, figures, media, into: &report)
        let failure = record.role == .caller ? failure(of: record, figures) : nil
        var call = Report.Call(
            leg: leg, role: record.role, user: record.user, callID: record.callID, failure: failure,
            received: figures.received, missing: figures.missing, longestGap: Double(figures.longestGap) / 1e6,
            lateness: Spread(figures.lateness), steps: [])
        if let answered = record.answeredAt, let end = record.releasedAt ?? record.overAt {
            call.heldSeconds = Double(end - answered) / 1e9
        }
        report.caller.drops += Int(record.drops)
        report.caller.ticksSkipped += media.ticksSkipped
        report.caller.sendErrors += media.sendErrors
        report.caller.unnoted += media.unnoted
        report.caller.unstamped += media.unstamped
        guard record.role == .caller else { return call }
        report.calls.placed += record.invitedAt == nil ? 0 : 1
        report.calls.answered += record.answeredAt == nil ? 0 : 1
        report.calls.repeats += record.repeats
        if record.end == .releasedByServer { report.calls.releasedByServer += 1 }
        if let failure {
            report.calls.failed += 1
            report.calls.failures[failure, default: 0] += 1
        }
        time(record, figures, &call)
        report.audio.keysSent += media.nextKey
        if record.answeredAt != nil, let law = record.law, let judge = expected[law] {
            hear(leg, judge, &call, into: &report)
        }
        return call
    }

    private func count(_ leg: Int, _ figures: StreamFigures, _ media: MediaLeg, into report: inout Report) {
        report.streams.received += figures.received
        report.streams.missing += figures.missing
        report.streams.callsWithMissing += figures.missing > 0 ? 1 : 0
        report.streams.duplicates += figures.duplicates
        report.streams.outOfOrder += figures.outOfOrder
        report.streams.gaps30 += figures.gaps30
        report.streams.gaps60 += figures.gaps60
        report.streams.longestGap = max(report.streams.longestGap, Double(figures.longestGap) / 1e6)
        report.streams.restarts += figures.restarts
        report.streams.foreign += media.foreign
        report.streams.refused += media.refused
        report.streams.control += media.control
        report.streams.otherTypes += media.otherTypes
        report.streams.unreadable += media.unreadable
        let notes = media.notes
        if let place = figures.lateness.indices.max(by: { figures.lateness[$0] < figures.lateness[$1] }), let notes {
            let value = Double(figures.lateness[place]) / 1e6
            if value > report.streams.latest?.milliseconds ?? -1 {
                let arrival = notes[place].arrival
                report.streams.latest = Report.Streams.Latest(
                    leg: leg, milliseconds: value, at: Double(arrival) / 1e9,
                    inStream: Double(arrival - figures.first) / 1e9, packet: place)
            }
        }
        for (index, value) in figures.lateness.enumerated() {
            lateness.add(value)
            if let arrival = notes?[index].arrival, plateau.contains(arrival) { plateauLateness.add(value) }
        }
    }

    private mutating func time(_ record: LegRecord, _ figures: StreamFigures, _ call: inout Report.Call) {
        guard let invited = record.invitedAt else { return }
        if let ringing = record.ringingAt {
            toRinging.append(ringing - invited)
            call.toRinging = Double(ringing - invited) / 1e6
        }
        guard let answered = record.answeredAt else { return }
        toAnswer.append(answered - invited)
        call.toAnswer = Double(answered - invited) / 1e6
        guard figures.received > 0 else { return }
        answerToAudio.append(figures.first - answered)
        inviteToAudio.append(figures.first - invited)
        call.answerToAudio = Double(figures.first - answered) / 1e6
    }

    /// Sound that ended so long before the call did has stopped.
    static let silentEnd: Int64 = 1_000_000_000

    private func failure(of record: LegRecord, _ figures: StreamFigures) -> String? {
        guard record.invitedAt != nil else {
            if case .failed(let reason) = record.end { return reason }
            return "not placed"
        }
        guard record.answeredAt != nil else {
            switch record.end {
            case .refused(let status, let phrase): return "refused: \(status) \(phrase)"
            case .failed(let reason): return reason
            case .released, .releasedByServer, nil: return "not answered in \(plan.patience / 1_000_000_000) s"
            }
        }
        switch record.end {
        case nil: return "not over when the run ended"
        case .failed(let reason): return reason
        case .refused(let status, let phrase): return "refused: \(status) \(phrase)"
        case .releasedByServer where !plan.serverHangsUp: return "ended by the server"
        case .released where !record.wasReleased: return "ended too early"
        case .released, .releasedByServer: break
        }
        guard figures.received > 0 else {
            return plan.takesAnySource ? "no audio" : "no audio from the address in the SDP (--any-source?)"
        }
        let end = record.releasedAt ?? record.overAt ?? 0
        if end - figures.last > Self.silentEnd { return "the audio stopped before the call" }
        return nil
    }

    // MARK: What was heard

    private mutating func hear(_ leg: Int, _ judge: PromptJudge, _ call: inout Report.Call, into report: inout Report) {
        let notes = table.notes(of: leg)
        let heard = Timeline(notes, audio: table.audio(of: leg))
        let isWhole = notes.last?.isKept ?? true
        let keys = table.keyTimes(of: leg).map { $0 - clock.monotonic }
        let verdict = judge.judge(heard, keys: keys, isWhole: isWhole)
        call.complaint = verdict.complaint
        call.steps = verdict.steps
        report.audio.judged += 1
        if let complaint = verdict.complaint {
            report.audio.complaints[complaint, default: 0] += 1
        } else {
            report.audio.right += 1
        }
        if let led = verdict.keysLed {
            report.audio.keysExpected += 1
            report.audio.keysLed += led ? 1 : 0
        }
        for step in verdict.steps {
            report.audio.comparedSeconds += Double(step.compared) / 8000
            report.audio.differingSamples += step.differing
            report.audio.absentSamples += step.absent
            if let after = step.afterKeyMs { keyToPrompt.append(Int64(after * 1e6)) }
        }
    }

    // MARK: Who heard whom

    private func bridge(_ leg: Int) -> BridgeJudge.Verdict {
        guard let law = records[leg].law, let voice = voice[law] else { return BridgeJudge.Verdict() }
        let heard = Timeline(table.notes(of: leg), audio: table.audio(of: leg))
        return BridgeJudge(voice: voice).judge(heard) { other, number in
            guard other < table.count, table.legs[other].beganAt > 0 else { return nil }
            return table.legs[other].beganAt - clock.monotonic + Int64(number) * 125_000
        }
    }

    /// A call is joined where its caller hears one phone, and that phone the caller, sample for sample.
    private mutating func join(_ verdicts: [Int: BridgeJudge.Verdict], into report: inout Report) {
        var bridge = report.bridge ?? Report.Bridge()
        for (leg, verdict) in verdicts {
            bridge.comparedSeconds += Double(verdict.compared) / 8000
            bridge.differingSamples += verdict.differing
            bridge.shiftedSamples += verdict.shifts
            if let delay = verdict.delayMs { delays.append(Int64(delay * 1e6)) }
            guard leg < plan.calls else { continue }
            if let complaint = complaint(of: leg, verdict, verdicts) {
                bridge.complaints[complaint, default: 0] += 1
            } else {
                bridge.joined += 1
            }
        }
        bridge.delay = Spread(delays)
        report.bridge = bridge
    }

    private func complaint(
        of leg: Int, _ verdict: BridgeJudge.Verdict, _ verdicts: [Int: BridgeJudge.Verdict]
    ) -> String? {
        guard let other = verdict.legs.first else { return "the caller hears nobody" }
        guard verdict.legs.count == 1 else { return "the caller hears \(verdict.legs.count) others" }
        guard let back = verdicts[other], records[other].role == .phone else { return "the caller hears no phone" }
        guard back.legs == [leg] else {
            return back.legs.isEmpty ? "the phone hears nobody" : "the phone hears somebody else"
        }
        let compared = verdict.compared + back.compared
        let wrong = verdict.differing + back.differing + verdict.shifts + back.shifts
        // A jitter buffer may leave out or put in a packet now and then: one in a hundred at most.
        guard compared > 0, wrong * 100 <= compared else {
            return "what is heard is not what was said (\(wrong * 100 / max(1, compared)) % of the samples)"
        }
        return nil
    }
}
