import Calls
import Documents
import Foundation
import Norms
import Switchboard
import Testing

private let secrets = ["p1": "from-a-file-1\nsecond line\n", "short": "seven77", "pin": "0042\r\n", "empty": ""]

private func decode(
    _ text: String, isPublic: Bool = false, files: [String: RosterSource] = [:]
) throws(DocumentErrors) -> (roster: Roster, warnings: [DocumentError]) {
    try Roster.decode(text, file: "agents.yaml", isPublic: isPublic) { path in
        if let file = files[path] { return file }
        return secrets[path].map { .text($0, isPublic: false) } ?? .unreadable("it is not there")
    }
}

/// The complaints about a text, or none where it is sound.
private func complaints(_ text: String) -> [DocumentError] {
    do throws(DocumentErrors) {
        _ = try decode(text)
        return []
    } catch {
        return error.errors
    }
}

/// A sound roster, of which tests spoil one line.
private let sound = """
    skills: [service, fault]
    departments: [客服, 抢修]
    agents:
      - number: "1001"
        name: 张三
        department: 客服
        skills: [service]
        password: made-up-1001
      - number: "8001"
        name: 赵六
        role: shift_leader
        skills: [service, fault]
        password_file: p1
        pin_file: pin
    queues:
      - name: service
        skill: service
        duty: ["8001"]
        hours: [mon-fri 08:00-18:00]
    """

private func spoilt(_ line: String, _ with: String) throws -> String {
    try #require(sound.contains(line))
    return sound.replacingOccurrences(of: line, with: with)
}

@Suite struct RosterTests {
    @Test func conductHasItsDefaultsAndItsRanges() throws {
        #expect(try decode(sound).roster.conduct == ConductRules())
        #expect(ConductRules().handOverFrom == 2)
        #expect(ConductRules().callBackDropped == .offer)
        let (roster, warnings) = try decode(
            sound + "\nconduct: {hand_over_from: 3, callback_dropped: auto, callback_dropped_due: 10m}\n")
        #expect(warnings == [])
        #expect(roster.conduct.handOverFrom == 3)
        #expect(roster.conduct.callBackDropped == .auto)
        #expect(roster.conduct.callBackDroppedDueMilliseconds == 600_000)
        for wrong in [
            "hand_over_from: 0", "hand_over_from: 4", "callback_dropped: maybe", "callback_dropped_due: 5s",
            "angry: 2",
        ] {
            #expect(complaints(sound + "\nconduct: {\(wrong)}\n").count == 1, "\(wrong)")
        }
    }

