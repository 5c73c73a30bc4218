import Documents
import Testing

@Suite struct MappingReaderTests {
    enum Colour: String, CaseIterable { case red, green }

    static func reader(_ text: String, _ diagnostics: Diagnostics) throws -> MappingReader {
        MappingReader(try Document.parse(text, file: "c.yaml"), "the test", diagnostics)
    }

    @Test func `reads values of every kind`() throws {
        let diagnostics = Diagnostics()
        let reader = try Self.reader(
            """
            name: hotline
            port: 5060
            on: true
            wait: 1.5s
            hosts: [a, b]
            host: one
            colour: green
            map: {x: 1, y: two}
            nested: {inner: yes}
            nothing: ~
            """, diagnostics)
        #expect(reader.string("name") == "hotline")
        #expect(reader.int("port", in: 1...65535) == 5060)
        #expect(reader.int("missing", in: 1...2, default: 2) == 2)
        #expect(reader.bool("on", default: false))
        #expect(reader.milliseconds("wait", in: 0...5000) == 1500)
        #expect(reader.strings("hosts") == ["a", "b"])
        #expect(reader.strings("host") == ["one"])
        #expect(reader.choice("colour", default: Colour.red) == .green)
        #expect(reader.stringMap("map").map(\.value) == ["1", "two"])
        let nested = reader.mapping("nested")
        #expect(nested?.string("inner") == "yes")
        nested?.finish()
        #expect(reader.optionalString("nothing") == nil)
        reader.finish()
        #expect(diagnostics.errors.map(\.description) == [])
    }

    @Test func `collects every complaint, in the file's order, with advice`() throws {
        let diagnostics = Diagnostics()
        let reader = try Self.reader(
            "prot: 5060\nwait: 5\nlimit: 70000\non: \"true\"\ncolour: gren\nname: [a]\n", diagnostics)
        _ = reader.string("name")
        _ = reader.int("port", in: 1...65535)
        _ = reader.int("limit", in: 1...100, default: 5)
        _ = reader.milliseconds("wait", in: 0...60_000)
        _ = reader.bool("on", default: true)
        _ = reader.optionalChoice("colour", of: Colour.self)
        reader.finish()
        #expect(
            diagnostics.errors.map(\.description) == [
                #"c.yaml:1:1: "port" is missing in the test. Add `port: …`"#,
                #"c.yaml:1:1: unknown key "prot" in the test. Did you mean "port"?"#,
                #"c.yaml:2:7: wait in the test must be a duration such as 500ms, 2s or 1m, from 0s to 1m, not "5""#,
                #"c.yaml:3:8: limit in the test must be a whole number from 1 to 100, not "70000""#,
                #"c.yaml:4:5: on in the test must be true or false, without quotes, not "true""#,
                #"c.yaml:5:9: colour in the test must be one of red, green, not "gren". Did you mean "green"?"#,
                #"c.yaml:6:7: name in the test must be a text, not a list"#,
            ])
        #expect(throws: DocumentErrors.self) { try diagnostics.throwErrors() }
    }

    @Test func `what is no mapping is said once`() throws {
        let diagnostics = Diagnostics()
        let reader = try Self.reader("[1, 2]", diagnostics)
        #expect(reader.string("name") == nil)
        reader.finish()
        #expect(diagnostics.errors.count == 1)
    }

    @Test func `thousands of complaints are counted, not kept`() throws {
        let diagnostics = Diagnostics()
        let keys = (0..<1000).map { "key\($0): 1" }.joined(separator: "\n")
        try Self.reader(keys, diagnostics).finish()
        #expect(diagnostics.errors.count == 200)
        #expect(diagnostics.suppressed == 800)
    }

    @Test(arguments: [
        ("500ms", 500), ("2s", 2000), ("1.5s", 1500), ("1m", 60_000), ("2h", 7_200_000), ("0s", 0), ("0.001s", 1),
    ])
    func `durations`(text: String, milliseconds: Int) {
        #expect(Milliseconds.parse(text) == milliseconds)
        #expect(Milliseconds.parse(Milliseconds.text(milliseconds)) == milliseconds)
    }

    @Test(arguments: [
        "5", "", "s", "-1s", "1 s", "1.s", ".5s", "1.0005s", "0.5ms", "99999999999999999999s", "9223372036854775807h",
        "１s", "1s2",
    ])
    func `what is no duration`(text: String) {
        #expect(Milliseconds.parse(text) == nil)
    }

    @Test(
        arguments: [
            ("greting.hello", "greeting.hello"), ("pormpt", "prompt"), ("hangupp", "hangup"), ("zzzzzz", nil),
            ("", nil),
        ] as [(String, String?)])
    func `the nearest name`(name: String, meant: String?) {
        #expect(Names.nearest(to: name, in: ["greeting.hello", "prompt", "hangup"]) == meant)
    }
}
