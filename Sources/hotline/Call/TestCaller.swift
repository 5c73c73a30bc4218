import Calls
import Dispatch
import Foundation
import Lines
import Media
import Synchronization

/// What the test caller is to do.
struct CallerOptions: Sendable {
    /// `sip:number@host:port;transport=udp|tcp`, host numeric.
    var target: String
    /// The From user.
    var from: String?
    var username: String?
    var password: String?
    var script = CallScript(steps: [])
    /// An audio file; brought to 8 kHz mono where it is something else.
    var say: String?
    /// Hz, of the tone that the script may send.
    var tone = 1000
    /// A stereo WAV to write: left what was heard, right what was said.
    var record: String?
    /// The longest time after the answer.
    var limitMilliseconds: Int64 = 60_000
    /// Gives up without an answer after so long.
    var ringMilliseconds = 60_000
}

/// Places one call through the same line and media engine as the server's, and tells what it saw.
final class TestCaller: Sendable {
    private typealias Mail = (event: CallerMachine.Event, at: Instant)

    private let options: CallerOptions
    private let time = SystemTime()
    private let leg: LegID
    private let call: CallID
    private let recording: RecordingID
    private let inbox: AsyncStream<Mail>
    private let mailbox: AsyncStream<Mail>.Continuation
    private let closed: AsyncStream<LegStatistics>
    private let closing: AsyncStream<LegStatistics>.Continuation
    private let timers = Mutex<[Task<Void, Never>]>([])

    init(_ options: CallerOptions) {
        self.options = options
        var generator = IdentifierGenerator(node: 0)
        let wall = time.now().wall
        leg = generator.next(wallMicroseconds: wall, random: .random(in: .min ... .max))
        call = generator.next(wallMicroseconds: wall, random: .random(in: .min ... .max))
        recording = generator.next(wallMicroseconds: wall, random: .random(in: .min ... .max))
        (inbox, mailbox) = AsyncStream.makeStream(of: Mail.self, bufferingPolicy: .bufferingOldest(4096))
        (closed, closing) = AsyncStream.makeStream(of: LegStatistics.self, bufferingPolicy: .bufferingOldest(1))
    }

    /// Ends the call at the next opportunity; any thread.
    func hangUp() { mailbox.yield((.hangUpWanted, time.now())) }

    /// Places the call and returns when it is over.
    /// - Throws: `LineError`, `MediaError` or `CommandError` where it could not even be placed.
    func place() async throws -> CallReport {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("hotline-call-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer {
            do { try FileManager.default.removeItem(at: folder) } catch {
                FileHandle.standardError.write(Data("hotline call: \(folder.path) stays behind: \(error)\n".utf8))
            }
        }
        let desk = try CallerRecording(folder: folder, recording: recording, target: options.record, time: time)
        let prompts = try SpokenFile.store(options.say, in: folder)
        var media = MediaConfiguration()
        media.maximumLegs = 2
        let engine = try MediaEngine(
            configuration: media, prompts: prompts, log: desk.log, time: time, events: { [self] in take($0) })
        let line = SIPLine(
            configuration: try configuration(), media: engine, identifiers: { [call, leg] in (call, leg) }, time: time,
            events: { [self] in take($0) }, rejected: { _ in })
        var report: CallReport
        do {
            _ = try line.start()
            report = try await run(line: line, engine: engine)
        } catch {
            await Self.blocking {
                line.stop()
                engine.shutdown()
            }
            throw error
        }
        engine.close(leg: leg)
        report.packets = await statistics()
        await Self.blocking {
            line.stop()
            engine.shutdown()
        }
        report.recording = try await Self.blocking { desk.finish() }.get()
        return report
    }

