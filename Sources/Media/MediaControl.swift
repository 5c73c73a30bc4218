import Calls

/// The codecs a leg can speak. G.711 only so far (RFC 3551 §6); the audio log and the recordings keep the code.
public enum Codec: UInt8, Sendable, Codable, CaseIterable {
    /// G.711 µ-law, static payload type 0.
    case pcmu = 0
    /// G.711 A-law, static payload type 8.
    case pcma = 8

    /// The encoding name of SDP's rtpmap (RFC 3551 table 4).
    public var name: String { self == .pcma ? "PCMA" : "PCMU" }
    /// Samples a second.
    public var rate: Int { 8000 }
}

/// Which way a leg's media flows (RFC 3264 §5.1), seen from us.
public enum MediaDirection: String, Sendable, Codable {
    case sendReceive = "sendrecv", sendOnly = "sendonly", receiveOnly = "recvonly", inactive

    public var sends: Bool { self == .sendReceive || self == .sendOnly }
    public var receives: Bool { self == .sendReceive || self == .receiveOnly }
}

/// What offer and answer agreed on for one leg: everything the media thread has to know.
public struct MediaSession: Sendable, Hashable {
    /// Where to send RTP, from the peer's SDP. Port 0 or the address 0.0.0.0 sends nothing.
    public var remote: Endpoint
    /// Where to send RTCP: RTP's port + 1, or what `a=rtcp` says (RFC 3605).
    public var remoteRTCP: Endpoint
    public var codec: Codec
    /// The codec's payload type on the wire.
    public var payloadType: UInt8
    /// telephone-event's payload type (RFC 4733), nil where it was not offered: then keys are sought in-band.
    public var telephoneEventPayloadType: UInt8?
    public var direction: MediaDirection
    /// Milliseconds of audio in each packet that the peer wants (a=ptime), 10…60, a multiple of 10; we send 20 ms
    /// ticks and accept any.
    public var ptime: Int
    /// Latch onto another source address than the SDP's (for peers behind NAT, by the trunk's configuration).
    public var nat: Bool
    /// Keys are sought as tones within the audio; nil: where telephone-event was not agreed on.
    public var keysInBand: Bool?

    /// Whether keys are sought as tones within the audio.
    public var seeksKeysInBand: Bool { keysInBand ?? (telephoneEventPayloadType == nil) }

    /// The session of a leg that is a sound card: no packets, A-law within.
    /// - Parameter keysInBand: false where the modem tells keys by itself.
    public static func sound(keysInBand: Bool) -> MediaSession {
        let nowhere = Endpoint(address: .unspecified(.v4), port: 0)
        var session = MediaSession(
            remote: nowhere, remoteRTCP: nowhere, codec: .pcma, payloadType: 8, telephoneEventPayloadType: nil,
            direction: .sendReceive)
        session.keysInBand = keysInBand
        return session
    }

    public init(
        remote: Endpoint, remoteRTCP: Endpoint, codec: Codec, payloadType: UInt8, telephoneEventPayloadType: UInt8?,
        direction: MediaDirection, ptime: Int = 20, nat: Bool = false
    ) {
        self.remote = remote
        self.remoteRTCP = remoteRTCP
        self.codec = codec
        self.payloadType = payloadType
        self.telephoneEventPayloadType = telephoneEventPayloadType
        self.direction = direction
        self.ptime = ptime
        self.nat = nat
    }
}

/// Names one `play` command; rises by one in each call.
public struct PlayID: Hashable, Sendable, Codable {
    public var value: UInt32
    public init(_ value: UInt32) { self.value = value }
}

/// One thing to play, without a gap before the next.
public enum PlayItem: Sendable {
    /// A prompt that the prompt store holds in memory, by its index there (`PromptStore.index(of:)`).
    case prompt(PromptIndex)
    case silence(milliseconds: Int)
    case tone(Tone)
}

/// Where a prompt stands in the prompt store.
public struct PromptIndex: Hashable, Sendable {
    public var value: Int32
    public init(_ value: Int32) { self.value = value }
}

/// A tone of one frequency with a cadence. Ring-back (GB/T 3380): 450 Hz, 1,000 on, 4,000 off, repeated.
public struct Tone: Hashable, Sendable {
    /// Hz.
    public var frequency: Int
    /// Level in dBm0, -60…0 (ring-back: -10).
    public var level: Int
    public var onMilliseconds: Int
    public var offMilliseconds: Int
    /// How often the cadence runs; 0: until stopped.
    public var repeats: Int