    @Test func readsWhatStandsThere() throws {
        let (roster, warnings) = try decode(
            """
            skills: [service]
            departments: [客服]
            agents:
              - {number: 1001, name: 张三, department: 客服, skills: service, password: made-up-1001, pin: 0123}
              - {number: 8001, name: 赵六, role: shift_leader, password_file: p1, pin_file: pin}
            queues:
              - name: service
                skill: service
                rings_per_agent: 3
                misses_until_away: 0
                wrap_up: 30s
                maximum_length: 12
                maximum_wait: 10m
                waits_without_agents: false
                announce_every: 45s
                expected_talk: 2m
                reach: 4s
                retry: 2500ms
                duty: [8001]
                hours: [mon-fri 08:00-12:00, "sat,sun 09:00-10:00,11:00-12:30"]
                closed: [2026-10-01..2026-10-03, 2026-12-25]
                open: [2026-10-10, 2026-10-11 09:00-10:00]
                message_due: 2h
                call_back_due: 1h
                service_level: 15s
                short_abandon: 3s
                apology_after_rings: 5
                announce: [greeting, work_number]
            feature_codes: {log_in: "*91", barge: none}
            key_customers: ["139 0000 0001", "+86 577 5555 0002"]
            """)
        #expect(warnings == [])
        #expect(roster.agents.map(\.agent.number.text) == ["1001", "8001"])
        #expect(roster.agents[0].agent.skills == ["service"])
        #expect(roster.agents[0].agent.department == "客服")
        #expect(roster.agents[0].password == Secret("made-up-1001"))
        // YAML would make 83 of it elsewhere; here a PIN stays as written.
        #expect(roster.agents[0].pin == Secret("0123"))
        #expect(roster.agents[1].password == Secret("from-a-file-1"))
        #expect(roster.agents[1].pin == Secret("0042"))
        #expect(roster.agents(of: .shiftLeader).map(\.name) == ["赵六"])
        let queue = try #require(roster.queue("service"))
        #expect(
            queue.rules
                == QueueRules(
                    name: "service", skill: "service", ringsPerAgent: 3, missesUntilAway: 0, wrapUpMilliseconds: 30_000,
                    maximumLength: 12, maximumWaitMilliseconds: 600_000, waitsWithoutAgents: false,
                    announceEveryMilliseconds: 45_000, expectedTalkMilliseconds: 120_000, reachMilliseconds: 4000,
                    retryMilliseconds: 2500, duty: [try #require(WorkNumber("8001"))]))
        #expect(queue.messageDueMilliseconds == 7_200_000)
        #expect(queue.callBackDueMilliseconds == 3_600_000)
        #expect(queue.serviceLevelSeconds == 15)
        #expect(queue.shortAbandonSeconds == 3)
        #expect(queue.apologyAfterRings == 5)
        #expect(queue.announce == [.greeting, .workNumber])
        let hours = queue.hours
        #expect(hours.weekly?[5]?.description == "[08:00-12:00]")
        #expect(hours.weekly?[7]?.description == "[09:00-10:00, 11:00-12:30]")
        #expect(hours.closed.count == 4)
        #expect(hours.open.count == 2)
        // As on Monday, though it is a Saturday.
        #expect(hours.spans(try #require(CivilDate("2026-10-10"))).description == "[08:00-12:00]")
        #expect(roster.codes.codes[.logIn] == "*91")
        #expect(roster.codes.codes[.barge] == nil)
        #expect(roster.codes.codes[.away] == "*14")
        #expect(roster.keyCustomers == ["13900000001", "057755550002"])
    }

    @Test func whatIsLeftOutHasTheDefaults() throws {
        let (roster, _) = try decode(
            """
            agents: [{number: "1001", name: 张三, password: made-up-1001}]
            queues: [{name: service}]
            """)
        #expect(roster.queues == [RosterQueue(rules: QueueRules(name: "service"))])
        #expect(roster.queues[0].hours == .always)
        #expect(roster.queues[0].announce == [.greeting, .unit, .workNumber])
        #expect(roster.codes == .standard)
        #expect(roster.agents[0].agent.role == .agent)
        #expect(roster.agents[0].pin == nil)
        #expect(roster.keyCustomers == [])
    }

    @Test func theShippedExampleIsSound() throws {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../packaging/agents.yaml").standardized.path
        let file = try RosterFile(path: path)
        #expect(file.roster.agents.count == 5)
        #expect(file.roster.queues.map(\.rules.name) == ["service", "fault"])
        #expect(file.roster.codes == .standard)
        #expect(file.roster.keyCustomers.count == 2)
        #expect(file.sha256.count == 64)
        // It warns of its own passwords, one each, and of being readable; of nothing else.
        #expect(file.warnings.filter { $0.message.contains("one of the example") }.count == 5)
        #expect(file.warnings.allSatisfy { $0.code.name == "exposed" })
    }

    struct Row: Sendable, CustomTestStringConvertible {
        var line: String
        var with: String
        var says: String
        var advice = ""
        var at: Int
        var testDescription: String { with }
    }

    @Test(arguments: [
        Row(line: "number: \"8001\"", with: "number: \"1001\"", says: "the work number 1001 is taken in line 4", at: 9),
        Row(line: "number: \"1001\"", with: "number: 10-01", says: "\"10-01\" is no work number", at: 4),
        Row(
            line: "number: \"1001\"", with: "number: 1234567890123", says: "is no work number",
            advice: "Use 1 to 12 letters and digits", at: 4),
        Row(line: "name: 张三", with: "nam: 张三", says: "unknown key \"nam\"", advice: "\"name\"", at: 5),
        Row(line: "name: 张三", with: "name: \"a\\u0007b\"", says: "name in agent \"1001\"", at: 5),
        Row(
            line: "department: 客服", with: "department: 客户", says: "unknown department \"客户\"",
            advice: "Did you mean \"客服\"?", at: 6),
        Row(
            line: "skills: [service]", with: "skills: [servise]", says: "unknown skill \"servise\"",
            advice: "Did you mean \"service\"?", at: 7),
        Row(line: "skills: [service]", with: "skills: [[service]]", says: "a skill must be a text", at: 7),
        Row(
            line: "password: made-up-1001", with: "password: seven77",
            says: "the password of agent \"1001\" must have at least 8 characters", at: 8),
        Row(line: "password: made-up-1001", with: "x: 1", says: "unknown key \"x\"", at: 8),
        Row(
            line: "password: made-up-1001", with: "pin: \"1234\"", says: "agent \"1001\" has no password",
            advice: "Add `password_file: …`", at: 4),
        Row(
            line: "password: made-up-1001", with: "password_file:", says: "agent \"1001\" has no password", at: 4),
        Row(
            line: "password: made-up-1001", with: "password_file: [a]", says: "password_file in agent \"1001\"", at: 8),
        Row(
            line: "password: made-up-1001", with: "password_file: short",
            says: "the password in the first line of short must have at least 8 characters", at: 8),
        Row(
            line: "password: made-up-1001", with: "password_file: empty", says: "must have at least 8 characters", at: 8
        ),
        Row(
            line: "password: made-up-1001", with: "password_file: gone", says: "gone: it is not there",
            advice: "Name a file with the password", at: 8),
        Row(
            line: "pin_file: pin", with: "password: made-up-8001", says: "both password and password_file",
            advice: "Keep `password_file`", at: 14),
        Row(line: "pin_file: pin", with: "pin: 123", says: "the pin of agent \"8001\" must have 4 to 8 digits", at: 14),
        Row(line: "pin_file: pin", with: "pin: 123456789", says: "must have 4 to 8 digits", at: 14),
        Row(line: "pin_file: pin", with: "pin: 12a4", says: "must have 4 to 8 digits", at: 14),
        Row(line: "role: shift_leader", with: "role: leader", says: "role in agent \"8001\" must be one of", at: 11),
        Row(line: "- name: service", with: "- name: Service Desk", says: "no name of a queue", at: 16),
        Row(
            line: "skill: service", with: "skill: faults", says: "unknown skill \"faults\"", advice: "\"fault\"", at: 17
        ),
        Row(
            line: "duty: [\"8001\"]", with: "duty: [\"8002\"]", says: "duty agent \"8002\" of queue \"service\" is not",
            advice: "Did you mean \"8001\"?", at: 18),
        Row(line: "duty: [\"8001\"]", with: "duty: [8001, 8001]", says: "named twice", at: 18),
        Row(line: "duty: [\"8001\"]", with: "rings_per_agent: 0", says: "from 1 to 20", at: 18),
        Row(line: "duty: [\"8001\"]", with: "wrap_up: 30", says: "a duration such as", at: 18),
        Row(line: "duty: [\"8001\"]", with: "service_level: 1500ms", says: "must be whole seconds", at: 18),
        Row(
            line: "duty: [\"8001\"]", with: "maximum_lenght: 3", says: "unknown key \"maximum_lenght\"",
            advice: "\"maximum_length\"", at: 18),
        Row(
            line: "duty: [\"8001\"]", with: "announce: [greting]", says: "knows no \"greting\"", advice: "\"greeting\"",
            at: 18),
        Row(line: "duty: [\"8001\"]", with: "announce: [unit, none]", says: "knows no \"none\"", at: 18),
        Row(line: "duty: [\"8001\"]", with: "announce: [unit, unit]", says: "names unit twice", at: 18),
        Row(
            line: "mon-fri 08:00-18:00", with: "mon-fri 18:00-08:00", says: "the times 18:00-08:00 go backwards",
            advice: "until 24:00, and from 00:00 on the next day", at: 19),
        Row(line: "mon-fri 08:00-18:00", with: "mon-fri 08:00-08:00", says: "go backwards", at: 19),
        Row(line: "mon-fri 08:00-18:00", with: "mon-fri 08:00-24:01", says: "are no times", at: 19),
        Row(line: "mon-fri 08:00-18:00", with: "mon-fri 8:00-18:00", says: "are no times", at: 19),
        Row(line: "mon-fri 08:00-18:00", with: "mon-fri", says: "are no opening hours", at: 19),
        Row(line: "mon-fri 08:00-18:00", with: "fri-mon 08:00-18:00", says: "weekdays fri-mon go backwards", at: 19),
        Row(
            line: "mon-fri 08:00-18:00", with: "mon-fry 08:00-18:00", says: "\"mon-fry\" are no weekdays",
            advice: "Did you mean \"fri\"?", at: 19),
        Row(
            line: "mon-fri 08:00-18:00", with: "mon-fri 08:00-18:00, wed 17:00-19:00",
            says: "wed 17:00-19:00 overlaps 08:00-18:00 of line 19", at: 19),
        Row(
            line: "[mon-fri 08:00-18:00]", with: "[\"mon 08:00-12:00,11:00-13:00\"]",
            says: "11:00-13:00 overlaps 08:00-12:00", at: 19),
        Row(line: "[mon-fri 08:00-18:00]", with: "[\"mon,mon 08:00-12:00\"]", says: "names a weekday twice", at: 19),
        Row(line: "[mon-fri 08:00-18:00]", with: "[]", says: "hours of queue \"service\" are empty", at: 19),
        Row(line: "duty: [\"8001\"]", with: "closed: [2026-02-30]", says: "\"2026-02-30\" is no date", at: 18),
        Row(line: "duty: [\"8001\"]", with: "closed: [2026-10-08..2026-10-01]", says: "go backwards", at: 18),
        Row(line: "duty: [\"8001\"]", with: "closed: [2026-10-01..2028-10-01]", says: "more than a year", at: 18),
        Row(
            line: "duty: [\"8001\"]", with: "closed: 2026-10-01\n    open: 2026-10-01 08:00-09:00",
            says: "2026-10-01 is both closed and open", at: 19),
        Row(
            line: "duty: [\"8001\"]", with: "open: [2026-10-01, 2026-10-01 08:00-09:00]",
            says: "2026-10-01 stands twice in open", at: 18),
        Row(line: "duty: [\"8001\"]", with: "open: [someday]", says: "\"someday\" is no date with times", at: 18),
        Row(
            line: "departments: [客服, 抢修]", with: "departments: [客服, 客服]", says: "stands in line 2 already", at: 2),
        Row(
            line: "skills: [service, fault]", with: "skills: [service, fault, Ä]", says: "must be a name of a–z", at: 1),
    ])
    func namesPlaceAndRemedy(_ row: Row) throws {
        let errors = complaints(try spoilt(row.line, row.with))
        let error = errors.first { $0.message.contains(row.says) }
        let found = try #require(error, "\(errors)")
        #expect(found.line == row.at, "\(found)")
        #expect(found.file == "agents.yaml")
        #expect(row.advice.isEmpty || found.advice.contains(row.advice), "\(found)")
    }

    @Test func oneRunShowsEveryError() throws {
        let errors = complaints(
            """
            agents:
              - {number: "1001", name: 张三, password: short}
              - {number: "1001", name: 李四, password: made-up-1002, skills: [x]}
            queues:
              - {name: service, duty: ["1009"], hours: [mon 9-12]}
              - {name: service, hour: daily}
            """)
        #expect(errors.map(\.line) == [2, 3, 3, 5, 5, 6, 6])
    }

    @Test func noMessageHoldsASecret() throws {
        let errors = complaints(
            """
            agents: [{number: "1001", name: 张三, password: "hush", pin: "hush"}]
            queues: [{name: service}]
            """)
        #expect(errors.count == 2)
        #expect(!errors.contains { $0.description.contains("hush") })
        let (roster, _) = try decode(sound)
        var dumped = ""
        dump(roster, to: &dumped)
        #expect(!dumped.contains("made-up-1001") && !dumped.contains("from-a-file") && !dumped.contains("0042"))
        #expect(!"\(roster)".contains("made-up-1001"))
    }

    @Test func anEmptyFileIsToldWhatItNeeds() {
        #expect(complaints("").first?.message == "the file is empty")
        let errors = complaints("agents: []\n")
        #expect(errors.count == 2)
        #expect(errors.contains { $0.message.contains("at least one entry") })
        #expect(errors.contains { $0.message == "\"queues\" is missing in the agents' file" })
        #expect(complaints("- 1").contains { $0.message.contains("must be a mapping") })
    }

    // MARK: - Feature codes

    @Test func codesMayNotBeginAlike() {
        let text = sound + "\nfeature_codes: {log_out: \"*1\"}"
        let errors = complaints(text)
        #expect(errors.count == 3, "\(errors)")
        #expect(errors.allSatisfy { $0.code.name == "collision" && $0.line == 20 })
        let same = complaints(sound + "\nfeature_codes:\n  log_in: \"*50\"\n  away: \"*50\"")
        #expect(same.map(\.message) == ["away and log_in have the same code \"*50\""])
    }

    @Test func aCodeMayNotBeAWorkNumbersBeginning() {
        let errors = complaints(sound + "\nfeature_codes: {log_in: \"80\"}")
        #expect(errors.map(\.line) == [9])
        #expect(errors.first?.message == "the work number 8001 begins with the feature code \"80\" (log_in)")
    }

    @Test(arguments: ["1", "*1234567", "*1a", "**１"])
    func whatIsNoCodeIsRefused(_ text: String) {
        let errors = complaints(sound + "\nfeature_codes: {log_in: \"\(text)\"}")
        #expect(errors.map(\.line) == [20])
    }

    @Test func matchesWhatIsDialled() throws {
        let codes = FeatureCodes.standard
        #expect(codes.match("*11") == FeatureCodes.Match(code: .logIn, agent: nil))
        #expect(codes.match("*211001") == FeatureCodes.Match(code: .listen, agent: WorkNumber("1001")))
        #expect(codes.match("*31") == FeatureCodes.Match(code: .shiftLeader, agent: nil))
        for other in ["", "*", "*1", "*111", "*21", "*21*", "1001", "11", "*99", "*211234567890123"] {
            #expect(codes.match(other) == nil, "\(other)")
        }
        #expect(FeatureCodes(codes: [:]).match("*11") == nil)
    }

    // MARK: - Key customers, warnings, the disk

    @Test func keyCustomersComeFromAFileToo() throws {
        let files: [String: RosterSource] = [
            "good": .text("# 重要客户\n13900000001  # 医院\n\n+86 13900000002\r\n", isPublic: true),
            "bad": .text("13900000001\nhospital\n", isPublic: true),
        ]
        let (roster, _) = try decode(sound + "\nkey_customers_file: good", files: files)
        #expect(roster.keyCustomers == ["13900000001", "13900000002"])
        #expect(roster.keyCustomerRemarks == ["13900000001": "医院"])
        let error = #expect(throws: DocumentErrors.self) {
            try decode(sound + "\nkey_customers_file: bad", files: files)
        }
        #expect(error?.errors.map(\.file) == ["bad"])
        #expect(error?.errors.map(\.line) == [2])
        let inline = complaints(sound + "\nkey_customers: [\"12\", \"99999999999999999999999\", anonymous, [1]]")
        #expect(inline.count == 4)
        #expect(complaints(sound + "\nkey_customers_file: gone").map(\.line) == [20])
    }

    @Test func warnsOfWhatWorksButShouldNotBe() throws {
        func warnings(_ text: String, isPublic: Bool = false, files: [String: RosterSource] = [:]) throws -> [String] {
            try decode(text, isPublic: isPublic, files: files).warnings.map { "\($0.line): \($0.message)" }
        }
        #expect(try warnings(sound) == [])
        #expect(
            try warnings(sound, isPublic: true)
                == ["8: this file holds secrets, and everybody on the machine may read it"])
        #expect(
            try warnings(sound, files: ["p1": .text("from-a-file-1", isPublic: true)])
                == ["13: everybody on the machine may read p1"])
        #expect(
            try warnings(try spoilt("made-up-1001", "example-only-1001"))
                == ["8: the password of agent \"1001\" is one of the example"])
        #expect(try warnings(try spoilt("role: shift_leader", "role: agent")).first?.hasSuffix("shift leader") == true)
        #expect(
            try warnings(try spoilt("    hours: [mon-fri 08:00-18:00]", ""))
                == ["18: the duty phones of queue \"service\" never ring: it is always open"])
        #expect(
            try warnings(try spoilt("duty: [\"8001\"]", "announce: [work_number, greeting]"))
                == ["18: announce in queue \"service\" is not in the order of the norm"])
        #expect(try warnings(try spoilt("duty: [\"8001\"]", "announce: none")) == [])
        let unserved = try warnings(
            """
            skills: [a]
            agents: [{number: "8001", name: 赵六, role: shift_leader, password: made-up-8001}]
            queues: [{name: q, skill: a}]
            """)
        #expect(unserved == ["3: nobody has the skill \"a\" of the queue \"q\""])
    }

    @Test func filesAreSoughtBesideTheRoster() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("roster-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { #expect(throws: Never.self) { try FileManager.default.removeItem(at: folder) } }
        func write(_ name: String, _ text: String, _ permissions: Int) throws {
            let url = folder.appendingPathComponent(name)
            try Data(text.utf8).write(to: url)
            try FileManager.default.setAttributes([.posixPermissions: permissions], ofItemAtPath: url.path)
        }
        try write("p1", "beside-the-file", 0o600)
        try write("linked", "0815", 0o600)
        try FileManager.default.createSymbolicLink(
            atPath: folder.appendingPathComponent("pin").path, withDestinationPath: "linked")
        try write("agents.yaml", sound, 0o600)
        let path = folder.appendingPathComponent("agents.yaml").path
        let file = try RosterFile(path: path)
        #expect(file.roster.agents[1].password == Secret("beside-the-file"))
        #expect(file.roster.agents[1].pin == Secret("0815"))
        #expect(file.warnings == [])
        try write("p1", "beside-the-file", 0o604)
        try write("agents.yaml", sound, 0o644)
        #expect(try RosterFile(path: path).warnings.map(\.line) == [8, 13])
        #expect(try RosterFile(path: path).sha256 == file.sha256)

        func why(_ path: String) -> String {
            do throws(DocumentErrors) {
                _ = try RosterFile(path: path)
                return "sound"
            } catch {
                return error.description
            }
        }
        #expect(why(folder.path).contains("no file, but a folder"))
        #expect(why("/dev/zero").contains("no file, but a folder or a device"))
        #expect(why(folder.appendingPathComponent("gone").path).contains("cannot be read"))
        try Data([0xFF, 0xFE]).write(to: folder.appendingPathComponent("agents.yaml"))
        #expect(why(path).contains("not UTF-8"))
        try Data(repeating: 0x20, count: (1 << 20) + 1).write(to: folder.appendingPathComponent("agents.yaml"))
        #expect(why(path).contains("larger than"))
    }
}
