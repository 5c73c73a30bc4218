import Lines
import Testing

/// What a driver types and what comes back, byte by byte.
@Suite struct SimulatedModemTests {
    @Test(arguments: [
        ("AT", "AT\r\r\nOK\r\n"), ("at", "at\r\r\nOK\r\n"), ("AT+CSQ", "AT+CSQ\r\r\n+CSQ: 23,99\r\n\r\nOK\r\n"),
        ("AT+NOSUCH", "AT+NOSUCH\r\r\nERROR\r\n"),
        ("AT+CSQ;+CFUN?", "AT+CSQ;+CFUN?\r\r\n+CSQ: 23,99\r\n\r\n+CFUN: 1\r\n\r\nOK\r\n"),
        ("ATE0V1+CMEE=2;+CPIN?", "ATE0V1+CMEE=2;+CPIN?\r\r\n+CPIN: READY\r\n\r\nOK\r\n"), ("hello", "hello\r"),
        ("AT?", "AT?\r\r\nERROR\r\n"), ("ATS0?", "ATS0?\r\r\n000\r\n\r\nOK\r\n"),
        ("AT+CREG?", "AT+CREG?\r\r\n+CREG: 0,1\r\n\r\nOK\r\n"),
        ("AT+COPS?", "AT+COPS?\r\r\n+COPS: 0,0,\"CHINA MOBILE\",7\r\n\r\nOK\r\n"),
        ("AT+CMEE=7", "AT+CMEE=7\r\r\nERROR\r\n"), ("AT+CHUP", "AT+CHUP\r\r\nOK\r\n"),
        ("ATA", "ATA\r\r\nNO CARRIER\r\n"),
        ("ATI", "ATI\r\r\nQuectel\r\n\r\nEC25\r\n\r\nRevision: EC25EFAR06A03M4G\r\n\r\nOK\r\n"),
    ])
    func `answers`(_ line: String, _ expected: String) {
        var bench = SimulatorBench()
        #expect(bench.send(line) == expected)
        // Dripped byte by byte it is the same.
        var slow = SimulatorBench()
        slow.type(line + "\r", drip: true)
        slow.wait(1000)
        #expect(slow.said.map(\.text).joined() == expected)
    }

    @Test func `without echo and in numbers`() {
        var bench = SimulatorBench()
        bench.send("ATE0")
        #expect(bench.send("AT") == "\r\nOK\r\n")
        #expect(bench.send("AT\n") == "\r\nOK\r\n")
        #expect(bench.send("ATV0") == "0\r")
        #expect(bench.send("AT+CSQ") == "+CSQ: 23,99\r\n0\r")
        #expect(bench.send("AT+NOSUCH") == "4\r")
        #expect(bench.ring() == "2\r")
        #expect(bench.network(.farEnded(serial: 1, cause: .normal)) == "3\r")
        #expect(bench.send("ATV1") == "\r\nOK\r\n")
    }

    @Test func `commands wait for each other, and A slash repeats`() {
        var bench = SimulatorBench()
        bench.send("ATE0")
        bench.type("AT+CSQ\rAT+CFUN?\r")
        #expect(bench.wait(9) == "")
        #expect(bench.wait(1000) == "\r\n+CSQ: 23,99\r\n\r\nOK\r\n\r\n+CFUN: 1\r\n\r\nOK\r\n")
        bench.type("A/")
        #expect(bench.wait(1000) == "\r\n+CFUN: 1\r\n\r\nOK\r\n")
    }

    @Test func `an unsolicited line comes between the lines of an answer`() {
        var bench = SimulatorBench { $0.lineMilliseconds = 20 }
        bench.setUp()
        bench.type("AT+CSQ\r")
        #expect(bench.wait(20) == "\r\n+CSQ: 23,99\r\n")
        #expect(bench.ring() == "\r\nRING\r\n\r\n+CLIP: \"13800001234\",129,,,,0\r\n")
        #expect(bench.wait(20) == "\r\nOK\r\n")
    }

    @Test func `a line without end is bounded and refused`() {
        var bench = SimulatorBench()
        bench.send("ATE0")
        bench.type("AT" + String(repeating: "+", count: 100_000))
        #expect(bench.wait(1000) == "")
        #expect(bench.send("") == "\r\nERROR\r\n")
        #expect(bench.send("AT") == "\r\nOK\r\n")
    }

