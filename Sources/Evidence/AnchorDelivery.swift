/// A way by which anchors leave the machine.
public enum AnchorWay: String, Sendable, Hashable, Codable, CaseIterable {
    /// An HTTP POST (`evidence.anchor_webhook`).
    case webhook
    /// A program that reads it from its standard input (`evidence.anchor_command`).
    case command
}

/// Decides when which anchor is sent by which way: the oldest first, one at a time on each way, again and again with
/// ever longer pauses until it is taken.
public struct AnchorDelivery: Sendable {
    public enum Action: Sendable, Hashable {
        case send(AnchorWay, fingerprint: String, anchor: [UInt8], attempt: Int)
        /// Somebody should look: the way has failed so many times in a row.
        case raiseAlarm(AnchorWay, failures: Int, message: String)
        case clearAlarm(AnchorWay)
    }

    private struct Parcel {
        var fingerprint: String
        var anchor: [UInt8]
        var attempts = 0
    }

    private struct Lane {
        var way: AnchorWay
        var waiting: [Parcel] = []
        var isSending = false
        /// Failures since the last success.
        var failures = 0
        /// Not before this moment, ms.
        var notBefore: Int64 = .min
        var isAlarmed = false
    }

    /// The pause after the first failure; each further one doubles it.
    public static let firstPauseMilliseconds: Int64 = 60_000
    public static let longestPauseMilliseconds: Int64 = 3_600_000
    /// Failures in a row that raise an alarm.
    public static let failuresToAlarm = 3

    private var lanes: [Lane]

    public init(ways: [AnchorWay]) { lanes = ways.map { Lane(way: $0) } }

    /// An anchor is there.
    /// - Parameter delivered: by these ways it has left already.
    public mutating func add(fingerprint: String, anchor: [UInt8], delivered: Set<AnchorWay> = []) {
        for index in lanes.indices where !delivered.contains(lanes[index].way) {
            guard !lanes[index].waiting.contains(where: { $0.fingerprint == fingerprint }) else { continue }
            lanes[index].waiting.append(Parcel(fingerprint: fingerprint, anchor: anchor))
        }
    }

    /// Time passes.
    /// - Parameter now: monotonic, ms.
    public mutating func tick(at now: Int64) -> [Action] {
        var actions: [Action] = []
        for index in lanes.indices where !lanes[index].isSending && now >= lanes[index].notBefore {
            guard !lanes[index].waiting.isEmpty else { continue }
            lanes[index].isSending = true
            lanes[index].waiting[0].attempts += 1
            let parcel = lanes[index].waiting[0]
            actions.append(
                .send(
                    lanes[index].way, fingerprint: parcel.fingerprint, anchor: parcel.anchor, attempt: parcel.attempts))
        }
        return actions
    }

    /// A sending came to its end.
    /// - Parameter failure: why it was not taken; nil where it was.
    public mutating func ended(_ way: AnchorWay, failure: String?, at now: Int64) -> [Action] {
        guard let index = lanes.firstIndex(where: { $0.way == way && $0.isSending }) else { return [] }
        lanes[index].isSending = false
        guard let failure else {
            lanes[index].waiting.removeFirst()
            lanes[index].failures = 0
            lanes[index].notBefore = .min
            guard lanes[index].isAlarmed else { return [] }
            lanes[index].isAlarmed = false
            return [.clearAlarm(way)]
        }
        lanes[index].failures += 1
        let doublings = min(lanes[index].failures - 1, 16)
        lanes[index].notBefore =
            now + min(Self.longestPauseMilliseconds, Self.firstPauseMilliseconds << Int64(doublings))
        guard lanes[index].failures >= Self.failuresToAlarm, !lanes[index].isAlarmed else { return [] }
        lanes[index].isAlarmed = true
        return [.raiseAlarm(way, failures: lanes[index].failures, message: failure)]
    }

    /// How many anchors have not left yet, by way.
    public var waiting: [AnchorWay: Int] {
        Dictionary(lanes.map { ($0.way, $0.waiting.count) }, uniquingKeysWith: { first, _ in first })
    }
}
