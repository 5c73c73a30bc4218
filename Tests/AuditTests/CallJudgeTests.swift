import Audit
import Calls
import Norms
import Testing

/// Each measure of calls, with the shipped rules and at the edges of their limits.
@Suite struct CallJudgeTests {
    private typealias Facts = CallFacts

    private static let withinLimit = AuditItem.Verdict.notJudged("not answered, within the limit")
    private static let noAgent = AuditItem.Verdict.notJudged("no agent was offered")
    private static let whoEnded = AuditItem.Verdict.notJudged("who ended it is not known")

    /// A call with these passages.
    private func call(_ passages: AuditCall.Passage...) -> AuditCall { Facts.call { $0.passages = passages } }

    private func talked(_ talks: AuditCall.Talk..., change: (inout AuditCall) -> Void = { _ in }) -> AuditCall {
        Facts.call {
            $0.talks = talks
            change(&$0)
        }
    }

    // MARK: Which rules, which calls

    @Test func everyShippedRuleOnCallsHasAJudgeAndNoOtherHas() throws {
        var judged: Set<NormMeasure> = []
        for profile in try Facts.shipped() {
            for rule in profile.rules {
                let judge = CallJudge(rule, Facts.context(profile))
                #expect((judge != nil) == (rule.measure?.subject == .call), "\(rule.id)")
                if let measure = rule.measure, judge != nil { judged.insert(measure) }
            }
        }
        // No document limits the line's own rings; they are shown beside those of people.
        #expect(judged.union([.lineAnswerRings]) == Set(NormMeasure.allCases.filter { $0.subject == .call }))
    }

    @Test func outboundCallsAreNobodysSubject() throws {
        let profile = try Facts.profile("yongqiang")
        let call = talked(Facts.talk()) {
            $0.isInbound = false
            $0.passages = [Facts.passage()]
            $0.marks = [Facts.mark("angry"), Facts.mark("nuisance")]
        }
        for rule in profile.rules {
            if let judge = CallJudge(rule, Facts.context(profile)) {
                #expect(judge.items(for: call) == [], "\(rule.id)")
            }
        }
    }

    @Test func aScopeThatNoCallShowsIsNotJudged() throws {
        let judge = try Facts.judge("yongqiang", "yq-rings", { $0.scope.areas = [.urban] })
        let items = judge.items(for: call(Facts.passage()))
        #expect(items.map(\.verdict) == [.notJudged("a call does not show whether the rule is about it")])
        #expect(items.map(\.milliseconds) == [nil])
        let letters = try Facts.judge("yongqiang", "yq-rings", { $0.scope.channels = [.letter] })
        #expect(letters.items(for: call(Facts.passage())) == [])
    }

    // MARK: People's rings

    @Test(
        arguments: [
            ("yongqiang", "yq-rings", 19_999, true), ("yongqiang", "yq-rings", 20_000, false),
            ("dazu", "dz-rings", 24_999, true), ("dazu", "dz-rings", 25_000, false),
            ("gbt-33358", "gb-15-seconds", 15_000, true), ("gbt-33358", "gb-15-seconds", 15_001, false),
        ] as [(String, String, Int64, Bool)])
    func peoplesRingsAtTheLimit(_ profile: String, _ rule: String, _ ring: Int64, _ isKept: Bool) throws {
        let judge = try Facts.judge(profile, rule)
        let item = try #require(judge.items(for: call(Facts.passage(ring: ring, wait: 30_000))).first)
        #expect(item.verdict == (isKept ? .kept : .broken))
        #expect(item.milliseconds == ring)
        #expect(item.at == Facts.at(5000))
        #expect(item.done == Facts.at(35_000))
        #expect(item.agent == "1001")
        #expect(item.subject == .call(Facts.call().id))
        // Nobody answered: beyond the limit that is late, before it nothing is known.
        let unanswered = judge.items(for: call(Facts.passage(.abandoned, ring: ring)))
        #expect(unanswered.map(\.verdict) == [isKept ? Self.withinLimit : .broken])
        #expect(unanswered.map(\.milliseconds) == [isKept ? nil : ring])
        #expect(unanswered.map(\.done) == [nil])
    }

