import CLoad
import Glibc
import Synchronization

/// Sends and takes the RTP of its legs at absolute times: twenty slots of a millisecond in each 20 ms, every leg in one
/// of them. In a slot all packets are sent before any is read. It neither allocates nor waits for anything but the
/// clock. Arrivals are the kernel's, so that they do not depend on when it reads: each leg is read every tenth tick, ten
/// packets at once.
final class MediaThread: @unchecked Sendable {
    static let slots = 20
    static let slot: Int64 = 1_000_000
    static let tick: Int64 = 20_000_000
    /// Slots that are later are not sent: their ticks are skipped, and counted.
    static let latest: Int64 = 100_000_000
    static let samples = 160
    /// Ticks from one reading of a leg to the next.
    static let readEvery: Int64 = 10

    private let table: LegTable
    private let clock: RunClock
    private let phases: UnsafeMutablePointer<UnsafeMutableBufferPointer<Int>>
    private let mark: UnsafePointer<UInt8>
    private let packet: UnsafeMutablePointer<UInt8>
    private let inbox: Inbox
    private let shouldStop = Atomic<Bool>(false)
    /// How late each packet was sent. Read after `join`.
    let lateness = Histogram()
    private let name: String
    private let raw: RawSender?

    /// - Parameters:
    ///   - part: this thread's among `parts`.
    ///   - raw: by which legs with a `rawHeader` are sent.
    init(_ table: LegTable, clock: RunClock, part: Int, parts: Int, raw: RawSender? = nil) {
        self.table = table
        self.clock = clock
        self.raw = raw
        name = "load-media-\(part)"
        mark = Mark.table()
        packet = .allocate(capacity: 12 + Self.samples)
        packet.initialize(repeating: 0, count: 12 + Self.samples)
        inbox = Inbox()
        phases = .allocate(capacity: Self.slots)
        let own = (0..<table.count).filter { $0 % parts == part }
        for phase in 0..<Self.slots {
            let legs = own.enumerated().filter { $0.offset % Self.slots == phase }.map(\.element)
            let buffer = UnsafeMutableBufferPointer<Int>.allocate(capacity: legs.count)
            _ = buffer.initialize(from: legs)
            (phases + phase).initialize(to: buffer)
        }
    }

    deinit {
        for phase in 0..<Self.slots { phases[phase].deallocate() }
        phases.deallocate()
        packet.deallocate()
        mark.deallocate()
    }

    func stop() { shouldStop.store(true, ordering: .releasing) }

    func run() {
        _ = load_name_thread(name)
        let begin = load_monotonic() + Self.tick
        var number: Int64 = 0
        while !shouldStop.load(ordering: .acquiring) {
            let due = begin + number * Self.slot
            if load_monotonic() < due { load_sleep_until(due) }
            let phase = Int(number % Int64(Self.slots))
            let legs = phases[phase]
            let isSkipped = load_monotonic() - due > Self.latest
            for leg in legs { send(leg, due: due, isSkipped: isSkipped) }
            flush(due)
            var place = Int((number / Int64(Self.slots) + Int64(phase)) % Self.readEvery)
            while place < legs.count {
                take(legs[place])
                place += Int(Self.readEvery)
            }
            number += 1
        }
    }

    // MARK: Sending

    private func send(_ index: Int, due: Int64, isSkipped: Bool) {
        guard table.commands[index].load(ordering: .acquiring) == LegCommand.talk else { return }
        let leg = table.legs + index
        if leg.pointee.beganAt == 0 { leg.pointee.beganAt = due }
        defer {
            leg.pointee.timestamp &+= UInt32(Self.samples)
            leg.pointee.samples += Self.samples
            leg.pointee.speechAt += Self.samples
            if leg.pointee.speechAt >= leg.pointee.speechLength {
                leg.pointee.speechAt -= leg.pointee.speechLength
            }
        }
        guard !isSkipped else {
            leg.pointee.ticksSkipped += 1
            leg.pointee.spurtBegins = true
            return
        }
        if !leg.pointee.isInKey, leg.pointee.nextKey < leg.pointee.keyCount, leg.pointee.eventType != 255,
            let keys = leg.pointee.keys, keys[leg.pointee.nextKey].at <= due - leg.pointee.beganAt
        {
            let key = keys[leg.pointee.nextKey]
            leg.pointee.key = TelephoneEvent(event: key.event, timestamp: leg.pointee.timestamp, ticks: key.ticks)
            leg.pointee.isInKey = true
        }
        if !leg.pointee.isInKey, let header = leg.pointee.rawHeader, let raw {
            _ = writeVoice(leg, to: raw.next(leg, header: header))
            if raw.isFull { flush(due) }
            return
        }
        let length = leg.pointee.isInKey ? writeKey(leg) : writeVoice(leg, to: packet)
        let now = load_monotonic()
        let isFirstOfKey = leg.pointee.isInKey && packet[1] & 0x80 != 0
        if isFirstOfKey { leg.pointee.keyTimes?[leg.pointee.nextKey] = now }
        let result = put(leg, length)
        lateness.add(now - due)
        if result == length {
            leg.pointee.sent += 1
        } else if errno == ECONNREFUSED {
            // An earlier packet came to a port that nobody has open: the server's doing.
            leg.pointee.refused += 1
        } else {
            leg.pointee.sendErrors += 1
        }
        if isFirstOfKey { leg.pointee.nextKey += 1 }
        if leg.pointee.isInKey, leg.pointee.key.isOver { leg.pointee.isInKey = false }
    }

