import Calls
import Evidence
import Foundation
import Logging
import Recordings
import Storage
import Switchboard
import Synchronization
import Testing

/// A clock moved by hand.
final class HandTime: TimeSource {
    private let present: Mutex<Instant>
    init(_ start: Instant) { present = Mutex(start) }
    func now() -> Instant { present.withLock { $0 } }
    func move(milliseconds: Int64) { present.withLock { $0 = $0.advanced(milliseconds: milliseconds) } }
}

/// A data folder with a store, calls and their recordings, as a server leaves them. The clock stands an hour behind the
/// last call.
final class Archive {
    /// One call of 12 s, talked on both sides.
    struct Call {
        var call: CallID
        var leg: LegID
        var recording: RecordingID
        var start: Instant
        /// Below `recordings/`.
        var file: String
    }

    let folder: DataFolder
    let store: Store
    let time: HandTime
    private(set) var calls: [Call] = []
    static let begin = Instant(wall: 1_795_316_645_000_000, mono: 5_000_000_000)

    init(calls count: Int, format: ReplayForm.Format = .flac, measured: Bool = true) async throws {
        let path = NSTemporaryDirectory() + "/hotline-archive-\(UUID().uuidString)"
        folder = DataFolder(path)
        time = HandTime(Self.begin.advanced(milliseconds: 3_600_000 + Int64(count) * 20_000))
        let bits = Mutex<UInt64>(7)
        store = try Store.open(
            folder: path, identity: NodeIdentity(name: "node1", number: 1, boot: "b0"), time: time,
            random: {
                bits.withLock { bits in
                    bits = bits &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                    return bits
                }
            })
        for index in 0..<count { try await add(index, format: format, measured: measured) }
    }

    deinit {
        do { try FileManager.default.removeItem(atPath: folder.path) } catch { print("not removed: \(error)") }
    }

    func path(_ index: Int) -> String { "\(folder.recordings)/\(calls[index].file)" }

    /// A tone, or silence where `amplitude` is 0.
    static func tone(seconds: Int, amplitude: Double, frequency: Double) -> [Int16] {
        (0..<seconds * 8000).map { Int16(amplitude * sin(2 * Double.pi * frequency * Double($0) / 8000)) }
    }

    /// WAV, 16 bits, two channels, 8 kHz.
    static func wave(_ left: [Int16], _ right: [Int16]) -> Data {
        func word(_ value: Int, _ count: Int) -> [UInt8] { (0..<count).map { UInt8(value >> (8 * $0) & 255) } }
        let size = left.count * 4
        var bytes = Array("RIFF".utf8) + word(36 + size, 4) + Array("WAVEfmt ".utf8) + word(16, 4) + word(1, 2)
        bytes += word(2, 2) + word(8000, 4) + word(32_000, 4) + word(4, 2) + word(16, 2) + Array("data".utf8)
        bytes += word(size, 4)
        for (one, other) in zip(left, right) {
            bytes += word(Int(UInt16(bitPattern: one)), 2) + word(Int(UInt16(bitPattern: other)), 2)
        }
        return Data(bytes)
    }

    /// The sound of every call, made once.
    private struct Sound {
        var audio: Data
        var peaks: [UInt8]
        var figures: SoundFigures
        var sha256: String

        init(_ format: ReplayForm.Format) throws {
            let folder = NSTemporaryDirectory() + "/hotline-sound-\(UUID().uuidString)"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            defer {
                do { try FileManager.default.removeItem(atPath: folder) } catch { print("not removed: \(error)") }
            }
            let (source, target) = ("\(folder)/source.wav", "\(folder)/target")
            try Archive.wave(
                Archive.tone(seconds: 12, amplitude: 6000, frequency: 400),
                Archive.tone(seconds: 12, amplitude: 3000, frequency: 1200)
            ).write(to: URL(fileURLWithPath: source))
            try Transcoder.write(source, frames: 96_000, as: ReplayForm(format: format), to: target)
            (peaks, figures) = try DerivedFiles.measure(target)
            audio = try Data(contentsOf: URL(fileURLWithPath: target))
            var hash = SHA256Stream()
            hash.update(bytes: Array(audio))
            sha256 = hash.finish()
        }
    }
    private static let flac = Result { try Sound(.flac) }
    private static let wav = Result { try Sound(.wav) }

