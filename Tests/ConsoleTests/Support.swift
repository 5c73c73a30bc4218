import Calls
import Foundation
import Storage
import Synchronization

/// A folder that is gone when the test is.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "/hotline-console-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        do { try FileManager.default.removeItem(atPath: path) } catch { print("not removed: \(path): \(error)") }
    }
}

/// The same bits in every run (SplitMix64).
struct Bits: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word >> 31
    }
}

struct TestError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// A work number that the test knows to be one.
func workNumber(_ text: String) -> WorkNumber {
    guard let number = WorkNumber(text) else { preconditionFailure("\(text) is no work number") }
    return number
}

/// Asks again and again until it holds; what happens in the exchange has no other end to wait for.
func eventually(_ holds: () async throws -> Bool) async throws -> Bool {
    let end = ContinuousClock.now + .seconds(30)
    while ContinuousClock.now < end {
        if try await holds() { return true }
        try await Task.sleep(for: .milliseconds(5))
    }
    return false
}

/// A recorded call of the past that left a message, and asked to be called back.
struct PastCall {
    /// 2026-11-22T03:04:05Z.
    static let start = Instant(wall: 1_795_316_645_000_000, mono: 5_000_000_000)
    let call: CallID
    let leg: LegID
    let recording: RecordingID
    let message: MessageID
    let order: OrderID
    let begin: Instant

    /// - Parameter index: 0…15; the ids of its messages differ in their last digit alone.
    init(_ index: UInt64) {
        call = CallID(high: 0x019A_0000_0000_7000, low: 0x8000_0000_0000_0010 + index)
        leg = LegID(high: 0x019A_0000_0000_7000, low: 0x8000_0000_0000_0020 + index)
        recording = RecordingID(high: 0x019A_0000_0000_7000, low: 0x8000_0000_0000_0030 + index)
        message = MessageID(high: 0x019A_ABCD_0000_7000, low: 0x8000_0000_0000_0040 + index)
        order = OrderID(high: 0x019A_0000_0000_7000, low: 0x8000_0000_0000_0050 + index)
        begin = Self.start.advanced(milliseconds: Int64(index) * 60_000)
    }

    func at(_ milliseconds: Int64) -> Instant { begin.advanced(milliseconds: milliseconds) }

    var left: [Fact] {
        [
            .callOffered(
                CallOffered(
                    call: call, leg: leg, at: at(0), line: "trunk1", direction: .inbound, caller: "13900000001",
                    callerRaw: "+8613900000001", callerSource: "from", called: "95598", diversion: nil,
                    peer: "192.0.2.10:5060", protocolCallID: "\(call)@example.invalid")),
            .recordingPlanned(
                RecordingPlanned(
                    recording: recording, call: call, at: at(10),
                    channels: [
                        .init(index: 0, leg: leg, role: "caller", tap: "received"),
                        .init(index: 1, leg: leg, role: "system", tap: "sent"),
                    ])),
            .recordingStarted(RecordingStarted(recording: recording, call: call, at: at(20))),
            .messageLeft(
                MessageLeft(
                    message: message, call: call, at: at(9000), queue: "night_service", caller: "13900000001",
                    recording: recording, from: AudioPosition(milliseconds: 2000),
                    to: AudioPosition(milliseconds: 8000), dueAt: at(3_600_000))),
        ]
    }

    /// An agent spoke in it.
    func answered(by agent: WorkNumber) -> [Fact] {
        let phone = LegID(high: 0x019A_0000_0000_7000, low: leg.low + 0x100)
        return [
            .agentOffered(AgentOffered(call: call, leg: phone, at: at(3000), agent: agent, purpose: .queue)),
            .agentAnswered(
                AgentAnswered(
                    call: call, leg: phone, at: at(4000), agent: agent, purpose: .queue, rings: 1,
                    ringMilliseconds: 1000, summedRings: 1, summedRingMilliseconds: 1000, basis: .nominal180)),
        ]
    }

    var asked: [Fact] {
        [
            .callBackAsked(
                CallBackAsked(
                    call: call, at: at(9500), queue: "night_service", number: "13900000001", dueAt: at(7_200_000)))
        ]
    }

    func reached(by agent: String) -> [Fact] {
        [.callBackEnded(CallBackEnded(call: call, at: at(20_000), reached: true, by: workNumber(agent)))]
    }

    /// An order of the call; with the caller's number or without.
    func ordered(_ number: String, caller: String?) -> [Fact] {
        [
            .orderCreated(
                OrderCreated(
                    order: order, at: at(9800), number: number, code: "4711", category: "fault", call: call,
                    caller: caller, fields: [:]))
        ]
    }
}
