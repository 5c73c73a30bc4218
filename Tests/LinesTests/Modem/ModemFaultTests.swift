import Calls
import Media
import Testing

import Lines

/// The fault table: what happens to modem, SIM, network, card, and what the line did about it.
@Suite struct ModemFaultTests {
    struct Fault: Sendable, CustomTestStringConvertible {
        var name: String
        /// In a call that talks, or in an idle line.
        var inCall: Bool
        var happens: @Sendable (inout ModemBench) -> Void
        /// What was told, in order, with virtual milliseconds.
        var told: [String]
        /// Ends in this state.
        var state: String
        var testDescription: String { name }
    }

    static let faults: [Fault] = [
        Fault(
            name: "port gone while idle, back after 4 s", inCall: false,
            happens: { bench in
                bench.portWorks = false
                bench.feed(.portLost("/dev/x is gone"))
                bench.run(for: 4000)
                bench.portWorks = true
                bench.run(for: 4000)
            },
            told: ["1000 ALARM port", "2000 ALARM port", "8000 clear port"], state: "ready"),
        Fault(
            name: "port gone in a call", inCall: true,
            happens: { bench in
                bench.feed(.portLost("/dev/x is gone"))
                bench.calls = []
                bench.run(for: 2000)
            },
            told: ["4000 ALARM port", "4000 released failed", "5000 clear port"], state: "ready"),
        Fault(
            name: "port gone while it rings", inCall: false,
            happens: { bench in
                bench.say("RING")
                bench.feed(.portLost("/dev/x is gone"))
                bench.run(for: 2000)
            },
            told: [
                "1000 ALARM port", "1000 offered withheld", "1000 alerted modem", "1000 rang 1",
                "1000 released failed", "2000 clear port",
            ], state: "ready"),
        Fault(
            name: "modem hangs while idle and comes back from the reset", inCall: false,
            happens: { bench in
                bench.isMute = true
                bench.run(for: 100_000)
                bench.isMute = false
                bench.run(for: 100_000)
            },
            told: ["12400 ALARM unresponsive", "132000 clear unresponsive"], state: "ready"),
        Fault(
            name: "modem hangs in a call", inCall: true,
            happens: { bench in
                bench.isMute = true
                bench.run(for: 45_000)
                bench.isMute = false
                bench.calls = []
                bench.run(for: 30_000)
            },
            told: ["12400 ALARM unresponsive", "12400 released failed", "50000 clear unresponsive"], state: "ready"),
        Fault(
            name: "modem starts anew in a call", inCall: true,
            happens: { bench in
                bench.calls = []
                bench.say("RDY")
                bench.run(for: 1000)
            },
            told: ["4000 released failed"], state: "ready"),
        Fault(
            name: "SIM pulled and put back in a call", inCall: true,
            happens: { bench in
                bench.replies["AT+CPIN?"] = "\r\n+CME ERROR: 10\r\n"
                bench.say("+QSIMSTAT: 1,0")
                bench.run(for: 12_000)
                bench.say("NO CARRIER")
                bench.replies["AT+CPIN?"] = "\r\n+CPIN: READY\r\n\r\nOK\r\n"
                bench.say("+QSIMSTAT: 1,1")
                bench.run(for: 1000)
            },
            told: ["4000 ALARM sim", "14000 ALARM sim", "16000 released carrier_lost", "16500 clear sim"],
            state: "ready"),
        Fault(
            name: "network lost, call goes on, network back", inCall: true,
            happens: { bench in
                bench.replies["AT+CREG?"] = "\r\n+CREG: 1,2\r\n\r\nOK\r\n"
                bench.replies["AT+CEREG?"] = "\r\n+CEREG: 1,0\r\n\r\nOK\r\n"
                bench.say("+CREG: 2")
                bench.say("+CEREG: 0")
                bench.run(for: 31_000)
                bench.say("+CEREG: 1,\"1A2B\",\"01234567\",7")
                bench.run(for: 1000)
            },
            told: ["34000 ALARM registration", "35000 clear registration"], state: "ready"),
        Fault(
            name: "network lost, and with it the call, as the modem's list says", inCall: true,
            happens: { bench in
                bench.say("+CREG: 2")
                bench.say("+CEREG: 0")
                bench.calls = []
                bench.run(for: 13_000)
            },
            told: ["12500 released carrier_lost"], state: "ready"),
        Fault(
            name: "network denies the SIM", inCall: false,
            happens: { bench in
                bench.say("+CREG: 3")
                bench.say("+CEREG: 3")
                bench.run(for: 1000)
                bench.say("+CREG: 1")
            },
            told: ["1000 ALARM registration", "2000 clear registration"], state: "ready"),
        Fault(
            name: "card lost in a call for longer than 10 s", inCall: true,
            happens: { bench in
                bench.feed(.card(.lost(reason: "unplugged")))
                bench.cardWorks = nil
                bench.run(for: 11_000)
            },
            told: ["4000 ALARM audio", "14000 released failed"], state: "ready"),
        Fault(
            name: "card lost in a call and back in time", inCall: true,
            happens: { bench in
                bench.feed(.card(.lost(reason: "xrun storm")))
                bench.run(for: 9000)
                bench.feed(.card(.opened(rate: 8000, channels: 1)))
                bench.run(for: 9000)
            },
            told: ["4000 ALARM audio", "13000 clear audio"], state: "ready"),
        Fault(
            name: "card missing before a call: found by the probe, the call hung up, then found again", inCall: false,
            happens: { bench in
                bench.cardWorks = false
                bench.run(for: 60_000)
                bench.ring()
                bench.feed(.answer(bench.leg))
                bench.run(for: 3000)
                bench.cardWorks = true
                bench.run(for: 10_000)
            },
            told: [
                "60000 ALARM audio", "61000 offered 13800138000", "61000 alerted modem", "61000 rang 1",
                "63000 released failed", "73000 clear audio",
            ], state: "ready"),
        Fault(
            name: "card says nothing when a call comes", inCall: false,
            happens: { bench in
                bench.cardWorks = nil
                bench.ring()
                bench.feed(.answer(bench.leg))
                bench.run(for: 2000)
            },
            told: [
                "1000 offered 13800138000", "1000 alerted modem", "1000 rang 1", "3000 ALARM audio",
                "3000 released failed",
            ], state: "ready"),
        Fault(
            name: "media engine refuses the leg", inCall: false,
            happens: { bench in
                bench.mediaWorks = false
                bench.ring()
                bench.feed(.answer(bench.leg))
            },
            told: ["1000 offered 13800138000", "1000 alerted modem", "1000 rang 1", "1000 released failed"],
            state: "ready"),
        Fault(
            name: "over-long garbage in a call", inCall: true,
            happens: { bench in
                var random = SeededRandom(3)
                for _ in 0..<200 {
                    let bytes = (0..<300).map { _ in UInt8(truncatingIfNeeded: random.next() | 0x80) }
                    bench.feed(.received(bytes))
                }
                bench.feed(.received(Array("\r\n".utf8)))
                bench.run(for: 30_000)
            },
            told: [], state: "ready"),
    ]

