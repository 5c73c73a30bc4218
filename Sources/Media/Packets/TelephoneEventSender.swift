/// One telephone-event packet to be sent in this tick.
package struct TelephoneEventPacket: Sendable, Hashable {
    /// The payload, four bytes (RFC 4733 §2.3); `write(to:)` puts them in network order.
    package var payload: UInt32
    /// The press's beginning: goes into the RTP header instead of the present timestamp.
    package var timestamp: UInt32
    /// Only on a press's first packet.
    package var marker: Bool

    package static let length = 4

    /// - Precondition: `bytes` has room for four.
    package func write(to bytes: UnsafeMutableRawPointer) { bytes.storeBigEndian32(payload, at: 0) }
}

/// Sends keys as RFC 4733 events, one packet a tick while the key is down, the last one three times (§2.5.1.4).
///
/// While a packet comes out of `tick`, it is sent in place of audio. Noncopyable; `init` allocates, everything else
/// belongs to the media thread.
package struct TelephoneEventSender: ~Copyable {
    /// Keys that can wait.
    package static let capacity = 64
    /// Ticks a key is down, and ticks before the next: 100 ms each.
    private static let ticksDown = 5
    private static let ticksUp = 5
    private static let ends = 3
    /// -10 dBm0.
    private static let volume: UInt32 = 10

    private let queue: UnsafeMutablePointer<UInt8>
    private var head = 0
    private var count = 0
    private var tickInPress = -1
    private var start: UInt32 = 0

    package init() {
        queue = .allocate(capacity: Self.capacity)
        queue.initialize(repeating: 0, count: Self.capacity)
    }

    deinit { queue.deallocate() }

    /// Appends a key; false where too many wait.
    package mutating func append(_ key: Key) -> Bool {
        guard count < Self.capacity else { return false }
        queue[(head + count) % Self.capacity] = key.rawValue
        count += 1
        return true
    }

    /// Nothing is being sent or waiting; true again when the pause after the last key is over.
    package var isIdle: Bool { count == 0 }

    /// One tick of 20 ms.
    /// - Parameter timestamp: the RTP timestamp that audio would have in this tick.
    /// - Returns: what to send in place of audio; nil in pauses and when idle.
    package mutating func tick(timestamp: UInt32) -> TelephoneEventPacket? {
        guard count > 0 else { return nil }
        tickInPress += 1
        if tickInPress == 0 { start = timestamp }
        let key = UInt32(queue[head])
        let tick = tickInPress
        if tick + 1 >= Self.ticksDown + Self.ticksUp {
            tickInPress = -1
            head = (head + 1) % Self.capacity
            count -= 1
        }
        guard tick < Self.ticksDown + Self.ends - 1 else { return nil }
        let isEnd = tick >= Self.ticksDown - 1
        let duration = UInt32(min(tick + 1, Self.ticksDown) * LegReceiver.samplesPerTick)
        return TelephoneEventPacket(
            payload: key << 24 | (isEnd ? 0x80_0000 : 0) | Self.volume << 16 | duration, timestamp: start,
            marker: tick == 0)
    }

    /// Throws away what waits.
    package mutating func removeAll() {
        count = 0
        tickInPress = -1
    }
}
