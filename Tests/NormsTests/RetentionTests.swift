import Documents
import Norms
import Testing

/// Periods of the calendar, Asia/Shanghai.
@Suite struct CalendarPeriodTests {
    private static let offset = 28_800

    private func wall(_ days: Int64, hours: Int64 = 0) -> Int64 { (days * 24 + hours) * 3_600_000_000 }

    private func date(_ wall: Int64) -> String {
        let time = CivilTime(wallMicroseconds: wall, offsetSeconds: Self.offset)
        return "\(time.compactDate) \(time.hour):\(time.minute)"
    }

    @Test func isReadAndWrittenAlike() {
        #expect(CalendarPeriod("90 days")?.description == "90 days")
        #expect(CalendarPeriod("1 day") == CalendarPeriod(days: 1))
        #expect(CalendarPeriod("6 months")?.description == "6 months")
        #expect(CalendarPeriod("24 months")?.description == "2 years")
        #expect(CalendarPeriod("1 year") == CalendarPeriod(months: 12))
        for text in [
            "", "90", "days", "-1 days", "0 days", "1.5 years", "101 years", "999999 days", "1 week", "1 day x",
        ] {
            #expect(CalendarPeriod(text) == nil, "\(text)")
        }
    }

    @Test func monthsEndWithTheMonth() {
        // 2026-01-31 12:00 local is 20,484 days and 4 hours after 1970 in UTC.
        let start = wall(20_484, hours: 4)
        #expect(date(start) == "20260131 12:0")
        #expect(date(CalendarPeriod(months: 1).after(start, offsetSeconds: Self.offset)) == "20260228 12:0")
        #expect(date(CalendarPeriod(months: 25).after(start, offsetSeconds: Self.offset)) == "20280229 12:0")
        #expect(date(CalendarPeriod(months: 36).after(start, offsetSeconds: Self.offset)) == "20290131 12:0")
        #expect(date(CalendarPeriod(days: 30).after(start, offsetSeconds: Self.offset)) == "20260302 12:0")
        // 20:00 UTC is the next day's morning here.
        #expect(
            date(CalendarPeriod(months: 1).after(wall(20_484, hours: 20), offsetSeconds: Self.offset)) == "20260301 4:0"
        )
    }

    @Test func neverLeadsBackAndNeverOverflows() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            let start = Int64.random(in: -4_000_000_000_000_000...8_000_000_000_000_000, using: &random)
            let few = CalendarPeriod(months: Int.random(in: 0...1200, using: &random))
            let more = CalendarPeriod(months: few.months, days: Int.random(in: 1...36_500, using: &random))
            let (one, other) = (
                few.after(start, offsetSeconds: Self.offset), more.after(start, offsetSeconds: Self.offset)
            )
            #expect(one >= start && other > one)
        }
        for start in [Int64.min, .max] {
            _ = CalendarPeriod(months: 1200, days: 36_500).after(start, offsetSeconds: 50_400)
        }
    }
}

/// What a policy decides; the clock is a number.
@Suite struct RetentionDecisionTests {
    private static let day: Int64 = 86_400_000_000

    private static func rule(
        _ id: String, _ keep: Int, from start: RetentionPolicy.Start = .recorded,
        _ conditions: (inout RetentionPolicy.Conditions) -> Void = { _ in }
    ) -> RetentionPolicy.Rule {
        var rule = RetentionPolicy.Rule(id: id, keep: CalendarPeriod(days: keep), start: start, clause: "test \(id)")
        conditions(&rule.conditions)
        return rule
    }

    static let policy = RetentionPolicy(
        name: "test", version: "1",
        rules: [
            rule("complaint", 1000, from: .closed) { $0.categories = ["complaint"] },
            rule("abandoned", 30) { $0.outcomes = ["abandoned"] },
            rule("nuisance", 400) { $0.marks = ["nuisance"] },
            rule("both", 500) {
                $0.outcomes = ["completed"]
                $0.marks = ["angry"]
            },
        ], otherwise: rule("otherwise", 365), minima: [rule("law", 180)],
        assumeClosedAfter: CalendarPeriod(days: 90), archiveAfter: CalendarPeriod(days: 60))

