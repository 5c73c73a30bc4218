import Calls

/// Everything the media thread keeps of one leg. Made and freed off the thread, owned by it from `open` to `close`.
struct Leg: ~Copyable {
    static let tick = LegReceiver.samplesPerTick

    private(set) var id: LegID
    private(set) var call: CallID
    private(set) var transport: LegTransport
    let link: UnsafeMutablePointer<Returned>

    /// The phase of the media thread's ticks in which its turn comes; its call's.
    private(set) var phase: Int
    /// Its place in the phase's list.
    var index = 0
    var receiver: LegReceiver
    var player = Player()
    var eventKeys = TelephoneEventSender()
    var inbandKeys = InbandKeySender()
    var stream: SendStream
    /// The first recording that taps this leg.
    var recording: RecordingPointer?
    var isStarted = false
    var isClosing = false
    /// Whose audio this leg is sent.
    var hears = HearingList()
    /// `playStarted` of the present play was told.
    var toldPlay = false
    var sendErrors: UInt64 = 0

    /// This tick of both directions, encoded.
    let received: UnsafeMutablePointer<UInt8>
    var receivedFlags: UInt8 = 0
    var sentFlags: UInt8 = 0
    /// RTP's header and this tick's payload behind it, as it goes out.
    let packet: UnsafeMutableRawPointer

    var destination = SocketAddress()
    var controlDestination = SocketAddress()
    /// A session is agreed on, and it and the addresses allow to send.
    var mayTransmit = false
    var mayReport = false
    /// CLOCK_MONOTONIC of the next RTCP report, nanoseconds.
    var nextReport: Int64 = 0
    private var random: UInt64

    static func make(
        _ id: LegID, call: CallID, phase: Int, transport: LegTransport, receive: ReceiveConfiguration
    ) -> LegPointer {
        let pointer = LegPointer.allocate(capacity: 1)
        let link = UnsafeMutablePointer<Returned>.allocate(capacity: 1)
        link.initialize(to: Returned(object: .leg(pointer), next: nil))
        pointer.initialize(to: Leg(id, call: call, phase: phase, transport: transport, receive: receive, link: link))
        return pointer
    }

    static func free(_ pointer: LegPointer) {
        pointer.deinitialize(count: 1)
        pointer.deallocate()
    }

    private init(
        _ id: LegID, call: CallID, phase: Int, transport: LegTransport, receive: ReceiveConfiguration,
        link: UnsafeMutablePointer<Returned>
    ) {
        self.id = id
        self.call = call
        self.phase = phase
        self.transport = transport
        self.link = link
        receiver = LegReceiver(configuration: receive)
        received = .allocate(capacity: Self.tick)
        received.initialize(repeating: G711.idle(.pcma), count: Self.tick)
        packet = .allocate(byteCount: RTPPacket.headerLength + Self.tick, alignment: 8)
        packet.initializeMemory(as: UInt8.self, repeating: 0, count: RTPPacket.headerLength + Self.tick)
        stream = SendStream(random: .random(in: .min ... .max))
        random = .random(in: 1 ... .max)
    }

    deinit {
        received.deallocate()
        packet.deallocate()
        link.deallocate()
    }

    /// New for another leg, with the memory it has; off the media thread.
    mutating func reuse(_ id: LegID, call: CallID, phase: Int, transport: LegTransport) {
        self.id = id
        self.call = call
        self.phase = phase
        self.transport = transport
        receiver.reset()
        eventKeys.removeAll()
        inbandKeys.removeAll()
        stream = SendStream(random: .random(in: .min ... .max))
        random = .random(in: 1 ... .max)
        recording = nil
        isStarted = false
        isClosing = false
        hears = HearingList()
        toldPlay = false
        sendErrors = 0
        mayTransmit = false
        mayReport = false
        nextReport = 0
    }

    /// The card's timelines, where the leg is one.
    var sound: SoundLinkPointer? {
        if case .sound(let link) = transport { return link }
        return nil
    }

    var codec: Codec { receiver.session?.codec ?? .pcma }

    /// This tick's audio to the far end, within `packet`.
    var sent: UnsafeMutablePointer<UInt8> {
        (packet + RTPPacket.headerLength).assumingMemoryBound(to: UInt8.self)
    }

    mutating func configure(_ session: MediaSession, at: Int64) {
        let before = receiver.session
        receiver.configure(session, at: at)
        if before?.remote != session.remote || before?.nat != session.nat {
            destination = SocketAddress(session.remote)
        }
        if before?.remoteRTCP != session.remoteRTCP { controlDestination = SocketAddress(session.remoteRTCP) }
        let could = mayTransmit
        mayTransmit = session.direction.sends && (sound != nil || session.remote.isReachable)
        if mayTransmit && !could { stream.spurtBegins = true }
        mayReport = session.remoteRTCP.isReachable
    }

    /// The time to the next report: around five seconds (RFC 3550 §6.2), spread so that legs do not keep step (§6.3.1).
    mutating func scheduleReport(after at: Int64, first: Bool) {
        random ^= random << 13
        random ^= random >> 7
        random ^= random << 17
        let base: Int64 = first ? 2_500_000_000 : 5_000_000_000
        nextReport = at &+ base / 2 &+ Int64(random % UInt64(base))
    }
}

typealias LegPointer = UnsafeMutablePointer<Leg>

/// The RTP stream that a leg sends (RFC 3550 §5.1): its numbers begin at random and never jump.
struct SendStream {
    let ssrc: UInt32
    private(set) var sequence: UInt16
    /// The running tick's.
    private(set) var timestamp: UInt32
    private(set) var packets: UInt64 = 0
    private(set) var octets: UInt64 = 0
    /// Packets when the last report went out: nothing since makes a receiver report.
    var packetsReported: UInt64 = 0
    /// The next audio packet is the first after a time without any: it carries the marker (RFC 3551 §4.1).
    var spurtBegins = true

    init(random: UInt64) {
        ssrc = UInt32(truncatingIfNeeded: random)
        // The first half of the space, so that SRTP's roll-over (RFC 3711 §3.3.1) is not met at once.
        sequence = UInt16(truncatingIfNeeded: random >> 32) & 0x7FFF
        timestamp = UInt32(truncatingIfNeeded: random >> 16) &* 0x9E37_79B9
    }

    /// The header of this tick's audio packet.
    mutating func audio(payloadType: UInt8) -> RTPPacket {
        defer { spurtBegins = false }
        return RTPPacket(
            payloadType: payloadType, marker: spurtBegins, sequence: sequence, timestamp: timestamp, ssrc: ssrc)
    }

    /// The header of this tick's event packet.
    func event(payloadType: UInt8, timestamp: UInt32, marker: Bool) -> RTPPacket {
        RTPPacket(payloadType: payloadType, marker: marker, sequence: sequence, timestamp: timestamp, ssrc: ssrc)
    }

    /// A packet left with so many bytes of payload (or was refused: its number is used all the same, as loss).
    mutating func left(payload: Int, refused: Bool) {
        sequence &+= 1
        guard !refused else { return }
        packets &+= 1
        octets &+= UInt64(payload)
    }

    /// The clock goes on, sent or not.
    mutating func advance(ticks: Int) {
        timestamp &+= UInt32(truncatingIfNeeded: ticks &* LegReceiver.samplesPerTick)
    }
}
