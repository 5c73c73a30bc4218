import Calls
import Foundation
import Recordings
import Storage

/// A data folder as a server leaves it, made by hand: calls that are over, with finished recordings of two tones.
struct StoredCalls {
    struct Call: Sendable {
        var call: CallID
        var recording: RecordingID
        /// Below `recordings/`.
        var file: String
        var sha256: String
        var bytes: [UInt8]
    }

    /// For the configuration: the test alone asks for checks.
    static let noDailyCheck = "recordings:\n  check_at: \"24:00\"\n"

    let scratch: Scratch
    private(set) var calls: [Call] = []

    var data: URL { scratch.folder.appendingPathComponent("data") }

    /// - Parameters:
    ///   - age: how long ago the first call came in; the others follow 30 s apart.
    ///   - seconds: of each recording; less than a minute, or whole minutes.
    init(_ count: Int, seconds: Int = 12, age: Double = 86_400) async throws {
        scratch = try Scratch("stored")
        let store = try Store.open(
            folder: data.path, identity: NodeIdentity(name: "node1", number: 1, boot: "b0"), time: SystemClock(),
            random: { UInt64.random(in: .min ... .max) })
        for index in 0..<count {
            let offered = Date().addingTimeInterval(-age + Double(index) * 30)
            calls.append(try await Self.add(index, at: offered, seconds: seconds, data, store))
        }
        await store.close()
    }

    func path(_ index: Int) -> URL { data.appendingPathComponent("recordings/\(calls[index].file)") }

    private struct SystemClock: TimeSource {
        func now() -> Instant {
            Instant(
                wall: Int64(Date().timeIntervalSince1970 * 1_000_000),
                mono: Int64(ProcessInfo.processInfo.systemUptime * 1_000_000_000))
        }
    }

    private static func add(
        _ index: Int, at offered: Date, seconds: Int, _ data: URL, _ store: Store
    ) async throws -> Call {
        let start = Instant(wall: Int64(offered.timeIntervalSince1970 * 1_000_000), mono: 1_000_000_000)
        func id<Kind>(_ low: UInt64) -> Identifier<Kind> {
            Identifier(
                high: UInt64(start.wall / 1000) << 16 | 0x7000, low: 0x8000_0000_0000_0000 | UInt64(index) << 8 | low)
        }
        let (call, leg, recording): (CallID, LegID, RecordingID) = (id(1), id(2), id(3))
        let file = "2026/01/0\(index + 1)/stored-\(index).flac"
        let path = data.appendingPathComponent("recordings/\(file)")
        try FileManager.default.createDirectory(
            at: path.deletingLastPathComponent(), withIntermediateDirectories: true)
        let wave = data.appendingPathComponent("source.wav")
        try writeSound(seconds: seconds, to: wave)
        try Transcoder.write(wave.path, frames: Int64(seconds) * 8000, as: ReplayForm(format: .flac), to: path.path)
        try FileManager.default.removeItem(at: wave)
        try FileManager.default.setAttributes([.modificationDate: offered], ofItemAtPath: path.path)
        let bytes = Array(try Data(contentsOf: path))
        let row = Call(
            call: call, recording: recording, file: file, sha256: try await sha256(path), bytes: bytes)
        let length = Int64(seconds) * 1000
        let at = { (milliseconds: Int64) in start.advanced(milliseconds: milliseconds) }
        try await store.record([
            .callOffered(
                CallOffered(
                    call: call, leg: leg, at: at(0), line: "trunk1", direction: .inbound,
                    caller: "1390000000\(index)", callerRaw: nil, callerSource: "from", called: "95598", diversion: nil,
                    peer: "192.0.2.10:5060", protocolCallID: "stored-\(index)")),
            .callAnswered(
                CallAnswered(
                    call: call, at: at(1000), rings: 1, ringMilliseconds: 1000, basis: .nominal180,
                    flowVersion: "test@1")),
            .recordingPlanned(
                RecordingPlanned(
                    recording: recording, call: call, at: at(1000),
                    channels: [
                        .init(index: 0, leg: leg, role: "caller", tap: "received"),
                        .init(index: 1, leg: leg, role: "system", tap: "sent"),
                    ])),
            .recordingStarted(RecordingStarted(recording: recording, call: call, at: at(1000))),
            .recordingStopped(
                RecordingStopped(
                    recording: recording, call: call, at: at(1000 + length),
                    length: AudioPosition(milliseconds: length))),
            .callReleased(
                CallReleased(
                    call: call, at: at(1000 + length), releasedBy: .caller,
                    evidence: ReleaseEvidence(firstLeg: leg, message: "BYE received"), outcome: .completed,
                    statistics: [:])),
            .recordingFinished(
                RecordingFinished(
                    recording: recording, call: call, at: at(2000 + length), file: file, format: "flac", rate: 8000,
                    frames: Int64(seconds) * 8000, bytes: Int64(bytes.count), sha256: row.sha256, gaps: [],
                    recovered: false)),
        ])
        return row
    }