    @Test("Fault", arguments: faults)
    func fault(_ fault: Fault) throws {
        var bench = fault.inCall ? try ModemBench.talking() : try ModemBench.ready()
        fault.happens(&bench)
        #expect(bench.log == fault.told)
        #expect(bench.state == fault.state)
        // Whatever it was: the line takes the next call.
        bench.cardWorks = true
        bench.mediaWorks = true
        bench.calls = []
        if fault.state == "ready" {
            bench.feed(.release(bench.leg))
            bench.run(for: 15_000)
            bench.forget()
            bench.ring("13900139000")
            #expect(bench.log.first?.hasSuffix("offered 13900139000") == true)
            bench.run(for: 500)
            bench.feed(.answer(bench.leg))
            #expect(bench.log.last?.hasSuffix("established") == true)
        }
    }

    @Test("The pauses between attempts at the port double up to a minute, and begin anew after success")
    func backOff() throws {
        var bench = try ModemBench()
        bench.portWorks = false
        bench.feed(.start)
        var attempts: [Int64] = []
        var seen = 1
        while attempts.count < 9 {
            bench.run(for: 1000)
            let opened = bench.commands.count { $0 == "open port" }
            if opened > seen { attempts.append(bench.now / 1000) }
            seen = opened
        }
        #expect(zip(attempts, [0] + attempts).map(-) == [1, 2, 4, 8, 16, 32, 60, 60, 60])
        #expect(bench.alarms.count == 1)
        bench.portWorks = true
        bench.run(for: 61_000)
        #expect(bench.state == "ready")
        #expect(bench.alarms.last?.message == nil)
        bench.portWorks = false
        bench.feed(.portLost("gone"))
        let before = bench.commands.count { $0 == "open port" }
        bench.run(for: 1000)
        #expect(bench.commands.count { $0 == "open port" } == before + 1)
    }

