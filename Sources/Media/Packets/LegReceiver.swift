import Calls

/// How a leg's receiving side is set up; the same for all its sessions.
package struct ReceiveConfiguration: Sendable, Hashable {
    /// The least playout delay, milliseconds, a multiple of 20.
    package var minimumDelay = 40
    /// The greatest playout delay that jitter may bring about, milliseconds, a multiple of 20, at most 400.
    package var maximumDelay = 200
    /// `inactive` is told after so many milliseconds without a packet (only while the session receives); nil: never.
    package var inactivityMilliseconds: Int? = 5000

    package init() {}
}

/// The receiving side of one leg: datagrams in, one tick of encoded audio out, with everything that was noticed on
/// the way: keys, talk, silence, a source that changed, and the counters.
///
///     datagram ─> parse ─> SourceLatch ─> RTPReceiveStream ─┬─ audio ───> JitterBuffer ─┐
///                                                           └─ event ───> TelephoneEventReceiver
///     tick <── encoded <── Concealment <── level, talk, in-band keys <──────────────────┘
///
/// **Thread and life.** `init` allocates everything it will ever need (about 13 kB); `deinit` frees it: let both
/// happen off the media thread. Everything else belongs to the media thread alone and neither allocates nor waits.
/// Keep it in unsafe memory or a noncopyable owner; `reset()` makes it new for the next leg, so that a pool works.
///
/// **A tick.** Drain the socket, calling `receive` for each datagram; then `playout` once; then `nextEvent()` until it
/// returns nil. `playout` runs also in ticks without datagrams. Before `start()` datagrams are latched and counted
/// but not played.
package struct LegReceiver: ~Copyable {
    /// Samples and, in G.711, bytes of one tick.
    package static let samplesPerTick = 160

    package let configuration: ReceiveConfiguration
    /// What was agreed on last; nil before `configure`: then every datagram is malformed.
    package private(set) var session: MediaSession?
    package private(set) var isStarted = false

    private var latch = SourceLatch()
    private var stream = RTPReceiveStream()
    private var jitter: JitterBuffer
    private var telephoneEvents = TelephoneEventReceiver()
    private var concealment = Concealment()
    private var inbandKeys = InbandKeys()
    private var talk = TalkDetector()
    private var watch = SilenceWatch()
    private var control = RTCPReceiver()
    private var events = ReceiveEventRing()
    private let linearTick: UnsafeMutablePointer<Int16>

    private var received: UInt64 = 0
    private var malformed: UInt64 = 0
    private var concealedTicks: UInt64 = 0
    private var silentTicks: UInt64 = 0
    private var lastPacket: Instant?
    private var activitySince: Int64 = 0
    private var toldInactive = false
    private var toldFirst = false
    /// Ticks on end that a sound card did not bring.
    private var missed = 0
    /// Beyond so many there is nothing left to conceal from.
    private static let mostConcealed = 5

    /// Allocates; off the media thread.
    package init(configuration: ReceiveConfiguration = ReceiveConfiguration()) {
        G711.prepare()
        self.configuration = configuration
        jitter = JitterBuffer(
            minimumDelay: configuration.minimumDelay, maximumDelay: configuration.maximumDelay)
        linearTick = .allocate(capacity: Self.samplesPerTick)
        linearTick.initialize(repeating: 0, count: Self.samplesPerTick)
    }

    deinit { linearTick.deallocate() }

    /// Sets or changes what offer and answer agreed on. A change of the remote address latches anew; sequence, jitter
    /// buffer and statistics go on.
    /// - Parameter at: CLOCK_MONOTONIC, nanoseconds.
    package mutating func configure(_ session: MediaSession, at: Int64) {
        latch.configure(remote: session.remote, nat: session.nat, at: at)
        if self.session?.codec != session.codec { jitter.configure(codec: session.codec) }
        if self.session == nil || self.session?.direction.receives == false { activitySince = at }
        self.session = session
    }

    /// Begins to play out; from now on `receive` feeds the jitter buffer.
    package mutating func start(at: Int64) {
        guard !isStarted else { return }
        isStarted = true
        activitySince = at
    }

    /// Takes one RTP datagram.
    /// - Parameters:
    ///   - datagram: as it came from the socket; not kept.
    ///   - source: who sent it.
    ///   - at: its arrival (the kernel's stamp, or the moment of reading).
    package mutating func receive(_ datagram: UnsafeRawBufferPointer, source: Endpoint, at: Instant) {
        received &+= 1
        guard let session, let packet = RTPPacket(datagram), let kind = kind(of: packet, session) else {
            malformed &+= 1
            return
        }
        switch latch.judge(
            source, ssrc: packet.ssrc, sequence: packet.sequence, negotiated: kind != .other, at: at.mono)
        {
        case .foreign: return
        case .accepted: break
        case .latched:
            // The first source is told by `firstPacket`.
            if toldFirst { events.append(.latched(source: source)) }
        }
        guard kind != .other else {
            malformed &+= 1
            return
        }
        noteActivity(source: source, at: at)
        let payload = UnsafeRawBufferPointer(
            rebasing: datagram[packet.payloadOffset..<packet.payloadOffset + packet.payloadLength])
        let sequence: Int64
        switch stream.receive(packet, carriesAudio: kind == .audio, at: at.mono) {
        case .probation, .duplicate: return
        case .restarted(let extended):
            sequence = extended
            jitter.restart()
            telephoneEvents.restart()
        case .accepted(let extended): sequence = extended
        }
        switch kind {
        case .audio:
            guard isStarted else { return }
            jitter.insert(sequence: sequence, timestamp: packet.timestamp, marker: packet.marker, payload: payload)
        case .telephoneEvent:
            if isStarted { jitter.noteOther(sequence: sequence) }
            let accepted = telephoneEvents.receive(
                payload, timestamp: packet.timestamp, marker: packet.marker, sequence: sequence, at: at.mono,
                into: &events)
            if !accepted { malformed &+= 1 }
        case .comfortNoise:
            if isStarted { jitter.noteOther(sequence: sequence) }
        case .other: break
        }
    }

    /// Plays out one tick: pulls it from the jitter buffer, conceals what is lost, measures it, seeks in-band keys
    /// where telephone-event was not agreed on, and runs all time-outs.
    /// - Parameters:
    ///   - encoded: room for 160 bytes; always filled, in the session's codec (silence where there is nothing). This
    ///     is what is recorded and passed on.
    ///   - linear: the same tick as 160 linear samples, valid until the next call; for a mixer or an analysis.
    ///   - at: the tick's moment, CLOCK_MONOTONIC, nanoseconds.
    /// - Returns: where the audio came from.
    @discardableResult
    package mutating func playout(into encoded: UnsafeMutablePointer<UInt8>, at: Int64) -> PlayoutKind {
        let codec = session?.codec ?? .pcma
        let count = Self.samplesPerTick
        guard isStarted else {
            encoded.update(repeating: G711.idle(codec), count: count)
            linearTick.update(repeating: 0, count: count)
            telephoneEvents.tick(at: at, into: &events)
            return .silence
        }
        let pulled = jitter.pull(into: encoded, quietBelow: talk.quietMagnitude)
        let kind = examine(pulled, codec, encoded)
        telephoneEvents.tick(at: at, into: &events)
        watchActivity(at: at)
        return kind
    }

    /// The same for a leg that is a sound card: a tick comes as linear samples, and there are no packets. Ticks heard
    /// are counted as packets received.
    /// - Parameters:
    ///   - samples: 160 of them; nil where none were there in time.
    ///   - encoded: room for 160 bytes; always filled.
    @discardableResult
    package mutating func hear(
        _ samples: UnsafePointer<Int16>?, into encoded: UnsafeMutablePointer<UInt8>, at: Instant
    ) -> PlayoutKind {
        let codec = session?.codec ?? .pcma
        let pulled: Pulled
        if let samples, isStarted {
            G711.encode(codec, samples, count: Self.samplesPerTick, into: encoded)
            received &+= 1
            noteHeard(at: at)
            missed = 0
            pulled = .audio
        } else if isStarted, lastPacket != nil, missed < Self.mostConcealed {
            missed &+= 1
            pulled = .lost
        } else {
            encoded.update(repeating: G711.idle(codec), count: Self.samplesPerTick)
            pulled = .silence
        }
        let kind = examine(pulled, codec, encoded)
        watchActivity(at: at.mono)
        return kind
    }

    /// Conceals, measures, and seeks in-band keys.
    private mutating func examine(
        _ pulled: Pulled, _ codec: Codec, _ encoded: UnsafeMutablePointer<UInt8>
    ) -> PlayoutKind {
        let count = Self.samplesPerTick
        let kind = concealment.run(pulled, codec: codec, encoded: encoded, linear: linearTick)
        switch kind {
        case .audio: break
        case .concealed: concealedTicks &+= 1
        case .silence: silentTicks &+= 1
        }
        let isTalk = talk.measure(linearTick, count: count)
        watch.tick(isTalk: isTalk, into: &events)
        if session?.seeksKeysInBand == true {
            inbandKeys.receive(linearTick, count: count, concealed: kind == .concealed, into: &events)
        }
        return kind
    }

    /// The last tick's samples, 160 of them, linear; valid until the next `playout`.
    package var linear: UnsafePointer<Int16> { UnsafePointer(linearTick) }

    /// The last tick's level, dBov (RFC 6464: 0 is the loudest, -127 the floor).
    package var level: Int { talk.level }

    /// Passes over ticks that were never played because the machine stood still.
    package mutating func skip(ticks: Int) { jitter.skip(ticks: ticks) }

    /// Takes the oldest event not yet taken; nil where there is none.
    package mutating func nextEvent() -> ReceiveEvent? { events.next() }

    /// Reports `silent` once after so many milliseconds without talk (counted from now, or from the end of talk), and
    /// `talkStarted` at each beginning of talk; talk under way counts as a beginning. nil ends the watch.
    package mutating func watchSilence(afterMilliseconds: Int?) { watch.set(afterMilliseconds: afterMilliseconds) }

    /// Takes one RTCP datagram; it counts only from the session's RTCP address or the latched RTP source's address.
    /// - Parameter at: its arrival.
    /// - Returns: whether it was believed.
    @discardableResult
    package mutating func receiveControl(
        _ datagram: UnsafeRawBufferPointer, source: Endpoint, ourSSRC: UInt32, at: Instant
    ) -> Bool {
        guard let session else { return false }
        guard source == session.remoteRTCP || source.address == latch.source?.address else {
            latch.countForeign()
            return false
        }
        return control.receive(datagram, ourSSRC: ourSSRC, at: at)
    }

    /// The report block about the stream received, for our next RTCP report; nil before the first packet. Closes the
    /// interval that "fraction lost" speaks of: call it once a report.
    package mutating func reportBlock(at: Int64) -> RTCPReportBlock? {
        stream.report(lastSenderReport: control.lastSenderReport, at: at)
    }

    /// Whether the far end said RTCP BYE.
    package var saidBye: Bool { control.saidBye }

    /// Fills in what this side counts; the sending side's fields are left alone.
    package func fill(_ statistics: inout LegStatistics) {
        statistics.packetsReceived = received
        statistics.late = jitter.counters.late
        statistics.lost = stream.lost
        statistics.duplicate = stream.duplicate
        statistics.reordered = jitter.counters.reordered
        statistics.concealedTicks = concealedTicks
        statistics.silentTicks = silentTicks
        statistics.overflow = jitter.counters.overflow
        statistics.foreignSource = latch.foreign
        statistics.malformed = malformed
        statistics.lastPacketAt = lastPacket
        statistics.jitterMilliseconds = stream.jitterMilliseconds
        statistics.remoteFractionLost = control.remoteFractionLost
        statistics.roundTripMilliseconds = control.roundTripMilliseconds
    }

    /// The jitter buffer's own figures (delay, adjustments), for benchmarks and logs.
    package var jitterCounters: JitterBuffer.Counters { jitter.counters }

    /// The present playout delay, milliseconds.
    package var delayMilliseconds: Int { jitter.delayMilliseconds }

    /// Makes it new for another leg, without allocating.
    package mutating func reset() {
        session = nil
        isStarted = false
        latch = SourceLatch()
        stream = RTPReceiveStream()
        jitter.reset()
        telephoneEvents = TelephoneEventReceiver()
        concealment.reset()
        inbandKeys.reset()
        talk = TalkDetector()
        watch = SilenceWatch()
        control = RTCPReceiver()
        events.removeAll()
        linearTick.update(repeating: 0, count: Self.samplesPerTick)
        received = 0
        malformed = 0
        concealedTicks = 0
        silentTicks = 0
        lastPacket = nil
        activitySince = 0
        toldInactive = false
        toldFirst = false
        missed = 0
    }

    private enum PayloadKind { case audio, telephoneEvent, comfortNoise, other }

    private func kind(of packet: RTPPacket, _ session: MediaSession) -> PayloadKind? {
        if packet.payloadType == session.payloadType { return packet.payloadLength > 0 ? .audio : nil }
        if packet.payloadType == session.telephoneEventPayloadType { return .telephoneEvent }
        // RFC 3389: static payload type 13.
        if packet.payloadType == 13 { return .comfortNoise }
        return .other
    }

    /// Audio came.
    private mutating func noteHeard(at: Instant) {
        lastPacket = at
        activitySince = at.mono
        if toldInactive {
            toldInactive = false
            events.append(.active)
        }
    }

    private mutating func noteActivity(source: Endpoint, at: Instant) {
        noteHeard(at: at)
        if !toldFirst {
            toldFirst = true
            events.append(.firstPacket(source: source))
        }
    }

    private mutating func watchActivity(at: Int64) {
        guard let limit = configuration.inactivityMilliseconds, !toldInactive else { return }
        guard session?.direction.receives == true else {
            activitySince = at
            return
        }
        let milliseconds = Int((at &- activitySince) / 1_000_000)
        if milliseconds >= limit {
            toldInactive = true
            events.append(.inactive(milliseconds: milliseconds))
        }
    }
}
