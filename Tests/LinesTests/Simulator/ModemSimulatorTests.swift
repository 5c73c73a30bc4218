import Calls
import Foundation
import Glibc
import Lines
import Media
import Synchronization
import Testing

/// The simulator on a real pseudo-terminal, with a raw driver and a telephone without sound card.
@Suite(.serialized) struct ModemSimulatorTests {
    /// A telephone whose ticks come as fast as the test wants.
    final class Telephone: FarEndAudio {
        private let callback = Mutex<(@Sendable ([Int16]?) -> [Int16])?>(nil)
        func start(_ tick: @escaping @Sendable ([Int16]?) -> [Int16]) { callback.withLock { $0 = tick } }
        func stop() { callback.withLock { $0 = nil } }
        func tick(_ heard: [Int16]?) -> [Int16] { callback.withLock { $0 }?(heard) ?? [] }
    }

    /// What a driver does with a serial port, as little as possible of it.
    final class Driver {
        let descriptor: Int32
        var text = ""

        /// nil where the port is not there within 10 s.
        init?(_ path: String) {
            var opened: Int32 = -1
            for _ in 0..<500 where opened < 0 {
                opened = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK)
                if opened < 0 { usleep(20_000) }
            }
            guard opened >= 0 else { return nil }
            descriptor = opened
            var raw = termios()
            tcgetattr(descriptor, &raw)
            cfmakeraw(&raw)
            tcsetattr(descriptor, TCSANOW, &raw)
        }

        deinit { close(descriptor) }

        func send(_ line: String) {
            let bytes = Array((line + "\r").utf8)
            #expect(write(descriptor, bytes, bytes.count) == bytes.count)
        }

        /// Reads until the text has come.
        func wait(for wanted: String, seconds: Double = 20) -> Bool {
            let end = Date().addingTimeInterval(seconds)
            while !text.contains(wanted) {
                guard Date() < end, readSome() else { return false }
            }
            text = text.range(of: wanted).map { String(text[$0.upperBound...]) } ?? ""
            return true
        }

        /// The port is unplugged within 10 s.
        func waitForEnd() -> Bool {
            for _ in 0..<500 where readSome() {}
            return !readSome()
        }

