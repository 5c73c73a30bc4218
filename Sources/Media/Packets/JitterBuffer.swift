/// What one tick of 160 samples is made of, told by its two halves of 10 ms.
package struct Pulled: Sendable, Hashable {
    package enum Kind: UInt8, Sendable {
        /// As it was received.
        case audio
        /// Should be there and is not: to be concealed.
        case lost
        /// Nothing is expected here (before the first packet, in a pause of the sender, after its end).
        case silence
    }
    package var first: Kind
    package var second: Kind

    package init(_ first: Kind, _ second: Kind) {
        self.first = first
        self.second = second
    }

    package static let audio = Pulled(.audio, .audio)
    package static let lost = Pulled(.lost, .lost)
    package static let silence = Pulled(.silence, .silence)
}

/// Evens out what the network does to a stream of G.711 (8,000 bytes a second): takes packets of any length in any
/// order, gives one tick of 20 ms when asked.
///
/// The audio lies in a ring of samples addressed by play position, with one bit a sample that says whether it is
/// there. Positions follow the packets' timestamps; a new stream, or a timestamp that jumps, is laid behind what is
/// still to be played, so that nothing is cut off. How early packets come (`slack`) is watched over eight seconds:
/// the delay follows the spread of it, up at once when a packet comes too late into an empty buffer, otherwise by
/// single ticks where it is quiet. A far clock that is fast or slow is the same thing, slowly.
///
/// Noncopyable; `init` allocates, everything else belongs to the media thread and does not. Times are ticks of `pull`.
package struct JitterBuffer: ~Copyable {
    /// Decisions, counted.
    package struct Counters: Sendable, Hashable {
        /// Packets put in.
        package var inserted: UInt64 = 0
        /// Packets that came after their playout time.
        package var late: UInt64 = 0
        /// Packets out of order, but in time.
        package var reordered: UInt64 = 0
        /// Packets' worth of audio thrown away because the delay had reached its limit.
        package var overflow: UInt64 = 0
        /// Ticks left out to shorten the delay: quiet ones, and others.
        package var droppedQuiet: UInt64 = 0
        package var droppedLoud: UInt64 = 0
        /// Ticks put in to lengthen it.
        package var repeated: UInt64 = 0
        /// Times the delay was lengthened at once, for a late packet.
        package var stretched: UInt64 = 0
        /// Timestamps that jumped.
        package var jumps: UInt64 = 0
        /// Packets whose timestamp jumped and that nothing confirmed.
        package var strays: UInt64 = 0

        package init() {}
    }

    package private(set) var counters = Counters()

    private static let tick = LegReceiver.samplesPerTick
    private static let half = 80
    /// So many lost ticks on end are concealed (the concealment has faded by then), further ones are silence.
    private static let patience = 3
    /// Audio further ahead than the longest delay and this (100 ms) is not buffered.
    private static let excess: Int64 = 800
    /// A sender that has been silent for so many ticks begins anew with its next packet.
    private static let forgotten = 50

    private var ring = SampleRing()
    private var slack = SlackWindow()
    private var codec: Codec = .pcma
    private let minimum: Int64
    private let maximum: Int64

    /// The next sample to be played, counted from the buffer's making.
    private var position: Int64 = 0
    /// Behind the last sample received.
    private var end: Int64 = 0
    private var hasBegun = false
    /// A timestamp and the position that belongs to it.
    private var anchorTimestamp: UInt32 = 0
    private var anchorPosition: Int64 = 0
    private var highestSequence: Int64 = 0
    /// The next packet begins a new stream.
    private var startsAnew = false
    /// The sender sends something other than audio: an empty buffer is no loss.
    private var paused = false
    private var ticksSincePacket = 0
    private var ticksWithoutAudio = 0
    private var ticksUntilAdjustment = 0
    private var jump: Jump?

    private struct Jump {
        var timestamp: UInt32
        var sequence: Int64
        var ticks: Int
    }

    /// - Parameters: milliseconds, multiples of 20, 20…400; `maximumDelay` is raised to `minimumDelay` where less.
    package init(minimumDelay: Int, maximumDelay: Int) {
        let least = max(20, min(400, minimumDelay))
        minimum = Int64(least * 8)
        maximum = Int64(max(least, min(400, maximumDelay)) * 8)
    }

    /// Sets the law; what is buffered is turned into it.
    package mutating func configure(codec: Codec) {
        guard codec != self.codec else { return }
        ring.transcode(from: self.codec, to: codec)
        self.codec = codec
    }

    /// Another stream begins with the next packet; what is buffered is played out before it.
    package mutating func restart() {
        startsAnew = true
        jump = nil
    }

    /// A packet of the same stream that is no audio (an event, comfort noise): its sequence number is not missing, and
    /// the pause that it makes is none of the network's doing.
    package mutating func noteOther(sequence: Int64) {
        guard sequence > highestSequence else { return }
        highestSequence = sequence
        paused = true
        ticksSincePacket = 0
    }

    /// Puts one audio packet in.
    /// - Parameters:
    ///   - sequence: extended; duplicates are already gone.
    ///   - payload: encoded samples, one byte each; at most 480 are used (60 ms).
    package mutating func insert(sequence: Int64, timestamp: UInt32, marker: Bool, payload: UnsafeRawBufferPointer) {
        let count = min(payload.count, 480)
        guard count > 0, let bytes = payload.baseAddress else { return }
        counters.inserted &+= 1
        defer { ticksSincePacket = 0 }
        guard hasBegun, !startsAnew else {
            begin(timestamp, sequence: sequence)
            return store(bytes, count: count, at: anchorPosition, sequence: sequence)
        }
        let isNext = sequence == highestSequence + 1
        var start = place(timestamp)
        if start < position, stretch(for: start, sequence: sequence) { start = position }
        let isLate = start + Int64(count) <= position
        if isLate || start - position > maximum + Self.excess {
            // What is later than any delay would allow says nothing about the delay.
            if isLate, position - start <= maximum { slack.note(start - position) }
            guard let moved = judgeFar(timestamp, sequence: sequence, marker: marker, start: start, count: count)
            else { return }
            start = moved
        } else {
            jump = nil
        }
        if sequence < highestSequence { counters.reordered &+= 1 }
        if isNext, start > end {
            // The sender said nothing in between: a pause, not a loss. Only what is still to be played matters.
            let from = max(end, position)
            ring.fill(with: G711.idle(codec), from: from, count: max(0, Int(start - from)))
        }
        store(bytes, count: count, at: start, sequence: sequence)
    }

    /// Takes the next tick out.
    /// - Parameters:
    ///   - out: room for 160 bytes; halves that are not audio are filled with the codec's silence.
    ///   - quietBelow: a tick whose samples' mean magnitude is less may be left out or repeated.
    package mutating func pull(into out: UnsafeMutablePointer<UInt8>, quietBelow: Int) -> Pulled {
        ticksSincePacket = min(ticksSincePacket + 1, 1 << 20)
        guard hasBegun else {
            position += Int64(Self.tick)
            out.update(repeating: G711.idle(codec), count: Self.tick)
            return .silence
        }
        slack.tick()
        jump?.ticks += 1
        ticksUntilAdjustment -= 1
        if ticksUntilAdjustment <= 0, adjust(into: out, quietBelow: quietBelow) { return .audio }
        let middle = position + Int64(Self.half)
        let next = position + Int64(Self.tick)
        let first = take(into: out, from: position)
        let second = take(into: out + Self.half, from: middle)
        ticksWithoutAudio = first || second ? 0 : min(ticksWithoutAudio + 1, 1 << 20)
        let pulled = Pulled(first ? .audio : missing(before: middle), second ? .audio : missing(before: next))
        ring.clear(from: position, count: Self.tick)
        position = next
        return pulled
    }

    /// Passes over ticks that nobody will ever pull.
    package mutating func skip(ticks: Int) {
        guard ticks > 0 else { return }
        let samples = Int64(min(ticks, 1 << 20)) * Int64(Self.tick)
        ring.clear(from: position, count: Int(min(samples, Int64(SampleRing.capacity))))
        position += samples
    }

    /// How long audio waits here, milliseconds: the most that a packet of the last second was early.
    package var delayMilliseconds: Int { Int(max(0, slack.recentMost ?? 0) / 8) }

    /// New for another leg, without allocating; the counters begin anew too.
    package mutating func reset() {
        ring.clearAll()
        slack = SlackWindow()
        counters = Counters()
        position = 0
        end = 0
        hasBegun = false
        highestSequence = 0
        startsAnew = false
        paused = false
        ticksSincePacket = 0
        ticksWithoutAudio = 0
        ticksUntilAdjustment = 0
        jump = nil
    }

    // MARK: - Placing packets

    private func place(_ timestamp: UInt32) -> Int64 {
        anchorPosition + Int64(Int32(bitPattern: timestamp &- anchorTimestamp))
    }

    /// The delay that the spread seen so far calls for.
    private var target: Int64 {
        guard let least = slack.least, let most = slack.most else { return minimum }
        return max(minimum, min(maximum, most - least + Int64(Self.tick)))
    }

    /// Lays the stream's clock anew: this packet plays after the target delay, behind everything buffered.
    private mutating func begin(_ timestamp: UInt32, sequence: Int64) {
        let old = min(max(end, position), position + maximum)
        anchorTimestamp = timestamp
        anchorPosition = max(old, position + target)
        // The wait for the first packet's time is nobody's loss.
        ring.fill(with: G711.idle(codec), from: old, count: Int(anchorPosition - old))
        end = anchorPosition
        hasBegun = true
        startsAnew = false
        paused = false
        jump = nil
        highestSequence = sequence - 1
        slack.restart()
    }

    private mutating func store(_ bytes: UnsafeRawPointer, count: Int, at start: Int64, sequence: Int64) {
        slack.note(start - position)
        let skipped = max(0, Int(position - start))
        guard count > skipped else { return }
        ring.write(bytes + skipped, from: start + Int64(skipped), count: count - skipped)
        if start + Int64(count) > end {
            end = start + Int64(count)
            anchorTimestamp = anchorTimestamp &+ UInt32(truncatingIfNeeded: start - anchorPosition)
            anchorPosition = start
        }
        if sequence > highestSequence {
            highestSequence = sequence
            paused = false
        }
    }

    /// A packet far from where the stream is: too late, a burst, a clock that jumped, or a stray.
    /// - Returns: where to play it; nil where it is not used.
    private mutating func judgeFar(
        _ timestamp: UInt32, sequence: Int64, marker: Bool, start: Int64, count: Int
    ) -> Int64? {
        let ahead = start - position
        let gap = start - end
        if ahead > 0, gap >= 0, gap <= (sequence - highestSequence - 1) * 480 {
            // The stream goes on without a break: a burst, or a fast clock that no pause gave room to catch up with.
            // The oldest goes.
            let tick = Int64(Self.tick)
            let surplus = (ahead - maximum + tick - 1) / tick * tick
            counters.overflow &+= UInt64(max(1, surplus / Int64(count)))
            advance(by: surplus)
            return start
        }
        let empty = end <= position
        let isNewer = sequence > highestSequence
        if goesOn(timestamp, sequence: sequence) || (empty && isNewer && (marker || ticksSincePacket > Self.forgotten))
        {
            counters.jumps &+= 1
            begin(timestamp, sequence: sequence)
            return anchorPosition
        }
        if ahead < 0 { counters.late &+= 1 } else { counters.strays &+= 1 }
        return nil
    }

    /// Whether a packet goes on where an earlier far one pointed, at a clock's pace: a burst comes at once, a clock
    /// that has jumped goes on steadily.
    private mutating func goesOn(_ timestamp: UInt32, sequence: Int64) -> Bool {
        if let jump, sequence > jump.sequence {
            let step = Int64(Int32(bitPattern: timestamp &- jump.timestamp))
            if abs(step - Int64(jump.ticks * Self.tick)) <= 640 { return jump.ticks >= 2 }
        }
        jump = Jump(timestamp: timestamp, sequence: sequence, ticks: 0)
        return false
    }

    /// A packet that comes too late into an empty buffer: the delay grows by its lateness, so that nothing of it is
    /// lost; the listener hears a longer gap instead of a cut.
    /// - Returns: whether the packet's place is now the next to be played.
    private mutating func stretch(for start: Int64, sequence: Int64) -> Bool {
        let lateness = position - start
        guard end <= position, sequence > highestSequence,
            lateness + max(0, slack.most ?? 0) <= maximum
        else { return false }
        counters.stretched &+= 1
        anchorPosition += lateness
        slack.shift(by: lateness)
        return true
    }

    // MARK: - Taking ticks

    private func take(into out: UnsafeMutablePointer<UInt8>, from start: Int64) -> Bool {
        guard ring.has(from: start, count: Self.half) else {
            out.update(repeating: G711.idle(codec), count: Self.half)
            return false
        }
        ring.read(into: out, from: start, count: Self.half)
        return true
    }

    /// What a half that is not there is: lost where something later is there, or where the stream stopped a moment ago
    /// (perhaps it is late); a silence where the sender pauses or has stopped.
    private func missing(before next: Int64) -> Pulled.Kind {
        if end > next { return .lost }
        return paused || ticksWithoutAudio > Self.patience ? .silence : .lost
    }

    private mutating func advance(by samples: Int64) {
        ring.clear(from: position, count: Int(min(samples, Int64(SampleRing.capacity))))
        position += samples
        slack.shift(by: -samples)
    }

    /// Shortens or lengthens the delay by one tick where that is due and does no harm.
    /// - Returns: whether `out` holds this tick already (a repeated one).
    private mutating func adjust(into out: UnsafeMutablePointer<UInt8>, quietBelow: Int) -> Bool {
        guard slack.isSettled, let least = slack.least, let most = slack.most else { return false }
        let tick = Int64(Self.tick)
        let wanted = target - (most - least)
        if least >= wanted + tick {
            let empty = end <= position
            if empty || isQuiet(below: quietBelow) {
                counters.droppedQuiet &+= 1
            } else if most > maximum + tick {
                counters.droppedLoud &+= 1
            } else {
                return false
            }
            advance(by: tick)
            ticksUntilAdjustment = 5
        } else if least <= wanted - tick, most + tick <= maximum {
            guard ring.has(from: position, count: Self.tick), isQuiet(below: quietBelow) else { return false }
            counters.repeated &+= 1
            ring.read(into: out, from: position, count: Self.tick)
            slack.shift(by: tick)
            ticksUntilAdjustment = 5
            return true
        } else {
            ticksUntilAdjustment = 5
        }
        return false
    }

    /// Whether the next tick may be left out or repeated: nothing of it is there, or it is quiet.
    private func isQuiet(below limit: Int) -> Bool {
        guard ring.has(from: position, count: Self.tick) else {
            return !ring.has(from: position, count: Self.half)
                && !ring.has(from: position + Int64(Self.half), count: Self.half)
        }
        return ring.meanMagnitude(codec, from: position, count: Self.tick) < limit
    }
}
