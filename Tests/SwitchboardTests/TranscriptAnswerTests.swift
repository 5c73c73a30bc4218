import Foundation
import Storage
import Switchboard
import Testing

/// What a recogniser says, the honest and the other.
@Suite struct TranscriptAnswerTests {
    private func read(_ text: String, length: Int64 = 10_000) throws -> TranscriptAnswer {
        try TranscriptAnswer(Array(text.utf8), lengthMilliseconds: length)
    }

    @Test func linesAreSegments() throws {
        let answer = try read(
            """
            {"engine": "fake 1.0", "model": "tiny"}

            {"from_ms": 5000, "to_ms": 6000, "text": "第二句", "confidence": 0.5}
            {"from_ms": 120.4, "to_ms": 900.6, "text": "  第一 句 ", "speaker": 1}
            """)
        #expect(answer.engine == "fake 1.0")
        #expect(answer.model == "tiny")
        #expect(answer.segments.map(\.text) == ["第一 句", "第二句"])
        #expect(answer.segments.map(\.fromMilliseconds) == [120, 5000])
        #expect(answer.segments.map(\.toMilliseconds) == [901, 6000])
        #expect(answer.segments.map(\.confidence) == [nil, 500])
        #expect(answer.dropped == 0)
    }

    @Test func nothingHeardIsAnAnswer() throws {
        for text in ["", "\n\r\n", #"{"engine": "x"}"#, #"{"from_ms": 0, "to_ms": 1, "text": " \u0000 "}"#] {
            #expect(try read(text).segments.isEmpty, "\(text)")
        }
    }

    @Test(arguments: [
        "Loading model…", "{\"from_ms\": 0", "[]", "3", #"{"from_ms": 0, "to_ms": 1}"#, #"{"text": "x"}"#,
        #"{"from_ms": "0", "to_ms": 1, "text": "x"}"#, #"{"from_ms": 0, "to_ms": 1, "text": ["x"]}"#,
        #"{"from_ms": 1e999, "to_ms": 1, "text": "x"}"#, #"{"from_ms": NaN, "to_ms": 1, "text": "x"}"#,
        String(repeating: "[", count: 100_000), #"{"engine": {"name": "x"}}"#,
    ])
    func whatIsNoLineOfOursIsRefusedWithItsNumber(text: String) {
        let good = #"{"from_ms": 0, "to_ms": 1, "text": "x"}"# + "\n"
        #expect { try read(good + text) } throws: { error in
            guard let error = error as? SwitchboardError else { return false }
            return error.code == .transcript && error.message.contains("line 2") && error.message.utf8.count < 600
        }
    }

    @Test func brokenUTF8IsRefused() {
        let bytes = Array(#"{"from_ms": 0, "to_ms": 1, "text": ""#.utf8) + [0xC3, 0x28] + Array("\"}".utf8)
        #expect { try TranscriptAnswer(bytes, lengthMilliseconds: 10) } throws: {
            ($0 as? SwitchboardError)?.message.contains("UTF-8") == true
        }
    }

    @Test func timesStayWithinTheRecording() throws {
        let answer = try read(
            """
            {"from_ms": 9000, "to_ms": 12000, "text": "a"}
            {"from_ms": 10500, "to_ms": 11000, "text": "b"}
            {"from_ms": 12000, "to_ms": 13000, "text": "outside"}
            {"from_ms": -5, "to_ms": 13, "text": "outside"}
            {"from_ms": 5, "to_ms": 3, "text": "backwards"}
            {"from_ms": 5, "to_ms": 1e300, "text": "endless"}
            {"from_ms": 0, "to_ms": 1, "text": "c", "confidence": 7}
            """)
        #expect(answer.segments.map(\.text) == ["c", "a", "b"])
        #expect(answer.segments.map(\.fromMilliseconds) == [0, 9000, 10_000])
        #expect(answer.segments.map(\.toMilliseconds) == [1, 10_000, 10_000])
        #expect(answer.segments[0].confidence == nil)
        #expect(answer.dropped == 4)
    }

    @Test func textsAreCleanedAndCut() throws {
        func text(_ json: String) throws -> String? {
            try read(#"{"from_ms": 0, "to_ms": 1, "text": "\#(json)"}"#).segments.first?.text
        }
        #expect(try text(#"a\u001b[2Jb\r\nc\u0000"#) == "a [2Jb c")
        #expect(try text(#"停\u202e电\ue000了"#) == "停 电 了")
        #expect(try text(String(repeating: "字", count: 5000))?.count == TranscriptAnswer.longestText)
        #expect(try text(#"\ud83d\udcde 好"#) == "📞 好")
    }

    @Test func tooMuchIsBounded() throws {
        let line = #"{"from_ms": 0, "to_ms": 1, "text": "x"}"# + "\n"
        let many = try read(String(repeating: line, count: TranscriptAnswer.mostSegments + 50))
        #expect(many.segments.count == TranscriptAnswer.mostSegments)
        #expect(many.dropped == 50)
        let long = #"{"from_ms": 0, "to_ms": 1, "text": "\#(String(repeating: "字", count: 2000))"}"# + "\n"
        let heavy = try read(String(repeating: long, count: 60))
        #expect(heavy.segments.reduce(0) { $0 + $1.text.utf8.count } <= TranscriptAnswer.mostText)
        #expect(heavy.dropped > 0)
        #expect(throws: SwitchboardError.self) {
            try TranscriptAnswer(
                [UInt8](repeating: 10, count: TranscriptAnswer.mostBytes + 1), lengthMilliseconds: 1)
        }
        #expect(throws: SwitchboardError.self) {
            try read(String(repeating: "\n", count: TranscriptAnswer.mostLines + 1))
        }
        let name = String(repeating: "n", count: 500)
        #expect(try read(#"{"engine": "\#(name)"}"#).engine?.count == 100)
    }
}

