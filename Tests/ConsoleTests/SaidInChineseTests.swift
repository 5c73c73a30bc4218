import Access
import Console
import Documents
import Foundation
import Testing

/// What errors say in English, in Chinese: the catalogue's patterns, the shipped catalogue, a page.
@Suite(.serialized) struct SaidInChineseTests {
    private static let shipped = URL(filePath: Bench.web).appending(path: "i18n/messages.yaml")

    private func catalogue(_ text: String) throws -> SaidInChinese {
        try SaidInChinese(try Document.parse(text, file: "messages.yaml"))
    }

    private func shipped() throws -> SaidInChinese {
        try catalogue(try String(contentsOf: Self.shipped, encoding: .utf8))
    }

    @Test func whatKnowsMostOfAMessageWins() throws {
        let chinese = try catalogue(
            """
            "there is no {}": "没有{1}"
            "there is no recording {}": "没有录音{1}"
            "there is no recording of today": "今天没有录音"
            """)
        #expect(chinese["there is no recording 7"] == "没有录音7")
        #expect(chinese["there is no recording of today"] == "今天没有录音")
        #expect(chinese["there is no order 7"] == "没有order 7")
        #expect(chinese["there is no "] == "没有")
        for unknown in ["", "there is", "There is no recording 7", "没有录音", "nothing"] {
            #expect(chinese[unknown] == unknown)
        }
    }

    @Test func holesComeInTheOrderOfTheChinese() throws {
        let chinese = try catalogue(
            """
            "{} needs {} ({})": "“{1}”必须填写“{3}”（{2}）"
            "a {} b": "甲{1}乙"
            """)
        #expect(chinese["派发 needs department (承办 (部门))"] == "“派发”必须填写“承办 (部门)”（department）")
        // The last literal is that at the end.
        #expect(chinese["a x b b"] == "甲x b乙")
        #expect(chinese["a b"] == "a b")
        // What stands in holes is as it was.
        #expect(chinese["a {1}<b>\u{301}{} b"] == "甲{1}<b>\u{301}{}乙")
    }

    @Test func holesAreLookedUpWhereThatIsSaid() throws {
        let chinese = try catalogue(
            """
            "{} [{}]": "{1:said}[{2}]"
            "{}. {}": "{1:said}。{2:said}"
            "it is {}": "是{1}"
            "{} is missing": "缺少{1:said}"
            "the reason": "原因"
            """)
        #expect(chinese["the reason is missing"] == "缺少原因")
        #expect(chinese["the cause is missing"] == "缺少the cause")
        #expect(chinese["the reason is missing. it is so [argument]"] == "缺少原因。是so[argument]")
        // A frame of what nobody knows is none.
        #expect(chinese["this. that [argument]"] == "this. that [argument]")
    }

    @Test func hostileTextEndsSoon() throws {
        let chinese = try shipped()
        let begin = ContinuousClock.now
        for part in [
            "a", "is not ", "{}", ": ", ". ", "; ", " [", "there is no ", "`x`: ", "`", "\u{0}", "e\u{301}", "👩‍👩‍👧",
            "order {} lives by ", "needs ( ", "\u{202E}",
        ] {
            for count in [50, 400, 100_000] {
                let text = String(repeating: part, count: count)
                _ = chinese[text]
                _ = chinese["there is no scorecard `\(text)`. \(text)"]
                _ = chinese["\(text)]"]
            }
        }
        // Seconds on a busy machine, never minutes.
        #expect(ContinuousClock.now - begin < .seconds(60))
        let long = String(repeating: "there is no recording ", count: 1000)
        #expect(chinese[long] == long)
    }

    @Test(arguments: [
        "\"{}\": \"{1}\"", "\"a {}{} b\": \"{1}{2}\"", "\"a {}\": \"甲\"", "\"a\": \"甲{1}\"", "\"a {}\": \"甲{2}\"",
        "\"a\": [甲]", "[a]",
    ]) func aCatalogueThatCannotBeMeantIsRefused(_ text: String) {
        #expect(throws: DocumentErrors.self) { try catalogue(text) }
    }

    /// That each Chinese has the holes of its English is seen when it is read.
    @Test func theShippedCatalogueSaysWhatPagesAreToldMost() throws {
        let chinese = try shipped()
        for (english, expected) in [
            ("`reason` is longer than 200 characters", "“原因”超过200个字"),
            ("an outage ends after its begin, and within 30 days", "停电结束时间须晚于开始时间，且不超过30天"),
            (
                "派发 is not possible in state 待受理. It is in: 已受理, 已派发 [state]",
                "当前环节“待受理”不能执行“派发”。可执行的环节：已受理, 已派发[state]"
            ),
            (
                "disk: 12 MB free in /data; below 5 MB no call is answered. Make room or move recordings",
                "disk：/data剩余12 MB，低于5 MB时不再接听来电。请清理空间或移走录音"
            ),
            ("the reason is missing", "缺少原因"),
        ] { #expect(chinese[english] == expected) }
    }

    @Test func aPageAndItsScriptsAreToldInTheReadersLanguage() async throws {
        try await Bench.with { bench async throws in
            let english = try await Visitor.signedIn(bench, [.shiftLeader], name: "en1", workNumber: "8001")
            let chinese = try await Visitor.signedIn(
                bench, [.shiftLeader], name: "zh1", workNumber: "8002", language: "zh")
            let form = ["number": "13900000666", "hours": "24", "reason": String(repeating: "骚", count: 201)]
            let told = try await chinese.post("/operation/blocklist", form)
            #expect(told.status == 400 && told.text.contains("“原因”超过200个字"))
            let said = try await english.post("/operation/blocklist", form)
            #expect(said.status == 400 && said.text.contains("is longer than 200 characters"))
            // The player shows what the API says; programs are told in English.
            let id = "019a0000-0000-7000-8000-0000000000ff"
            let path = "/api/v1/recordings/\(id)"
            #expect(try await chinese.get(path).text.contains("没有录音\(id)"))
            #expect(try await english.get(path).text.contains("there is no recording \(id)"))
            #expect(try await bench.get("recordings/\(id)").text.contains("there is no recording \(id)"))
        }
    }
}