    @Test func `any bytes are survived`() {
        var seed: UInt64 = 42
        var bench = SimulatorBench()
        for _ in 0..<2000 {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let head = ["", "AT+", "ATD", "AT+CHLD=", "AT+QCFG=", "AT+VTS=", "AT+CCWA="][Int(seed >> 40) % 7]
            let bytes = (0..<8).map { UInt8(truncatingIfNeeded: seed >> ($0 * 7)) }
            bench.type(head + String(decoding: bytes, as: UTF8.self) + "\r")
            bench.wait(50)
        }
        bench.wait(100_000)
        bench.send("AT&F")
        #expect(bench.send("ATE0").hasSuffix("\r\nOK\r\n"))
        #expect(bench.send("AT") == "\r\nOK\r\n")
    }

    // MARK: - Card

    @Test func `the PIN: asked for, wrong, right`() {
        var bench = SimulatorBench { $0.pin = "1234" }
        bench.send("ATE0+CMEE=1")
        bench.send("AT+CREG=1")
        #expect(bench.lines("AT+CPIN?") == ["+CPIN: SIM PIN", "OK"])
        #expect(bench.lines("AT+CREG?") == ["+CREG: 1,0", "OK"])
        #expect(bench.lines("ATD10086;") == ["+CME ERROR: 11"])
        #expect(bench.lines("AT+CPIN=\"9999\"") == ["+CME ERROR: 16"])
        #expect(
            bench.lines("AT+CPIN=\"1234\"") == [
                "OK", "+CPIN: READY", "+QUSIM: 1", "+QIND: SMS DONE", "+QIND: PB DONE", "+CREG: 2",
            ])
        #expect(bench.wait(1000) == "\r\n+CREG: 1\r\n")
        #expect(bench.lines("AT+CPIN?") == ["+CPIN: READY", "OK"])
        #expect(bench.lines("AT+CPIN=\"1234\"") == ["+CME ERROR: 3"])
        #expect(bench.takeHappenings() == [.ready])
    }

    @Test func `three wrong PINs ask for the PUK`() {
        var bench = SimulatorBench { $0.pin = "1234" }
        bench.send("ATE0+CMEE=2")
        #expect(bench.lines("AT+CPIN=0000") == ["+CME ERROR: incorrect password"])
        #expect(bench.lines("AT+CPIN=0000") == ["+CME ERROR: incorrect password"])
        #expect(bench.lines("AT+QPINC=\"SC\"") == ["+QPINC: \"SC\",1,10", "OK"])
        #expect(bench.lines("AT+CPIN=0000") == ["+CME ERROR: SIM PUK required"])
        #expect(bench.lines("AT+CPIN?") == ["+CPIN: SIM PUK", "OK"])
        #expect(bench.lines("AT+CPIN=1234") == ["+CME ERROR: SIM PUK required"])
        #expect(bench.lines("AT+CPIN=00000000,1234").first == "OK")
        #expect(bench.lines("AT+CPIN?") == ["+CPIN: READY", "OK"])
    }

    @Test func `SIMCom counts the attempts in its own words`() {
        var bench = SimulatorBench(.simcom) { $0.pin = "1234" }
        bench.send("ATE0")
        bench.send("AT+CPIN=0000")
        #expect(bench.lines("AT+SPIC") == ["+SPIC: 2,10,0,10", "OK"])
        #expect(bench.lines("AT+QPINC=\"SC\"") == ["ERROR"])
    }

    @Test func `no card, and a card pulled and put back`() {
        var bench = SimulatorBench { $0.hasCard = false }
        bench.send("ATE0")
        #expect(bench.lines("AT+CPIN?") == ["ERROR"])
        bench.send("AT+CMEE=1")
        #expect(bench.lines("AT+CPIN?") == ["+CME ERROR: 10"])
        bench.send("AT+CREG=1;+QSIMSTAT=1")
        #expect(
            bench.fault(.cardBack)
                == "\r\n+QSIMSTAT: 1,1\r\n\r\n+CPIN: READY\r\n\r\n+QUSIM: 1\r\n\r\n+QIND: SMS DONE\r\n\r\n+QIND: PB DONE\r\n\r\n+CREG: 2\r\n"
        )
        #expect(bench.wait(2000) == "\r\n+CREG: 1\r\n")
        #expect(bench.fault(.cardRemoved) == "\r\n+CREG: 0\r\n\r\n+CPIN: NOT READY\r\n\r\n+QSIMSTAT: 1,0\r\n")
        #expect(bench.lines("AT+CPIN?") == ["+CME ERROR: 10"])
        #expect(bench.lines("AT+CSQ") == ["+CSQ: 99,99", "OK"])
    }

    // MARK: - Start

    @Test(arguments: [
        (ModemKind.quectel, ["RDY", "+CFUN: 1", "+CPIN: READY", "+QUSIM: 1", "+QIND: SMS DONE", "+QIND: PB DONE"]),
        (.simcom, ["RDY", "+CPIN: READY", "SMS DONE", "PB DONE"]), (.generic, []),
    ])
    func `what a start says`(_ kind: ModemKind, _ expected: [String]) {
        var bench = SimulatorBench(kind) { $0.isRunning = false }
        bench.type("AT\r")
        #expect(bench.wait(2999) == "")
        #expect(bench.wait(1).split(whereSeparator: \.isNewline).map(String.init) == expected)
        #expect(bench.lines("AT+CREG?").contains("+CREG: 0,2"))
        bench.wait(1000)
        #expect(bench.lines("AT+CREG?").contains("+CREG: 0,1"))
    }

    @Test func `a restart forgets settings and ends calls`() {
        var bench = SimulatorBench()
        bench.setUp()
        _ = bench.ring()
        _ = bench.takeHappenings()
        bench.type("AT+CFUN=1,1\r")
        #expect(bench.wait(100) == "\r\nOK\r\n")
        #expect(bench.takeHappenings() == [.lost(serial: 1), .restarted(dropsUSB: true)])
        #expect(bench.wait(3000).hasPrefix("\r\nRDY\r\n"))
        #expect(bench.send("AT+CLIP?").hasPrefix("AT+CLIP?\r"))
        #expect(bench.lines("AT+CLIP?").contains("+CLIP: 0,2"))
    }

    // MARK: - Faults

    @Test func `a hang ends by itself, or by a restart alone`() {
        var bench = SimulatorBench()
        bench.setUp()
        bench.fault(.hang(5000))
        #expect(bench.send("AT") == "")
        #expect(bench.ring() == "")
        bench.network(.farEnded(serial: 1, cause: .normal))
        bench.wait(4000)
        #expect(bench.send("AT") == "\r\nOK\r\n")
        bench.fault(.hang(nil))
        #expect(bench.send("AT") == "")
        bench.wait(1_000_000)
        #expect(bench.send("AT") == "")
        bench.send("AT+CFUN=1,1")
        #expect(bench.wait(3000).contains("RDY"))
        #expect(bench.send("ATE0").hasSuffix("\r\nOK\r\n"))
    }

    @Test func `lost network ends calls and is reported`() {
        var bench = SimulatorBench()
        bench.setUp()
        bench.send("AT+CREG=2;+CEREG=1")
        _ = bench.ring()
        bench.send("ATA")
        _ = bench.takeHappenings()
        #expect(bench.fault(.networkLost) == "\r\nNO CARRIER\r\n\r\n+CREG: 2\r\n\r\n+CEREG: 2\r\n")
        #expect(bench.takeHappenings() == [.lost(serial: 1)])
        #expect(bench.ring(2) == "")
        #expect(bench.takeHappenings() == [.notDelivered(serial: 2, isBusy: false)])
        bench.fault(.networkBack)
        #expect(bench.wait(1500) == "\r\n+CREG: 1,\"1A2B\",\"1C3D4E5\",7\r\n\r\n+CEREG: 1\r\n")
    }

    @Test func `slowness and garbage`() {
        var bench = SimulatorBench()
        bench.setUp()
        bench.fault(.slow(factor: 100, milliseconds: 2000))
        bench.type("AT\r")
        #expect(bench.wait(999) == "")
        #expect(bench.wait(1) == "\r\nOK\r\n")
        bench.wait(1000)
        bench.type("AT\r")
        #expect(bench.wait(10) == "\r\nOK\r\n")
        var first = SimulatorBench()
        var second = SimulatorBench()
        first.fault(.garbage(64))
        second.fault(.garbage(64))
        #expect(first.said.map(\.text) == second.said.map(\.text))
        #expect(first.said.first.map { !$0.text.isEmpty } == true)
    }
}
