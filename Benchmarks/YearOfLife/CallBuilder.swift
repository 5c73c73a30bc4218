import Calls
import Norms
import Storage

/// Writes one call down as the exchange would: each method adds what is told of a part of it, in the order of time.
struct CallBuilder {
    var draw: Draw
    let clock: LifeClock
    let call: CallID
    let leg: LegID
    let line: String
    let direction: Direction
    /// Nil where withheld.
    let caller: String?
    let begin: Int64
    var units: [LifeUnit] = []
    /// Nil where the call is not recorded.
    var recording: RecordingID?
    private(set) var recordingStart: Int64?
    private(set) var answeredAt: Int64?
    /// When it is over.
    private(set) var end: Int64?
    /// Whoever serves the caller writes the call up.
    var owesForm = true

    let rings = RingClock()

    /// - Parameters:
    ///   - caller: of an outgoing call whoever is called.
    ///   - begin: Unix µs, UTC.
    init(_ draw: Draw, _ clock: LifeClock, line: String, direction: Direction, caller: String?, begin: Int64) {
        var draw = draw
        call = LifeID.make(at: begin, &draw)
        leg = LifeID.make(at: begin, &draw)
        self.draw = draw
        self.clock = clock
        self.line = line
        self.direction = direction
        self.caller = caller
        self.begin = begin
    }

    mutating func id<Kind>(_ at: Int64, _: Kind.Type = Kind.self) -> Identifier<Kind> { LifeID.make(at: at, &draw) }

    mutating func add(_ at: Int64, _ make: (Instant) -> Fact) {
        let instant = clock.instant(at)
        units.append(LifeUnit(at: instant, facts: [make(instant)]))
    }

    /// Where in the recording.
    func position(_ at: Int64) -> AudioPosition? {
        recordingStart.map { AudioPosition(milliseconds: max(0, at - $0) / 1000) }
    }

    mutating func note(_ at: Int64, _ kind: String, _ data: [String: String] = [:]) {
        let position = position(at)
        add(at) { [call, leg] in
            .callNoted(CallNoted(call: call, leg: leg, at: $0, position: position, kind: kind, data: data))
        }
    }

    // MARK: - The line

    /// - Parameters:
    ///   - source: how the number came; empty: the line said nothing of it.
    ///   - called: the number of the hotline; empty: the line said nothing of it.
    mutating func offer(source: String, called: String, peer: String) {
        let protocolID = peer.isEmpty ? "" : "\(draw.hex(16))@example.invalid"
        add(begin) { [call, leg, line, direction, caller] in
            .callOffered(
                CallOffered(
                    call: call, leg: leg, at: $0, line: line, direction: direction, caller: caller,
                    callerRaw: direction == .inbound ? caller.map { "+86\($0)" } : nil, callerSource: source,
                    called: called, diversion: nil, peer: peer, protocolCallID: protocolID))
        }
    }

    mutating func alert(_ at: Int64) {
        add(at) { [call] in .callAlerted(CallAlerted(call: call, at: $0, basis: .nominal180)) }
    }

    /// - Parameter milliseconds: of ringing, to this moment.
    mutating func answer(_ at: Int64, milliseconds: Int64, flow: String) {
        answeredAt = at
        let rings = rings.ring(atMilliseconds: milliseconds)
        add(at) { [call] in
            .callAnswered(
                CallAnswered(
                    call: call, at: $0, rings: rings, ringMilliseconds: milliseconds, basis: .nominal180,
                    flowVersion: flow))
        }
    }

    mutating func establish(_ at: Int64, leg: LegID, role: LegRole) {
        add(at) { [call, line] in
            .legEstablished(
                LegEstablished(call: call, leg: leg, at: $0, role: role, line: line, codec: "PCMA", rate: 8000))
        }
    }

    mutating func release(_ at: Int64, by: ReleasedBy, _ outcome: Outcome, message: String, q850: Int? = nil) {
        end = at
        let last = answeredAt == nil ? nil : clock.instant(at - (by == .unknown ? 9 * Micro.second : 20_000))
        add(at) { [call, leg] in
            .callReleased(
                CallReleased(
                    call: call, at: $0, releasedBy: by,
                    evidence: ReleaseEvidence(
                        firstLeg: leg, message: message, reason: q850.map { "Q.850;cause=\($0)" }, q850: q850,
                        lastRTP: last), outcome: outcome, statistics: [:]))
        }
    }

