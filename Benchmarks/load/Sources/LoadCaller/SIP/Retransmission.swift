/// When a request is sent again over UDP and when it is given up (RFC 3261 §17: timers A, B and E, F). Nanoseconds.
package struct Retransmission: Sendable, Hashable {
    package static let t1: Int64 = 500_000_000
    package static let t2: Int64 = 4_000_000_000

    package enum Due: Sendable, Hashable {
        case nothing, again, giveUp
    }

    private var interval: Int64
    private let ceiling: Int64
    private let end: Int64
    private var nextSend: Int64

    /// - Parameter isInvite: an INVITE's times double without end, others' up to T2.
    package init(from now: Int64, isInvite: Bool) {
        interval = Self.t1
        ceiling = isInvite ? .max / 4 : Self.t2
        nextSend = now + Self.t1
        end = now + 64 * Self.t1
    }

    package var next: Int64 { min(nextSend, end) }

    package mutating func due(at now: Int64) -> Due {
        if now >= end { return .giveUp }
        guard now >= nextSend else { return .nothing }
        interval = min(interval * 2, ceiling)
        nextSend = now + interval
        return .again
    }
}
