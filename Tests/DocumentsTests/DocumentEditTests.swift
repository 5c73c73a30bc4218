import Documents
import Testing

private let roster = """
    # Who answers.
    skills: [service, fault]   # what agents can be asked to do

    agents:
      - number: "1001"          # work number
        name: 张三               # for screens
        skills: [service]
        password: made-up-1001  # of the phone
      # The one who leads.
      - number: "8001"
        name: '赵 "六"'
        role: shift_leader

    queues:
      - name: service
        wrap_up: 30s   # after a call
        hours:
          - mon-fri 08:00-12:00,13:00-18:00
          - sat 09:00-12:00

    # The end.
    """

private func edited(
    _ text: String = roster, _ change: (inout DocumentEdit) throws -> Void
) throws -> String {
    var edit = DocumentEdit(text, file: "agents.yaml")
    try change(&edit)
    return edit.text
}

@Suite struct DocumentEditTests {
    @Test func aValueIsChangedInItsLineAndNothingElse() throws {
        let text = try edited {
            try $0.set(
                [.init("name", .text("王 五: \"甲\" # 乙")), .init("skills", .list(["service", "fault"]))],
                where: "number", is: "1001", in: "agents")
        }
        #expect(
            text
                == roster.replacing(
                    "name: 张三               # for", with: #"name: "王 五: \"甲\" # 乙"               # for"#
                )
                .replacing("skills: [service]\n", with: "skills: [service, fault]\n") + "\n")
    }

    @Test func keysComeAndGo() throws {
        let text = try edited {
            try $0.set(
                [
                    .init("password", nil), .init("password_file", .text("secrets/1001.password")),
                    .init("department", .text("客服")), .init("pin", nil),
                ], where: "number", is: "1001", in: "agents")
        }
        #expect(
            text
                == roster.replacing(
                    "    password: made-up-1001  # of the phone\n",
                    with: "    password_file: \"secrets/1001.password\"\n    department: 客服\n") + "\n")
    }

    @Test func entriesComeAndGo() throws {
        let text = try edited {
            try $0.add([.init("number", .text("1002")), .init("name", .text("李四"))], to: "agents")
            try $0.remove(where: "number", is: "1001", in: "agents")
        }
        #expect(text.contains("agents:\n  # The one who leads.\n  - number: \"8001\""))
        #expect(text.contains("role: shift_leader\n  - number: \"1002\"\n    name: 李四\n\nqueues:"))
    }

    @Test func listsInLinesOfTheirOwnAreReplacedWhole() throws {
        let text = try edited {
            try $0.set(
                [.init("hours", .list(["daily 08:00-20:00"])), .init("wrap_up", .plain("1m"))], where: "name",
                is: "service", in: "queues")
        }
        #expect(text.hasSuffix("    wrap_up: 1m   # after a call\n    hours: [\"daily 08:00-20:00\"]\n\n# The end.\n"))
    }

    @Test func keysOfTheFileItself() throws {
        let text = try edited {
            try $0.set([.init("skills", .list(["service"])), .init("key_customers_file", .text("key.txt"))])
        }
        #expect(text.contains("skills: [service]   # what agents can be asked to do\n"))
        #expect(try Document.parse(text, file: "").entries?.last?.key == "key_customers_file")
    }

    /// Entries that share a line are written anew; what cannot be told is refused.
    @Test func otherWaysOfWriting() throws {
        let flow = "agents:\n- {number: \"1\", name: a, n: 5}\n- {number: \"2\"}\n"
        #expect(
            try edited(flow) { try $0.set([.init("name", .text("b"))], where: "number", is: "1", in: "agents") }
                == "agents:\n- number: \"1\"\n  name: b\n  n: 5\n- {number: \"2\"}\n")
        for text in [
            "agents: [{number: \"1\", name: a}, {number: \"2\"}]\n",
            "agents:\n- number: \"1\"\n  name: &n a\n  a: {b: 1}\n- number: \"2\"\n  name: *n\n",
            "agents:\n-\n  number: \"1\"\n- number: \"2\"\n",
        ] {
            #expect(throws: DocumentError.self) {
                try edited(text) { try $0.set([.init("name", .text("b"))], where: "number", is: "1", in: "agents") }
            }
        }
        #expect(throws: DocumentError.self) { try edited { try $0.remove(where: "name", is: "service", in: "queues") } }
        #expect(throws: DocumentError.self) { try edited { try $0.set([], where: "number", is: "7", in: "agents") } }
    }

    @Test func lineEndsOfOtherSystemsStay() throws {
        let text = try edited("a: 1\r\nb: x\r\n") { try $0.set([.init("b", .text("z")), .init("c", .plain("3"))]) }
        #expect(Array(text.utf8) == Array("a: 1\r\nb: z\r\nc: 3\r\n".utf8))
    }

    /// Whatever is put in is read again as it was.
    @Test(arguments: [
        "true", "No", "null", "~", "12", "0x1F", "1e3", "-", "- a", "a: b", "a #b", "#", "&a", "*a", "!t", "[x", "{x",
        "'", "\"", "\\", "\\n", "a\u{FEFF}b", "\u{202E}反", "\u{301}a", "tab\there", "", " lead", "end ", "%", "@", "`",
        "x\u{85}y", "\u{2028}", "🙂", "=", "<<", "2026-11-28",
    ])
    func anyTextComesBack(_ value: String) throws {
        let text = try edited {
            try $0.set(
                [.init("name", .text(value)), .init("skills", .list([value, "b"]))], where: "number", is: "1001",
                in: "agents")
        }
        let agent = try Document.parse(text, file: "").entries?.first { $0.key == "agents" }?.value.items?.first
        let name = agent?.entries?.first { $0.key == "name" }?.value
        #expect(name?.kind == .scalar(value, quoted: true) || name?.text == value)
        #expect(agent?.entries?.first { $0.key == "skills" }?.value.items?.count == 2)
    }
}