    public init(frequency: Int, level: Int, onMilliseconds: Int, offMilliseconds: Int, repeats: Int) {
        self.frequency = frequency
        self.level = level
        self.onMilliseconds = onMilliseconds
        self.offMilliseconds = offMilliseconds
        self.repeats = repeats
    }

    public static let ringBack = Tone(
        frequency: 450, level: -10, onMilliseconds: 1000, offMilliseconds: 4000, repeats: 0)
    /// Busy (GB/T 3380: 450 Hz, 350 on, 350 off), five times.
    public static let busy = Tone(frequency: 450, level: -10, onMilliseconds: 350, offMilliseconds: 350, repeats: 5)
    /// Congestion, and whatever else keeps a call from its goal (GB/T 3380: 450 Hz, 700 on, 700 off), three times.
    public static let congestion = Tone(
        frequency: 450, level: -10, onMilliseconds: 700, offMilliseconds: 700, repeats: 3)
    /// The tone before a voice message: 1,000 Hz, 400 ms.
    public static let beep = Tone(frequency: 1000, level: -13, onMilliseconds: 400, offMilliseconds: 0, repeats: 1)
}

/// A set of telephone keys, one bit each: 0–9, `*` (10), `#` (11), A–D (12–15) (RFC 4733 table 3).
public struct KeySet: OptionSet, Hashable, Sendable, Codable {
    public let rawValue: UInt16
    public init(rawValue: UInt16) { self.rawValue = rawValue }
    /// The keys named in a text such as `"0123456789*#"`; characters that are no keys are left out.
    public init(_ text: String) {
        var bits: UInt16 = 0
        for character in text { if let event = Key(character)?.rawValue { bits |= 1 << UInt16(event) } }
        rawValue = bits
    }
    public static let none: KeySet = []
    public static let all = KeySet(rawValue: 0xFFFF)
    public func contains(_ key: Key) -> Bool { rawValue >> UInt16(key.rawValue) & 1 == 1 }
}

/// A telephone key, by its RFC 4733 event code.
public struct Key: Hashable, Sendable, Codable, RawRepresentable {
    /// 0…15.
    public let rawValue: UInt8
    public init?(rawValue: UInt8) {
        guard rawValue < 16 else { return nil }
        self.rawValue = rawValue
    }
    public init?(_ character: Character) {
        guard let index = Self.characters.firstIndex(of: character) else { return nil }
        rawValue = UInt8(index)
    }
    public var character: Character { Self.characters[Int(rawValue)] }
    private static let characters: [Character] = Array("0123456789*#ABCD")
}

/// How a key reached us.
public enum KeySource: String, Sendable, Codable {
    /// RFC 4733 telephone-event.
    case telephoneEvent = "rfc4733"
    case inBand = "in_band"
    case info
    /// The modem's own detector.
    case modem
    /// A console's keyboard.
    case keyboard
}

/// Something to play on one leg.
public struct PlayRequest: Sendable {
    public var id: PlayID
    /// Played one after the other without a gap.
    public var items: [PlayItem]
    /// Keys that stop the play within the tick in which they arrive; empty: it cannot be barged through.
    public var bargeIn: KeySet
    /// Begins again after its last item, until it is stopped or replaced: it has no `playFinished`. For music.
    public var loops: Bool

    public init(id: PlayID, items: [PlayItem], bargeIn: KeySet = .none, loops: Bool = false) {
        self.id = id
        self.items = items
        self.bargeIn = bargeIn
        self.loops = loops
    }
}

/// One channel of a recording: what is heard from a leg, or what is sent to it.
public struct RecordingChannel: Sendable, Hashable, Codable {
    public enum Tap: String, Sendable, Codable {
        /// After the jitter buffer, at playout.
        case received
        /// What we send to the leg.
        case sent
    }
    /// 0: left, 1: right.
    public var index: Int
    public var leg: LegID
    public var tap: Tap

    public init(index: Int, leg: LegID, tap: Tap) {
        self.index = index
        self.leg = leg
        self.tap = tap
    }
}

