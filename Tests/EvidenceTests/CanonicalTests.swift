import Evidence
import Testing

@Suite struct CanonicalTests {
    @Test(arguments: [
        (CanonicalValue.null, "null"),
        (.bool(true), "true"),
        (.integer(.min), "-9223372036854775808"),
        (.integer(0), "0"),
        (.text("a\"\\/\u{8}\t\n\u{c}\r\u{1}\u{1f}\u{7f}停电"), #""a\"\\/\b\t\n\f\r\u0001\u001f\#u{7f}停电""#),
        (.list([]), "[]"),
        (.list([.integer(1), .null, .list([.text("")])]), #"[1,null,[""]]"#),
        (.object([:]), "{}"),
        (
            .object(["b": .integer(2), "a": .integer(1), "B": .null, "aa": .bool(false)]),
            #"{"B":null,"a":1,"aa":false,"b":2}"#
        ),
        // U+FF61 sorts before U+1F600 in UTF-8, and after it in UTF-16.
        (.object(["\u{1F600}": .integer(1), "\u{FF61}": .integer(2)]), "{\"\u{FF61}\":2,\"\u{1F600}\":1}"),
    ])
    func oneSpelling(_ value: CanonicalValue, _ text: String) throws {
        #expect(String(decoding: value.bytes, as: UTF8.self) == text)
        #expect(try CanonicalValue(canonical: Array(text.utf8)) == value)
    }

    @Test(arguments: [
        "", " 1", "1 ", "01", "-0", "+1", "1.0", "1e3", "9223372036854775808", "tru", "truex", "\"", "\"\\", "\"\\u00",
        "\"\\u0041\"", "\"\\u000A\"", "\"\\/\"", "\"\\x\"", "\"\t\"", "[", "[1", "[1,", "[1,]", "[,]", "{", "{\"a\"}",
        "{\"a\":}", "{\"a\":1,}", "{\"b\":1,\"a\":2}", "{\"a\":1,\"a\":1}", "{a:1}", "nul", "[1]2", "-", "NaN",
        String(repeating: "[", count: 100) + String(repeating: "]", count: 100),
        String(repeating: "[", count: 100_000),
    ])
    func otherSpellingsAreRefused(_ text: String) {
        #expect(throws: EvidenceError.self) { try CanonicalValue(canonical: Array(text.utf8)) }
    }

    @Test func brokenUTF8IsRefused() {
        for bytes: [UInt8] in [[0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22]] {
            #expect(throws: EvidenceError.self) { try CanonicalValue(canonical: bytes) }
        }
    }

    @Test func everyMutationOfACanonicalTextReadsBackAsItselfOrNotAtAll() {
        let original = Array(#"{"a":[1,-2,"x\n"],"b":{"c":null,"d":true}}"#.utf8)
        for index in original.indices {
            for byte in UInt8.min...UInt8.max {
                var bytes = original
                bytes[index] = byte
                do {
                    let value = try CanonicalValue(canonical: bytes)
                    #expect(value.bytes == bytes)
                } catch {
                    #expect(error.code == .syntax)
                }
            }
        }
    }

    struct Sample: Encodable {
        enum Word: String, Encodable { case first }
        struct Wrapped: Encodable {
            func encode(to encoder: any Encoder) throws {
                var container = encoder.singleValueContainer()
                try container.encode(UInt16(7))
            }
        }
        var text = "停"
        var missing: Int?
        var word = Word.first
        var wrapped = Wrapped()
        var pairs: [[Int64]] = [[1, 2], []]
        var map = ["z": "1", "a": "2"]
    }

    @Test func encodableValuesHaveACanonicalForm() throws {
        let bytes = try CanonicalEncoder.encode(Sample())
        #expect(
            String(decoding: bytes, as: UTF8.self)
                == #"{"map":{"a":"2","z":"1"},"pairs":[[1,2],[]],"text":"停","word":"first","wrapped":7}"#)
    }

    /// What `Encoder` permits beside what the compiler writes: containers that are filled in turn, a key given twice,
    /// nothing where a value could be.
    struct ByHand: Encodable {
        enum Key: String, CodingKey { case twice, nested, list, none, empty, escaped = "\"" }
        struct Empty: Encodable { func encode(to encoder: any Encoder) throws {} }

        func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: Key.self)
            var nested = fields.nestedContainer(keyedBy: Key.self, forKey: .nested)
            var list = fields.nestedUnkeyedContainer(forKey: .list)
            try list.encode("a")
            try fields.encode(1, forKey: .twice)
            try nested.encode(Int64.min, forKey: .twice)
            try fields.encode([2], forKey: .twice)
            try list.encodeNil()
            var deeper = list.nestedUnkeyedContainer()
            try nested.encode(true, forKey: .none)
            try deeper.encode(UInt8.max)
            try list.encode(["k": -1])
            try fields.encodeNil(forKey: .none)
            try fields.encode(Empty(), forKey: .empty)
            try fields.encode("\u{1}", forKey: .escaped)
            try "above".encode(to: fields.superEncoder())
        }
    }

    @Test func containersAreFilledInAnyOrder() throws {
        let bytes = try CanonicalEncoder.encode(ByHand())
        let text =
            #"{"\"":"\u0001","empty":null,"list":["a",null,[255],{"k":-1}],"#
            + #""nested":{"none":true,"twice":-9223372036854775808},"none":null,"super":"above","twice":[2]}"#
        #expect(String(decoding: bytes, as: UTF8.self) == text)
        #expect(try CanonicalValue(canonical: bytes).bytes == bytes)
    }

    @Test func fractionsAndLargeIntegersAreRefusedByName() {
        #expect {
            try CanonicalEncoder.encode(["outer": ["inner": 1.5]])
        } throws: { error in
            (error as? EvidenceError)?.code == .notCanonical && "\(error)".contains("outer.inner")
        }
        #expect(throws: EvidenceError.self) { try CanonicalEncoder.encode([UInt64.max]) }
    }
}
