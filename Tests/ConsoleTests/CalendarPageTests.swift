import Access
import Calls
import Console
import Foundation
import Media
import Storage
import Testing

/// The calendar of working days, and the calendar of what falls due by the norms.
@Suite(.serialized) struct CalendarPageTests {
    /// A day's cell: its kind and what stands in it.
    private func cell(_ page: String, _ date: String) throws -> (kind: String, text: String) {
        let place = try #require(page.firstRange(of: "\" data-date=\"\(date)\""), "\(date)")
        let kind = try #require(page[..<place.lowerBound].split(separator: "k-").last)
        let rest = page[place.upperBound...]
        let end = try #require(rest.firstRange(of: "</td>"))
        return (String(kind), String(rest[..<end.lowerBound]))
    }

    @Test func knownDaysAreMarkedInWordsAndColour() async throws {
        try await Bench.with { bench async throws in
            let visitor = try await Visitor.signedIn(bench, [.agent])
            let page = try await visitor.get("/operation/calendar?year=2026").text
            for (date, kind, word) in [
                ("2026-10-01", "holiday", "hol."), ("2026-10-03", "holiday", "国庆节"), ("2026-10-08", "work", "8"),
                ("2026-10-10", "worked", "worked"), ("2026-02-14", "worked", "worked"), ("2026-10-11", "off", "off"),
                ("2026-11-16", "work", "16"), ("2026-12-29", "work", "provisional"),
            ] {
                let found = try cell(page, date)
                #expect(found.kind == kind && found.text.contains(word), "\(date): \(found)")
            }
            #expect(page.components(separatedBy: "<table class=\"month\">").count == 13)
            #expect(page.contains("国务院办公厅放假安排@2026-1") && page.contains("content_7047091.htm"))
            #expect(page.contains("id=\"provisional\"") && page.contains("2026-12-29"))
            let chinese = try await visitor.get("/operation/calendar?year=2026", language: "zh").text
            #expect(try cell(chinese, "2026-10-01").text.contains("假"))
            #expect(try cell(chinese, "2026-10-10").text.contains("班"))
            let later = try await visitor.get("/operation/calendar?year=2030").text
            #expect(later.contains("id=\"provisional\"") && later.contains("No notice of this year"))
            #expect(!(try await visitor.get("/operation/calendar?year=2025").text.contains("id=\"provisional\"")))
            for year in ["1999", "2200", "20260", "-026", "２０２６", "x", "+026"] {
                let refused = try await visitor.get("/operation/calendar?year=\(Visitor.escaped(year))")
                #expect(refused.status == 400 && refused.text.contains("id=\"complaint\""), "\(year)")
            }
        }
    }

