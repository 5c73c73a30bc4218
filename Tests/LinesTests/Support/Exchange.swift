import Calls
import Foundation
import Lines
import Media
import Synchronization

/// The machine's clocks.
struct SystemTime: TimeSource {
    func now() -> Instant {
        var wall = timespec()
        var mono = timespec()
        clock_gettime(CLOCK_REALTIME, &wall)
        clock_gettime(CLOCK_MONOTONIC, &mono)
        return Instant(
            wall: Int64(wall.tv_sec) * 1_000_000 + Int64(wall.tv_nsec) / 1000,
            mono: Int64(mono.tv_sec) * 1_000_000_000 + Int64(mono.tv_nsec))
    }
}

/// A media engine that opens nothing and remembers what it was asked for.
final class FakeMedia: MediaControl {
    enum Call: Hashable {
        case open(LegID)
        case configure(LegID, MediaSession)
        case hear(LegID, [LegID])
        case close(LegID)
    }

    private let state = Mutex((calls: [Call](), port: UInt16(20_000), refusing: false))

    var calls: [Call] { state.withLock { $0.calls } }

    /// From now on `configure` throws.
    func refuseSessions() { state.withLock { $0.refusing = true } }

    func sessions(of leg: LegID) -> [MediaSession] {
        calls.compactMap { if case .configure(leg, let session) = $0 { session } else { nil } }
    }

    func open(leg: LegID, call: CallID, address: IPAddress) throws(MediaError) -> Endpoint {
        state.withLock { state in
            state.calls.append(.open(leg))
            state.port += 2
            return Endpoint(address: address, port: state.port)
        }
    }

    func open(leg: LegID, call: CallID, card: SoundCard) throws(MediaError) {
        state.withLock { $0.calls.append(.open(leg)) }
    }

    func configure(leg: LegID, session: MediaSession) throws(MediaError) {
        let refused = state.withLock { state in
            state.calls.append(.configure(leg, session))
            return state.refusing
        }
        if refused { throw MediaError(.busy, "refused by the test") }
    }

    func start(leg: LegID) throws(MediaError) {}
    func play(leg: LegID, _ request: PlayRequest) throws(MediaError) {}
    func stopPlay(leg: LegID, id: PlayID) throws(MediaError) {}
    func hear(leg: LegID, legs: [LegID]) throws(MediaError) { state.withLock { $0.calls.append(.hear(leg, legs)) } }
    func watchSilence(leg: LegID, afterMilliseconds: Int?) throws(MediaError) {}
    func startRecording(_ recording: RecordingID, call: CallID, channels: [RecordingChannel]) throws(MediaError) {}
    func stopRecording(_ recording: RecordingID) throws(MediaError) {}
    func pauseRecordings(of call: CallID, _ isPaused: Bool) throws(MediaError) {}
    func sendKeys(leg: LegID, _ keys: [Key]) throws(MediaError) {}
    func close(leg: LegID) { state.withLock { $0.calls.append(.close(leg)) } }
}

/// A line with a small switchboard of the test's own: what it does on each event is given at its making.
final class Exchange: Sendable {
    typealias Behaviour = @Sendable (LineEvent, SIPLine) -> Void

    let line: SIPLine
    let media: FakeMedia
    private let log: Log
    let bound: [SIPListen]

    private final class Log: Sendable {
        let events = Mutex([LineEvent]())
        let rejections = Mutex([RejectedAttempt]())
        let phones = Mutex([String]())
        let line = Mutex<SIPLine?>(nil)
    }

