import Calls
import Foundation
import Storage
import Synchronization

/// A clock that moves by 1 ms at every look: instants differ, and no test depends on the machine's time.
final class SteppingTime: TimeSource {
    private let present: Mutex<Instant>

    /// 2026-11-22T03:04:05Z.
    static let start = Instant(wall: 1_795_316_645_000_000, mono: 5_000_000_000)

    init(_ start: Instant = SteppingTime.start) { present = Mutex(start) }

    func now() -> Instant {
        present.withLock { present in
            present = present.advanced(milliseconds: 1)
            return present
        }
    }
}

/// The same bits in every run (SplitMix64).
final class SteppingRandom: Sendable {
    private let state: Mutex<UInt64>
    init(seed: UInt64 = 1) { state = Mutex(seed) }

    func next() -> UInt64 {
        state.withLock { state in
            state &+= 0x9E37_79B9_7F4A_7C15
            var word = state
            word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
            word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
            return word ^ word >> 31
        }
    }
}

/// A folder that is gone when the test is.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "/hotline-store-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    func file(_ name: String) -> String { path + "/" + name }

    deinit {
        do { try FileManager.default.removeItem(atPath: path) } catch { print("not removed: \(path): \(error)") }
    }
}

/// What one call writes, with ids of its own.
struct Scenario {
    let call: CallID
    let leg: LegID
    let recording: RecordingID
    let order: OrderID
    let start: Instant
    let number: String
    let caller: String

    /// - Parameter index: makes ids, times and numbers differ; each call begins a second after the one before.
    init(_ index: Int, caller: String = "13900000001", start: Instant = SteppingTime.start) {
        let begin = start.advanced(milliseconds: Int64(index) * 1000)
        var identifiers = IdentifierGenerator(node: 1)
        let random = SteppingRandom(seed: UInt64(index) &+ 77)
        call = identifiers.next(wallMicroseconds: begin.wall, random: random.next())
        leg = identifiers.next(wallMicroseconds: begin.wall, random: random.next())
        recording = identifiers.next(wallMicroseconds: begin.wall, random: random.next())
        order = identifiers.next(wallMicroseconds: begin.wall, random: random.next())
        self.start = begin
        self.caller = caller
        let serial = String(index + 1)
        number = "20261122-" + String(repeating: "0", count: max(0, 4 - serial.count)) + serial
    }

    func at(_ milliseconds: Int64) -> Instant { start.advanced(milliseconds: milliseconds) }

    var offered: Fact {
        .callOffered(
            CallOffered(
                call: call, leg: leg, at: start, line: "trunk1", direction: .inbound, caller: caller,
                callerRaw: "+86\(caller)", callerSource: "p_asserted_identity", called: "95598", diversion: nil,
                peer: "192.0.2.10:5060", protocolCallID: "\(number)@example.invalid"))
    }

    var alerted: Fact { .callAlerted(CallAlerted(call: call, at: at(20), basis: .nominal180)) }

    var answered: Fact {
        .callAnswered(
            CallAnswered(
                call: call, at: at(1020), rings: 1, ringMilliseconds: 1000, basis: .nominal180,
                flowVersion: "power-hotline@1-0a1b2c3d"))
    }

    var established: Fact {
        .legEstablished(
            LegEstablished(
                call: call, leg: leg, at: at(1040), role: .caller, line: "trunk1", codec: "PCMA", rate: 8000))
    }

    func noted(_ milliseconds: Int64, _ kind: String, _ data: [String: String] = [:]) -> Fact {
        .callNoted(
            CallNoted(
                call: call, leg: leg, at: at(milliseconds), position: AudioPosition(milliseconds: milliseconds - 1060),
                kind: kind, data: data))
    }

    var planned: Fact {
        .recordingPlanned(
            RecordingPlanned(
                recording: recording, call: call, at: at(1050),
                channels: [
                    .init(index: 0, leg: leg, role: "caller", tap: "received"),
                    .init(index: 1, leg: leg, role: "system", tap: "sent"),
                ]))
    }

    var recordingStarted: Fact {
        .recordingStarted(RecordingStarted(recording: recording, call: call, at: at(1060)))
    }

    var recordingStopped: Fact {
        .recordingStopped(
            RecordingStopped(
                recording: recording, call: call, at: at(21_060), length: AudioPosition(milliseconds: 20_000)))
    }

    var recordingFinished: Fact {
        .recordingFinished(
            RecordingFinished(
                recording: recording, call: call, at: at(21_500), file: "2026/11/22/110405-\(call).flac",
                format: "flac", rate: 8000, frames: 160_000, bytes: 208_123,
                sha256: String(repeating: "ab", count: 32), gaps: [[48_000, 48_960]], recovered: false))
    }

    var created: Fact {
        .orderCreated(
            OrderCreated(
                order: order, at: at(15_000), number: number, code: "4711", category: "fault", call: call,
                caller: caller, fields: ["district": "东城", "account": "0012345"]))
    }

    var linked: Fact {
        .orderLinked(
            OrderLinked(
                order: order, at: at(15_010), recording: recording, role: "message",
                from: AudioPosition(milliseconds: 6000), to: AudioPosition(milliseconds: 13_500)))
    }

    func released(_ outcome: Outcome = .completed, by: ReleasedBy = .caller) -> Fact {
        .callReleased(
            CallReleased(
                call: call, at: at(21_060), releasedBy: by,
                evidence: ReleaseEvidence(
                    firstLeg: leg, message: "BYE received", reason: "Q.850;cause=16", q850: 16, lastRTP: at(21_040)),
                outcome: outcome, statistics: [leg.description: #"{"packetsReceived":1000,"lost":2}"#]))
    }

    /// A whole answered call with a message, an order and a finished recording.
    var whole: [Fact] {
        [
            offered, alerted, answered, established, planned, recordingStarted,
            noted(1060, "prompt_started", ["prompt": "greeting"]),
            noted(5000, "prompt_finished", ["prompt": "greeting"]),
            noted(6000, "key", ["key": "2", "source": "rfc4733"]),
            noted(6400, "key", ["key": "#", "source": "rfc4733"]),
            created, linked, recordingStopped, released(), recordingFinished,
        ]
    }
}

extension NodeIdentity {
    static let test = NodeIdentity(name: "node1", number: 1, boot: "b0000000-0000-4000-8000-000000000001")
}

extension Store {
    /// Opens with the tests' clock and bits, and a quick pace.
    static func test(
        _ folder: TemporaryFolder, seed: UInt64 = 1, identity: NodeIdentity = .test, pace: Pace = .quick
    ) throws -> Store {
        let random = SteppingRandom(seed: seed)
        return try Store.open(
            folder: folder.path, identity: identity, time: SteppingTime(), random: { random.next() }, pace: pace)
    }
}

extension Store.Pace {
    static var quick: Store.Pace {
        var pace = Store.Pace()
        pace.gatherMilliseconds = 1
        pace.urgentMilliseconds = 1
        pace.retryMilliseconds = 20
        return pace
    }
}
