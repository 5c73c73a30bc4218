/// Something that a leg's receiving side noticed; a plain value, kept in a small ring inside `LegReceiver` until the
/// engine takes it with `nextEvent()`.
package enum ReceiveEvent: Sendable, Hashable {
    /// The first packet of the leg was accepted, from this source.
    case firstPacket(source: Endpoint)
    /// Another source was latched than before.
    case latched(source: Endpoint)
    /// A key began; once a press.
    case keyDown(Key, KeySource)
    /// The same key ended.
    case keyUp(Key, KeySource, milliseconds: Int)
    /// Talk began, while `watchSilence` is on.
    case talkStarted
    /// So many milliseconds without talk, as `watchSilence` asked.
    case silent(milliseconds: Int)
    /// No packet for the configured time; once until packets come again.
    case inactive(milliseconds: Int)
    /// Packets come again after `inactive`.
    case active
}

/// A bounded queue of events within a value: no allocation after its making, the oldest first. What does not fit is
/// counted, never waited for.
package struct ReceiveEventRing: ~Copyable {
    package static let capacity = 32
    private let slots: UnsafeMutablePointer<ReceiveEvent>
    private var head = 0
    package private(set) var count = 0
    /// Events thrown away because nobody took the earlier ones.
    package private(set) var overflow: UInt64 = 0

    package init() {
        slots = .allocate(capacity: Self.capacity)
        slots.initialize(repeating: .talkStarted, count: Self.capacity)
    }

    deinit { slots.deallocate() }

    package mutating func append(_ event: ReceiveEvent) {
        guard count < Self.capacity else {
            overflow &+= 1
            return
        }
        slots[(head + count) % Self.capacity] = event
        count += 1
    }

    package mutating func next() -> ReceiveEvent? {
        guard count > 0 else { return nil }
        let event = slots[head]
        head = (head + 1) % Self.capacity
        count -= 1
        return event
    }

    package mutating func removeAll() {
        head = 0
        count = 0
    }
}
