import CLoad
import Glibc
import Synchronization

/// When a key is to be sent.
struct PlannedKey: Sendable, Hashable {
    /// Nanoseconds since the leg began to talk.
    var at: Int64
    var event: UInt8
    var ticks: Int
}

/// One leg's RTP: what the sending thread needs for a tick, in one piece of memory without references.
struct MediaLeg {
    // Written by the signalling thread before it opens the leg, and before it lets it talk.
    var descriptor: Int32 = -1
    /// Whose packets are taken before the answer.
    var earlyRemote = sockaddr_in()
    var remote = sockaddr_in()
    var payloadType: UInt8 = 8
    /// 255: the far end takes none.
    var eventType: UInt8 = 255
    var speech: UnsafePointer<UInt8>?
    var speechLength = 0
    var number: UInt32 = 0
    var keys: UnsafePointer<PlannedKey>?
    var keyCount = 0
    var takesAnySource = false
    /// The kernel knows the way and takes packets of `remote` alone: it costs less.
    var isConnected = false
    /// For `RawSender`: 28 bytes that stand before each packet of voice; nil: by its own socket.
    var rawHeader: UnsafePointer<UInt8>?

    // The sending thread's own.
    var sequence: UInt16 = 0
    var timestamp: UInt32 = 0
    var ssrc: UInt32 = 0
    /// Samples of the leg's voice that are out, or were left out.
    var samples = 0
    var speechAt = 0
    /// When sample 0 was due, CLOCK_MONOTONIC; 0: it does not talk yet.
    var beganAt: Int64 = 0
    var spurtBegins = true
    var nextKey = 0
    var isInKey = false
    var key = TelephoneEvent(event: 0, timestamp: 0, ticks: 1)
    /// When each key began to be sent, CLOCK_MONOTONIC.
    var keyTimes: UnsafeMutablePointer<Int64>?

    var notes: UnsafeMutablePointer<PacketNote>?
    var noteCount = 0
    var noteCapacity = 0
    var audio: UnsafeMutablePointer<UInt8>?
    var audioCount = 0
    var audioCapacity = 0

    var sent = 0
    var sendErrors = 0
    /// The far end's port was closed.
    var refused = 0
    var ticksSkipped = 0
    /// From another address than agreed on.
    var foreign = 0
    var control = 0
    /// Of another payload type than agreed on, telephone events among them.
    var otherTypes = 0
    /// No RTP at all, or longer than any that we take.
    var unreadable = 0
    /// Packets for whose notes there was no room.
    var unnoted = 0
    /// Packets without the kernel's time.
    var unstamped = 0
}

/// What the signalling thread wants of a leg.
enum LegCommand {
    static let idle: UInt32 = 0
    /// Take what `earlyRemote` sends.
    static let early: UInt32 = 1
    /// Take and send.
    static let talk: UInt32 = 2
    /// Take what is there once more, and touch it no longer.
    static let stop: UInt32 = 3
}

/// All legs of a run, their memory, and the two words by which the threads agree on each. The signalling thread writes a
/// leg's first part, then its command (release); the leg's sending thread reads the command (acquire) and owns the rest,
/// until it has said that it stopped.
final class LegTable: @unchecked Sendable {
    let count: Int
    let legs: UnsafeMutablePointer<MediaLeg>
    let commands: UnsafeMutablePointer<Atomic<UInt32>>
    /// 1: the sending thread has stopped.
    let stopped: UnsafeMutablePointer<Atomic<UInt32>>
    private let keyPlan: UnsafeMutablePointer<PlannedKey>
    private let keyTimes: UnsafeMutablePointer<Int64>
    private let notes: UnsafeMutableRawPointer
    private let noteBytes: Int
    private let audio: UnsafeMutableRawPointer
    private let audioBytes: Int
    private let speech: UnsafeMutablePointer<UInt8>
    private let headers: UnsafeMutablePointer<UInt8>