    @Test func whenItIsDueIsCountedAsTheCommandDoes() async throws {
        try await Bench.with { bench async throws in
            let visitor = try await Visitor.signedIn(bench, [.handler])
            func ask(_ query: String) async throws -> Answer { try await visitor.get("/operation/calendar?\(query)") }
            let days = try await ask("count=10&unit=working_days&from=2026-02-13").text
            #expect(days.contains("<strong>2026-03-05</strong>") && days.contains("by the end of the day"))
            // The first counted day is a Saturday that is worked.
            #expect(days.contains("2026-02-14") && days.contains("value=\"10\""))
            let hours = try await ask("count=1&unit=hours&from=2026-02-13&time=10:30").text
            #expect(hours.contains("<strong>2026-02-13 11:30:00</strong>"))
            let later = try await ask("count=3&unit=working_days&from=2027-01-04").text
            #expect(
                later.contains("<strong>2027-01-07</strong>") && later.contains("<strong class=\"near\">provisional"))
            let own = try await ask("count=10&unit=working_days&from=2026-02-13&profile=yongqiang").text
            #expect(own.contains("<strong>2026-03-05</strong>") && own.contains("yongqiang@"))
            let many = try await ask("count=36500&unit=days&from=2026-02-13")
            #expect(many.status == 200 && many.text.contains("+ 36300"))
            for query in [
                "count=-1&unit=days&from=2026-02-13", "count=1&unit=weeks&from=2026-02-13",
                "count=36501&unit=days&from=2026-02-13", "count=1&unit=days&from=2026-02-30",
                "count=1&unit=days&from=2026-02-13&time=25:61", "count=1&unit=days&from=2026-02-13&profile=..%2Fx",
                "count=99999999999999999999&unit=days&from=2026-02-13", "count=1&unit=days&from=",
            ] {
                let refused = try await ask(query)
                #expect(refused.status == 400 && refused.text.contains("id=\"complaint\""), "\(query)")
            }
        }
    }

    /// The state in the first row of a rule.
    private func state(_ page: String, _ rule: String) -> String? {
        let start = "data-rule=\"\(rule)\" data-state=\""
        return page.firstRange(of: start).map { String(page[$0.upperBound...].prefix { $0 != "\"" }) }
    }

    @Test func theMonthlyReportIsDueOnItsShiftedDay() async throws {
        try await Bench.with { bench async throws in
            let leader = try await Visitor.signedIn(bench, [.shiftLeader], name: "leader", workNumber: "8001")
            // 15 June 2024 is a Saturday.
            let month = "/audit/calendar?month=2024-06&profile=yongqiang"
            let before = try await leader.get(month).text
            #expect(before.contains("2024-06-17") && before.contains("shifted from 2024-06-15"))
            #expect(state(before, "yq-publication") == "late" && before.contains("/operation/duties/yq-publication"))
            #expect(before.contains("電力熱線于每月15日前"))
            let form = try await leader.get("/operation/duties/yq-publication").text
            #expect(form.contains("電力熱線于每月15日前") && form.contains("name=\"evidence\""))
            let noted = try await leader.post(
                "/operation/duties/yq-publication",
                ["happened": "2024-06-17T10:00", "note": "已公布", "evidence": "通报-2024-05.pdf"])
            #expect(noted.status == 303)
            let after = try await leader.get(month).text
            #expect(state(after, "yq-publication") == "done" && after.contains("通报-2024-05.pdf"))
            #expect(after.contains("2024-06-17 10:00:00") && after.contains("8001"))
            // 15 to 17 September 2024 are a holiday; what is published on the 20th is late.
            let late = try await leader.post(
                "/operation/duties/yq-publication", ["happened": "2024-09-20T10:00", "note": "已公布"])
            #expect(late.status == 303)
            let september = try await leader.get("/audit/calendar?month=2024-09&profile=yongqiang").text
            #expect(september.contains("2024-09-18") && state(september, "yq-publication") == "done_late")
            #expect(september.contains("unproven"))
            #expect(try await bench.reader.verifyEvidence().ok)
        }
    }

    @Test func whatCannotBeNotedIsRefusedAndKept() async throws {
        try await Bench.with { bench async throws in
            let handler = try await Visitor.signedIn(bench, [.handler])
            for fields in [
                ["note": ""], ["note": "x", "happened": "2199-01-01T00:00"], ["note": "x", "happened": "<b>"],
                ["note": "a\u{0}"], ["note": String(repeating: "x", count: 501)],
                ["note": "x", "evidence": "20240101-0099"],
            ] {
                let refused = try await handler.post(
                    "/operation/duties/gds-box", fields.merging(["subject": "营业厅\"<i>"]) { $1 })
                #expect(refused.status == 400 && refused.text.contains("id=\"complaint\""), "\(fields)")
                #expect(refused.text.contains("营业厅&quot;&lt;i&gt;"))
            }
            #expect(try await handler.post("/operation/duties/yq-complaint", ["note": "x"]).status == 404)
            #expect(try await handler.get("/operation/duties/..%2F..%2Fetc").status == 404)
            #expect(
                try await bench.reader.deeds(
                    from: UTCTime(microseconds: 0), to: UTCTime(microseconds: .max), asOf: UTCTime(SystemTime().now())
                ).isEmpty)
        }
    }

    @Test func everyDutyOfAMonthHasItsRow() async throws {
        try await Bench.with { bench async throws in
            let handler = try await Visitor.signedIn(bench, [.handler, .auditor])
            let page = try await handler.get("/operation/duties?month=2024-06&profile=").text
            for (rule, expected) in [
                ("gds-reception", "late"), ("gds-box", "not_begun"), ("mk-reception", "late"),
                ("dz-key-visit", "late"), ("em-records", "undated"), ("gd-box", "late"), ("yq-monthly-table", "late"),
            ] { #expect(state(page, rule) == expected, "\(rule): \(state(page, rule) ?? "-")") }
            // What is due each day stands in one row.
            let row = try #require(page.firstMatch(of: #/data-rule="gd-box"[\s\S]*?<\/tr>/#)).0
            #expect(page.components(separatedBy: "data-rule=\"gd-box\"").count == 2)
            let counted = row.firstMatch(of: #/<summary>late (\d+)<\/summary>/#).flatMap { Int($0.1) }
            let days = row.matches(of: #/<li>2024-06-\d\d/#).count
            #expect(counted == days && days > 15, "\(row.prefix(1500))")
            let future = try await handler.get("/audit/calendar?month=2190-01&profile=yongqiang").text
            #expect(state(future, "yq-publication") == "open" && future.contains("provisional"))
            for month in ["", "2024-13", "2024-6", "1999-01", "x", "2024-06-01"] {
                #expect(try await handler.get("/audit/calendar?month=\(month)").status == 400, "\(month)")
            }
            #expect(try await handler.get("/audit/calendar?profile=nope").status == 400)
        }
    }
}
