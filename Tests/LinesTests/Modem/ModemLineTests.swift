import Calls
import Foundation
import Glibc
import Media
import Testing

import Lines

/// The line over a real terminal: threads, bytes, descriptors.
@Suite struct ModemLineTests {
    @Test("A call from RING to NO CARRIER over a terminal")
    func call() async throws {
        let exchange = try ModemExchange(behaviour: ModemExchange.answering)
        let modem = try FakeModem(link: exchange.link)
        defer { withExtendedLifetime(modem) {} }
        try exchange.line.start()
        #expect(await exchange.ready())
        #expect(await eventually { exchange.card.log == ["open", "close"] })
        modem.say("RING")
        modem.say("+CLIP: \"13800138000\",129,,,,0")
        #expect(await eventually { exchange.words.last == "established" })
        #expect(exchange.words == ["offered", "alerted modem", "rang 1", "answered", "established"])
        let leg = try #require(exchange.events.first?.leg)
        #expect(exchange.media.calls == [.open(leg), .configure(leg, .sound(keysInBand: false))])
        modem.say("+QTONEDET: 49")
        #expect(await eventually { exchange.words.last == "key 1 modem 0" })
        #expect(exchange.line.sendKeys(leg: leg, keys: [try #require(Key("7"))]))
        #expect(await eventually { modem.commands.contains("AT+VTS=7") })
        modem.say("NO CARRIER")
        #expect(await eventually { exchange.words.last == "released carrier_lost" })
        #expect(exchange.events.last?.kind.release?.q850 == 16)
        #expect(await eventually { exchange.card.log == ["open", "close", "open", "close"] })
        #expect(exchange.alarms.isEmpty)
        let statistics = exchange.line.statistics()
        #expect(statistics.answered == 1)
        #expect(statistics.legs == 0)
        exchange.stop()
        #expect(!exchange.line.sendKeys(leg: leg, keys: []))
        #expect(throws: LineError.self) {
            try exchange.line.dial(DialRequest(leg: leg, call: CallID(high: 1, low: 9), target: "10010"))
        }
    }

    @Test("The port is not there at the start, comes, goes in a call, and comes back")
    func plug() async throws {
        let exchange = try ModemExchange(behaviour: ModemExchange.answering)
        try exchange.line.start()
        #expect(await eventually { exchange.alarms.count == 1 })
        #expect(exchange.alarms.first?.kind == .port)
        #expect(exchange.alarms.first?.message?.contains("ls -l /dev/serial/by-id") == true)
        var modem = try FakeModem(link: exchange.link)
        #expect(await exchange.ready())
        #expect(exchange.alarms.last == LineAlarm(line: "modem1", kind: .port, message: nil))
        modem.say("RING")
        modem.say("+CLIP: \"13800138000\",129,,,,0")
        #expect(await eventually { exchange.words.last == "established" })
        modem.unplug()
        #expect(await eventually { exchange.words.last == "released failed" })
        #expect(exchange.alarms.last?.message?.contains("is gone") == true)
        modem = try FakeModem(link: exchange.link)
        #expect(await exchange.ready())
        #expect(exchange.alarms.last?.message == nil)
        #expect(exchange.line.statistics().reopened == 1)
        modem.say("RING")
        modem.say("+CLIP: \"13900139000\",129,,,,0")
        #expect(await eventually { exchange.words.count { $0 == "established" } == 2 })
        exchange.stop()
        #expect(exchange.words.last == "released local")
        #expect(modem.commands.contains("AT+CHUP"))
    }

    @Test("We dial, the far end answers, we hang up")
    func dial() async throws {
        let exchange = try ModemExchange { _, _ in }
        let modem = try FakeModem(link: exchange.link)
        defer { withExtendedLifetime(modem) {} }
        try exchange.line.start()
        #expect(await exchange.ready())
        let leg = LegID(high: 5, low: 5)
        // On a busy machine the line looks at the modem's list of calls before the test has gone on.
        modem.reply("AT+CLCC", "\r\n+CLCC: 1,0,2,0,0,\"13800001234\",129\r\n\r\nOK\r\n")
        try exchange.line.dial(DialRequest(leg: leg, call: CallID(high: 5, low: 4), target: "tel:13800001234"))
        #expect(await eventually { modem.commands.contains("ATD13800001234;") })
        modem.reply("AT+CLCC", "\r\n+CLCC: 1,0,0,0,0,\"13800001234\",129\r\n\r\nOK\r\n")
        modem.say("^DSCI: 1,0,3,0,13800001234,129")
        #expect(
            await eventually { exchange.words == ["answered", "established"] },
            "\(exchange.words) \(exchange.alarms) \(modem.commands)")
        exchange.line.release(leg: leg, reason: ReleaseReason())
        #expect(await eventually { exchange.words.last == "released local" })
        exchange.stop()
    }

    @Test("A card that is lost in a call and a call that waits")
    func cardAndWaiting() async throws {
        let exchange = try ModemExchange(behaviour: ModemExchange.answering)
        let modem = try FakeModem(link: exchange.link)
        defer { withExtendedLifetime(modem) {} }
        try exchange.line.start()
        #expect(await exchange.ready())
        modem.say("RING")
        modem.say("+CLIP: \"13800138000\",129,,,,0")
        #expect(await eventually { exchange.words.last == "established" })
        modem.say("+CCWA: \"13900139000\",129,1")
        #expect(await eventually { exchange.words.last == "released refused" })
        #expect(modem.commands.contains("AT+CHLD=0"))
        exchange.card.lose()
        #expect(await eventually { exchange.alarms.last?.kind == .audio })
        exchange.stop()
    }

    @Test("Two modems serve calls at the same time; one that is unplugged does not touch the other")
    func two() async throws {
        let first = try ModemExchange(name: "modem1", behaviour: ModemExchange.answering)
        let second = try ModemExchange(name: "modem2", behaviour: ModemExchange.answering)
        let modems = [try FakeModem(link: first.link), try FakeModem(link: second.link)]
        defer { withExtendedLifetime(modems) {} }
        try first.line.start()
        try second.line.start()
        #expect(await first.ready())
        #expect(await second.ready())
        for modem in modems {
            modem.say("RING")
            modem.say("+CLIP: \"13800138000\",129,,,,0")
        }
        #expect(await eventually { first.words.last == "established" && second.words.last == "established" })
        modems[0].unplug()
        #expect(await eventually { first.words.last == "released failed" })
        modems[1].say("+QTONEDET: 50")
        #expect(await eventually { second.words.last == "key 2 modem 0" })
        #expect(second.alarms.isEmpty)
        first.stop()
        second.stop()
    }

    @Test("Stop with a mute modem ends within its limit, and tells the end of the call")
    func muteStop() async throws {
        let exchange = try ModemExchange(behaviour: ModemExchange.answering)
        let modem = try FakeModem(link: exchange.link)
        defer { withExtendedLifetime(modem) {} }
        try exchange.line.start()
        #expect(await exchange.ready())
        modem.say("RING")
        modem.say("+CLIP: \"13800138000\",129,,,,0")
        #expect(await eventually { exchange.words.last == "established" })
        modem.reply("AT+CHUP", "")
        exchange.line.stop(limitMilliseconds: 100)
        #expect(exchange.words.last == "released local")
        exchange.stop()
    }

    @Test("Floods of garbage and of RINGs are survived", .timeLimit(.minutes(1)))
    func flood() async throws {
        let exchange = try ModemExchange { _, _ in }
        let modem = try FakeModem(link: exchange.link)
        defer { withExtendedLifetime(modem) {} }
        try exchange.line.start()
        #expect(await exchange.ready())
        var random = SeededRandom(95_598)
        for _ in 0..<200 {
            let bytes = (0..<200).map { _ in UInt8(truncatingIfNeeded: random.next() & 0x7F) }
            modem.say(String(decoding: bytes, as: UTF8.self))
        }
        for _ in 0..<100 { modem.say("RING") }
        #expect(await eventually { exchange.words.contains("alerted modem") })
        exchange.stop()
        #expect(exchange.words.count { $0 == "offered" } == exchange.words.count { $0.hasPrefix("released") })
    }

    @Test(
        "Configurations that cannot work are refused with the key's name",
        arguments: [
            ("ttyUSB2", 115_200, nil, "`port`"), ("/dev/x", 1200, nil, "`baud_rate`"), ("/dev/x", 9600, "12", "PIN"),
            ("/dev/x", 9600, "12a4", "PIN"),
        ] as [(String, Int, String?, String)])
    func configuration(port: String, baud: Int, pin: String?, words: String) throws {
        let configuration = ModemLineConfiguration(
            name: "m", port: port, baudRate: baud, profile: try modemProfile("generic"),
            card: SoundCardConfiguration(capture: "a", playback: "b"), number: "1", pin: pin)
        let error = try #require(throws: LineError.self) { try configuration.check() }
        #expect(error.code == .configuration)
        #expect(error.message.contains(words))
    }

    @Test(
        "A port that cannot be opened is told with what to do",
        arguments: [
            ("/nowhere/ttyUSB9", "ls -l /dev/serial/by-id"), ("/dev/null", "no serial port"),
        ])
    func port(path: String, words: String) throws {
        do throws(LineError) {
            _ = try SerialPort(path: path, baudRate: 115_200)
            Issue.record("\(path) was opened")
        } catch {
            #expect(error.code == .port)
            #expect(error.message.contains(words), "\(error.message)")
            #expect(error.message.contains(path))
        }
    }

    @Test("A line starts once")
    func once() throws {
        let exchange = try ModemExchange { _, _ in }
        try exchange.line.start()
        let error = try #require(throws: LineError.self) { try exchange.line.start() }
        #expect(error.code == .start)
        exchange.stop()
        exchange.stop()
    }
}