    private func decide(_ subject: RetentionSubject, day: Int64) -> RetentionDecision {
        Self.policy.decide(subject, now: day * Self.day, offsetSeconds: 28_800)
    }

    private func order(_ category: String = "complaint", closed: Int64? = nil) -> RetentionSubject.Order {
        RetentionSubject.Order(
            number: "20261122-0001", category: category, createdAt: 0, isClosed: closed != nil,
            closedAt: closed.map { $0 * Self.day })
    }

    @Test func theRestGoesAfterItsYear() {
        let subject = RetentionSubject(recordedAt: 0, outcome: "completed")
        #expect(decide(subject, day: 59).action == .keep)
        #expect(decide(subject, day: 60).action == .archive)
        #expect(decide(subject, day: 364).action == .archive)
        let due = decide(subject, day: 365)
        #expect((due.action, due.rule, due.keepUntil) == (.delete, "otherwise", 365 * Self.day))
        var archived = subject
        archived.isArchived = true
        #expect(decide(archived, day: 300).action == .keep)
        #expect(decide(archived, day: 365).action == .delete)
    }

    @Test func theLongestRuleWinsAndAMinimumStandsAboveAShorterOne() {
        // A rule of its own is shorter than the rest's, and the law's minimum longer than it.
        let abandoned = RetentionSubject(recordedAt: 0, outcome: "abandoned", isArchived: true)
        #expect(decide(abandoned, day: 179).rule == "law")
        #expect(decide(abandoned, day: 180).action == .delete)
        var marked = abandoned
        marked.marks = ["nuisance", "angry"]
        #expect(decide(marked, day: 399).action == .keep)
        #expect(decide(marked, day: 400).action == .delete)
        #expect(decide(marked, day: 400).rule == "nuisance")
        // Every condition of a rule must hold.
        let angry = RetentionSubject(recordedAt: 0, outcome: "completed", marks: ["angry"], isArchived: true)
        #expect(decide(angry, day: 499).rule == "both")
        #expect(decide(angry, day: 500).action == .delete)
    }

    @Test func anOrderKeepsUntilItIsClosedAndLonger() {
        var subject = RetentionSubject(
            recordedAt: 0, outcome: "completed", orders: [order(closed: 10)], isArchived: true)
        #expect(decide(subject, day: 1009).action == .keep)
        #expect(decide(subject, day: 1010).action == .delete)
        // Closed by nobody: after 90 days it counts as closed.
        subject.orders = [order()]
        #expect(decide(subject, day: 1089).action == .keep)
        #expect(decide(subject, day: 1090).action == .delete)
        // The last of several counts.
        subject.orders = [order(closed: 10), order(closed: 700)]
        #expect(decide(subject, day: 1699).action == .keep)
        #expect(decide(subject, day: 1700).action == .delete)
        // An open one of another category keeps by being open.
        let fresh = RetentionSubject(
            recordedAt: 0, outcome: "abandoned",
            orders: [
                RetentionSubject.Order(number: "20270601-0001", category: "fault", createdAt: 170 * Self.day)
            ], isArchived: true)
        #expect(decide(fresh, day: 200).rule == "order_open")
        #expect(decide(fresh, day: 260).action == .delete)
    }

    @Test func aHoldWinsOverAll() {
        var subject = RetentionSubject(
            recordedAt: 0, outcome: "completed", holds: [.init(id: "h1", reason: "court")])
        let held = decide(subject, day: 36_500)
        #expect((held.action, held.rule, held.keepUntil) == (.keep, "hold", nil))
        #expect(held.reason.contains("court"))
        #expect(Self.policy.decideErasure(subject, now: .max, offsetSeconds: 0).rule == "hold")
        subject.holds = []
        #expect(decide(subject, day: 36_500).action == .delete)
    }