        /// False where the port is gone.
        private func readSome() -> Bool {
            var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard Glibc.poll(&poll, 1, 20) > 0 else { return true }
            var buffer = [UInt8](repeating: 0, count: 1024)
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return false }
            text += String(decoding: buffer[..<count], as: UTF8.self)
            return true
        }
    }

    /// A simulator in a folder of its own, and what it reports.
    final class Setup: Sendable {
        let folder: URL
        let simulator: ModemSimulator
        let telephone = Telephone()
        let events: Log<SimulatorEvent.Kind>
        let trace: Log<String>

        final class Log<Value: Sendable>: Sendable {
            private let list = Mutex<[Value]>([])
            func add(_ value: Value) { list.withLock { $0.append(value) } }
            var values: [Value] { list.withLock { $0 } }
        }

        var port: String { folder.path + "/m1" }

        init(_ script: String) throws {
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
                "simulator-\(UUID().uuidString.prefix(8))")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            self.folder = folder
            let events = Log<SimulatorEvent.Kind>()
            let trace = Log<String>()
            self.events = events
            self.trace = trace
            simulator = try ModemSimulator(
                try ModemScriptTests.script(script),
                ModemSimulator.Options(link: folder.path + "/m1", folder: folder.path, sound: telephone),
                events: { events.add($0.kind) }, trace: { trace.add($0) })
            try simulator.start()
        }

        func wait(for matches: (SimulatorEvent.Kind) -> Bool) -> Bool {
            for _ in 0..<1000 {
                if events.values.contains(where: matches) { return true }
                usleep(20_000)
            }
            return false
        }

        deinit {
            do { try FileManager.default.removeItem(at: folder) } catch { Issue.record(error) }
        }
    }

    @Test func `a call over a real port, with speech both ways and a recording`() throws {
        let setup = try Setup(
            """
            modem: {pin: "4321"}
            calls:
              - {after: 100ms, from: "13800001234", talk: [{tone: {frequency: 1000, level: -10, for: 200ms}}, {key: "5"}], record: heard.wav}
            """)
        let driver = try #require(Driver(setup.port))
        driver.send("ATE0")
        #expect(driver.wait(for: "OK\r\n"))
        driver.send("AT+CLIP=1;+CPIN=\"4321\"")
        #expect(driver.wait(for: "+CPIN: READY"))
        driver.send("AT+QPCMV=1,2;+QTONEDET=1")
        #expect(driver.wait(for: "\r\nRING\r\n\r\n+CLIP: \"13800001234\",129,,,,0\r\n"))
        // Before the answer nobody hears anybody.
        let loud = KeyTones.tone(frequency: 450, level: -10, milliseconds: 20)
        #expect(setup.telephone.tick(loud).allSatisfy { $0 == 0 })
        driver.send("ATA")
        #expect(driver.wait(for: "OK\r\n"))
        #expect(setup.wait { if case .speech(true) = $0 { true } else { false } })
        #expect(driver.wait(for: "+QTONEDET: 53"))
        var said: [Int16] = []
        for _ in 0..<50 { said += setup.telephone.tick(loud) }
        #expect(said.count == 8000)
        #expect(power(said[0..<1600], 1000) > 0.9)
        #expect(power(said[1600..<2400], 770) + power(said[1600..<2400], 1336) > 0.9)
        #expect(said[2400...].allSatisfy { $0 == 0 })
        driver.send("AT+CHUP")
        #expect(driver.wait(for: "OK\r\n"))
        #expect(setup.wait { $0 == .finished })
        setup.simulator.stop()
        #expect(setup.events.values.contains(.hungUp(call: 1, by: .hotline)))
        let heard = try AudioFile(reading: setup.folder.path + "/heard.wav")
        #expect(heard.rate == 8000 && heard.channels == 1 && heard.samples.count == 8000)
        #expect(power(heard.samples[...], 450) > 0.9)
        #expect(!FileManager.default.fileExists(atPath: setup.port))
        // Numbers and PINs do not stand in the trace.
        let trace = setup.trace.values
        #expect(trace.contains("< RING") && trace.contains("> ATA"))
        #expect(trace.contains("< +CLIP: \"138******34\",129,,,,0"))
        #expect(!trace.contains { $0.contains("4321") })
    }

    @Test func `a driver that forgets to switch the speech on hears nothing and is not heard`() throws {
        let setup = try Setup(
            """
            modem: {kind: simcom}
            calls: [{after: 0s, from: withheld, talk: [{tone: {frequency: 1000, level: -10, for: 200ms}}], record: heard.wav}]
            """)
        let driver = try #require(Driver(setup.port))
        driver.send("ATE0")
        #expect(driver.wait(for: "RING"))
        driver.send("ATA")
        #expect(driver.wait(for: "VOICE CALL: BEGIN"))
        #expect(setup.wait { if case .answered = $0 { true } else { false } })
        let loud = KeyTones.tone(frequency: 450, level: -10, milliseconds: 20)
        var said: [Int16] = []
        for _ in 0..<50 { said += setup.telephone.tick(loud) }
        #expect(said.count == 8000 && said.allSatisfy { $0 == 0 })
        driver.send("AT+CHUP")
        #expect(setup.wait { $0 == .finished })
        setup.simulator.stop()
        let heard = try AudioFile(reading: setup.folder.path + "/heard.wav")
        #expect(heard.samples.count == 8000 && heard.samples.allSatisfy { $0 == 0 })
    }

    @Test func `unplugged and plugged in again under the same name`() throws {
        let setup = try Setup(
            "modem: {boot: 1s}\ncalls: [{after: 60s, from: withheld}]\nfaults: [{at: 50ms, usb_gone: {for: 500ms}}]")
        let driver = try #require(Driver(setup.port))
        driver.send("ATE0")
        #expect(driver.wait(for: "OK\r\n"))
        #expect(driver.waitForEnd())
        // The driver may see the end before the simulator has told of it.
        #expect(setup.wait { $0 == .portClosed })
        let again = try #require(Driver(setup.port))
        #expect(again.wait(for: "RDY"))
        again.send("AT+CPIN?")
        // Its settings are those of a fresh start.
        #expect(again.wait(for: "AT+CPIN?\r\r\n+CPIN: READY\r\n\r\nOK\r\n"))
        // By a restart of the driver's own, the last answer still comes.
        again.send("AT+CFUN=1,1")
        #expect(again.wait(for: "OK\r\n"))
        #expect(again.waitForEnd())
        let third = try #require(Driver(setup.port))
        #expect(third.wait(for: "RDY"))
        setup.simulator.stop()
        #expect(setup.simulator.isOver)
    }

    @Test func `a file in the port's place is left alone`() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "simulator-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { do { try FileManager.default.removeItem(at: folder) } catch { Issue.record(error) } }
        let path = folder.path + "/m1"
        try Data("precious".utf8).write(to: URL(fileURLWithPath: path))
        let simulator = try ModemSimulator(
            try ModemScriptTests.script("script: x"),
            ModemSimulator.Options(link: path, folder: folder.path, sound: nil), events: { _ in })
        #expect {
            try simulator.start()
        } throws: {
            ($0 as? LineError)?.message.contains("no symbolic link") == true
        }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "precious")
    }

    @Test func `a driver that does not read does not stop the modem`() throws {
        let setup = try Setup("calls: [{after: 60s, from: withheld}]\nmodem: {command_delay: 0s, line_delay: 0s}")
        let driver = try #require(Driver(setup.port))
        for _ in 0..<3000 { _ = "ATI\r".withCString { write(driver.descriptor, $0, 4) } }
        usleep(300_000)
        var drained = 0
        for _ in 0..<40 {
            driver.text = ""
            _ = driver.wait(for: "no such text", seconds: 0.01)
            drained += driver.text.utf8.count
        }
        #expect(drained > 4000)
        driver.text = ""
        driver.send("AT+CSQ")
        #expect(driver.wait(for: "+CSQ: 23,99"))
        setup.simulator.stop()
    }

    /// The share of one frequency in the power.
    private func power(_ samples: ArraySlice<Int16>, _ frequency: Double) -> Double {
        KeyTonesTests.share(Array(samples), frequency)
    }
}
