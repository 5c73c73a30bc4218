import Foundation
import Testing

/// `hotline norms …` as a person types it.
@Suite struct NormsCommandTests {
    private func run(_ arguments: String..., status: Int32 = 0) throws -> Command {
        let command = try Command.run(["norms"] + arguments)
        #expect(command.status == status, "\(command.output)\(command.errors)")
        return command
    }

    private func json(_ command: Command) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(command.output.utf8)) as? [String: Any])
    }

    /// norms.md F.
    @Test(arguments: [
        ("1", "2026-02-13", "2026-02-14"), ("10", "2026-02-13", "2026-03-05"), ("1", "2026-09-18", "2026-09-20"),
        ("3", "2026-09-30", "2026-10-10"), ("10", "2026-09-30T16:59", "2026-10-20"),
    ])
    func workingDaysAreCounted(count: String, from: String, due: String) throws {
        let answer = try json(try run("due", "--count", count, "--unit", "working-days", "--from", from, "--json"))
        #expect(answer["due"] as? String == due)
        #expect(answer["provisional"] as? Bool == false)
        let counted = try #require(answer["counted"] as? [String])
        #expect(String(counted.count) == count && counted.last == due)
        #expect(answer["profile"] is NSNull && answer["shifted_from"] is NSNull)
    }

    @Test func hoursDaysAndMinutes() throws {
        let hours = try json(try run("due", "--count", "24", "--unit", "hours", "--from", "2026-09-30T10:15", "--json"))
        #expect(hours["due"] as? String == "2026-10-01T10:15:00")
        #expect(hours["due_at"] as? String == "2026-10-01T02:15:00.000000Z")
        #expect(hours["ends_day"] as? Bool == false)
        let zulu = try json(
            try run("due", "--count", "45", "--unit", "minutes", "--from", "2026-09-30T16:00:30Z", "--json"))
        #expect(zulu["due"] as? String == "2026-10-01T00:45:30")
        let days = try json(try run("due", "--count", "5", "--unit", "days", "--from", "2026-09-28", "--json"))
        #expect(days["due"] as? String == "2026-10-03")
        #expect(days["due_at"] as? String == "2026-10-03T16:00:00.000000Z")
        // The Civil Code's last day is no holiday.
        let law = try json(
            try run(
                "due", "--count", "5", "--unit", "days", "--from", "2026-09-28", "--profile", "call-centre-law",
                "--json"))
        #expect(law["due"] as? String == "2026-10-08" && law["shifted_from"] as? String == "2026-10-03")
        #expect(law["profile"] as? String == "call-centre-law@1")
        // 8 March 2026 has 23 hours in New York.
        let york = try json(
            try run(
                "due", "--count", "24", "--unit", "hours", "--from", "2026-03-07T12:00", "--zone", "America/New_York",
                "--json"))
        #expect(york["due"] as? String == "2026-03-08T13:00:00")
    }

    @Test func overNewYearIsProvisional() throws {
        let answer = try json(
            try run("due", "--count", "10", "--unit", "working-days", "--from", "2026-12-25", "--json"))
        #expect(answer["provisional"] as? Bool == true)
        let text = try run("due", "--count", "10", "--unit", "working-days", "--from", "2026-12-25").output
        #expect(text.contains("no notice has settled all the days yet"))
        #expect(text.contains("2026-12-29 Tuesday, provisional"))
    }

    @Test func aRulesOwnLimitIsTaken() throws {
        let reply = try json(
            try run(
                "due", "--profile", "yongqiang", "--rule", "yq-complaint", "--from", "2026-02-13", "--json"))
        #expect(reply["due"] as? String == "2026-03-05" && reply["latest"] as? String == "2026-04-02")
        #expect(reply["clause"] as? String == "002 五")
        let publication = try json(
            try run("due", "--profile", "yongqiang", "--rule", "yq-publication", "--from", "2026-08-01", "--json"))
        #expect(publication["due"] as? String == "2026-08-17" && publication["shifted_from"] as? String == "2026-08-15")
        let rings = try run("due", "--profile", "yongqiang", "--rule", "yq-rings", "--from", "2026-08-01", status: 1)
        #expect(rings.errors.contains("has no deadline after its start event: its limit is within 4 rings"))
    }

    @Test(arguments: [
        (["due", "--from", "2026-02-13"], "Give --count and --unit"),
        (["due", "--count", "1", "--unit", "weeks", "--from", "2026-02-13"], "weeks"),
        (["due", "--count", "-1", "--unit", "days", "--from", "2026-02-13"], "--count"),
        (["due", "--count", "99999999", "--unit", "days", "--from", "2026-02-13"], "between 0 and 36500"),
        (["due", "--count", "1", "--unit", "days", "--from", "2026-02-30"], "\"2026-02-30\" is no time"),
        (
            ["due", "--count", "1", "--unit", "days", "--from", "2026-02-13", "--zone", "Mars"],
            "no zone of the tz database"
        ),
        (["due", "--rule", "x", "--from", "2026-02-13"], "--rule needs --profile"),
        (
            ["due", "--count", "1", "--unit", "days", "--from", "2026-02-13", "--profile", "yongqang"],
            "Did you mean \"yongqiang\"?"
        ),
        (["show", "nobody"], "There are: answer-rates"),
        (["show", "yongqiang", "--rule", "yq-ringz"], "Did you mean \"yq-rings\"?"),
        (["calendar", "--days", "yesterday"], "--days: write"),
    ])
    func whatIsWrongIsSaid(arguments: [String], message: String) throws {
        let command = try Command.run(["norms"] + arguments)
        #expect(command.status != 0)
        #expect(command.errors.contains(message), "\(command.errors)")
    }

    @Test func listsShowsAndCompares() throws {
        let list = try #require(
            try JSONSerialization.jsonObject(with: Data(try run("list", "--json").output.utf8)) as? [[String: Any]])
        #expect(list.count >= 26)
        let yongqiang = try #require(list.first { $0["id"] as? String == "yongqiang" })
        #expect(yongqiang["short"] as? String == "P-YQ" && yongqiang["penalties"] as? Int == 3)
        #expect(try run("list").output.contains("dazu"))

        let shown = try json(try run("show", "dazu", "--rule", "dz-reply", "--json"))
        let rule = try #require((shown["rules"] as? [[String: Any]])?.first)
        #expect(rule["limit"] as? String == "within 4 working days" && rule["measure"] as? String == "order_reply")
        #expect((rule["quote"] as? String)?.hasPrefix("4个工作日内查处完毕") == true)
        #expect((rule["extension"] as? [String: Any])?["customer_told_first"] as? Bool == true)
        #expect(rule["not_judged"] is NSNull)
        let text = try run("show", "dazu").output
        #expect(text.contains("extension  by 公司; the customer is told first; 情况复杂的"))
        #expect(text.contains("anomaly    The least sum for a 严重 event (1000) is above that for a 重大 one (800)."))

        let diff = try json(try run("diff", "yongqiang", "dazu", "--json"))
        let rows = try #require(diff["rows"] as? [[String: Any]])
        let rings = try #require(rows.first { $0["matter"] as? String == "agent_answer_rings" })
        #expect((rings["left"] as? String)?.hasPrefix("within 4 rings") == true)
        #expect((rings["right"] as? String)?.hasPrefix("within 5 rings") == true)
        #expect(try run("diff", "dazu", "dazu").output.contains("say the same"))
    }

    @Test func whatIsShippedIsSoundAndAccountedFor() throws {
        #expect(try run("check").output.contains("files, sound"))
        let page = try String(
            contentsOf: Command.project.appendingPathComponent("docs/norms-coverage.md"), encoding: .utf8)
        #expect(try run("coverage").output == page)
        let coverage = try json(try run("coverage", "--json"))
        #expect((coverage["items"] as? [Any])?.count == 210 && (coverage["unaccounted"] as? [Any])?.isEmpty == true)
    }

    @Test func aBrokenProfileIsRefusedWithItsPlace() throws {
        let path = try Command.file(
            """
            id: x
            name: x
            short: x
            version: 1
            issuer: x
            sources: [{key: "1", title: x}]
            rules:
              - {id: a, items: [A1], clause: 一, quote: 话, measure: order_repyl}
            """, named: "x.yaml")
        let command = try run("check", path, status: 1)
        #expect(command.output.contains("x.yaml:8:"))
        #expect(command.output.contains("Did you mean \"order_reply\"?"))
        let answer = try json(try run("check", path, "--json", status: 1))
        #expect(answer["ok"] as? Bool == false && (answer["complaints"] as? [Any])?.count == 1)
        // A profile is asked for by its id, so its file is named so.
        let sound = try String(
            contentsOf: Command.project.appendingPathComponent("norms/rewards.yaml"), encoding: .utf8)
        let renamed = try run("check", try Command.file(sound, named: "other.yaml"), status: 1)
        #expect(renamed.output.contains("the id is \"rewards\", the file's name other"))
        let missing = try run("check", "/nowhere/x.yaml", status: 1)
        #expect(missing.output.contains("error: /nowhere/x.yaml"))
    }

    @Test func quotationsAreComparedWithTheDocuments() throws {
        let document = try Command.file("9、实行首位责任制,如有客户投诉一次罚款20元。", named: "000-sample.txt")
        let folder = URL(fileURLWithPath: document).deletingLastPathComponent().path
        let profile = Command.project.appendingPathComponent("norms/marketing.yaml").path
        let command = try run("check", profile, "--documents", folder, status: 1)
        #expect(command.output.contains("the quotation of mk-promised does not stand in its document"))
        #expect(!command.output.contains("mk-any"))
        #expect(command.output.contains("quotations compared, not sound"))
    }

    @Test func theCalendarIsListedDayByDay() throws {
        let lines = try run("calendar", "--days", "2026-02-13..2026-02-15").output
        #expect(lines == "2026-02-13 1\n2026-02-14 1\n2026-02-15 0\n")
    }
}