    init(_ configuration: SIPLineConfiguration, behaviour: @escaping Behaviour) throws {
        let log = Log()
        let media = FakeMedia()
        let generator = Mutex(IdentifierGenerator(node: 1))
        line = SIPLine(
            configuration: configuration, media: media,
            identifiers: {
                let wall = SystemTime().now().wall
                return generator.withLock { generator in
                    (
                        generator.next(wallMicroseconds: wall, random: .random(in: 0 ... .max)),
                        generator.next(wallMicroseconds: wall, random: .random(in: 0 ... .max))
                    )
                }
            },
            time: SystemTime(),
            events: { event in
                log.events.withLock { $0.append(event) }
                if let line = log.line.withLock({ $0 }) { behaviour(event, line) }
            },
            rejected: { attempt in log.rejections.withLock { $0.append(attempt) } },
            phones: { agent, isReachable in
                log.phones.withLock { $0.append("\(agent) \(isReachable ? "there" : "gone")") }
            })
        self.media = media
        self.log = log
        log.line.withLock { [line] in $0 = line }
        bound = try line.start()
    }

    /// Ends the line; no event comes afterwards.
    func stop() {
        line.stop()
        log.line.withLock { $0 = nil }
    }

    var events: [LineEvent] { log.events.withLock { $0 } }
    var rejections: [RejectedAttempt] { log.rejections.withLock { $0 } }
    /// What was told of agents' phones: `1001 there`, `1001 gone`.
    var phones: [String] { log.phones.withLock { $0 } }

    /// The events as short words, in order: what the tables of the tests compare.
    var words: [String] { events.map(\.kind.word) }

    func port(_ transport: SIPTransport, _ family: IPAddress.Family = .v4) -> UInt16 {
        bound.first { $0.transports == [transport] && $0.endpoint.address.family == family }?.endpoint.port ?? 0
    }

    /// Waits until the events fulfil a condition; false where they do not within ten seconds.
    func wait(until condition: @Sendable ([LineEvent]) -> Bool) async -> Bool {
        await eventually { condition(self.events) }
    }

    /// Rings, answers when the ringing is on the wire, and does nothing else.
    static let answering: Behaviour = { event, line in
        switch event.kind {
        case .offered: line.ring(leg: event.leg, alerting: .ringing)
        case .alerted: line.answer(leg: event.leg)
        default: break
        }
    }
}

/// Asks again and again, ten seconds at most: the condition decides, not the time.
func eventually(_ condition: @Sendable () -> Bool) async -> Bool {
    let clock = ContinuousClock()
    let limit = clock.now + .seconds(60)
    while clock.now < limit {
        if condition() { return true }
        do { try await Task.sleep(for: .milliseconds(5)) } catch { return condition() }
    }
    return condition()
}

extension LineEvent.Kind {
    var word: String {
        switch self {
        case .offered: "offered"
        case .alerted(let basis): "alerted \(basis.rawValue)"
        case .rang(let count): "rang \(count)"
        case .answered: "answered"
        case .progress(let status, let early): "progress \(status)\(early ? " early" : "")"
        case .established: "established"
        case .held(let held): held ? "held" : "resumed"
        case .sessionChanged(let session): "session \(session.direction.rawValue)"
        case .key(let key, let source, let milliseconds): "key \(key.character) \(source.rawValue) \(milliseconds)"
        case .transferAsked(let target, let replaces): "transfer \(target)\(replaces.map { " for \($0)" } ?? "")"
        case .released(let release): "released \(release.cause.rawValue)"
        }
    }

    var release: LineRelease? { if case .released(let release) = self { release } else { nil } }
    var offer: Offer? { if case .offered(let offer) = self { offer } else { nil } }
}

/// A configuration for loopback: any free port, everybody there may call.
func loopback(_ families: [IPAddress.Family] = [.v4]) throws -> SIPLineConfiguration {
    var listen: [SIPListen] = []
    var sources: [AddressRange] = []
    for family in families {
        let text = family == .v4 ? "127.0.0.1" : "::1"
        guard let address = IPAddress(text), let range = AddressRange(text) else { throw TestFailure("bad address") }
        listen.append(SIPListen(Endpoint(address: address, port: 0)))
        sources.append(range)
    }
    return SIPLineConfiguration(name: "trunk", listen: listen, admission: SIPAdmission(sources: sources))
}

struct TestFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
