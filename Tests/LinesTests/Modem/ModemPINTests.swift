import Calls
import Testing

import Lines

/// A SIM must never be locked: the PIN is given once.
@Suite struct ModemPINTests {
    private static let wanted = "\r\n+CPIN: SIM PIN\r\n\r\nOK\r\n"
    private static let ready = "\r\n+CPIN: READY\r\n\r\nOK\r\n"
    private static let command = "AT+CPIN=\"1234\""

    private static func bench(_ profile: String = "quectel", attempts: String = "3") throws -> ModemBench {
        var bench = try ModemBench(profile, pin: "1234")
        bench.replies["AT+CPIN?"] = wanted
        bench.replies["AT+QPINC=\"SC\""] = "\r\n+QPINC: \"SC\",\(attempts),10\r\n\r\nOK\r\n"
        bench.replies["AT+SPIC"] = "\r\n+SPIC: \(attempts),10,0,10\r\n\r\nOK\r\n"
        return bench
    }

    private static func given(_ bench: ModemBench) -> Int { bench.commands.count { $0 == command } }

    @Test("The right PIN is given once and the line gets ready")
    func accepted() throws {
        var bench = try Self.bench()
        bench.feed(.start)
        #expect(Self.given(bench) == 1)
        bench.replies["AT+CPIN?"] = Self.ready
        bench.run(for: 2000)
        #expect(bench.state == "ready")
        #expect(bench.alarms.isEmpty)
    }

    @Test(
        "A refused PIN is never given again: not later, not after a reopened port, not after a reset",
        arguments: [
            "quectel", "simcom", "generic",
        ])
    func refused(profile: String) throws {
        var bench = try Self.bench(profile)
        bench.replies[Self.command] = "\r\n+CME ERROR: 16\r\n"
        bench.feed(.start)
        bench.run(for: 60_000)
        #expect(Self.given(bench) == 1)
        #expect(bench.alarms.map(\.kind) == [.pin])
        bench.feed(.portLost("gone"))
        bench.run(for: 60_000)
        bench.say("RDY")
        bench.run(for: 60_000)
        bench.say("+CPIN: READY")
        bench.run(for: 60_000)
        #expect(Self.given(bench) == 1)
        // Somebody entered the right one with a telephone.
        bench.replies["AT+CPIN?"] = Self.ready
        bench.run(for: 11_000)
        #expect(bench.state == "ready")
        #expect(bench.alarms.last == LineAlarm(line: "modem1", kind: .pin, message: nil))
    }

    @Test("A PIN whose answer was lost counts as spent")
    func unanswered() throws {
        var bench = try Self.bench()
        bench.replies[Self.command] = .some(nil)
        bench.feed(.start)
        bench.feed(.portLost("gone"))
        bench.run(for: 60_000)
        #expect(Self.given(bench) == 1)
    }

    @Test("It is not given where an attempt is missing, or nobody knows", arguments: ["2", "1", "0", "x"])
    func fewAttempts(left: String) throws {
        var bench = try Self.bench(attempts: left)
        bench.feed(.start)
        bench.run(for: 30_000)
        #expect(Self.given(bench) == 0)
        #expect(bench.alarms.map(\.kind) == [.pin])
    }

    @Test(
        "Without a PIN in the configuration, with a locked SIM, or another lock, an alarm says so",
        arguments: [
            ("SIM PIN", LineAlarm.Kind.pin, "set one"), ("SIM PUK", .sim, "PUK"),
            ("PH-NET PIN", .sim, "cannot be used"),
        ])
    func states(state: String, kind: LineAlarm.Kind, words: String) throws {
        var bench = try ModemBench()
        bench.replies["AT+CPIN?"] = "\r\n+CPIN: \(state)\r\n\r\nOK\r\n"
        bench.feed(.start)
        bench.run(for: 30_000)
        #expect(bench.alarms.map(\.kind) == [kind])
        #expect(bench.alarms.first?.message?.contains(words) == true)
        #expect(bench.state == "sim")
    }

    @Test("The PIN stands in no alarm and no statistic")
    func secret() throws {
        var bench = try Self.bench()
        bench.replies[Self.command] = "\r\n+CME ERROR: incorrect password\r\n"
        bench.feed(.start)
        bench.run(for: 60_000)
        #expect(!bench.alarms.contains { $0.message?.contains("1234") == true })
        #expect(!"\(bench.machine.statistics)".contains("1234"))
    }
}
