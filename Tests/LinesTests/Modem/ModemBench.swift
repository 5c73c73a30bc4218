import Calls
import Foundation
import Media
import Synchronization

import Lines

/// The shipped profiles' folder, by its place in the repository.
func modemProfile(_ id: String) throws -> ModemProfile {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
    return try ModemProfile(path: root.appendingPathComponent("modems/\(id).yaml").path)
}

/// A machine in virtual time with a modem that answers from a table, a sound card and a media engine that obey.
struct ModemBench {
    private(set) var machine: ModemMachine
    /// Milliseconds.
    private(set) var now: Int64 = 0
    /// What was told, as `<ms> words`; alarms as `<ms> ALARM kind` and `<ms> clear kind`.
    private(set) var log: [String] = []
    private(set) var alarms: [LineAlarm] = []
    private(set) var releases: [LineRelease] = []
    private(set) var offers: [Offer] = []
    /// What the modem was sent, and what the card and the port were told.
    private(set) var commands: [String] = []
    private(set) var legs: [LegID] = []

    /// Answers by command; `OK` where there is none. nil: the modem says nothing.
    var replies: [String: String?]
    /// What `AT+CLCC` lists.
    var calls: [String] = []
    /// nil: the card never says anything.
    var cardWorks: Bool? = true
    var portWorks = true
    var mediaWorks = true
    /// The modem does not answer at all.
    var isMute = false
    private var isPortOpen = false

    static let ok = "\r\nOK\r\n"

    init(_ profile: String = "quectel", pin: String? = nil, number: String = "86865598") throws {
        var configuration = ModemLineConfiguration(
            name: "modem1", port: "/dev/serial/by-id/test", profile: try modemProfile(profile),
            card: SoundCardConfiguration(capture: "hw:1", playback: "hw:1"), number: number, pin: pin)
        configuration.rules = .china
        machine = ModemMachine(configuration: configuration, identifiers: Self.identifiers())
        replies = [
            "ATI": "\r\nQuectel\r\nEC25\r\nRevision: EC25EFAR06\r\n\r\nOK\r\n",
            "AT+CGMM": profile == "simcom" ? "\r\nSIMCOM_SIM7600CE\r\n\r\nOK\r\n" : "\r\nEC25\r\n\r\nOK\r\n",
            "AT+CPIN?": "\r\n+CPIN: READY\r\n\r\nOK\r\n",
            "AT+CREG?": "\r\n+CREG: 1,1\r\n\r\nOK\r\n",
            "AT+CEREG?": "\r\n+CEREG: 1,1\r\n\r\nOK\r\n",
            "AT+CSQ": "\r\n+CSQ: 21,99\r\n\r\nOK\r\n",
            "AT+COPS?": "\r\n+COPS: 0,0,\"CHINA MOBILE\",7\r\n\r\nOK\r\n",
            "AT+CEER": "\r\n+CEER: 5,16\r\n\r\nOK\r\n",
        ]
        if profile == "simcom" {
            replies["ATI"] = "\r\nManufacturer: SIMCOM INCORPORATED\r\nIMEI: 861234567890123\r\n\r\nOK\r\n"
        }
    }

    private static func identifiers() -> @Sendable () -> (CallID, LegID) {
        let counter = Counter()
        return {
            let number = counter.next()
            return (CallID(high: 1, low: number), LegID(high: 2, low: number))
        }
    }

    /// A line that is ready; the log begins anew.
    static func ready(_ profile: String = "quectel") throws -> ModemBench {
        var bench = try ModemBench(profile)
        bench.feed(.start)
        bench.run(for: 1000)
        bench.forget()
        return bench
    }

    /// The same in a call that talks.
    static func talking(_ profile: String = "quectel") throws -> ModemBench {
        var bench = try ready(profile)
        bench.ring()
        bench.run(for: 500)
        bench.feed(.answer(bench.leg))
        bench.calls = ["+CLCC: 1,1,0,0,0,\"13800138000\",129"]
        bench.run(for: 2500)
        bench.forget()
        return bench
    }

    mutating func forget() {
        log = []
        alarms = []
        commands = []
        releases = []
        offers = []
    }

    /// The leg offered last.
    var leg: LegID { legs.last ?? LegID(high: 0, low: 0) }
    var state: String { machine.statistics.state }

    // MARK: - What happens

    mutating func feed(_ event: ModemMachine.Event) {
        var events = [event]
        while !events.isEmpty {
            for action in machine.handle(events.removeFirst(), at: instant) {
                if let result = perform(action) { events.append(result) }
            }
        }
    }

    /// The modem says a line.
    mutating func say(_ line: String) { feed(.received(Array("\r\n\(line)\r\n".utf8))) }

    /// RING and the caller's number.
    mutating func ring(_ caller: String = "13800138000") {
        say("RING")
        say("+CLIP: \"\(caller)\",129,,,,0")
    }

    /// Lets time pass, stopping wherever the machine wants to be woken.
    mutating func run(for milliseconds: Int64) {
        let end = now + milliseconds
        while let deadline = machine.deadline, deadline.mono <= end * 1_000_000 {
            now = max(now, (deadline.mono + 999_999) / 1_000_000)
            feed(.tick)
        }
        now = end
    }

    private var instant: Instant { Instant(wall: now * 1000, mono: now * 1_000_000) }

    private mutating func perform(_ action: ModemMachine.Action) -> ModemMachine.Event? {
        switch action {
        case .openPort:
            commands.append("open port")
            isPortOpen = portWorks
            return portWorks ? .opened : .openFailed("the port is not there")
        case .closePort:
            commands.append("close port")
            isPortOpen = false
        case .write(let bytes):
            let command = String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
            commands.append(command)
            guard isPortOpen, !isMute, let reply = answer(to: command) else { return nil }
            return .received(Array(reply.utf8))
        case .openCard:
            commands.append("open card")
            return cardWorks.map { .card($0 ? .opened(rate: 8000, channels: 1) : .lost(reason: "No such device")) }
        case .closeCard: commands.append("close card")
        case .openMedia(let leg, _):
            commands.append("open media")
            return mediaWorks ? .mediaOpened(leg) : .mediaFailed(leg, "another leg has the card")
        case .configureMedia(let leg, let session):
            commands.append("configure media\(session.seeksKeysInBand ? " with keys" : "")")
            return .mediaConfigured(leg)
        case .tell(let event):
            log.append("\(event.at.mono / 1_000_000) \(word(event))")
        case .alarm(let alarm):
            alarms.append(alarm)
            log.append("\(now) \(alarm.message == nil ? "clear" : "ALARM") \(alarm.kind.rawValue)")
        case .quiet: log.append("\(now) quiet")
        }
        return nil
    }

    private func answer(to command: String) -> String? {
        if command == "AT+CLCC" { return calls.map { "\r\n\($0)\r\n" }.joined() + Self.ok }
        if command.isEmpty { return nil }
        return replies[command] ?? Self.ok
    }

    private mutating func word(_ event: LineEvent) -> String {
        switch event.kind {
        case .offered(let offer):
            offers.append(offer)
            legs.append(event.leg)
            return "offered \(offer.caller ?? "withheld")\(offer.isWaiting ? " waiting" : "")"
        case .rang(let count): return "rang \(count)"
        case .released(let release):
            releases.append(release)
            return "released \(release.cause.rawValue)"
        default: return event.kind.word
        }
    }
}

/// Rises by one.
final class Counter: Sendable {
    private let value = Mutex<UInt64>(0)
    func next() -> UInt64 {
        value.withLock {
            $0 += 1
            return $0
        }
    }
}
