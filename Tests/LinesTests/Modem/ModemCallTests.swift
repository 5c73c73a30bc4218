import Calls
import Media
import Testing

import Lines

/// What the line does with calls, in virtual time.
@Suite struct ModemCallTests {
    @Test("From the port to a line that takes calls", arguments: ["quectel", "simcom", "generic"])
    func setUp(profile: String) throws {
        var bench = try ModemBench(profile)
        bench.feed(.start)
        bench.run(for: 1000)
        #expect(bench.state == "ready")
        #expect(bench.alarms.isEmpty)
        #expect(bench.commands.prefix(2) == ["open port", "AT"])
        #expect(bench.commands.contains("AT+CLIP=1"))
        let statistics = bench.machine.statistics
        #expect(statistics.signalDBm == -71)
        #expect(statistics.registration == "registered")
        #expect(statistics.networkOperator == "CHINA MOBILE")
        #expect(statistics.model?.contains(profile == "simcom" ? "SIM7600" : "EC25") == true)
        #expect(statistics.model?.contains("8612") == false)
        // The card is looked at once.
        #expect(bench.commands.filter { $0.hasSuffix("card") } == ["open card", "close card"])
        bench.forget()
        bench.run(for: 60_000)
        #expect(bench.commands.filter { $0.hasSuffix("card") } == ["open card", "close card"])
    }