    @Test func whatIsStillNeededStays() {
        var subject = RetentionSubject(recordedAt: 0, outcome: nil)
        #expect(decide(subject, day: 3650).rule == "call_open")
        subject.outcome = "completed"
        subject.hasUnheardMessage = true
        #expect(decide(subject, day: 3650).rule == "unheard")
        subject.hasUnheardMessage = false
        #expect(decide(subject, day: 3650).action == .delete)
    }

    @Test func aWishWaitsForTheLawAndForOrdersAlone() {
        let policy = Self.policy
        func wish(_ subject: RetentionSubject, day: Int64) -> RetentionDecision {
            policy.decideErasure(subject, now: day * Self.day, offsetSeconds: 28_800)
        }
        let plain = RetentionSubject(recordedAt: 0, outcome: "completed", marks: ["nuisance"])
        #expect(wish(plain, day: 179).rule == "law")
        #expect(wish(plain, day: 179).keepUntil == 180 * Self.day)
        #expect(wish(plain, day: 180).action == .delete)
        let complained = RetentionSubject(recordedAt: 0, outcome: "completed", orders: [order(closed: 100)])
        #expect(wish(complained, day: 181).action == .delete)
        let open = RetentionSubject(
            recordedAt: 0, outcome: "completed",
            orders: [.init(number: "20270101-0001", category: "fault", createdAt: 150 * Self.day)])
        #expect(wish(open, day: 200).rule == "order_open")
        #expect(wish(open, day: 240).action == .delete)
    }

