import Documents
import Norms
import Testing

/// What is wrong in a profile is said with file, line and key.
@Suite struct NormProfileFileTests {
    private static let head = """
        id: x
        name: 名
        short: P-X
        version: 1
        issuer: 某公司
        sources:
          - {key: "1", title: 文件}

        """

    private func complaints(_ rest: String, head: String = head) -> [String] {
        do {
            _ = try NormProfile.decode(head + rest, file: "x.yaml")
            return []
        } catch {
            return error.errors.map(\.description)
        }
    }

    private func rule(_ keys: String) -> String {
        "rules:\n  - {id: a, items: [A1], clause: 一, quote: 4小时, \(keys)}\n"
    }

    @Test func aRuleOfEveryPartIsRead() throws {
        let text =
            Self.head + """
                in_force: 2010-01-01
                clock: {start_day: included, last_day: shifts, hours_run: business_hours, received: next_opening, day_ends: close, business_hours: ["14:00-17:30", "08:30-12:00"]}
                rings: by_end_of_tone
                penalties:
                  - {id: p, items: [A128], clause: 二, quote: 每天50元, trigger: late, who: 部门, yuan: 50, per: person_day}
                rules:
                  - id: r
                    items: [A1, A14-rings]
                    clause: 一
                    quote: 10个工作日,最长30个工作日
                    measure: order_reply
                    scope: {orders: [complaint, report], severities: [major], channels: [letter]}
                    limit: {within: 10 working days}
                    start: accepted
                    start_stated: false
                    excludes: [特殊情况]
                    extension: {approved_by: 领导, total: 30 working days, customer_told_first: true, when: 复杂}
                    penalties: p
                    anomaly: odd
                    note: read so
                """
        let profile = try NormProfile.decode(text, file: "x.yaml").profile
        #expect(profile.citation == "x@1" && profile.rings == .byEndOfTone)
        #expect(profile.inForce == CivilDate("2010-01-01").map { .from($0) })
        #expect(profile.clock.startDay == .included && profile.clock.dayEnd == .close)
        #expect(profile.clock.businessHours.map(\.description) == ["08:30-12:00", "14:00-17:30"])
        let rule = try #require(profile.rule("r"))
        #expect(rule.scope.text == "complaint, report; major; letter" && rule.excludes == ["特殊情况"])
        #expect(rule.prolongation?.isCustomerToldFirst == true && rule.penalties == ["p"])
        #expect(!rule.isStartStated && rule.source == "1" && rule.evidence == .document)
        #expect(profile.anomalies.map(\.id) == ["r"])
        #expect(profile.rules(on: .orderReply, order: .complaint).count == 1)
        #expect(profile.rules(on: .orderReply, order: .fault).isEmpty)
    }