/// Something the media thread saw or did.
public struct MediaEvent: Sendable {
    public enum Kind: Sendable {
        /// The first RTP packet of the leg was accepted, from this source.
        case firstPacket(source: Endpoint)
        /// The source changed (a new latch after silence or NAT).
        case latched(source: Endpoint)
        /// A key began; told once a press.
        case keyDown(Key, KeySource)
        /// The same key's end, where the protocol tells it, with its length in milliseconds.
        case keyUp(Key, KeySource, milliseconds: Int)
        /// The first sample of the play is in this tick's packet.
        case playStarted(PlayID)
        /// The last sample was sent.
        case playFinished(PlayID)
        /// Stopped before its end, by a key (`key` set) or by command, after so many milliseconds.
        case playStopped(PlayID, key: Key?, playedMilliseconds: Int)
        /// Talk began after silence, as asked by `watchSilence`.
        case talkStarted
        /// No talk for the time asked for by `watchSilence`.
        case silent(milliseconds: Int)
        /// No RTP packet for the configured time; told once until packets come again.
        case inactive(milliseconds: Int)
        /// Packets come again.
        case active
        /// The recording's sample 0 is in this tick.
        case recordingStarted(RecordingID)
        /// The recording ends at the event's position; its last block is on its way to the audio log.
        case recordingStopped(RecordingID)
        /// From the event's position on the recording holds digital silence.
        case recordingPaused(RecordingID)
        /// At the event's position the silence ends. A recording that ends in its pause has none of these.
        case recordingResumed(RecordingID)
        /// Ticks were skipped (the machine stood still): so much audio is a gap in the recording.
        case skipped(milliseconds: Int)
        /// The digits asked for by `sendKeys` are out.
        case keysSent
        /// The leg is closed; nothing more will come of it.
        case closed(LegStatistics)
    }
    public var leg: LegID
    public var call: CallID
    public var at: Instant
    /// Where in the leg's recording it happened; nil where the leg is not being recorded.
    public var position: AudioPosition?
    public var kind: Kind

    public init(leg: LegID, call: CallID, at: Instant, position: AudioPosition?, kind: Kind) {
        self.leg = leg
        self.call = call
        self.at = at
        self.position = position
        self.kind = kind
    }
}

/// What one leg's media went through; counters are named after decisions.
public struct LegStatistics: Sendable, Codable, Hashable {
    public var packetsReceived: UInt64 = 0
    public var packetsSent: UInt64 = 0
    /// Arrived after their playout time.
    public var late: UInt64 = 0
    /// Never arrived.
    public var lost: UInt64 = 0
    public var duplicate: UInt64 = 0
    /// Arrived out of order but in time.
    public var reordered: UInt64 = 0
    /// Ticks filled by loss concealment.
    public var concealedTicks: UInt64 = 0
    /// Ticks without anything to conceal from: silence.
    public var silentTicks: UInt64 = 0
    /// Packets dropped because the buffer was full (a burst, or a faster clock at the far end).
    public var overflow: UInt64 = 0
    /// Packets from a source that is not ours to listen to.
    public var foreignSource: UInt64 = 0
    /// Not RTP of a negotiated payload type.
    public var malformed: UInt64 = 0
    /// Packets that the socket refused to send.
    public var sendErrors: UInt64 = 0
    /// The last RTP packet's arrival.
    public var lastPacketAt: Instant?
    /// RFC 3550 §6.4.1 interarrival jitter, milliseconds.
    public var jitterMilliseconds: Double = 0
    /// The far end's last report about what we sent: fraction lost, 0…1.
    public var remoteFractionLost: Double?
    /// Round trip by RTCP (RFC 3550 §6.4.1), milliseconds.
    public var roundTripMilliseconds: Double?

    public init() {}
}

/// The media engine as the control plane sees it. Every method may be called from any thread and returns at once:
/// commands go to the media thread through a bounded ring.
public protocol MediaControl: Sendable {
    /// Opens the leg's RTP and RTCP sockets on an even port and the next, and hands them to the media thread.
    /// - Parameter address: the local address to bind (from configuration; v4 or v6).
    /// - Returns: the RTP address bound.
    /// - Throws: `MediaError` with code `.noPort`, `.socket` (with errno) or `.busy` (command ring full).
    func open(leg: LegID, call: CallID, address: IPAddress) throws(MediaError) -> Endpoint

    /// Opens a leg whose audio goes through a sound card, which is used by one leg at a time and opened and closed by
    /// its owner. The engine keeps it until the leg is closed.
    /// - Throws: `MediaError` with code `.device` where another leg has the card, `.limit`, `.busy`.
    func open(leg: LegID, call: CallID, card: SoundCard) throws(MediaError)