    @Test("A mute modem is reset, given time, and the port opened anew, again and again with longer pauses")
    func mute() throws {
        var bench = try ModemBench()
        bench.isMute = true
        bench.feed(.start)
        bench.run(for: 55_000)
        #expect(
            bench.commands == [
                "open port", "AT", "AT", "AT", "AT+CFUN=1,1", "close port",
                "open port", "AT", "AT", "AT", "AT+CFUN=1,1", "close port",
                "open port", "AT", "AT", "AT", "AT+CFUN=1,1",
            ])
        #expect(bench.alarms.map(\.kind) == [.unresponsive])
        #expect(bench.machine.statistics.resets == 3)
        bench.isMute = false
        // It says that it has started: nothing is waited for.
        bench.say("RDY")
        bench.run(for: 1000)
        #expect(bench.state == "ready")
        #expect(bench.alarms.last?.message == nil)
    }

    @Test("A modem of another make is told, not guessed at")
    func otherMake() throws {
        var bench = try ModemBench("simcom")
        bench.replies["ATI"] = "\r\nQuectel\r\nEC25\r\n\r\nOK\r\n"
        bench.replies["AT+CGMM"] = "\r\nEC25\r\n\r\nOK\r\n"
        bench.feed(.start)
        bench.run(for: 100)
        #expect(bench.alarms.first?.message?.contains("calls itself \"Quectel EC25 EC25\"") == true)
        #expect(bench.state == "closed")
    }

    @Test("A command that cannot be done without is refused: told, and tried again later")
    func requiredRefused() throws {
        var bench = try ModemBench()
        bench.replies["AT+CLIP=1"] = "\r\n+CME ERROR: 3\r\n"
        bench.feed(.start)
        bench.run(for: 500)
        #expect(bench.alarms.first?.message?.contains("refused AT+CLIP=1: +CME ERROR: 3") == true)
        bench.replies["AT+CLIP=1"] = ModemBench.ok
        bench.run(for: 1000)
        #expect(bench.state == "ready")
        #expect(bench.alarms.last?.message == nil)
    }

    @Test("An optional command that was refused without a network is sent again with one")
    func optionalRefused() throws {
        var bench = try ModemBench()
        bench.replies["AT+CCWA=1,1"] = "\r\n+CME ERROR: no network service\r\n"
        bench.replies["AT+CREG?"] = "\r\n+CREG: 1,2\r\n\r\nOK\r\n"
        bench.replies["AT+CEREG?"] = "\r\n+CEREG: 1,2\r\n\r\nOK\r\n"
        bench.feed(.start)
        bench.run(for: 500)
        #expect(bench.state == "ready")
        #expect(bench.commands.count { $0 == "AT+CCWA=1,1" } == 1)
        bench.say("+CREG: 1")
        bench.run(for: 500)
        #expect(bench.commands.count { $0 == "AT+CCWA=1,1" } == 2)
    }

    @Test("The audio channel is tried several times; without it the call is hung up")
    func audioChannel() throws {
        var bench = try ModemBench.ready("simcom")
        bench.replies["AT+CPCMREG=1"] = "\r\nERROR\r\n"
        bench.ring()
        bench.feed(.answer(bench.leg))
        bench.run(for: 5000)
        #expect(bench.commands.count { $0 == "AT+CPCMREG=1" } == 6)
        #expect(bench.releases.first?.message == "no audio: AT+CPCMREG=1: ERROR")
        #expect(!bench.log.contains { $0.hasSuffix("established") })
    }
}