    /// Work that waits for threads and disks, away from the cooperative pool.
    private static func blocking<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(returning: work()) }
        }
    }

    // MARK: The call

    private func run(line: SIPLine, engine: MediaEngine) async throws -> CallReport {
        var machine = CallerMachine(
            target: options.target, script: options.script, limitMilliseconds: options.limitMilliseconds,
            at: time.now())
        try line.dial(
            DialRequest(
                leg: leg, call: call, target: options.target, caller: options.from, username: options.username,
                password: options.password, timeoutMilliseconds: options.ringMilliseconds))
        defer { timers.withLock { for timer in $0 { timer.cancel() } } }
        var plays: UInt32 = 0
        for await mail in inbox {
            for action in machine.handle(mail.event, at: mail.at) {
                switch action {
                case .startMedia:
                    try engine.start(leg: leg)
                    if options.record != nil {
                        try engine.startRecording(
                            recording, call: call,
                            channels: [
                                RecordingChannel(index: 0, leg: leg, tap: .received),
                                RecordingChannel(index: 1, leg: leg, tap: .sent),
                            ])
                    }
                case .watchSilence(let milliseconds):
                    try engine.watchSilence(leg: leg, afterMilliseconds: milliseconds)
                case .sendKeys(let keys): try engine.sendKeys(leg: leg, keys)
                case .say, .tone:
                    plays += 1
                    let item = action == .say ? PlayItem.prompt(PromptIndex(0)) : .tone(tone)
                    try engine.play(leg: leg, PlayRequest(id: PlayID(plays), items: [item]))
                case .timer(let timer, let milliseconds): set(timer, milliseconds: milliseconds)
                case .hangUp: line.release(leg: leg, reason: ReleaseReason())
                case .finish: return machine.report
                }
            }
        }
        return machine.report
    }

    private var tone: Tone {
        Tone(frequency: options.tone, level: -10, onMilliseconds: 1000, offMilliseconds: 0, repeats: 1)
    }

    private func set(_ timer: CallerMachine.Timer, milliseconds: Int64) {
        let task = Task { [mailbox, time] in
            do { try await Task.sleep(for: .milliseconds(milliseconds)) } catch {
                return  // cancelled: the call is over
            }
            mailbox.yield((.timer(timer), time.now()))
        }
        timers.withLock { $0.append(task) }
    }

    /// The engine's last word on the leg; nil where it does not come within 2 s.
    private func statistics() async -> CallReport.Packets? {
        let limit = Task { [closing] in
            do { try await Task.sleep(for: .seconds(2)) } catch { return }
            closing.finish()
        }
        defer { limit.cancel() }
        for await statistics in closed { return CallReport.Packets(statistics) }
        return nil
    }

    // MARK: What line and engine tell

    private func take(_ event: LineEvent) {
        switch event.kind {
        case .progress(let status, _): mailbox.yield((.progress(status: status), event.at))
        case .established(let session): mailbox.yield((.established(codec: session.codec.name), event.at))
        case .released(let release): mailbox.yield((.released(CallerMachine.End(release)), event.at))
        case .offered, .alerted, .rang, .answered, .held, .sessionChanged, .key, .transferAsked: break
        }
    }

    private func take(_ event: MediaEvent) {
        switch event.kind {
        case .firstPacket: mailbox.yield((.firstPacket, event.at))
        case .talkStarted: mailbox.yield((.talkStarted, event.at))
        case .silent: mailbox.yield((.silent, event.at))
        case .keysSent: mailbox.yield((.keysSent, event.at))
        case .playFinished: mailbox.yield((.playFinished, event.at))
        case .closed(let statistics): closing.yield(statistics)
        case .latched, .keyDown, .keyUp, .playStarted, .playStopped, .inactive, .active, .recordingStarted,
            .recordingStopped, .recordingPaused, .recordingResumed, .skipped:
            break
        }
    }

    /// A line for one outbound call: it takes none itself.
    private func configuration() throws -> SIPLineConfiguration {
        let address = try Self.localAddress(for: options.target)
        // A line must admit somebody: a user whose password nobody knows.
        let nobody = SIPUser(name: "nobody", password: UUID().uuidString)
        var configuration = SIPLineConfiguration(
            name: "caller", listen: [SIPListen(Endpoint(address: address, port: 0))],
            admission: SIPAdmission(users: [nobody]))
        configuration.user = options.from ?? "hotline-call"
        configuration.userAgent = "hotline-call"
        return configuration
    }

    /// The loopback address for a target on loopback, else any of the target's family.
    private static func localAddress(for target: String) throws -> IPAddress {
        let host = target.split(separator: "@").last.map { $0.prefix { $0 != ";" } } ?? ""
        let numeric =
            Endpoint(host)?.address ?? IPAddress(host.hasPrefix("[") ? host.dropFirst().prefix { $0 != "]" } : host)
        guard let numeric else {
            throw CommandError(
                "cannot call \(target): the host must be a numeric address, e.g. sip:95598@127.0.0.1:5060")
        }
        return numeric.isLoopback ? numeric : .unspecified(numeric.family)
    }
}

extension CallerMachine.End {
    init(_ release: LineRelease) {
        let by: By
        switch release.cause {
        case .remoteBye: by = .farEnd
        case .local, .cancelled, .refused: by = .us
        // 408 is the line's own word for "nobody answered in time", 487 the answer to our CANCEL.
        case .rejected: by = release.status == 408 || release.status == 487 ? .timeout : .refusal
        case .noAck, .sessionTimer, .carrierLost, .failed: by = .failure
        }
        self.init(by: by, status: release.status, q850: release.q850, message: release.message)
    }
}

extension CallReport.Packets {
    init(_ statistics: LegStatistics) {
        self.init(
            received: statistics.packetsReceived, sent: statistics.packetsSent, lost: statistics.lost,
            late: statistics.late, jitterMs: statistics.jitterMilliseconds)
    }
}