    @Test func theProfileSaysHowItCountsRings() throws {
        let judge = try Facts.judge("yongqiang", "yq-rings", profile: { $0.rings = .byEndOfTone })
        #expect(judge.verdicts(call(Facts.passage(ring: 15_999))) == [.kept])
        #expect(judge.verdicts(call(Facts.passage(ring: 16_000))) == [.broken])
    }

    @Test func withoutAnAgentOfferedPeoplesRingsAreNotJudged() throws {
        let judge = try Facts.judge("yongqiang", "yq-rings")
        #expect(judge.verdicts(call(Facts.passage(.abandoned, ring: 0, wait: 90_000, offers: 0))) == [Self.noAgent])
        #expect(judge.verdicts(call(Facts.passage(.timeout, ring: nil, offers: nil))) == [Self.noAgent])
        #expect(judge.verdicts(call(Facts.passage(.answered, ring: 0, offers: 0))) == [Self.noAgent])
        #expect(
            judge.verdicts(call(Facts.passage(.answered, ring: nil, offers: 1)))
                == [.notJudged("the ringing is not known")])
    }

    @Test func eachPassageIsJudgedAndNoRefusal() throws {
        let judge = try Facts.judge("yongqiang", "yq-rings")
        let refused = Facts.passage(.full, ring: 0, wait: 0, offers: 0) { $0.isRefused = true }
        let verdicts = judge.verdicts(
            call(refused, Facts.passage(.key), Facts.passage(ring: 25_000), Facts.passage(.callBack, ring: 21_000)))
        #expect(verdicts == [Self.withinLimit, .broken, .broken])
        #expect(judge.items(for: Facts.call()) == [])
    }

    @Test func whoStillWaitsIsOpenAndALostEndIsNotJudged() throws {
        let judge = try Facts.judge("yongqiang", "yq-rings")
        let waiting = Facts.passage(nil, ring: nil, wait: nil, offers: nil)
        #expect(judge.verdicts(Facts.running { $0.passages = [waiting] }) == [.pending])
        #expect(judge.verdicts(call(waiting)) == [.notJudged("the end of the wait is not known")])
    }

    // MARK: The wait

    @Test(arguments: [(20_000, true), (20_001, false)] as [(Int64, Bool)])
    func theWaitAtTheLimit(_ wait: Int64, _ isKept: Bool) throws {
        let judge = try Facts.judge("answer-rates", "ra-20-seconds")
        let answered = judge.items(for: call(Facts.passage(wait: wait)))
        #expect(answered.map(\.verdict) == [isKept ? .kept : .broken])
        #expect(answered.map(\.milliseconds) == [wait])
        // The caller waits, whether a phone rings or not.
        let alone = Facts.passage(.abandoned, ring: 0, wait: wait, offers: 0)
        #expect(judge.verdicts(call(alone)) == [isKept ? Self.withinLimit : .broken])
        let waiting = Facts.running { $0.passages = [Facts.passage(nil, ring: nil, wait: nil, offers: nil)] }
        let now = try Facts.judge("answer-rates", "ra-20-seconds", asOf: Facts.at(5000 + wait))
        #expect(now.verdicts(waiting) == [isKept ? .pending : .broken])
    }

    @Test func aRuleOnTheWaitWithoutAFigureIsShown() throws {
        let judge = try Facts.judge("answer-rates", "ra-two-denominators")
        let items = judge.items(for: call(Facts.passage(wait: 70_000), Facts.passage(.abandoned)))
        #expect(items.map(\.verdict) == [.shown, .notJudged("not answered")])
        #expect(items.map(\.milliseconds) == [70_000, nil])
    }

    @Test func aRuleOnKeyCustomersIsAboutThemAlone() throws {
        let judge = try Facts.judge("dazu", "dz-key-priority")
        let key = Facts.passage(wait: 2000) { $0.isKeyCustomer = true }
        #expect(judge.items(for: call(Facts.passage(wait: 1000), key)).map(\.milliseconds) == [2000])
    }

    // MARK: The line

    /// No document limits it; the limit is that of 002, on the line.
    private func line(asOf: Int64 = Facts.midnight + 86_400_000_000) throws -> CallJudge {
        try Facts.judge("yongqiang", "yq-rings", asOf: asOf, { $0.judgement = .measured(.lineAnswerRings) })
    }

    @Test func theLinesOwnRings() throws {
        let judge = try line()
        func answered(_ ring: Int64?) -> AuditCall { Facts.call { $0.ringMilliseconds = ring } }
        #expect(judge.verdicts(answered(19_999)) == [.kept])
        #expect(judge.verdicts(answered(20_000)) == [.broken])
        #expect(judge.verdicts(answered(nil)) == [.notJudged("the ringing is not known")])
        func unanswered(_ rang: Int64, _ change: (inout AuditCall) -> Void = { _ in }) -> AuditCall {
            Facts.call {
                ($0.answeredAt, $0.ringMilliseconds, $0.outcome) = (nil, nil, "abandoned")
                $0.releasedAt = Facts.at(rang)
                change(&$0)
            }
        }
        #expect(judge.verdicts(unanswered(19_999)) == [Self.withinLimit])
        #expect(judge.verdicts(unanswered(20_000)) == [.broken])
        let refused = unanswered(0) { ($0.ringingAt, $0.outcome) = (nil, "over_capacity") }
        #expect(judge.verdicts(refused) == [.notJudged("the line did not ring")])
        #expect(judge.items(for: unanswered(0) { ($0.ringingAt, $0.outcome) = (nil, "blocked") }) == [])
        let ringing = Facts.running { ($0.answeredAt, $0.ringMilliseconds) = (nil, nil) }
        #expect(try line(asOf: Facts.at(19_999)).verdicts(ringing) == [.pending])
        #expect(try line(asOf: Facts.at(20_000)).verdicts(ringing) == [.broken])
    }

    // MARK: The apology

    @Test func anApologyIsOwedBeyondTheProfilesOwnRings() throws {
        let judge = try Facts.judge("yongqiang", "yq-apology")
        func passage(_ ring: Int64, _ isApologised: Bool) -> AuditCall.Passage {
            Facts.passage(ring: ring) { $0.isApologised = isApologised }
        }
        #expect(judge.items(for: call(passage(19_999, false), passage(19_999, true))) == [])
        #expect(judge.verdicts(call(passage(20_000, false), passage(20_000, true))) == [.broken, .kept])
        #expect(judge.items(for: call(Facts.passage(.abandoned, ring: 40_000))) == [])
        #expect(judge.items(for: call(Facts.passage(ring: 40_000, offers: 0))) == [])
        let five = try Facts.judge(
            "yongqiang", "yq-apology",
            profile: { profile in
                for index in profile.rules.indices where profile.rules[index].id == "yq-rings" {
                    profile.rules[index].limit = .within(NormAmount(5, .rings))
                }
            })
        #expect(five.items(for: call(passage(24_999, false))) == [])
        #expect(five.verdicts(call(passage(25_000, false))) == [.broken])
        // Without a limit of its own: four, as 002 has it.
        let none = try Facts.judge(
            "yongqiang", "yq-apology", profile: { $0.rules.removeAll { $0.measure == .agentAnswerRings } })
        #expect(none.items(for: call(passage(19_999, false))) == [])
        #expect(none.verdicts(call(passage(20_000, false))) == [.broken])
    }

    // MARK: The connection

    @Test(
        arguments: [
            (true, "completed", .kept), (true, "network_lost", .kept), (true, "not_established", .broken),
            (false, "abandoned", .broken), (false, "over_capacity", .broken), (false, "draining", .broken),
            (false, "unrecordable", .broken), (false, "interrupted", .broken), (true, nil, .kept),
            (false, nil, .pending), (false, "blocked", nil), (false, "rejected", nil),
        ] as [(Bool, String?, AuditItem.Verdict?)])
    func whoeverIsNotPutThroughIsNotConnected(
        _ isAnswered: Bool, _ outcome: String?, _ verdict: AuditItem.Verdict?
    ) throws {
        let judge = try Facts.judge("gbt-33358", "gb-connection")
        let items = judge.items(
            for: Facts.call {
                if !isAnswered { $0.answeredAt = nil }
                $0.outcome = outcome
                if outcome == nil { $0.releasedAt = nil }
            })
        #expect(items.map(\.verdict) == (verdict.map { [$0] } ?? []))
        #expect(items.first?.note == (verdict == .broken ? outcome : nil))
    }

    // MARK: The greeting

    @Test func theMachinesGreetingIsAFactTheAgentsIsNot() throws {
        let judge = try Facts.judge("yongqiang", "yq-greeting")
        let said = Facts.talk { $0.isAnnounced = true }
        let words = AuditItem.Verdict.notJudged("the words are heard, not measured")
        #expect(judge.verdicts(talked(said, Facts.talk())) == [.kept, words])
        #expect(judge.items(for: Facts.call()) == [])
        // The machine does not know what the caller comes with.
        let complaints = try Facts.judge("marketing", "mk-name")
        #expect(complaints.items(for: talked(said)) == [])
        #expect(complaints.verdicts(talked(said) { $0.orders = [.init(category: "complaint")] }) == [words])
    }

    @Test func anAnnouncementHasItsOrder() {
        let whole = AuditCall.Talk.isWholeAnnouncement
        #expect(whole(["greeting", "unit", "work_number"]))
        #expect(
            whole([
                "greeting.late", "greeting.hello", "unit.name", "agent.number_is", "digit.1", "agent.serves_you",
            ]))
        #expect(!whole(["unit.name", "greeting.hello", "agent.number_is"]))
        #expect(!whole(["greeting", "work_number"]))
        #expect(!whole(["greeting.late", "unit.name", "agent.number_is"]))
        #expect(!whole([]))
    }

    // MARK: Hanging up

    @Test(
        arguments: [
            ("caller", "BYE sent", "caller", .kept), ("agent", "BYE received", "caller", .broken),
            ("agent", "BYE sent", "flow", .broken),
            // The agent's own line broke.
            ("agent", "session timer expired, BYE sent", "unknown", whoEnded),
            // The call was over first, and nobody knows by whom, or the exchange ended it.
            ("caller", "BYE sent", "network", whoEnded), ("caller", "BYE sent", "unknown", whoEnded),
            ("caller", "BYE sent", "flow", .notJudged("the exchange ended it")),
            ("flow", "BYE sent", "caller", .notJudged("the exchange ended it")),
            ("network", "no ACK received", "caller", whoEnded), ("unknown", "", "unknown", whoEnded),
            (nil, nil, "unknown", whoEnded), ("supervisor", "BYE sent", "caller", nil),
            ("caller", "BYE sent", "supervisor", nil),
        ] as [(String?, String?, String, AuditItem.Verdict?)])
    func whoHangsUpFirst(
        _ leftBy: String?, _ message: String?, _ releasedBy: String, _ verdict: AuditItem.Verdict?
    ) throws {
        let judge = try Facts.judge("yongqiang", "yq-hang-up")
        let call = talked(Facts.talk(leftBy: leftBy) { $0.leftMessage = message }) { $0.releasedBy = releasedBy }
        #expect(judge.verdicts(call) == (verdict.map { [$0] } ?? []))
    }

    @Test func whoHandsOverDoesNotHangUp() throws {
        let judge = try Facts.judge("yongqiang", "yq-hang-up")
        let first = Facts.talk(leftBy: "agent") { $0.isTransferred = true }
        let second = Facts.talk(leftBy: "agent") { $0.agent = "1002" }
        let items = judge.items(for: talked(first, second))
        #expect(items.map(\.verdict) == [.broken])
        #expect(items.map(\.agent) == ["1002"])
        #expect(judge.verdicts(Facts.running { $0.talks = [Facts.talk(leftBy: nil)] }) == [.pending])
    }

    @Test func nuisanceCallsAreLeftToTheirOwnRule() throws {
        let hangUp = try Facts.judge("yongqiang", "yq-hang-up")
        for leftBy in ["agent", "caller"] {
            let call = talked(Facts.talk(leftBy: leftBy)) { $0.marks = [Facts.mark("nuisance")] }
            #expect(hangUp.items(for: call) == [])
        }
        #expect(hangUp.verdicts(talked(Facts.talk(leftBy: "agent")) { $0.marks = [Facts.mark("angry")] }) == [.broken])
    }

    // MARK: Nuisance

    @Test func nuisanceIsWarnedOfBeforeAndReportedAfter() throws {
        let judge = try Facts.judge("yongqiang", "yq-nuisance")
        func item(marked at: Int64, isReported: Bool, leftBy: String? = "agent") -> AuditItem? {
            judge.items(
                for: talked(Facts.talk(leftBy: leftBy)) {
                    $0.marks = [Facts.mark("nuisance", at: at)]
                    if isReported { $0.reportedMarks = ["nuisance"] }
                }
            ).first
        }
        let end = Facts.at(60_000)
        #expect(item(marked: end, isReported: true)?.verdict == .kept)
        #expect(item(marked: end + 1, isReported: true)?.note == "not warned before")
        #expect(item(marked: end, isReported: false)?.note == "not reported")
        #expect(item(marked: end + 1, isReported: false)?.note == "neither warned before nor reported")
        #expect(item(marked: end + 1, isReported: true)?.verdict == .broken)
        #expect(item(marked: end, isReported: false)?.verdict == .broken)
        // Who hung up by himself needed no warning; whose end is not known is not judged.
        #expect(item(marked: end, isReported: false, leftBy: "caller") == nil)
        #expect(item(marked: end, isReported: true, leftBy: "network")?.verdict == Self.whoEnded)
        #expect(judge.items(for: talked(Facts.talk(leftBy: "agent"))) == [])
        let running = Facts.running {
            $0.talks = [Facts.talk(leftBy: nil)]
            $0.marks = [Facts.mark("nuisance")]
        }
        #expect(judge.verdicts(running) == [.pending])
    }

    // MARK: Anger

    @Test func angerIsNotedOrHandedOver() throws {
        let judge = try Facts.judge("yongqiang", "yq-angry")
        func verdicts(_ change: (inout AuditCall) -> Void) -> [AuditItem.Verdict] {
            judge.verdicts(
                talked(Facts.talk()) {
                    $0.marks = [Facts.mark("angry")]
                    change(&$0)
                })
        }
        #expect(verdicts { _ in } == [.broken])
        #expect(verdicts { $0.marks.append(Facts.mark("angry", degree: 2)) } == [.kept])
        #expect(verdicts { $0.marks.append(Facts.mark("nuisance", degree: 2)) } == [.broken])
        #expect(verdicts { $0.orders = [.init(category: "complaint", attitude: "determined")] } == [.kept])
        #expect(verdicts { $0.orders = [.init(category: "complaint")] } == [.broken])
        #expect(verdicts { $0.talks[0].isTransferred = true } == [.kept])
        // Handed over before the anger was marked: for another reason.
        #expect(verdicts { ($0.talks[0].isTransferred, $0.talks[0].leftAt) = (true, Facts.at(29_999)) } == [.broken])
        #expect(verdicts { ($0.releasedAt, $0.outcome) = (nil, nil) } == [.pending])
        #expect(verdicts { $0.marks = [] } == [])
        let complaints = try Facts.judge("dazu", "dz-attitude-degree")
        let angry = talked(Facts.talk()) { $0.marks = [Facts.mark("angry", degree: 1)] }
        #expect(complaints.items(for: angry) == [])
        var complaint = angry
        complaint.orders = [.init(category: "complaint")]
        #expect(complaints.verdicts(complaint) == [.kept])
        complaint.orders = [.init(category: "business")]
        #expect(complaints.items(for: complaint) == [])
        // What orders call business, rules call applications.
        let applications = try Facts.judge("dazu", "dz-attitude-degree", { $0.scope.orders = [.application] })
        #expect(applications.verdicts(complaint) == [.kept])
    }

    // MARK: The record

    @Test func whatARecordLacksIsNamed() throws {
        let judge = try Facts.judge("call-centre-law", "la-call-record")
        func item(_ change: (inout AuditCall) -> Void) -> AuditItem? { judge.items(for: Facts.call(change)).first }
        #expect(item { _ in }?.verdict == .kept)
        // Withheld, and written down as such.
        #expect(item { $0.caller = nil }?.verdict == .kept)
        let lacking = item {
            ($0.caller, $0.callerSource, $0.called) = (nil, "", "")
            $0.answeredAt = nil
        }
        #expect(lacking?.verdict == .broken)
        #expect(lacking?.note == "without caller, called, answer")
        #expect(item { $0.outcome = nil }?.note == "without outcome")
        #expect(item { ($0.answeredAt, $0.outcome) = (nil, "abandoned") }?.verdict == .kept)
        #expect(item { $0.outcome = "interrupted" }?.verdict == .notJudged("the program ended in mid-call"))
        #expect(judge.verdicts(Facts.running()) == [.pending])
    }

    // MARK: Speech

    @Test func theCallersShareOfAllSpeechIsShown() throws {
        let judge = try Facts.judge("car-dealer", "cd-talk-share")
        func recording(_ caller: Int64?, _ all: Int64?) -> AuditCall.Recording {
            AuditCall.Recording(
                id: RecordingID(high: 3, low: 4), isFinished: true, lengthMilliseconds: 51_000,
                callerTalkMilliseconds: caller, talkMilliseconds: all)
        }
        func call(_ recordings: AuditCall.Recording...) -> AuditCall {
            talked(Facts.talk()) { $0.recordings = recordings }
        }
        let measured = call(recording(12_000, 20_000), recording(1000, 5000))
        #expect(judge.items(for: measured).map(\.milliseconds) == [13_000])
        #expect(judge.verdicts(measured) == [.shown])
        #expect(judge.span(of: measured) == AuditFigure.Span(numerator: 13_000, denominator: 25_000))
        for (call, reason) in [
            (call(), "no recording"), (call(recording(0, 0)), "nobody spoke"),
            (call(recording(12_000, 20_000), recording(nil, nil)), "the speech was not measured"),
        ] {
            #expect(judge.verdicts(call) == [.notJudged(reason)])
            #expect(judge.span(of: call) == nil)
        }
        // Without an agent there is nobody to leave time to the caller.
        #expect(judge.items(for: Facts.call { $0.recordings = [recording(1, 2)] }) == [])
    }

    // MARK: Calls back

    private func back(
        ended: Int64?, _ isReached: Bool?, attempts: Int = 1, _ change: (inout AuditCall) -> Void = { _ in }
    ) -> AuditCall {
        Facts.call {
            $0.callBack = AuditCall.CallBack(
                askedAt: Facts.at(20_000), dueAt: nil, endedAt: ended, isReached: isReached, attempts: attempts,
                agent: "1001")
            change(&$0)
        }
    }

    @Test func aCallBackWithoutAFigureIsShown() throws {
        let judge = try Facts.judge("yongqiang", "yq-callback", { $0.scope = NormScope() })
        // From the call's end.
        let reached = judge.items(for: back(ended: Facts.at(360_000), true))
        #expect(reached.map(\.verdict) == [.shown])
        #expect(reached.map(\.milliseconds) == [300_000])
        #expect(reached.map(\.done) == [Facts.at(360_000)])
        #expect(judge.verdicts(back(ended: nil, nil)) == [.pending])
        let vain = judge.items(for: back(ended: Facts.at(360_000), false))
        #expect(vain.map(\.verdict) == [.shown])
        #expect(vain.map(\.note) == ["not reached"])
        #expect(vain.map(\.milliseconds) == [nil])
        let closed = judge.items(for: back(ended: Facts.at(360_000), false, attempts: 0))
        #expect(closed.map(\.note) == ["closed without a call"])
        #expect(judge.items(for: Facts.call()) == [])
    }

    @Test func aCallBackIsKeptToAFigure() throws {
        func judge(asOf: Int64 = Facts.midnight + 86_400_000_000, _ limit: NormAmount) throws -> CallJudge {
            try Facts.judge(
                "yongqiang", "yq-callback", asOf: asOf,
                {
                    $0.scope = NormScope()
                    $0.limit = .within(limit)
                })
        }
        for limit in [NormAmount(5, .minutes), NormAmount(300, .seconds)] {
            let due = Facts.at(360_000)
            let items = try judge(limit).items(for: back(ended: due, true))
            #expect(items.map(\.verdict) == [.kept])
            #expect(items.map(\.due) == [due])
            #expect(try judge(limit).verdicts(back(ended: due + 1, true)) == [.broken])
            #expect(try judge(limit).verdicts(back(ended: due - 1, false)) == [.broken])
            #expect(try judge(asOf: due, limit).verdicts(back(ended: nil, nil)) == [.pending])
            #expect(try judge(asOf: due + 1, limit).verdicts(back(ended: nil, nil)) == [.broken])
        }
    }

    @Test func whatAConsultationPromisedIsACallBackToo() throws {
        let judge = try Facts.judge("yongqiang", "yq-callback")
        func call(_ order: AuditCall.Order) -> AuditCall { Facts.call { $0.orders = [order] } }
        let promised = Facts.at(50_000)
        let kept = call(.init(category: "consultation", promisedAt: promised, calledAt: Facts.at(3_660_000)))
        #expect(judge.items(for: kept).map(\.milliseconds) == [3_600_000])
        #expect(judge.verdicts(kept) == [.shown])
        #expect(judge.verdicts(call(.init(category: "consultation", promisedAt: promised))) == [.pending])
        #expect(judge.items(for: call(.init(category: "consultation"))) == [])
        #expect(judge.items(for: call(.init(category: "complaint", promisedAt: promised))) == [])
        // Promised after the call's end: from the promise.
        let later = call(
            .init(category: "consultation", promisedAt: Facts.at(100_000), calledAt: Facts.at(130_000)))
        #expect(judge.items(for: later).map(\.milliseconds) == [30_000])
        // The call's own call-back counts where a consultation was made in it.
        let ended = Facts.at(120_000)
        #expect(judge.items(for: back(ended: ended, true)) == [])
        #expect(judge.verdicts(back(ended: ended, true) { $0.orders = [.init(category: "consultation")] }) == [.shown])
    }

    // MARK: The same again

    @Test func theSameFactsGiveTheSameItems() throws {
        let profile = try Facts.profile("yongqiang")
        let call = talked(Facts.talk(leftBy: "agent"), Facts.talk()) {
            $0.passages = [Facts.passage(ring: 30_000), Facts.passage(.abandoned)]
            $0.marks = [Facts.mark("angry")]
        }
        for rule in profile.rules {
            guard let judge = CallJudge(rule, Facts.context(profile)) else { continue }
            var each: [AuditItem] = []
            judge.forEach(in: call) { each.append($0) }
            #expect(each == judge.items(for: call))
            #expect(each == CallJudge(rule, Facts.context(profile))?.items(for: call))
        }
    }
}