    @Test(arguments: [
        ("measure: order_repyl", "x.yaml:9:58: measure in rule \"a\" must be one of", "Did you mean \"order_reply\"?"),
        ("note: x", "needs `measure` or `not_judged`", "not_judged"),
        ("measure: order_reply, not_judged: because", "needs `measure` or `not_judged`, one of them", ""),
        ("measure: order_reply, limit: {within: 4 hours}", "has a limit and no start event", "start_stated: false"),
        ("measure: order_reply, limit: {within: 4 rings}, start: accepted", "is not measured in rings", "hours"),
        ("measure: order_reply, limit: {within: soon}, start: accepted", "cannot be \"soon\"", "10 working days"),
        ("measure: order_reply, limit: {every: 0 days}", "`every` in rule \"a\", limit cannot be \"0 days\"", ""),
        ("measure: duty_done, limit: {weekly: someday}", "cannot be \"someday\"", "monday"),
        ("measure: report_made, limit: {monthly_by: 32}", "must be a whole number from 1 to 31", ""),
        ("measure: order_reply, limit: {within: 1 hour, every: 1 day}", "must have one of `within`", ""),
        ("measure: order_reply, scope: {orders: [complant]}", "`orders` knows no \"complant\"", "\"complaint\""),
        ("measure: order_reply, penalties: [nine]", "there is no penalty \"nine\"", ""),
        (
            "measure: order_reply, extension: {total: many}", "`total` in rule \"a\", extension must be a time",
            "30 working"
        ),
        ("measure: order_reply, in_force: once", "`in_force` in rule \"a\" is no date", "publication"),
        ("measure: order_reply, limt: 3", "unknown key \"limt\" in rule \"a\"", "\"limit\""),
        ("measure: order_reply, source: \"2\"", "`source` in rule \"a\" must be one of 1", ""),
        ("measure: order_reply, paraphrase: x", "needs `quote` or `paraphrase`, one of them", "Quote the document"),
    ])
    func aMistakeInARuleIsNamed(keys: String, message: String, advice: String) {
        let said = complaints(rule(keys))
        #expect(
            said.contains {
                $0.contains(message) && (advice.isEmpty || $0.contains(advice)) && $0.hasPrefix("x.yaml:")
            }, "\(said)")
    }

    @Test func mistakesElsewhereAreNamed() {
        #expect(complaints("rules: 5\n").contains { $0.contains("`rules` must be a list") })
        #expect(complaints("").contains { $0.contains("a profile has rules or penalties") })
        #expect(complaints("clock: {start_day: maybe}\n").contains { $0.contains("start_day") })
        let hours = complaints("clock: {business_hours: [\"08:00-12:00\", \"11:00-13:00\"]}\n")
        #expect(hours.contains { $0.contains("\"11:00-13:00\" are no business hours, or overlap") })
        let twice =
            rule("measure: order_reply") + "  - {id: a, items: [A1], clause: 一, quote: 话, measure: order_reply}\n"
        #expect(complaints(twice).contains { $0.contains("the id \"a\" is taken") })
        let items = "rules:\n  - {id: a, items: [C1], clause: 一, quote: 话, measure: order_reply}\n"
        #expect(complaints(items).contains { $0.contains("\"C1\" is no item") })
        let retold = "rules:\n  - {id: a, items: [A1], clause: 一, paraphrase: 话, measure: order_reply}\n"
        #expect(complaints(retold).contains { $0.contains("a document at hand is quoted") })
        let read = Self.head.replacing("title: 文件", with: "title: 文件, evidence: read")
        #expect(complaints(rule("measure: order_reply"), head: read).contains { $0.contains("\"address\" is missing") })
        func penalty(_ sum: String) -> [String] {
            complaints("penalties:\n  - {id: p, items: [A1], clause: 一, quote: 50, trigger: late, who: 人, \(sum)}\n")
        }
        #expect(penalty("yuan: 50, times: 2").contains { $0.contains("more than one sum") })
        #expect(penalty("yuan_from: 50").contains { $0.contains("come together") })
        #expect(penalty("yuan_from: 90, yuan_to: 50").contains { $0.contains("the lesser first") })
        #expect(penalty("per: week").contains { $0.contains("per in penalty \"p\" must be one of") })
    }

    @Test func amountsAreReadAndWrittenAlike() {
        for text in ["4 rings", "1 ring", "15 seconds", "95 percent", "10 working days", "1 working day", "2 hours"] {
            #expect(NormAmount(text)?.description == text)
        }
        for text in ["", "4", "rings", "0 rings", "-1 hours", "4 tons", "1234567 days", "36501 days", "101 percent"] {
            #expect(NormAmount(text) == nil)
        }
    }

    @Test func everyMeasureHasItsWords() {
        for measure in NormMeasure.allCases {
            #expect(measure.chinese != measure.rawValue && measure.definition != measure.rawValue, "\(measure)")
        }
        #expect(Set(NormMeasure.allCases.map(\.chinese)).count == NormMeasure.allCases.count)
    }

    /// Files with bytes lost, doubled and changed: refused or read, never more than that.
    @Test func garbageIsRefusedAndNothingElse() throws {
        var random = SeededGenerator(2026)
        var refused = 0
        for name in ["rewards.yaml", "letters-tax.yaml", "calendar-cn.yaml"] {
            let whole = Array(try Checkout.text("norms/\(name)").utf8)
            for _ in 0..<120 {
                var bytes = whole
                for _ in 0..<Int.random(in: 1...6, using: &random) {
                    let place = Int.random(in: 0..<bytes.count, using: &random)
                    switch Int.random(in: 0...3, using: &random) {
                    case 0: bytes.remove(at: place)
                    case 1: bytes.insert(UInt8.random(in: 32...126, using: &random), at: place)
                    case 2: bytes[place] = UInt8.random(in: 0...255, using: &random)
                    default: bytes.removeSubrange(place..<min(bytes.count, place + 40))
                    }
                }
                let text = String(decoding: bytes, as: UTF8.self)
                do {
                    if name == "calendar-cn.yaml" {
                        _ = try WorkingCalendar.decode(text, file: name)
                    } else {
                        _ = try NormProfile.decode(text, file: name)
                    }
                } catch {
                    refused += 1
                    #expect(!error.errors.isEmpty)
                }
            }
        }
        #expect(refused > 100)
    }
}