    @Test("A call rings, is answered, talks and is given up by the far end")
    func answered() throws {
        var bench = try ModemBench.ready()
        bench.ring()
        let leg = bench.leg
        #expect(bench.log == ["1000 offered 13800138000", "1000 alerted modem", "1000 rang 1"])
        bench.run(for: 1000)
        bench.feed(.answer(leg))
        #expect(bench.log.suffix(2) == ["2000 answered", "2000 established"])
        bench.run(for: 7000)
        bench.forget()
        bench.say("NO CARRIER")
        #expect(bench.log == ["9000 released carrier_lost"])
        #expect(
            bench.releases == [
                LineRelease(cause: .carrierLost, reason: "+CEER: 5,16", q850: 16, message: "NO CARRIER")
            ])
        #expect(bench.commands.contains("AT+CEER"))
        #expect(bench.commands.contains("close card"))
        #expect(bench.machine.statistics.answered == 1)
        #expect(bench.machine.statistics.missed == 0)
    }

    @Test("The card is open and media stands before ATA is sent")
    func order() throws {
        var bench = try ModemBench.ready("simcom")
        bench.replies["ATA"] = "\r\nVOICE CALL: BEGIN\r\n\r\nOK\r\n"
        bench.ring()
        bench.run(for: 1000)
        bench.feed(.answer(bench.leg))
        #expect(bench.commands == ["open card", "open media", "ATA", "AT+CPCMREG=1", "configure media"])
        #expect(bench.log.suffix(2) == ["2000 answered", "2000 established"])
        bench.calls = ["+CLCC: 1,1,0,0,0,\"13800138000\",129"]
        bench.say("VOICE CALL: END: 000041")
        bench.say("NO CARRIER")
        #expect(bench.releases.map(\.cause) == [.carrierLost])
        #expect(bench.commands.suffix(3).contains("AT+CPCMREG=0"))
    }

    @Test("Every RING is told with its instant, also those before the number is known")
    func rings() throws {
        var bench = try ModemBench.ready()
        bench.say("RING")
        #expect(bench.log.isEmpty)
        bench.run(for: 300)
        bench.say("+CLIP: \"057186865598\",129,,,,0")
        #expect(bench.log == ["1000 offered 057186865598", "1000 alerted modem", "1000 rang 1"])
        bench.run(for: 4700)
        bench.ring()
        bench.run(for: 5000)
        bench.ring()
        #expect(bench.log.suffix(2) == ["6000 rang 2", "11000 rang 3"])
        #expect(bench.machine.statistics.rings == 3)
        #expect(bench.offers.count == 1)
    }

    @Test("Without a number in time the caller is withheld; the instant stays the first RING's")
    func withheld() throws {
        var bench = try ModemBench.ready()
        bench.say("RING")
        bench.run(for: 799)
        #expect(bench.log.isEmpty)
        bench.run(for: 1)
        #expect(bench.log == ["1000 offered withheld", "1000 alerted modem", "1000 rang 1"])
        #expect(bench.offers.first?.callerRaw == nil)
    }

    @Test(
        "Numbers as modems give them",
        arguments: [
            ("+CLIP: \"13800138000\",129,,,,0", "13800138000", "13800138000"),
            ("+CLIP: \"8613800138000\",145,\"\",0,\"\",0", "13800138000", "+8613800138000"),
            ("+CLIP: \"+8657186865598\",145", "057186865598", "+8657186865598"),
            ("+CLIP: \"\",128,,,,1", nil, nil),
            ("+CLIP: \"13800138000\",129,,,,1", nil, "13800138000"),
            ("+CLIP: \"\u{202E}138\u{7}001;DROP\",129", "138001DROP", "138001;DROP"),
        ] as [(String, String?, String?)])
    func numbers(line: String, caller: String?, raw: String?) throws {
        var bench = try ModemBench.ready()
        bench.say("RING")
        bench.say(line)
        #expect(bench.offers.map(\.callerRaw) == [raw])
        if line.contains("DROP") {
            #expect(bench.offers.first?.caller?.contains(";") == false)
        } else {
            #expect(bench.offers.map(\.caller) == [caller])
        }
        #expect(bench.offers.first?.called == "86865598")
        #expect(bench.offers.first?.callerSource == "clip")
    }

    @Test("Rings that cease are a missed call", arguments: ["quectel", "simcom", "generic"])
    func missed(profile: String) throws {
        var bench = try ModemBench.ready(profile)
        bench.ring()
        bench.run(for: 5000)
        bench.say("RING")
        bench.run(for: 8999)
        #expect(bench.releases.isEmpty)
        bench.run(for: 1)
        #expect(bench.log.last == "15000 released carrier_lost")
        #expect(bench.releases.first?.message == "RING ceased after 2, none for 9000 ms")
        #expect(bench.machine.statistics.missed == 1)
        #expect(!bench.commands.contains("ATA"))
    }

    @Test(
        "A word of the modem ends a ringing call at once, and is told once",
        arguments: [
            ("quectel", ["^DSCI: 1,1,6,0,13800138000,129", "NO CARRIER"], "NO CARRIER"),
            ("quectel", ["NO CARRIER"], "NO CARRIER"),
            ("simcom", ["MISSED_CALL: 08:48AM 13800138000"], "MISSED_CALL:*"),
            ("generic", ["NO CARRIER"], "NO CARRIER"),
        ] as [(String, [String], String)])
    func missedByWord(profile: String, words: [String], message: String) throws {
        var bench = try ModemBench.ready(profile)
        // The reason comes after what the modem says of itself.
        let reason = bench.replies["AT+CEER"] ?? nil
        bench.replies["AT+CEER"] = .some(nil)
        bench.ring()
        bench.run(for: 3000)
        for word in words { bench.say(word) }
        bench.feed(.received(Array((reason ?? ModemBench.ok).utf8)))
        bench.run(for: 20_000)
        #expect(bench.log.suffix(1) == ["4000 released carrier_lost"])
        #expect(bench.releases.map(\.message) == [message])
        #expect(bench.machine.statistics.missed == 1)
    }

    @Test("We release: the modem hangs up, and the command is the evidence")
    func released() throws {
        var bench = try ModemBench.talking()
        bench.feed(.release(bench.leg))
        #expect(bench.commands.first == "AT+CHUP")
        #expect(bench.releases == [LineRelease(cause: .local, message: "AT+CHUP sent")])
        bench.say("NO CARRIER")
        bench.run(for: 5000)
        #expect(bench.releases.count == 1)
    }

    @Test("Where one command is refused the next is tried; where none is taken the leg ends all the same")
    func hangUpRefused() throws {
        var bench = try ModemBench.talking()
        bench.replies["AT+CHUP"] = "\r\nERROR\r\n"
        bench.feed(.release(bench.leg))
        #expect(bench.commands.prefix(2) == ["AT+CHUP", "ATH"])
        #expect(bench.releases.first?.message == "ATH sent")

        var other = try ModemBench.talking()
        other.replies["AT+CHUP"] = "\r\nERROR\r\n"
        other.replies["ATH"] = "\r\nERROR\r\n"
        other.feed(.release(other.leg))
        #expect(other.releases.first?.message == "ATH sent, which the modem did not confirm: ERROR")
        // Somebody still sits there: the list says so, and it is tried again.
        #expect(other.commands.contains("AT+CLCC"))
        #expect(other.commands.count { $0 == "AT+CHUP" } == 2)
    }

    @Test("A refused call is hung up, never answered")
    func refused() throws {
        var bench = try ModemBench.ready()
        bench.ring()
        bench.feed(.refuse(bench.leg))
        #expect(bench.releases == [LineRelease(cause: .refused, message: "AT+CHUP sent")])
        #expect(!bench.commands.contains("ATA"))
        #expect(bench.commands.last == "close card")
    }

    @Test("A draining line offers a call and hangs it up")
    func draining() throws {
        var bench = try ModemBench.ready()
        bench.feed(.drain)
        bench.ring()
        #expect(
            bench.log == ["1000 offered 13800138000", "1000 alerted modem", "1000 rang 1", "1000 released refused"])
        #expect(bench.machine.statistics.turnedAway == 1)
    }

    @Test(
        "ATA that fails",
        arguments: [
            ("\r\nNO CARRIER\r\n", LineRelease.Cause.carrierLost, "NO CARRIER"),
            ("\r\nERROR\r\n", .failed, "ATA: ERROR"),
        ] as [(String, LineRelease.Cause, String)])
    func answerFails(reply: String, cause: LineRelease.Cause, message: String) throws {
        var bench = try ModemBench.ready()
        bench.replies["ATA"] = reply
        bench.ring()
        bench.feed(.answer(bench.leg))
        #expect(bench.releases.map(\.cause) == [cause])
        #expect(bench.releases.map(\.message) == [message])
        #expect(!bench.log.contains { $0.hasSuffix("answered") })
    }

    @Test("A release while ATA is under way waits for it and tells no answer")
    func releaseWhileAnswering() throws {
        var bench = try ModemBench.ready()
        bench.replies["ATA"] = .some(nil)
        bench.ring()
        bench.feed(.answer(bench.leg))
        bench.feed(.release(bench.leg))
        #expect(bench.releases.isEmpty)
        bench.say("OK")
        #expect(bench.commands.last == "close card")
        #expect(bench.log.last == "1000 released local")
        #expect(!bench.log.contains { $0.hasSuffix("answered") })
    }

    @Test(
        "Keys: by ASCII code, by name, and none that is no key",
        arguments: [
            ("quectel", "+QTONEDET: 53", "5"), ("quectel", "+QTONEDET: 42", "*"), ("quectel", "+QTONEDET: 35", "#"),
            ("quectel", "+QTONEDET: 300", nil), ("quectel", "+QTONEDET: x", nil), ("quectel", "+QTONEDET:", nil),
            ("simcom", "+RXDTMF: 8", "8"), ("simcom", "+RXDTMF: d", "D"), ("simcom", "+RXDTMF: ", nil),
        ] as [(String, String, String?)])
    func keys(profile: String, line: String, key: String?) throws {
        var bench = try ModemBench.talking(profile)
        bench.say(line)
        #expect(bench.log == (key.map { ["4000 key \($0) modem 0"] } ?? []))
    }

    @Test("Without reports keys are sought in the audio; keys are sent one by one")
    func keysOtherwise() throws {
        var bench = try ModemBench.ready("generic")
        bench.ring()
        bench.feed(.answer(bench.leg))
        #expect(bench.commands.contains("configure media with keys"))
        bench.forget()
        bench.feed(.sendKeys(bench.leg, [try #require(Key("1")), try #require(Key("#"))]))
        #expect(bench.commands == ["AT+VTS=1", "AT+VTS=#"])
    }

    @Test("A call that knocks is offered as waiting, refused and over; the first goes on")
    func waiting() throws {
        var bench = try ModemBench.talking()
        let first = bench.leg
        bench.say("+CCWA: \"13900139000\",129,1")
        #expect(bench.log == ["4000 offered 13900139000 waiting"])
        #expect(bench.leg != first)
        bench.feed(.refuse(bench.leg))
        #expect(bench.commands == ["AT+CHLD=0"])
        #expect(bench.releases == [LineRelease(cause: .refused, message: "AT+CHLD=0 sent")])
        // The modem says it again, and that it ended: the list shows that it was the other one.
        bench.say("+CCWA: \"13900139000\",129,1")
        bench.say("^DSCI: 2,1,6,0,13900139000,129")
        #expect(bench.commands.last == "AT+CLCC")
        bench.run(for: 5000)
        #expect(bench.releases.count == 1)
        #expect(bench.machine.statistics.waitingRefused == 1)
        // The first call ends by itself.
        bench.calls = []
        bench.say("NO CARRIER")
        #expect(bench.log.last == "9000 released carrier_lost")
    }

    @Test("While another call waits, an end without a call in the list is the first call's")
    func endWhileWaiting() throws {
        var bench = try ModemBench.talking()
        bench.say("+CCWA: \"13900139000\",129,1")
        bench.calls = ["+CLCC: 2,1,4,0,0,\"13900139000\",129"]
        bench.say("NO CARRIER")
        #expect(bench.log.suffix(2) == ["4000 released refused", "4000 released carrier_lost"])
        // It rings on: a new call.
        bench.run(for: 4000)
        bench.ring("13900139000")
        #expect(bench.log.last == "8000 rang 1")
    }

    @Test("A RING in a call is one that waits; one that crossed the answer is not")
    func ringWhileBusy() throws {
        var bench = try ModemBench.ready()
        bench.ring()
        bench.feed(.answer(bench.leg))
        bench.forget()
        bench.run(for: 200)
        bench.say("RING")
        bench.run(for: 2000)
        #expect(bench.offers.isEmpty)
        bench.say("RING")
        bench.run(for: 800)
        #expect(bench.log == ["3200 offered withheld waiting"])
    }

    @Test("A waiting call that ceases is told")
    func waitingCeases() throws {
        var bench = try ModemBench.talking()
        bench.say("+CCWA: \"13900139000\",129,1")
        bench.run(for: 30_000)
        #expect(bench.releases.map(\.message) == ["the waiting call ceased"])
        #expect(bench.log.filter { $0.contains("released") }.count == 1)
    }

    @Test("A call of somebody else's past is hung up; one that rings is left")
    func leftover() throws {
        var bench = try ModemBench()
        bench.calls = ["+CLCC: 1,1,0,0,0,\"13800138000\",129"]
        bench.feed(.start)
        bench.run(for: 100)
        #expect(bench.commands.contains("AT+CHUP"))
        var ringing = try ModemBench()
        ringing.calls = ["+CLCC: 1,1,4,0,0,\"13800138000\",129"]
        ringing.feed(.start)
        ringing.run(for: 100)
        #expect(!ringing.commands.contains("AT+CHUP"))
    }

    @Test("A RING before the line is ready is the first RING of its call")
    func early() throws {
        var bench = try ModemBench()
        bench.replies["AT+CPIN?"] = .some(nil)
        bench.feed(.start)
        bench.run(for: 1000)
        bench.say("RING")
        bench.run(for: 2000)
        bench.feed(.received(Array("\r\n+CPIN: READY\r\n\r\nOK\r\n".utf8)))
        bench.ring()
        #expect(bench.log == ["1000 offered 13800138000", "1000 alerted modem", "1000 rang 1", "3000 rang 2"])
    }

    @Test("A card that was just closed is given a moment before it is opened for the next call")
    func cardSettles() throws {
        var bench = try ModemBench.talking()
        bench.feed(.release(bench.leg))
        bench.run(for: 100)
        bench.forget()
        bench.ring("13900139000")
        bench.feed(.answer(bench.leg))
        #expect(!bench.commands.contains("open card"))
        bench.run(for: 199)
        #expect(!bench.commands.contains("open card"))
        bench.run(for: 1)
        #expect(bench.commands.prefix(3) == ["open card", "open media", "ATA"])
        #expect(bench.log.last == "4300 established")
    }

    @Test("Stop hangs up and is quiet when the modem has done it")
    func stop() throws {
        var bench = try ModemBench.talking()
        bench.feed(.stop)
        #expect(bench.log == ["4000 released local", "4000 quiet"])
        #expect(bench.commands.contains("close port"))
        #expect(bench.machine.deadline == nil)
        var idle = try ModemBench.ready()
        idle.feed(.stop)
        #expect(idle.log == ["1000 quiet"])
    }
}