    /// Of the calls' files.
    static func sha256() throws -> String { try flac.get().sha256 }

    private func add(_ index: Int, format: ReplayForm.Format, measured: Bool) async throws {
        let start = Self.begin.advanced(milliseconds: Int64(index) * 20_000)
        func id<Kind>(_ low: UInt64) -> Identifier<Kind> {
            Identifier(
                high: UInt64(start.wall / 1000) << 16 | 0x7000, low: 0x8000_0000_0000_0000 | UInt64(index) << 8 | low)
        }
        let call = Call(
            call: id(1), leg: id(2), recording: id(3), start: start,
            file: "2026/11/22/call-\(index).\(format.fileExtension)")
        calls.append(call)
        let path = "\(folder.recordings)/\(call.file)"
        try FileManager.default.createDirectory(
            atPath: "\(folder.recordings)/2026/11/22", withIntermediateDirectories: true)
        let sound = try format == .flac ? Self.flac.get() : Self.wav.get()
        try sound.audio.write(to: URL(fileURLWithPath: path))
        let (peaks, figures) = (sound.peaks, sound.figures)
        if measured {
            let stem = path.prefix(path.count - format.fileExtension.count)
            try Data(peaks).write(to: URL(fileURLWithPath: stem + "dat"))
            try JSONEncoder().encode(figures).write(to: URL(fileURLWithPath: stem + "silence.json"))
        }
        // As old as the call: what is young may wait for its row.
        for file in try FileManager.default.subpathsOfDirectory(atPath: folder.recordings) {
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSince1970: Double(start.wall) / 1_000_000)],
                ofItemAtPath: "\(folder.recordings)/\(file)")
        }
        let at = { (milliseconds: Int64) in start.advanced(milliseconds: milliseconds) }
        var facts: [Fact] = [
            .callOffered(
                CallOffered(
                    call: call.call, leg: call.leg, at: at(0), line: "trunk1", direction: .inbound,
                    caller: "1390000000\(index % 10)", callerRaw: nil, callerSource: "from", called: "95598",
                    diversion: nil, peer: "192.0.2.10:5060", protocolCallID: "\(index)")),
            .callAnswered(
                CallAnswered(
                    call: call.call, at: at(1000), rings: 1, ringMilliseconds: 1000, basis: .nominal180,
                    flowVersion: "test@1")),
            .recordingPlanned(
                RecordingPlanned(
                    recording: call.recording, call: call.call, at: at(1000),
                    channels: [
                        .init(index: 0, leg: call.leg, role: "caller", tap: "received"),
                        .init(index: 1, leg: call.leg, role: "system", tap: "sent"),
                    ])),
            .recordingStarted(RecordingStarted(recording: call.recording, call: call.call, at: at(1040))),
            .callNoted(
                CallNoted(
                    call: call.call, leg: call.leg, at: at(4040), position: AudioPosition(milliseconds: 3000),
                    kind: "key", data: ["key": "1"])),
            .recordingStopped(
                RecordingStopped(
                    recording: call.recording, call: call.call, at: at(13_040),
                    length: AudioPosition(milliseconds: 12_000))
            ),
            .callReleased(
                CallReleased(
                    call: call.call, at: at(13_040), releasedBy: .caller,
                    evidence: ReleaseEvidence(firstLeg: call.leg, message: "BYE received"), outcome: .completed,
                    statistics: [:])),
            .recordingFinished(
                RecordingFinished(
                    recording: call.recording, call: call.call, at: at(14_000), file: call.file,
                    format: format.rawValue, rate: 8000, frames: 96_000,
                    bytes: Int64(sound.audio.count), sha256: sound.sha256,
                    gaps: [], recovered: false)),
        ]
        if measured {
            facts.append(
                .recordingMeasured(
                    RecordingMeasured(figures, recording: call.recording, call: call.call, at: at(14_000))))
        }
        try await store.record(facts)
    }
}