    /// Sets or changes what offer and answer agreed on; a change of the remote address latches anew. Sequence
    /// numbers, SSRC and the recording go on.
    func configure(leg: LegID, session: MediaSession) throws(MediaError)

    /// Begins to send and to play out. Until then arriving packets are read and dropped (counted as received).
    func start(leg: LegID) throws(MediaError)

    /// Plays; a play under way on that leg is stopped first (`playStopped`). It is mixed over what the leg hears.
    /// - Throws: `MediaError` with code `.limit` for a play that loops and has no length.
    func play(leg: LegID, _ request: PlayRequest) throws(MediaError)

    /// Stops the play if it still is the one named.
    func stopPlay(leg: LegID, id: PlayID) throws(MediaError)

    /// What the leg hears besides its own play: all the legs named, mixed, from the next tick on; it replaces what was
    /// named before, and none is nobody. A tick of theirs leaves to this leg in the tick in which it is played out,
    /// byte for byte where there is one leg, the same codec and no play.
    ///
    /// A leg named that has not started is silent until it does; one that is closed is dropped from every list.
    /// RFC 4733 events are told by `keyDown`, not passed on.
    /// - Parameter legs: at most four others of the same call, each once.
    /// - Throws: `MediaError` with code `.limit` where one is not an open leg of the same call, is the leg itself, is
    ///   named twice, or there are too many: the list stays as it was. `.busy`.
    func hear(leg: LegID, legs: [LegID]) throws(MediaError)

    /// Reports `silent` once after so many milliseconds without talk, and `talkStarted` at each beginning of talk;
    /// nil ends the watch.
    func watchSilence(leg: LegID, afterMilliseconds: Int?) throws(MediaError)

    /// Begins a recording at the next tick: all its channels start at position 0 in that tick. Legs of one call only.
    func startRecording(_ recording: RecordingID, call: CallID, channels: [RecordingChannel]) throws(MediaError)

    /// Ends it at the next tick. Closing the last of its legs ends it too.
    func stopRecording(_ recording: RecordingID) throws(MediaError)

    /// All recordings of the call hold digital silence from the next tick on, on all channels, and those that begin
    /// meanwhile too: the samples are zero, their time goes on. What is heard and sent is not touched, and nothing of it
    /// reaches the audio log. Told by `recordingPaused` and `recordingResumed` for each recording. A call without a
    /// recording is passed over.
    func pauseRecordings(of call: CallID, _ isPaused: Bool) throws(MediaError)

    /// Sends keys as RFC 4733 events (or in-band tones where telephone-event was not agreed on), 100 ms on, 100 ms off.
    func sendKeys(leg: LegID, _ keys: [Key]) throws(MediaError)

    /// Ends the leg: sockets closed, recordings of it ended, `closed` told. A leg that is not open is passed over.
    func close(leg: LegID)
}

/// What went wrong in the media room.
public struct MediaError: Error, Sendable, CustomStringConvertible {
    public struct Code: Sendable, Hashable {
        public let name: String
        public init(_ name: String) { self.name = name }
        /// No free port in the configured range.
        public static let noPort = Code("no_port")
        /// A system call on a socket failed.
        public static let socket = Code("socket")
        /// The media thread's command ring is full.
        public static let busy = Code("busy")
        /// An audio file cannot be read, or is of the wrong kind.
        public static let audioFile = Code("audio_file")
        /// An audio file holds more than is read.
        public static let audioLength = Code("audio_length")
        /// An audio file's samples a second, or channels, are more or fewer than are read.
        public static let audioShape = Code("audio_shape")
        /// A session description cannot be read or agreed with.
        public static let sdp = Code("sdp")
        /// The prompt catalog or one of its files is wrong.
        public static let prompt = Code("prompt")
        /// A sound card cannot be used: missing, taken, of the wrong kind, or lost.
        public static let device = Code("device")
        /// The audio log cannot be written.
        public static let audioLog = Code("audio_log")
        /// A limit of the engine (legs, channels) is reached.
        public static let limit = Code("limit")
    }
    public var code: Code
    /// For people: what, which file, key or peer, and what to do.
    public var message: String
    /// The system's error number, where a call failed.
    public var errno: Int32?

    public init(_ code: Code, _ message: String, errno: Int32? = nil) {
        self.code = code
        self.message = message
        self.errno = errno
    }

    public var description: String { "\(message) [media.\(code.name)\(errno.map { ", errno \($0)" } ?? "")]" }
}