    /// Whatever the subject: nothing that is held is deleted, nothing before a minimum or before its longest fitting rule,
    /// and what may go on one day may go on every later one.
    @Test func noSubjectGoesEarly() {
        var dice = SystemRandomNumberGenerator()
        for _ in 0..<3000 {
            var subject = RetentionSubject(
                recordedAt: Int64.random(in: 0...100, using: &dice) * Self.day,
                outcome: ["completed", "abandoned", nil].randomElement(using: &dice) ?? nil)
            subject.marks = ["nuisance", "angry"].filter { _ in Bool.random(using: &dice) }
            if Bool.random(using: &dice) { subject.orders = [order(closed: Int64.random(in: 100...900, using: &dice))] }
            if Int.random(in: 0..<8, using: &dice) == 0 { subject.holds = [.init(id: "h", reason: "r")] }
            subject.isArchived = Bool.random(using: &dice)
            let day = Int64.random(in: 0...2500, using: &dice)
            let decision = decide(subject, day: day)
            let age = day * Self.day - subject.recordedAt
            if decision.action == .delete {
                #expect(subject.holds.isEmpty && subject.outcome != nil)
                #expect(age >= 180 * Self.day)
                if subject.marks.contains("nuisance") { #expect(age >= 400 * Self.day) }
                if let closed = subject.orders.first?.closedAt { #expect(day * Self.day >= closed + 1000 * Self.day) }
                #expect(decide(subject, day: day + 1).action == .delete)
            } else if subject.holds.isEmpty, subject.outcome != nil {
                #expect((decision.keepUntil ?? 0) > day * Self.day)
            }
            if decision.action == .archive { #expect(!subject.isArchived && subject.holds.isEmpty) }
        }
    }
}

/// The policy's file.
@Suite struct RetentionPolicyFileTests {
    private static let known = RetentionPolicy.Vocabulary(
        outcomes: ["completed", "abandoned"], marks: ["nuisance", "angry"], purposes: ["call", "consultation"],
        directions: ["inbound", "outbound"])

    private static let sound = """
        name: test
        version: 2
        minimum:
          - {id: law, keep: 6 months, clause: "a law"}
        rules:
          - id: complaint
            category: [complaint, report]
            keep: 3 years
            from: closed
            clause: "000-L 第二十三条"
          - id: nuisance
            mark: nuisance
            keep: 1 year
            clause: own
        otherwise:
          keep: 1 year
          clause: own
        assume_closed_after: 90 days
        archive_after: 30 days
        call_data: erase
        """

    private func decode(_ text: String) throws -> (policy: RetentionPolicy, warnings: [DocumentError]) {
        try RetentionPolicy.decode(text, file: "retention.yaml", known: Self.known)
    }

    private func complaints(_ text: String) -> [String] {
        do {
            _ = try RetentionPolicy.decode(text, file: "retention.yaml", known: Self.known)
            return []
        } catch {
            return error.errors.map(\.description)
        }
    }

    @Test func isRead() throws {
        let (policy, warnings) = try decode(Self.sound)
        #expect(warnings.isEmpty)
        #expect(policy.citation == "test 2")
        #expect(policy.rules.map(\.id) == ["complaint", "nuisance"])
        #expect(policy.rules[0].conditions.categories == ["complaint", "report"])
        #expect(policy.rules[0].start == .closed)
        #expect(policy.rules[1].conditions.marks == ["nuisance"])
        #expect(policy.minima.map(\.keep) == [CalendarPeriod(months: 6)])
        #expect(policy.archiveAfter == CalendarPeriod(days: 30))
        #expect(policy.callData == .erase)
    }

    @Test func withoutAMinimumThereIsAWarning() throws {
        let text = Self.sound.replacing("  - {id: law, keep: 6 months, clause: \"a law\"}\n", with: "")
        #expect(try decode(text).warnings.count == 1)
    }

    struct Wrong: Sendable, CustomTestStringConvertible {
        var change: (String, String)
        /// All of these stand in one complaint.
        var complaint: [String]
        var testDescription: String { "\(change.1)" }
    }

    @Test(arguments: [
        Wrong(change: ("name: test\n", ""), complaint: ["retention.yaml:1:", "\"name\" is missing"]),
        Wrong(
            change: ("keep: 3 years", "keep: 3 weeks"), complaint: ["retention.yaml:8:", "keep", "3 weeks", "6 months"]),
        Wrong(change: ("keep: 3 years", "keep: 3"), complaint: ["retention.yaml:8:", "keep"]),
        Wrong(change: ("from: closed", "from: close"), complaint: ["retention.yaml:9:", "from", "closed"]),
        Wrong(change: ("mark: nuisance", "mark: nuisanc"), complaint: ["retention.yaml:12:", "nuisanc", "nuisance"]),
        Wrong(change: ("mark: nuisance", "marks: nuisance"), complaint: ["retention.yaml:12:", "unknown key", "mark"]),
        Wrong(change: ("id: nuisance", "id: complaint"), complaint: ["retention.yaml:11:", "taken"]),
        Wrong(change: ("id: nuisance", "id: hold"), complaint: ["retention.yaml:11:", "taken"]),
        Wrong(change: ("id: nuisance", "id: \"nui sance\""), complaint: ["retention.yaml:11:", "letters"]),
        Wrong(change: ("category: [complaint, report]", "category: []"), complaint: ["retention.yaml:7:", "category"]),
        Wrong(
            change: ("keep: 6 months,", "keep: 6 months, from: closed,"), complaint: ["retention.yaml:4:", "minimum"]),
        Wrong(change: ("assume_closed_after: 90 days\n", ""), complaint: ["assume_closed_after", "missing"]),
        Wrong(
            change: ("call_data: erase", "call_data: burn"),
            complaint: ["retention.yaml:20:", "call_data", "keep, erase"]),
        Wrong(
            change: ("  clause: own\nassume", "  mark: [angry]\n  clause: own\nassume"),
            complaint: ["unknown key", "mark"]),
    ])
    func whatIsWrongIsToldWithItsPlace(_ wrong: Wrong) throws {
        #expect(Self.sound.contains(wrong.change.0))
        let complaints = complaints(Self.sound.replacing(wrong.change.0, with: wrong.change.1, maxReplacements: 1))
        #expect(
            complaints.contains { complaint in wrong.complaint.allSatisfy { complaint.contains($0) } }, "\(complaints)")
    }

    @Test func garbageIsRefused() {
        for text in ["", "- a\n- b\n", "name: [", "rules: 7\n", "otherwise: x\n", "minimum: {a: b}\n"] {
            #expect(!complaints(text).isEmpty, "\(text)")
        }
    }
}
