import Documents
import Testing

@Suite struct DocumentTests {
    @Test func `values keep their place`() throws {
        let root = try Document.parse("name: hotline\nlist:\n  - one\n  - \"2\"\nempty:\n", file: "a.yaml")
        let entries = try #require(root.entries)
        #expect(entries.map(\.key) == ["name", "list", "empty"])
        #expect(entries[1].keyPosition == Position(line: 2, column: 1))
        let items = try #require(entries[1].value.items)
        #expect(items[1].kind == .scalar("2", quoted: true))
        #expect(items[1].position == Position(line: 4, column: 5))
        #expect(entries[2].value.isNull)
        #expect(entries[0].value.text == "hotline")
    }

    @Test(arguments: [
        ("a: 1\nb: 2\na: 3\n", 3, "duplicate_key"),
        ("x:\n  k: 1\n  'k': 2\n", 3, "duplicate_key"),
        ("1: a\n\"1\": b\n", 2, "duplicate_key"),
        ("a: [1, 2\n", 2, "syntax"),
        ("a: b: c\n", 1, "syntax"),
        ("\ta: 1\n", 1, "syntax"),
        ("", 1, "syntax"),
        ("a: 1\n---\nb: 2\n", 2, "syntax"),
        ("? [a, b]\n: 1\n", 1, "syntax"),
        ("a: *nothing\n", 1, "syntax"),
        ("a: \u{1}\n", 1, "syntax"),
    ])
    func `refusals point to the line`(text: String, line: Int, code: String) {
        let error = #expect(throws: DocumentError.self) { try Document.parse(text, file: "a.yaml") }
        #expect(error?.line == line)
        #expect(error?.code.name == code)
        #expect(error?.description.hasPrefix("a.yaml:\(line):") == true)
    }

    @Test func `aliases are followed, but cannot multiply`() throws {
        let root = try Document.parse("a: &x [1, 2]\nb: *x\n", file: "a.yaml")
        #expect(root.entries?[1].value.items?.count == 2)

        var bomb = "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1]\n"
        for level in 1...9 {
            let aliases = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
            bomb += "a\(level): &a\(level) [\(aliases)]\n"
        }
        #expect(throws: DocumentError.self) { try Document.parse(bomb, file: "bomb.yaml") }

        // Few aliases, but keys made of them: the composer would hash what they stand for.
        var keys = "a0: &a0 [1]\n"
        for level in 1...30 { keys += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
        keys += "? *a30\n: 1\n"
        let error = #expect(throws: DocumentError.self) { try Document.parse(keys, file: "keys.yaml") }
        #expect(error?.code == .limit)
    }

    @Test func `size, depth and number of values are bounded`() {
        var limits = Document.Limits()
        limits.bytes = 100
        #expect(throws: DocumentError.self) {
            try Document.parse("a: \(String(repeating: "x", count: 100))", file: "a", limits: limits)
        }
        for deep in [
            String(repeating: "[", count: 40) + String(repeating: "]", count: 40),
            String(repeating: "- ", count: 900) + "x", String(repeating: "[", count: 200_000),
        ] {
            #expect(throws: DocumentError.self) { try Document.parse(deep, file: "deep") }
        }
        limits = Document.Limits()
        limits.nodes = 10
        #expect(throws: DocumentError.self) {
            try Document.parse("[1,2,3,4,5,6,7,8,9,10,11]", file: "a", limits: limits)
        }
    }
}