    // MARK: - The recording

    /// The row that stands before the first sample.
    mutating func planRecording(_ at: Int64) {
        let recording: RecordingID = id(at)
        self.recording = recording
        let role: LegRole = direction == .outbound ? .customer : .caller
        add(at) { [call, leg] in
            .recordingPlanned(
                RecordingPlanned(
                    recording: recording, call: call, at: $0,
                    channels: [
                        .init(index: 0, leg: leg, role: role.rawValue, tap: "received"),
                        .init(index: 1, leg: leg, role: "system", tap: "sent"),
                    ]))
        }
    }

    mutating func startRecording(_ at: Int64) {
        guard let recording else { return }
        recordingStart = at
        add(at) { [call] in .recordingStarted(RecordingStarted(recording: recording, call: call, at: $0)) }
    }

    /// How a recording comes to its end.
    enum RecordingEnd {
        /// Finished and measured; finished alone; no file could be made; not finished at all.
        case measured, finished, failed, unfinished
    }

    /// - Parameters:
    ///   - talk: milliseconds of speech of the caller and of the other side, at most.
    mutating func stopRecording(_ at: Int64, _ way: RecordingEnd, talk: (caller: Int64, other: Int64)) {
        guard let recording, let start = recordingStart else { return }
        let milliseconds = (at - start) / 1000
        add(at) { [call] in
            .recordingStopped(
                RecordingStopped(
                    recording: recording, call: call, at: $0, length: AudioPosition(milliseconds: milliseconds)))
        }
        guard way != .unfinished else { return }
        let done = at + draw.within(Micro.second...9 * Micro.second)
        guard way != .failed else {
            return add(done) { [call] in
                .recordingFailed(
                    RecordingFailed(recording: recording, call: call, at: $0, message: "the file could not be written"))
            }
        }
        let civil = CivilTime(wallMicroseconds: start, offsetSeconds: 28_800)
        let date = civil.compactDate
        let file = "\(date.prefix(4))/\(date.dropFirst(4).prefix(2))/\(date.suffix(2))/\(start)-\(call).flac"
        let sha256 = draw.hex(64)
        let bytes = milliseconds * draw.within(4...7)
        add(done) { [call] in
            .recordingFinished(
                RecordingFinished(
                    recording: recording, call: call, at: $0, file: file, format: "flac", rate: 8000,
                    frames: milliseconds * 8, bytes: bytes, sha256: sha256, gaps: [], recovered: false))
        }
        if way == .measured { measure(done + 50_000, recording, milliseconds, talk) }
    }

    private mutating func measure(
        _ at: Int64, _ recording: RecordingID, _ milliseconds: Int64, _ talk: (caller: Int64, other: Int64)
    ) {
        let sides = [min(talk.caller, milliseconds), min(talk.other, milliseconds)]
        let channels = sides.enumerated().map { index, spoken in
            RecordingMeasured.Channel(
                index: index, missingMilliseconds: 0, talkMilliseconds: spoken,
                peak: spoken == 0 ? 0 : Int(draw.within(6000...30_000)),
                level: spoken == 0 ? nil : -Int(draw.within(1500...3500)), clippedSamples: 0)
        }
        let overtalk = min(sides[0], sides[1]) / 20
        let silence = max(0, milliseconds - sides[0] - sides[1] + overtalk)
        add(at) { [call] in
            .recordingMeasured(
                RecordingMeasured(
                    recording: recording, call: call, at: $0, lengthMilliseconds: milliseconds,
                    silenceMilliseconds: silence, overtalkMilliseconds: overtalk, thresholdDecibels: -50,
                    channels: channels))
        }
    }
}

/// Identifiers of the year: the moment, and bits that were drawn.
enum LifeID {
    /// - Parameter at: Unix µs, UTC.
    static func make<Kind>(at: Int64, _ draw: inout Draw) -> Identifier<Kind> {
        let (one, other) = (draw.next(), draw.next())
        return Identifier(
            high: UInt64(at / 1000) << 16 | 0x7000 | one & 0xFFF,
            low: 0x8000_0000_0000_0000 | 1 << 46 | other & 0x3FFF_FFFF_FFFF)
    }
}