    private func flush(_ due: Int64) {
        guard let raw, raw.count > 0 else { return }
        let late = load_monotonic() - due
        for _ in 0..<raw.count { lateness.add(late) }
        raw.flush()
    }

    private func put(_ leg: UnsafeMutablePointer<MediaLeg>, _ length: Int) -> Int {
        if leg.pointee.isConnected { return Glibc.send(leg.pointee.descriptor, packet, length, Int32(MSG_DONTWAIT)) }
        return withUnsafePointer(to: &leg.pointee.remote) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(
                    leg.pointee.descriptor, packet, length, Int32(MSG_DONTWAIT), $0,
                    socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    private func writeVoice(
        _ leg: UnsafeMutablePointer<MediaLeg>, to packet: UnsafeMutablePointer<UInt8>
    ) -> Int {
        header(
            leg, type: leg.pointee.payloadType, marker: leg.pointee.spurtBegins, timestamp: leg.pointee.timestamp,
            to: packet)
        leg.pointee.spurtBegins = false
        let payload = packet + 12
        if let speech = leg.pointee.speech, leg.pointee.speechLength >= Self.samples {
            let at = leg.pointee.speechAt
            let first = min(Self.samples, leg.pointee.speechLength - at)
            payload.update(from: speech + at, count: first)
            if first < Self.samples { (payload + first).update(from: speech, count: Self.samples - first) }
        } else {
            payload.update(repeating: leg.pointee.payloadType == 8 ? 0xD5 : 0xFF, count: Self.samples)
        }
        // Periods are whole packets long.
        if leg.pointee.samples % Voice.period == 0 {
            Mark.write(
                leg: leg.pointee.number, period: UInt32(truncatingIfNeeded: leg.pointee.samples / Voice.period),
                to: payload, table: mark)
        }
        return 12 + Self.samples
    }

    private func writeKey(_ leg: UnsafeMutablePointer<MediaLeg>) -> Int {
        let part = leg.pointee.key.next()
        header(leg, type: leg.pointee.eventType, marker: part.marker, timestamp: part.timestamp, to: packet)
        (packet[12], packet[13], packet[14], packet[15]) = part.payload
        return 16
    }

    private func header(
        _ leg: UnsafeMutablePointer<MediaLeg>, type: UInt8, marker: Bool, timestamp: UInt32,
        to packet: UnsafeMutablePointer<UInt8>
    ) {
        RTPPacket.write(
            payloadType: type, marker: marker, sequence: leg.pointee.sequence, timestamp: timestamp,
            ssrc: leg.pointee.ssrc, to: packet)
        leg.pointee.sequence &+= 1
    }

    // MARK: Taking

    private func take(_ index: Int) {
        let command = table.commands[index].load(ordering: .acquiring)
        guard command != LegCommand.idle, table.stopped[index].load(ordering: .relaxed) == 0 else { return }
        let leg = table.legs + index
        let isEarly = command == LegCommand.early || (command == LegCommand.stop && leg.pointee.beganAt == 0)
        let remote = isEarly ? leg.pointee.earlyRemote : leg.pointee.remote
        while true {
            let count = inbox.receive(leg.pointee.descriptor)
            for place in 0..<count { note(place, remote, leg) }
            if count < Inbox.capacity { break }
        }
        if command == LegCommand.stop { table.stopped[index].store(1, ordering: .releasing) }
    }

    private func note(_ place: Int, _ remote: sockaddr_in, _ leg: UnsafeMutablePointer<MediaLeg>) {
        let bytes = inbox.bytes(place)
        guard let packet = RTPPacket(bytes), !inbox.isTruncated(place) else {
            if RTPPacket.isControl(bytes) { leg.pointee.control += 1 } else { leg.pointee.unreadable += 1 }
            return
        }
        let source = inbox.source(place)
        guard
            leg.pointee.takesAnySource
                || (source.sin_port == remote.sin_port && source.sin_addr.s_addr == remote.sin_addr.s_addr)
        else {
            leg.pointee.foreign += 1
            return
        }
        guard packet.payloadType == leg.pointee.payloadType else {
            leg.pointee.otherTypes += 1
            return
        }
        guard leg.pointee.noteCount < leg.pointee.noteCapacity, let notes = leg.pointee.notes,
            let base = bytes.baseAddress
        else {
            leg.pointee.unnoted += 1
            return
        }
        var wall = inbox.arrival(place)
        if wall < 0 {
            leg.pointee.unstamped += 1
            wall = load_wall()
        }
        let length = packet.payload.count
        let isKept = leg.pointee.audioCount + length <= leg.pointee.audioCapacity
        if isKept, let audio = leg.pointee.audio {
            memcpy(audio + leg.pointee.audioCount, base + packet.payload.lowerBound, length)
            leg.pointee.audioCount += length
        } else {
            // What comes later must not stand where this is missing.
            leg.pointee.audioCapacity = leg.pointee.audioCount
        }
        (notes + leg.pointee.noteCount).initialize(
            to: PacketNote(
                arrival: wall - clock.wall, timestamp: packet.timestamp, ssrc: packet.ssrc, sequence: packet.sequence,
                length: UInt16(truncatingIfNeeded: length), marker: packet.marker, isKept: isKept))
        leg.pointee.noteCount += 1
    }
}

/// The moment from which a run's times are counted, on both clocks.
package struct RunClock: Sendable {
    /// CLOCK_REALTIME, which the kernel stamps datagrams with.
    package let wall: Int64
    package let monotonic: Int64

    package init() {
        // The reading between two of the other clock that lie closest together.
        var best: (distance: Int64, wall: Int64, monotonic: Int64)?
        for _ in 0..<50 {
            let before = load_monotonic()
            let wall = load_wall()
            let after = load_monotonic()
            if after - before < best?.distance ?? .max { best = (after - before, wall, before + (after - before) / 2) }
        }
        wall = best?.wall ?? load_wall()
        monotonic = best?.monotonic ?? load_monotonic()
    }
}

/// Room for datagrams of one `recvmmsg`, with their sources and the kernel's times.
final class Inbox {
    static let capacity = 16
    private let size: Int
    private static let controlSize = 64
    private let datagrams: UnsafeMutablePointer<load_datagram>
    private let vectors: UnsafeMutablePointer<iovec>
    private let sources: UnsafeMutablePointer<sockaddr_in>
    private let memory: UnsafeMutablePointer<UInt8>
    private let control: UnsafeMutablePointer<UInt8>

    /// - Parameter size: of the longest datagram.
    init(size: Int = 512) {
        self.size = size
        datagrams = .allocate(capacity: Self.capacity)
        vectors = .allocate(capacity: Self.capacity)
        sources = .allocate(capacity: Self.capacity)
        memory = .allocate(capacity: Self.capacity * size)
        control = .allocate(capacity: Self.capacity * Self.controlSize)
        for index in 0..<Self.capacity {
            (sources + index).initialize(to: sockaddr_in())
            (vectors + index).initialize(to: iovec(iov_base: memory + index * size, iov_len: size))
            (datagrams + index).initialize(to: load_datagram())
            reset(index)
        }
    }

    deinit {
        datagrams.deallocate()
        vectors.deallocate()
        sources.deallocate()
        memory.deallocate()
        control.deallocate()
    }

    private func reset(_ index: Int) {
        datagrams[index].message.msg_name = UnsafeMutableRawPointer(sources + index)
        datagrams[index].message.msg_namelen = socklen_t(MemoryLayout<sockaddr_in>.size)
        datagrams[index].message.msg_iov = vectors + index
        datagrams[index].message.msg_iovlen = 1
        datagrams[index].message.msg_control = UnsafeMutableRawPointer(control + index * Self.controlSize)
        datagrams[index].message.msg_controllen = Self.controlSize
        datagrams[index].message.msg_flags = 0
    }

    private var used = 0

    /// Datagrams that are there, at most `capacity`; 0 where none is. What was received before is gone.
    func receive(_ descriptor: Int32) -> Int {
        for index in 0..<used { reset(index) }
        used = max(0, Int(load_recvmmsg(descriptor, datagrams, UInt32(Self.capacity), Int32(MSG_DONTWAIT))))
        return used
    }

    func bytes(_ index: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: memory + index * size, count: min(size, Int(datagrams[index].length)))
    }

    func source(_ index: Int) -> sockaddr_in { sources[index] }
    func isTruncated(_ index: Int) -> Bool { datagrams[index].message.msg_flags & Int32(MSG_TRUNC) != 0 }
    /// CLOCK_REALTIME; -1 where the kernel says nothing.
    func arrival(_ index: Int) -> Int64 { load_received_at(&datagrams[index].message) }
}
