import Testing

import Lines

/// SplitMix64: what failed once fails again.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// Bytes cut at random places.
func cuts(of bytes: [UInt8], seed: UInt64) -> [[UInt8]] {
    var random = SeededRandom(seed)
    var pieces: [[UInt8]] = []
    var rest = bytes[...]
    while !rest.isEmpty {
        let count = min(rest.count, 1 + Int(random.next() % 9))
        pieces.append(Array(rest.prefix(count)))
        rest = rest.dropFirst(count)
    }
    return pieces
}

@Suite struct ATParserTests {
    struct Conversation: Sendable, CustomTestStringConvertible {
        var name: String
        var bytes: [UInt8]
        var events: [ATParser.Event]
        var testDescription: String { name }

        init(_ name: String, _ text: String, _ events: [ATParser.Event]) {
            self.init(name, Array(text.utf8), events)
        }

        init(_ name: String, _ bytes: [UInt8], _ events: [ATParser.Event]) {
            self.name = name
            self.bytes = bytes
            self.events = events
        }
    }

    static let conversations: [Conversation] = [
        Conversation("OK", "\r\nOK\r\n", [.result(.ok)]),
        Conversation("echo", "AT\r\r\nOK\r\n", [.line("AT"), .result(.ok)]),
        Conversation(
            "answer with a line", "\r\n+CSQ: 21,99\r\n\r\nOK\r\n", [.line("+CSQ: 21,99"), .result(.ok)]),
        Conversation("CR alone", "OK\r+CREG: 1\r", [.result(.ok), .line("+CREG: 1")]),
        Conversation("LF alone", "OK\nRING\n", [.result(.ok), .line("RING")]),
        Conversation("doubled CR", "\r\r\n+RXDTMF: 8\r\r\n", [.line("+RXDTMF: 8")]),
        Conversation(
            "RING within an answer", "AT+CSQ\r\r\n+CSQ: 9,99\r\n\r\nRING\r\n\r\nOK\r\n",
            [.line("AT+CSQ"), .line("+CSQ: 9,99"), .line("RING"), .result(.ok)]),
        Conversation(
            "CME by number and text", "\r\n+CME ERROR: 10\r\n\r\n+CME ERROR: SIM not inserted\r\n",
            [.result(.equipmentError("10")), .result(.equipmentError("SIM not inserted"))]),
        Conversation("CMS", "\r\n+CMS ERROR: 321\r\n", [.result(.messageError("321"))]),
        Conversation(
            "ends of calls", "\r\nNO CARRIER\r\n\r\nBUSY\r\n\r\nNO ANSWER\r\n\r\nNO DIALTONE\r\n",
            [.result(.noCarrier), .result(.busy), .result(.noAnswer), .result(.noDialtone)]),
        Conversation(
            "CONNECT", "CONNECT\r\nCONNECT 9600\r\n", [.result(.connect("")), .result(.connect("9600"))]),
        Conversation(
            "numeric results", "0\r3\r4\r7\r8\r6\r1\r2\r",
            [
                .result(.ok), .result(.noCarrier), .result(.error), .result(.busy), .result(.noAnswer),
                .result(.noDialtone), .result(.connect("")), .line("RING"),
            ]),
        Conversation(
            "a number is no result", "\r\n861234567890123\r\n\r\n10\r\n", [.line("861234567890123"), .line("10")]),
        Conversation("prompt", "\r\n> ", [.prompt]),
        Conversation("no prompt", "\r\n>\r\na > b\r\n", [.line(">"), .line("a > b")]),
        Conversation("prompt, then more", "> OK\r\n", [.prompt, .result(.ok)]),
        Conversation(
            "NUL and controls", [0, 0x0D, 0x0A, 0x4F, 0x00, 0x4B, 0x07, 0x0D, 0x0A], [.result(.ok)]),
        Conversation("eight bits", [0xFF, 0x41, 0xFE, 0x0D], [.line("\u{FFFD}A\u{FFFD}")]),
        Conversation("UTF-8", "+COPS: 0,0,\"中国移动\",7\r\n", [.line("+COPS: 0,0,\"中国移动\",7")]),
        Conversation("spaces around", "  OK  \r\n   \r\n", [.result(.ok)]),
        Conversation(
            "over-long line", [UInt8](repeating: 0x41, count: 5000) + Array("\r\nOK\r\n".utf8),
            [.line(String(repeating: "A", count: ATParser.limit)), .result(.ok)]),
        Conversation("OK is not OKAY", "OKAY\r\nOK.\r\nRINGING\r\n", [.line("OKAY"), .line("OK."), .line("RINGING")]),
    ]

    @Test("Whole, byte by byte and in random cuts a conversation gives the same events", arguments: conversations)
    func drip(_ conversation: Conversation) {
        var whole = ATParser()
        #expect(whole.feed(conversation.bytes) == conversation.events)
        var dripping = ATParser()
        #expect(conversation.bytes.flatMap { dripping.feed([$0]) } == conversation.events)
        for seed in UInt64(1)...50 {
            var parser = ATParser()
            #expect(cuts(of: conversation.bytes, seed: seed).flatMap { parser.feed($0) } == conversation.events)
        }
    }

    @Test("Lines that are too long and controls are counted")
    func counters() {
        var parser = ATParser()
        _ = parser.feed([UInt8](repeating: 0x42, count: 3000) + [0x0D, 0, 0, 7, 0x0D])
        #expect(parser.cut == 1)
        #expect(parser.controls == 3)
    }

    @Test("Random bytes never stop it: a whole answer behind them is read")
    func garbage() {
        var random = SeededRandom(95_598)
        for _ in 0..<500 {
            var parser = ATParser()
            let bytes = (0..<Int(random.next() % 400)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            _ = parser.feed(bytes)
            #expect(parser.feed(Array("\r\nOK\r\n".utf8)).last == .result(.ok))
        }
    }

    @Test("Fields are taken apart at commas that stand in no quotes")
    func fields() throws {
        let clip = try #require(ATFields("+CLIP: \"+86138,0\",145,\"\",,\"A B\",0", after: "+CLIP:"))
        #expect(clip.fields.map(\.text) == ["+86138,0", "145", "", "", "A B", "0"])
        #expect(clip[1]?.isQuoted == true)
        #expect(clip[2]?.number == 145)
        #expect(clip[7] == nil)
        #expect(ATFields("+CREG: 1", after: "+CLIP:") == nil)
        let broken = ATFields("x\"ab\"y,\"open, 3")
        #expect(broken.fields.map(\.text) == ["ab", "open, 3"])
        #expect(ATFields(String(repeating: ",", count: 500)).fields.count == ATFields.limit)
    }

    @Test(
        "Patterns look at the fields they name",
        arguments: [
            ("^DSCI: *,*,6", "^DSCI: 1,1,6,0,13800138000,129", true),
            ("^DSCI: *,*,6", "^DSCI:1,1,6", true),
            ("^DSCI: *,*,6", "^DSCI: 1,1,3,0,6", false),
            ("^DSCI: *,*,6", "^DSCI: 1,1", false),
            ("RING", "RING", true),
            ("RING", "RINGING", false),
            ("VOICE CALL: END*", "VOICE CALL: END: 000041", true),
            ("VOICE CALL: BEGIN", "VOICE CALL: BEGIN", true),
            ("+CPIN: NOT INSERTED", "+CPIN: READY", false),
        ])
    func patterns(pattern: String, line: String, fits: Bool) {
        #expect(ModemPattern(pattern).fits(line) == fits)
    }
}
