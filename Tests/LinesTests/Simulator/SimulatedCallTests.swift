import Lines
import Testing

/// The life of calls on each kind of modem.
@Suite struct SimulatedCallTests {
    @Test(arguments: [
        (ModemKind.quectel, "+CLIP: \"13800001234\",129,,,,0"), (.simcom, "+CLIP: \"13800001234\",129,\"\",,\"\",0"),
        (.generic, "+CLIP: \"13800001234\",129,,,,0"),
    ])
    func `a call rings in the modem's own time and tells its number`(_ kind: ModemKind, _ clip: String) {
        var bench = SimulatorBench(kind)
        bench.setUp()
        let interval: Int64 = [.quectel: 6000, .simcom: 5000, .generic: 4000][kind] ?? 0
        #expect(bench.ring() == "\r\nRING\r\n\r\n\(clip)\r\n")
        #expect(bench.wait(interval - 1) == "")
        #expect(bench.wait(1) == "\r\nRING\r\n\r\n\(clip)\r\n")
        #expect(bench.takeHappenings() == [.ready, .rang(serial: 1, count: 1), .rang(serial: 1, count: 2)])
    }

    @Test func `withheld, international, before the ring, and not asked for`() {
        var bench = SimulatorBench()
        bench.send("ATE0")
        #expect(bench.ring(1) == "\r\nRING\r\n")
        bench.network(.farEnded(serial: 1, cause: .normal))
        bench.send("AT+CLIP=1;+CRC=1")
        #expect(bench.ring(2, from: nil) == "\r\n+CRING: VOICE\r\n\r\n+CLIP: \"\",128,,,,1\r\n")
        bench.network(.farEnded(serial: 2, cause: .normal))
        #expect(
            bench.ring(3, from: "+8613800001234", clip: .beforeRing)
                == "\r\n+CLIP: \"+8613800001234\",145,,,,0\r\n\r\n+CRING: VOICE\r\n")
        bench.network(.farEnded(serial: 3, cause: .normal))
        #expect(bench.ring(4, clip: .none) == "\r\n+CRING: VOICE\r\n")
    }

    @Test func `Quectel's ring setting changes the interval`() {
        var bench = SimulatorBench()
        bench.setUp()
        #expect(
            bench.lines("AT+QCFG=\"urc/ri/ring\"") == [
                "+QCFG: \"urc/ri/ring\",\"auto\",120,1000,5000,\"off\",1", "OK",
            ])
        #expect(bench.lines("AT+QCFG=\"urc/ri/ring\",\"auto\",120,1000,2000") == ["OK"])
        #expect(bench.lines("AT+QCFG=\"urc/ri/ring\",\"loud\"") == ["ERROR"])
        _ = bench.ring()
        #expect(bench.wait(3000).contains("RING"))
    }

    @Test func `Quectel: answered, heard on the card only through port 2, ended by the far end`() {
        var bench = SimulatorBench()
        bench.setUp()
        _ = bench.ring()
        _ = bench.takeHappenings()
        bench.type("ATA\r")
        #expect(bench.wait(99) == "")
        #expect(bench.wait(1) == "\r\nOK\r\n")
        #expect(bench.takeHappenings() == [.answered(serial: 1)])
        #expect(bench.wait(20_000) == "")
        bench.send("AT+QPCMV=1")
        bench.send("AT+QPCMV=1,0")
        #expect(bench.takeHappenings() == [])
        #expect(bench.lines("AT+QPCMV=1,2") == ["OK"])
        #expect(bench.takeHappenings() == [.speech(true)])
        #expect(bench.lines("AT+QPCMV?") == ["+QPCMV: 1,2", "OK"])
        #expect(
            bench.lines("AT+CLCC") == [
                "+CLCC: 1,0,0,1,0,\"\",128", "+CLCC: 2,1,0,0,0,\"13800001234\",129", "OK",
            ])
        #expect(bench.network(.farEnded(serial: 1, cause: .normal)) == "\r\nNO CARRIER\r\n")
        #expect(bench.takeHappenings() == [.speech(false)])
        #expect(bench.lines("AT+CEER") == ["+CEER: Normal call clearing", "OK"])
        // The setting outlives the call.
        _ = bench.ring(2)
        bench.send("ATA")
        #expect(bench.takeHappenings() == [.rang(serial: 2, count: 1), .speech(true), .answered(serial: 2)])
        bench.send("ATH")
        #expect(bench.takeHappenings() == [.speech(false), .endedHere(serial: 2, wasAnswered: true)])
    }

    @Test func `SIMCom: the card is connected for one call, ATH needs CVHU, ends tell their length`() {
        var bench = SimulatorBench(.simcom)
        bench.setUp()
        #expect(bench.lines("AT+CPCMREG=1") == ["ERROR"])
        #expect(bench.lines("AT+QPCMV=1,2") == ["ERROR"])
        _ = bench.ring()
        _ = bench.takeHappenings()
        bench.type("ATA\r")
        #expect(bench.wait(102) == "\r\nVOICE CALL: BEGIN\r\n\r\nOK\r\n")
        // The sound channel takes its time.
        bench.type("AT+CPCMREG=1\r")
        #expect(bench.wait(898) == "\r\nERROR\r\n")
        #expect(bench.lines("AT+CPCMREG=1") == ["OK"])
        #expect(bench.takeHappenings() == [.answered(serial: 1), .speech(true)])
        #expect(bench.lines("ATH") == ["OK"])
        #expect(bench.lines("AT+CLCC") == ["+CLCC: 1,1,0,0,0,\"13800001234\",129", "OK"])
        bench.wait(69_000)
        #expect(bench.lines("AT+CHUP") == ["VOICE CALL: END: 000112", "OK"])
        #expect(bench.takeHappenings() == [.speech(false), .endedHere(serial: 1, wasAnswered: true)])
        _ = bench.ring(2)
        bench.send("ATA")
        #expect(bench.takeHappenings() == [.rang(serial: 2, count: 1), .answered(serial: 2)])
        #expect(
            bench.network(.farEnded(serial: 2, cause: .normal)) == "\r\nVOICE CALL: END: 000000\r\n\r\nNO CARRIER\r\n")
        bench.send("AT+CVHU=0")
        _ = bench.ring(3)
        bench.send("ATA")
        #expect(bench.lines("ATH") == ["VOICE CALL: END: 000000", "OK"])
    }

    @Test func `a caller gives up`() {
        var quectel = SimulatorBench()
        quectel.setUp()
        _ = quectel.ring()
        #expect(quectel.network(.farEnded(serial: 1, cause: .normal)) == "\r\nNO CARRIER\r\n")
        #expect(quectel.wait(60_000) == "")
        var simcom = SimulatorBench(.simcom)
        simcom.send("ATE0")
        simcom.send("AT+CLCC=1")
        #expect(simcom.ring() == "\r\n+CLCC: 1,1,4,0,0,\"13800001234\",129\r\n\r\nRING\r\n")
        #expect(
            simcom.network(.farEnded(serial: 1, cause: .normal))
                == "\r\n+CLCC: 1,1,6,0,0,\"13800001234\",129\r\n\r\nMISSED_CALL: 10:11AM 13800001234\r\n")
    }

    @Test func `a refused call`() {
        var bench = SimulatorBench()
        bench.setUp()
        _ = bench.ring()
        _ = bench.takeHappenings()
        #expect(bench.lines("AT+CHUP") == ["OK"])
        #expect(bench.takeHappenings() == [.endedHere(serial: 1, wasAnswered: false)])
    }

    @Test func `the second caller: reported, refused, or engaged without call waiting`() {
        var bench = SimulatorBench()
        bench.setUp()
        #expect(bench.lines("AT+CCWA=1,1") == ["OK"])
        _ = bench.ring()
        bench.send("ATA")
        _ = bench.takeHappenings()
        #expect(bench.ring(2, from: "13900005678") == "\r\n+CCWA: \"13900005678\",129,1\r\n")
        #expect(bench.lines("AT+CLCC").contains("+CLCC: 3,1,5,0,0,\"13900005678\",129"))
        _ = bench.takeHappenings()
        #expect(bench.lines("AT+CHLD=0") == ["OK"])
        #expect(bench.takeHappenings() == [.endedHere(serial: 2, wasAnswered: false)])
        #expect(bench.lines("AT+CHLD=0") == ["+CME ERROR: 3"])
        #expect(bench.ring(3) == "\r\n+CCWA: \"13800001234\",129,1\r\n")
        #expect(bench.network(.farEnded(serial: 3, cause: .normal)) == "")
        bench.send("AT+CCWA=0,0")
        _ = bench.takeHappenings()
        #expect(bench.ring(4) == "")
        #expect(bench.takeHappenings() == [.notDelivered(serial: 4, isBusy: true)])
    }

    @Test func `hanging up with a waiting caller: vendors end both, TS 27.007 lets the second one ring`() {
        for kind in ModemKind.allCases {
            var bench = SimulatorBench(kind)
            bench.setUp()
            _ = bench.ring()
            bench.send("ATA")
            _ = bench.ring(2, from: nil)
            _ = bench.takeHappenings()
            let lines = bench.lines("AT+CHUP")
            #expect(lines.contains("RING") == (kind == .generic))
            #expect(bench.takeHappenings().contains(.endedHere(serial: 2, wasAnswered: false)) == (kind != .generic))
        }
    }

    @Test func `swapping and taking the other call`() {
        var bench = SimulatorBench(.generic)
        bench.setUp()
        _ = bench.ring()
        bench.send("ATA")
        _ = bench.ring(2, from: nil)
        #expect(bench.lines("AT+CHLD=2") == ["OK"])
        #expect(bench.lines("AT+CLCC") == ["+CLCC: 1,1,1,0,0,\"13800001234\",129", "+CLCC: 2,1,0,0,0,\"\",128", "OK"])
        #expect(bench.lines("AT+CHLD=1") == ["OK"])
        #expect(bench.lines("AT+CLCC") == ["+CLCC: 1,1,0,0,0,\"13800001234\",129", "OK"])
        #expect(bench.lines("AT+CHLD=11") == ["OK"])
        #expect(bench.lines("AT+CLCC") == ["OK"])
    }

    // MARK: - Out

    @Test func `dialling: refused numbers, no service, data`() {
        var bench = SimulatorBench()
        bench.setUp()
        for line in ["ATD;", "ATDabc;", "ATD1+2;", "ATD" + String(repeating: "1", count: 41) + ";"] {
            #expect(bench.lines(line) == ["ERROR"], "\(line)")
        }
        #expect(bench.lines("ATD10086") == ["NO CARRIER"])
        bench.fault(.networkLost)
        #expect(bench.lines("ATD10086;") == ["NO CARRIER"])
    }

    @Test func `dialling: ringing there, answered, keys sent, ended there`() {
        var bench = SimulatorBench()
        bench.setUp()
        bench.send("AT^DSCI=1")
        _ = bench.takeHappenings()
        #expect(bench.lines("ATD13900005678;") == ["^DSCI: 2,0,2,0,13900005678,129", "OK"])
        #expect(bench.takeHappenings() == [.dialled(serial: 1_000_001, number: "13900005678")])
        #expect(bench.lines("AT+VTS=1") == ["+CME ERROR: 3"])
        #expect(bench.network(.alerting(serial: 1_000_001)) == "\r\n^DSCI: 2,0,7,0,13900005678,129\r\n")
        #expect(bench.network(.farAnswered(serial: 1_000_001)) == "\r\n^DSCI: 2,0,3,0,13900005678,129\r\n")
        #expect(bench.lines("AT+VTD=3;+VTS=\"1#\"") == ["OK"])
        #expect(bench.lines("AT+VTS=5,1") == ["OK"])
        #expect(bench.lines("AT+VTS=x") == ["ERROR"])
        #expect(
            bench.takeHappenings() == [
                .keySent("1", milliseconds: 300), .keySent("#", milliseconds: 300), .keySent("5", milliseconds: 100),
            ])
        #expect(
            bench.network(.farEnded(serial: 1_000_001, cause: .normal))
                == "\r\n^DSCI: 2,0,6,0,13900005678,129\r\n\r\nNO CARRIER\r\n")
    }

    @Test(arguments: [
        (SimulatedCause.busy, "\r\nBUSY\r\n"), (.noAnswer, "\r\nNO ANSWER\r\n"), (.outOfOrder, "\r\nNO CARRIER\r\n"),
    ])
    func `dialling without success`(_ cause: SimulatedCause, _ expected: String) {
        var bench = SimulatorBench(.generic)
        bench.setUp()
        bench.send("ATD10086;")
        #expect(bench.network(.farEnded(serial: 1_000_001, cause: cause)) == expected)
        #expect(bench.lines("AT+CLCC") == ["OK"])
    }

    @Test func `with COLP the answer waits for the far end`() {
        var bench = SimulatorBench(.generic)
        bench.setUp()
        bench.send("AT+COLP=1")
        #expect(bench.lines("ATD10086;") == [])
        #expect(
            bench.network(.farAnswered(serial: 1_000_001)) == "\r\n+COLP: \"10086\",129\r\n\r\nOK\r\n")
    }

    @Test func `keys in the speech are told where that is switched on`() {
        var quectel = SimulatorBench()
        quectel.setUp()
        _ = quectel.ring()
        quectel.send("ATA")
        #expect(quectel.network(.key("1")) == "")
        quectel.send("AT+QTONEDET=1")
        #expect(quectel.network(.key("1")) == "\r\n+QTONEDET: 49\r\n")
        #expect(quectel.network(.key("#")) == "\r\n+QTONEDET: 35\r\n")
        #expect(quectel.lines("AT+DDET=1") == ["ERROR"])
        var simcom = SimulatorBench(.simcom)
        simcom.setUp()
        simcom.send("AT+DDET=1")
        #expect(simcom.network(.key("1")) == "")
        _ = simcom.ring()
        simcom.send("ATA")
        #expect(simcom.network(.key("*")) == "\r\n+RXDTMF: *\r\n")
    }
}
