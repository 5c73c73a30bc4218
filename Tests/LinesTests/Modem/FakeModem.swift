import Calls
import Foundation
import Glibc
import Media
import Synchronization

import Lines

/// A modem at the other end of a pseudo-terminal: it answers by a table and says what the test has it say.
final class FakeModem: Sendable {
    /// The device for the line.
    let path: String
    private let device: String
    private let state: Mutex<State>

    private struct State {
        var master: Int32
        var commands: [String] = []
        var replies: [String: String]
        var partial: [UInt8] = []
    }

    /// - Parameter link: a symbolic link that is to name the device, so that it can come back under its name.
    init(link: String, replies: [String: String] = [:]) throws {
        var master: Int32 = -1
        var slave: Int32 = -1
        var name = [CChar](repeating: 0, count: 128)
        // `ttyname` has one buffer for all threads.
        guard openpty(&master, &slave, nil, nil, nil) == 0, ttyname_r(slave, &name, name.count) == 0 else {
            throw TestFailure("no pseudo-terminal: \(String(cString: strerror(errno)))")
        }
        let device = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        close(slave)
        _ = fcntl(master, F_SETFL, O_NONBLOCK)
        unlink(link)
        guard symlink(device, link) == 0 else { throw TestFailure("no link \(link)") }
        path = link
        self.device = device
        let answers = [
            "ATI": "\r\nQuectel\r\nEC25\r\n\r\nOK\r\n", "AT+CPIN?": "\r\n+CPIN: READY\r\n\r\nOK\r\n",
            "AT+CREG?": "\r\n+CREG: 1,1\r\n\r\nOK\r\n", "AT+CEREG?": "\r\n+CEREG: 1,1\r\n\r\nOK\r\n",
            "AT+CSQ": "\r\n+CSQ: 20,99\r\n\r\nOK\r\n", "AT+CEER": "\r\n+CEER: 5,16\r\n\r\nOK\r\n",
        ].merging(replies) { $1 }
        state = Mutex(State(master: master, replies: answers))
        let thread = Thread { [weak self] in
            while let modem = self, modem.turn() { usleep(2000) }
        }
        thread.start()
    }

    deinit { unplug() }

    var commands: [String] { state.withLock { $0.commands } }

    func say(_ line: String) { write("\r\n\(line)\r\n") }

    func reply(_ command: String, _ answer: String) { state.withLock { $0.replies[command] = answer } }

    /// The USB plug is pulled. The link goes first, as udev has it: the terminal's number is given to the next one that any
    /// test makes, and a line that looks for its port must not find that one.
    func unplug() {
        state.withLock { state in
            guard state.master >= 0 else { return }
            var target = [CChar](repeating: 0, count: 256)
            let count = readlink(path, &target, target.count - 1)
            if count > 0, String(decoding: target[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self) == device {
                unlink(path)
            }
            close(state.master)
            state.master = -1
        }
    }

    private func write(_ text: String) {
        state.withLock { state in
            guard state.master >= 0 else { return }
            Self.write(text, state.master)
        }
    }

    private static func write(_ text: String, _ master: Int32) {
        let bytes = Array(text.utf8)
        var sent = 0
        var patience = 3000
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { Glibc.write(master, $0.baseAddress, $0.count) }
            if count > 0 {
                sent += count
            } else {
                // The line reads in its own time; a closed one never.
                guard errno == EAGAIN, patience > 0 else { return }
                patience -= 1
                usleep(1000)
            }
        }
    }

    /// - Returns: false when the plug is pulled.
    private func turn() -> Bool {
        state.withLock { state in
            guard state.master >= 0 else { return false }
            var buffer = [UInt8](repeating: 0, count: 512)
            let count = read(state.master, &buffer, buffer.count)
            guard count > 0 else { return true }
            for byte in buffer.prefix(count) {
                guard byte == 0x0D else {
                    state.partial.append(byte)
                    continue
                }
                let command = String(decoding: state.partial, as: UTF8.self)
                state.partial = []
                state.commands.append(command)
                // Echo, as a modem does until ATE0.
                let echo = state.commands.contains("ATE0") ? "" : command + "\r"
                Self.write(echo + (state.replies[command] ?? "\r\nOK\r\n"), state.master)
            }
            return true
        }
    }
}

