import Testing
import WorkOrders

@Suite struct RepeatCallerTests {
    private static let day: Int64 = 86_400_000_000
    private static let now: Int64 = 20_497 * day

    private func brief(
        _ number: Int, _ daysAgo: Int64, caller: String? = "13900001234", category: String = "complaint",
        item: String? = nil, place: String? = nil, account: String? = nil, isOpen: Bool = true
    ) -> OrderBrief {
        OrderBrief(
            number: "20260213-000\(number)", category: category, caller: caller, account: account, place: place,
            item: item, acceptedAt: Self.now - daysAgo * Self.day, isOpen: isOpen)
    }

    private func find(_ new: OrderBrief, _ others: [OrderBrief]) throws -> RepeatFinding {
        try #require(try Shipped.library.get().repeats).find(new, among: others)
    }

    @Test func aFirstCallWarnsOfNothing() throws {
        let finding = try find(brief(1, 0), [brief(2, 1, caller: "13900005678"), brief(3, 31), brief(1, 0)])
        #expect(finding.earlier.isEmpty && finding.duplicates.isEmpty)
        #expect(finding.count == 1 && finding.warning == .none)
    }

    @Test func theSecondWarnsTheThirdIsForTheSupervisor() throws {
        let second = try find(brief(1, 0), [brief(2, 3, isOpen: false)])
        #expect(second.warning == .warn && second.earlier == ["20260213-0002"] && second.duplicates.isEmpty)
        let third = try find(brief(1, 0), [brief(2, 3, isOpen: false), brief(3, 1, category: "fault")])
        #expect(third.warning == .escalate && third.count == 3)
        #expect(third.earlier == ["20260213-0003", "20260213-0002"])
    }

    @Test func openOnesOfTheSameMatterMayBeDuplicates() throws {
        let open = brief(2, 1, item: "dazu/attitude")
        #expect(try find(brief(1, 0, item: "dazu/attitude"), [open]).duplicates == ["20260213-0002"])
        #expect(try find(brief(1, 0), [open]).duplicates == ["20260213-0002"])
        #expect(try find(brief(1, 0, item: "dazu/price"), [open]).duplicates.isEmpty)
        #expect(try find(brief(1, 0, category: "report"), [open]).duplicates.isEmpty)
        // One fault, whoever reports it.
        let fault = brief(4, 0, caller: "13900005678", category: "fault", place: "东门路")
        #expect(try find(brief(1, 0, category: "fault", place: "东门路"), [fault]).duplicates == ["20260213-0004"])
        #expect(try find(brief(1, 0, category: "fault", place: "西门路"), [fault]).duplicates.isEmpty)
    }

    @Test func withheldNumbersAreNobodys() throws {
        #expect(try find(brief(1, 0, caller: nil), [brief(2, 1, caller: nil)]).count == 1)
        #expect(
            try find(brief(1, 0, caller: nil, account: "0012"), [brief(2, 1, caller: nil, account: "0012")]).count == 2)
    }
}

@Suite struct OrderMergeTests {
    private func merge(_ one: inout Walk, _ other: inout Walk, _ number: String, _ into: String) throws {
        let now = max(one.now, other.now) + 60_000_000
        (one.now, other.now) = (now, now)
        _ = try OrderMerge.merge(
            &one.life, number: number, into: &other.life, masterNumber: into,
            by: try #require(Walk.people["leader"]), happenedAt: now, enteredAt: now, why: "重复来电",
            deadline: plainDeadline)
    }

    @Test func duplicatesGoOnUnderOneNumber() throws {
        var one = try Walk("complaint", "guangde")
        var fields = Walk.named
        fields["severity"] = "major"
        try one.step("accept", "agent", fields)
        var other = try Walk("complaint", "guangde")
        try other.step("accept", "agent", Walk.named)
        try merge(&one, &other, "20260213-0002", "20260213-0001")
        #expect(one.life.state == "merged" && one.running.isEmpty && one.life.status == .closed)
        // Owed reports go on with the other; here nothing is judged.
        #expect(one.life.stoppedClocks.allSatisfy { one.life.kept($0) == nil })
        #expect(other.life.absorbed == ["20260213-0002"] && !other.life.isFinal)
        let refusal = try one.refused("note", "agent", ["note": "x"])
        #expect(refusal?.code == .ended && refusal?.message.contains("20260213-0001") == true)
        // Twice, into itself, into one that is over: neither changes.
        var third = try Walk("complaint", "guangde")
        try third.step("accept", "agent", Walk.named)
        let before = third.life
        #expect(throws: OrderRefusal.self) { try merge(&third, &one, "20260213-0003", "20260213-0002") }
        #expect(throws: OrderRefusal.self) { try merge(&third, &other, "20260213-0002", "20260213-0001") }
        var same = third
        #expect(throws: OrderRefusal.self) { try merge(&third, &same, "20260213-0003", "20260213-0003") }
        var fault = try Walk("fault", "zhejiang")
        try fault.step("accept", "agent", ["content": "停电", "channel": "telephone", "place": "东门路"])
        #expect(throws: OrderRefusal.self) { try merge(&third, &fault, "20260213-0003", "20260213-0004") }
        #expect(third.life == before)
    }
}

@Suite struct OrderAlarmTests {
    @Test func warnsBeforeAndEscalatesAfter() throws {
        var walk = try Walk("complaint", "dazu")
        try walk.step("accept", "agent", Walk.named)
        try walk.step("audit", "leader", ["verdict": "passed"])
        let start = walk.now
        let minute: Int64 = 60_000_000
        func open(_ minutes: Int64) -> [String] {
            walk.life.alarms(at: start + minutes * minute, deadline: plainDeadline).map(\.key.alarm)
        }
        #expect(open(39).isEmpty)
        #expect(walk.life.nextAlarm(after: start, deadline: plainDeadline) == start + 66 * 36_000_000)
        #expect(open(40) == ["early"])
        #expect(open(60) == ["early", "overdue"])
        #expect(open(200) == ["early", "overdue", "supervisor", "chief"])
        let all = walk.life.alarms(at: start + 200 * minute, deadline: plainDeadline)
        #expect(all.map(\.isWarning) == [true, false, false, false])
        #expect(all.map(\.to.role) == ["shift_leader", "shift_leader", "supervisor", "leader"])
        #expect(all.allSatisfy { $0.channel == "phone" && $0.due.at == start + 60 * minute })

        #expect(try walk.refused("acknowledge", "leader", ["clock": "dispatch", "alarm": "early"])?.code == .condition)
        walk.wait(minutes: 45)
        try walk.step("acknowledge", "leader", ["clock": "dispatch", "alarm": "early"])
        #expect(open(60) == ["overdue"])
        #expect(try walk.refused("acknowledge", "leader", ["clock": "dispatch", "alarm": "early"])?.code == .condition)
        try walk.step("dispatch", "leader", ["department": "power_station"])
        #expect(open(200).isEmpty)
    }

    /// Sent out again, the clock is another, and what was acknowledged of the first counts for nothing.
    @Test func eachRunOfAClockHasItsOwn() throws {
        var walk = try Walk("complaint", "dazu")
        try walk.step("accept", "agent", Walk.named)
        try walk.step("audit", "leader", ["verdict": "passed"])
        walk.wait(minutes: 50)
        try walk.step("acknowledge", "leader", ["clock": "dispatch", "alarm": "early"])
        try walk.step("dispatch", "leader", ["department": "power_station"])
        try walk.step("recall", "leader", why: "派错")
        walk.wait(minutes: 50)
        #expect(walk.life.alarms(at: walk.now, deadline: plainDeadline).map(\.key.alarm) == ["early"])
    }
}