    /// - Parameters:
    ///   - seconds: that a leg lives at most; packets beyond are counted alone.
    ///   - keptSeconds: of its audio.
    /// - Throws: `LoadError` where there is not so much memory.
    init(
        count: Int, seconds: Double, keptSeconds: Double, speech bytes: [UInt8], keys: [PlannedKey],
        takesAnySource: Bool
    ) throws(LoadError) {
        self.count = count
        // Room for a server that sends every 10 ms.
        let noteCapacity = Int(seconds * 100) + 200
        let audioCapacity = Int(keptSeconds * 8000)
        noteBytes = count * noteCapacity * MemoryLayout<PacketNote>.stride
        audioBytes = max(1, count * audioCapacity)
        guard let notes = load_memory(noteBytes, 0), let audio = load_memory(audioBytes, 1) else {
            throw LoadError("no memory for \(count) calls of \(Int(seconds)) s: give a smaller --keep")
        }
        self.notes = notes
        self.audio = audio
        let noteList = notes.bindMemory(to: PacketNote.self, capacity: count * noteCapacity)
        let audioList = audio.bindMemory(to: UInt8.self, capacity: audioBytes)
        speech = .allocate(capacity: max(1, bytes.count))
        speech.initialize(repeating: 0, count: max(1, bytes.count))
        for (index, byte) in bytes.enumerated() { speech[index] = byte }
        headers = .allocate(capacity: count * RawSender.headerLength)
        headers.initialize(repeating: 0, count: count * RawSender.headerLength)
        keyPlan = .allocate(capacity: max(1, keys.count))
        for (index, key) in keys.enumerated() { (keyPlan + index).initialize(to: key) }
        keyTimes = .allocate(capacity: max(1, keys.count * count))
        keyTimes.initialize(repeating: 0, count: max(1, keys.count * count))
        legs = .allocate(capacity: count)
        commands = .allocate(capacity: count)
        stopped = .allocate(capacity: count)
        for index in 0..<count {
            (commands + index).initialize(to: Atomic(LegCommand.idle))
            (stopped + index).initialize(to: Atomic(0))
            var leg = MediaLeg()
            leg.number = UInt32(index)
            leg.speech = UnsafePointer(speech)
            leg.speechLength = bytes.count
            leg.speechAt = Voice.offset(leg: index, length: bytes.count)
            leg.sequence = .random(in: 0...UInt16.max)
            leg.timestamp = .random(in: 0...UInt32.max)
            leg.ssrc = .random(in: 1...UInt32.max)
            leg.keys = UnsafePointer(keyPlan)
            leg.keyCount = keys.count
            leg.keyTimes = keyTimes + index * keys.count
            leg.notes = noteList + index * noteCapacity
            leg.noteCapacity = noteCapacity
            leg.audio = audioList + index * audioCapacity
            leg.audioCapacity = audioCapacity
            leg.takesAnySource = takesAnySource
            (legs + index).initialize(to: leg)
        }
    }

    deinit {
        legs.deallocate()
        commands.deinitialize(count: count)
        commands.deallocate()
        stopped.deinitialize(count: count)
        stopped.deallocate()
        keyPlan.deallocate()
        keyTimes.deallocate()
        speech.deallocate()
        headers.deallocate()
        load_memory_free(notes, noteBytes)
        load_memory_free(audio, audioBytes)
    }

    func command(_ leg: Int, _ command: UInt32) { commands[leg].store(command, ordering: .releasing) }
    func command(of leg: Int) -> UInt32 { commands[leg].load(ordering: .acquiring) }
    func hasStopped(_ leg: Int) -> Bool { stopped[leg].load(ordering: .acquiring) == 1 }

    /// Before the leg may talk.
    func setRawHeader(_ leg: Int, _ bytes: [UInt8]) {
        let place = headers + leg * RawSender.headerLength
        for (index, byte) in bytes.prefix(RawSender.headerLength).enumerated() { place[index] = byte }
        legs[leg].rawHeader = UnsafePointer(place)
    }

    // MARK: After the run

    func notes(of leg: Int) -> UnsafeBufferPointer<PacketNote> {
        UnsafeBufferPointer(start: legs[leg].notes, count: legs[leg].noteCount)
    }

    func audio(of leg: Int) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: legs[leg].audio, count: legs[leg].audioCount)
    }

    /// When the leg's keys began to be sent, CLOCK_MONOTONIC.
    func keyTimes(of leg: Int) -> [Int64] {
        guard let times = legs[leg].keyTimes else { return [] }
        return (0..<legs[leg].nextKey).map { times[$0] }
    }
}