    /// Writes a WAV: a tone and noise left, another tone right. The noise keeps FLAC from shrinking it to nothing.
    private static func writeSound(seconds: Int, to file: URL) throws {
        func word(_ value: Int, _ count: Int) -> [UInt8] { (0..<count).map { UInt8(value >> (8 * $0) & 255) } }
        let size = seconds * 32_000
        var head = Array("RIFF".utf8) + word(36 + size, 4) + Array("WAVEfmt ".utf8) + word(16, 4) + word(1, 2)
        head += word(2, 2) + word(8000, 4) + word(32_000, 4) + word(4, 2) + word(16, 2) + Array("data".utf8)
        head += word(size, 4)
        // A minute, again and again: both tones go through whole periods in it.
        let block = min(seconds, 60)
        var minute: [UInt8] = []
        minute.reserveCapacity(block * 32_000)
        var noise: UInt32 = 1
        for frame in 0..<block * 8000 {
            noise = noise &* 1_664_525 &+ 1_013_904_223
            let left = 6000 * sin(2 * Double.pi * 500 * Double(frame) / 8000) + Double(noise >> 27)
            let right = 4000 * sin(2 * Double.pi * 1200 * Double(frame) / 8000)
            for sample in [UInt16(bitPattern: Int16(left)), UInt16(bitPattern: Int16(right))] {
                minute.append(UInt8(sample & 255))
                minute.append(UInt8(sample >> 8))
            }
        }
        try Data(head).write(to: file)
        let handle = try FileHandle(forWritingTo: file)
        try handle.seekToEnd()
        for _ in 0..<seconds / block { try handle.write(contentsOf: minute) }
        try handle.close()
    }

    private static func sha256(_ path: URL) async throws -> String {
        let (code, child) = try await Child.run(
            "sha-\(UUID().uuidString.prefix(4))", program: "sha256sum", arguments: [path.path],
            folder: FileManager.default.temporaryDirectory, seconds: 30)
        guard code == 0 else { throw HarnessError("sha256sum: \(child.tail())") }
        return String(child.output.prefix(64))
    }
}

/// What a request was answered with.
struct Answer {
    var status: Int
    /// By lower-case name.
    var headers: [String: String]
    var body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }
    /// A problem document's detail.
    var detail: String { object["detail"] as? String ?? "" }
    var object: [String: Any] {
        (try? JSONSerialization.jsonObject(with: Data(body))) as? [String: Any] ?? [:]  // the test shows what came
    }
}

extension RunningServer {
    /// The token of its data folder.
    var token: String {
        Child.text(data.appendingPathComponent("api.token")).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Asks the API with curl, whose arguments may say anything.
    func fetch(_ path: String, _ more: [String] = [], authorised: Bool = true) async throws -> Answer {
        let name = "api-\(UUID().uuidString.prefix(8))"
        let (head, body) = (
            scratch.folder.appendingPathComponent("\(name).head"), scratch.folder.appendingPathComponent("\(name).body")
        )
        var arguments = ["-s", "--path-as-is", "-m", "60", "-D", head.path, "-o", body.path, "-w", "%{http_code}"]
        if authorised { arguments += ["-H", "Authorization: Bearer \(token)"] }
        let (code, child) = try await Child.run(
            name, program: "curl", arguments: arguments + more + ["http://\(http)/api/v1/\(path)"],
            folder: scratch.folder, seconds: 90)
        guard let status = Int(child.output), code == 0 || code == 18 else {
            throw HarnessError("curl \(path): exit \(code)\n\(child.tail())")
        }
        var headers: [String: String] = [:]
        for line in Child.text(head).split(separator: "\r\n").dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(
                in: .whitespaces)
        }
        return Answer(
            status: status, headers: headers, body: Array(FileManager.default.contents(atPath: body.path) ?? Data()))
    }
}