/// A sound card that is there or not, as the test wants.
final class FakeCard: Sendable {
    private struct State {
        var works = true
        var log: [String] = []
        var tell: (@Sendable (SoundCardEvent) -> Void)?
    }
    private let state = Mutex(State())

    var log: [String] { state.withLock { $0.log } }
    func set(works: Bool) { state.withLock { $0.works = works } }
    func lose() { state.withLock { $0.tell }?(.lost(reason: "pulled by the test")) }

    func card(_ tell: @escaping @Sendable (SoundCardEvent) -> Void) -> ModemCard {
        state.withLock { $0.tell = tell }
        let sound = SoundCard(
            configuration: SoundCardConfiguration(capture: "none", playback: "none"), time: SystemTime(), events: tell)
        return ModemCard(
            soundCard: sound,
            open: { [self] in
                let works = state.withLock { state in
                    state.log.append("open")
                    return state.works
                }
                tell(works ? .opened(rate: 8000, channels: 1) : .lost(reason: "No such device"))
            },
            close: { [self] in state.withLock { $0.log.append("close") } })
    }
}

/// A modem line on a fake modem, with a switchboard of the test's own.
final class ModemExchange: Sendable {
    let line: ModemLine
    let media = FakeMedia()
    let card = FakeCard()
    let folder: String
    private let told: Told

    private final class Told: Sendable {
        let events = Mutex([LineEvent]())
        let alarms = Mutex([LineAlarm]())
        let line = Mutex<ModemLine?>(nil)
    }

    var link: String { folder + "/modem" }
    var events: [LineEvent] { told.events.withLock { $0 } }
    var alarms: [LineAlarm] { told.alarms.withLock { $0 } }
    var words: [String] { events.map(\.kind.word) }

    /// - Parameter behaviour: what the switchboard does on each event.
    init(
        name: String = "modem1", pin: String? = nil, behaviour: @escaping @Sendable (LineEvent, ModemLine) -> Void
    ) throws {
        let template = FileManager.default.temporaryDirectory.path + "/modem-line-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: template, withIntermediateDirectories: true)
        folder = template
        let told = Told()
        self.told = told
        let counter = Counter()
        let configuration = ModemLineConfiguration(
            name: name, port: template + "/modem", profile: try modemProfile("quectel"),
            card: SoundCardConfiguration(capture: "none", playback: "none"), number: "86865598", pin: pin)
        line = ModemLine(
            configuration: configuration, media: media,
            identifiers: {
                let number = counter.next()
                return (CallID(high: 1, low: number), LegID(high: 2, low: number))
            },
            time: SystemTime(),
            events: { event in
                told.events.withLock { $0.append(event) }
                if let line = told.line.withLock({ $0 }) { behaviour(event, line) }
            },
            alarms: { alarm in told.alarms.withLock { $0.append(alarm) } }, card: card.card)
        told.line.withLock { [line] in $0 = line }
    }

    deinit {
        // What is left in the folder is a link.
        unlink(folder + "/modem")
        rmdir(folder)
    }

    func stop() {
        line.stop()
        told.line.withLock { $0 = nil }
    }

    func ready() async -> Bool { await eventually { self.line.statistics().state == "ready" } }

    /// Answers as soon as it rings, and starts nothing.
    static let answering: @Sendable (LineEvent, ModemLine) -> Void = { event, line in
        switch event.kind {
        case .offered(let offer) where offer.isWaiting: line.refuse(leg: event.leg, .overCapacity)
        case .alerted: line.answer(leg: event.leg)
        default: break
        }
    }
}