@Suite struct TranscriptKeywordsTests {
    private func channel(_ index: Int, _ texts: [String], role: String = "caller") -> TranscriptMade.Channel {
        .init(
            index: index,
            segments: texts.enumerated().map {
                TranscriptSegment(
                    fromMilliseconds: Int64($0.offset) * 1000, toMilliseconds: Int64($0.offset) * 1000 + 900,
                    role: role,
                    text: $0.element)
            })
    }

    @Test func theFirstPlaceOfEachWordIsTold() throws {
        let words = try TranscriptKeywords(
            "complaint: [投诉, 12398]\nthreat: [等着瞧]\ninjury: [触电]\n", file: "k.yaml")
        let hits = words.hits(in: [
            channel(0, ["我要投诉", "打１２３９８ 投诉", "你们等着，瞧"]), channel(1, ["没人触电吧", "请拨123988"], role: "agent"),
        ])
        #expect(hits.map(\.word) == ["投诉", "触电", "12398", "等着瞧"])
        #expect(hits.map(\.flag) == [.complaint, .injury, .complaint, .threat])
        #expect(hits.map(\.fromMilliseconds) == [0, 0, 1000, 2000])
        #expect(hits.map(\.channel) == [0, 1, 0, 0])
        #expect(hits.map(\.role) == ["caller", "agent", "caller", "caller"])
    }

    @Test func theyAreBounded() throws {
        let many = (0..<500).map { "词\($0)号" }
        let words = try TranscriptKeywords("complaint: [\(many.joined(separator: ", "))]", file: "k.yaml")
        #expect(words.hits(in: [channel(0, many)]).count == TranscriptKeywords.mostFlags)
    }

    @Test func theShippedOnesAreRead() throws {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("transcripts/keywords.yaml").path
        let words = try TranscriptKeywords(path: path)
        for flag in QAFlagKind.allCases { #expect(words.words.contains { $0.flag == flag }) }
        #expect(words.hits(in: [channel(0, ["如果再没有人来处理,我就要投诉了。"])]).map(\.word) == ["投诉"])
        #expect(words.hits(in: [channel(0, ["您好，我要报修，家里停电了，谢谢。"])]).isEmpty)
    }

    @Test(arguments: [
        ("complaint: [投诉, ，]", 1, "without a letter"), ("complain: [投诉]", 1, "complaint"),
        ("complaint: {a: b}", 1, "complaint"),
        ("threat: [等着瞧]\ncomplaint: [\(String(repeating: "长", count: 40))]", 2, "100 bytes"), ("[", 2, "not YAML"),
    ])
    func mistakesAreToldWithTheirPlace(text: String, line: Int, words: String) {
        #expect { try TranscriptKeywords(text, file: "k.yaml") } throws: {
            "\($0)".contains("k.yaml:\(line):") && "\($0)".contains(words)
        }
    }

    @Test func aFileThatIsNotThereIsNamed() {
        #expect { try TranscriptKeywords(path: "/nonexistent/k.yaml") } throws: {
            "\($0)".contains("/nonexistent/k.yaml")
        }
    }
}
