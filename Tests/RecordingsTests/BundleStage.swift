import Evidence
import Glibc
import Recordings
import Testing

/// A small hotline's journal and recordings: three days with two calls each, an anchor after each day, and what a forger
/// could do with them.
struct BundleStage {
    static let seed: [UInt8] = (0..<32).map { UInt8($0) }
    static let otherSeed: [UInt8] = (0..<32).map { UInt8(200 + $0) }
    static let chain = "node1"
    static let dayLength: Int64 = 86_400_000_000
    /// 2026-11-22 in Asia/Shanghai.
    static let begin: Int64 = 1_795_276_800_000_000

    var events: [(sealed: SealedEvent, type: String)] = []
    var head = ChainHead(emptyChain: Self.chain)
    var anchors: [Anchor] = []
    var files: [(name: String, bytes: [UInt8])] = []
    private var leaves: [(leaf: RecordingLeaf, wall: Int64)] = []
    private var serial = 0
    let key: [UInt8]

    /// - Parameters:
    ///   - callers: the second call of the first day is this caller's: another one makes another history.
    ///   - forgets: a recording that the anchors' trees leave out.
    init(key: [UInt8] = Self.seed, caller: String = "13900000001", days: Int = 3, forgets: Int? = nil) throws {
        self.key = key
        for day in 0..<days {
            let from = Self.begin + Int64(day) * Self.dayLength
            for call in 0..<2 {
                try self.call(day * 2 + call, wall: from + Int64(call + 1) * 3_600_000_000, caller: caller)
            }
            try anchor(day: day, from: from, forgets: forgets)
        }
    }

    static func id(_ kind: String, _ index: Int) -> String { "0190000\(index)-0000-7000-8000-\(kind)00000000" }
    static func file(_ index: Int) -> String { "2026/11/2\(2 + index / 2)/call-\(index).flac" }
    static func audio(_ index: Int) -> [UInt8] {
        // Deterministic noise of another length each.
        var state = UInt32(index + 1)
        return (0..<(700 + 100 * index)).map { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return UInt8(state >> 24)
        }
    }

    mutating func add(_ type: String, wall: Int64, _ data: [String: CanonicalValue]) {
        serial += 1
        let event = JournalEvent(
            id: "0190ffff-0000-7000-8000-\(100_000_000_000 + serial)", type: type, wall: wall, mono: wall * 1000,
            boot: "boot", node: Self.chain, data: .object(data))
        let salt = (0..<16).map { UInt8(truncatingIfNeeded: serial &* 31 &+ $0 &* 7) }
        let sealed = SealedEvent(body: event.body, salt: salt, after: head)
        head = sealed.head
        events.append((sealed, type))
    }

    private mutating func call(_ index: Int, wall: Int64, caller: String) throws {
        let (call, recording) = (Self.id("aaaa", index), Self.id("bbbb", index))
        add(
            "call_offered", wall: wall,
            [
                "call": .text(call), "caller": .text(index == 1 ? caller : "1390000000\(index + 2)"),
                "at": .integer(wall),
            ])
        add("call_answered", wall: wall + 1_000_000, ["call": .text(call), "rings": .integer(1)])
        add(
            "order_created", wall: wall + 9_000_000,
            ["call": .text(call), "order": .text(Self.id("cccc", index)), "number": .text("20261122-000\(index + 1)")])
        add("call_released", wall: wall + 60_000_000, ["call": .text(call), "outcome": .text("completed")])
        let audio = Self.audio(index)
        var stream = SHA256Stream()
        stream.update(bytes: audio)
        let sha256 = stream.finish()
        add(
            "recording_finished", wall: wall + 61_000_000,
            [
                "recording": .text(recording), "call": .text(call), "file": .text(Self.file(index)),
                "bytes": .integer(Int64(audio.count)), "frames": .integer(160), "sha256": .text(sha256),
            ])
        add("server_noted", wall: wall + 62_000_000, ["kind": .text("clock")])
        files.append((Self.file(index), audio))
        leaves.append(
            (RecordingLeaf(recording: recording, call: call, sha256: sha256, frames: 160), wall + 61_000_000))
    }

    private mutating func anchor(day: Int, from: Int64, forgets: Int?) throws {
        let to = from + Self.dayLength
        let forgotten = forgets.map { Self.id("bbbb", $0) }
        let hashes = RecordingLeaf.hashes(
            leaves.filter { $0.wall >= from && $0.wall < to && $0.leaf.recording != forgotten }.map(\.leaf))
        let anchor = try Anchor(
            heads: [head],
            day: AnchoredDay(
                date: "2026-11-2\(2 + day)", zone: "Asia/Shanghai", from: from, to: to, leafHashes: hashes),
            wall: to + 300_000_000, node: Self.chain, privateKey: key)
        anchors.append(anchor)
        add(
            "anchor_made", wall: to + 300_000_001,
            [
                "anchor": .text(String(decoding: anchor.bytes, as: UTF8.self)),
                "leaves": .list(hashes.map { .text(Hexadecimal.text($0)) }),
            ])
        add(
            "anchor_sent", wall: to + 300_000_002,
            ["fingerprint": .text(anchor.fingerprint), "way": .text("webhook"), "delivered": .bool(true)])
    }

    /// Nil where its body was erased.
    static func event(_ sealed: SealedEvent) throws -> JournalEvent? {
        try sealed.body.map { try JournalEvent(body: $0) }
    }

    /// Erases the body of an event, as the law may ask for.
    mutating func erase(_ sequence: Int64) {
        events[Int(sequence) - 1].sealed.body = nil
        events[Int(sequence) - 1].sealed.salt = nil
    }

    /// Where the recording's finishing stands: seven events a call, two an anchor.
    static func finishing(_ index: Int) -> Int64 { Int64(index * 6 + index / 2 * 2 + 5) }

    /// Days `from..<to` of the three.
    func description(from: Int = 0, to: Int = 3) throws -> BundleDescription {
        let (begin, end) = (Self.begin + Int64(from) * Self.dayLength, Self.begin + Int64(to) * Self.dayLength)
        let inside = try events.filter { item in
            guard let event = try Self.event(item.sealed) else { return false }
            return event.wall >= begin && event.wall < end
        }.map(\.sealed.sequence)
        let start = anchors.last { ($0.day?.to ?? .max) <= begin }?.heads[0] ?? ChainHead(emptyChain: Self.chain)
        return BundleDescription(
            exported: Self.begin + 4 * Self.dayLength, from: begin, to: end,
            chains: [
                .init(
                    start: start, from: inside.first ?? start.sequence + 1, to: inside.last ?? start.sequence,
                    head: head)
            ])
    }

    /// Writes the bundle.
    /// - Parameters:
    ///   - folder: where the recordings are put as well.
    ///   - keys: encrypt them there.
    ///   - change: makes something else of a recording's bytes as they lie there.
    @discardableResult
    func write(
        _ folder: TestFolder, name: String = "bundle.tar", description: BundleDescription? = nil,
        without missing: Set<Int> = [], keys: RecordingKeys? = nil, change: (Int, inout [UInt8]) -> Void = { _, _ in }
    ) throws -> (path: String, summary: EvidenceBundleWriter.Summary) {
        let description = try description ?? self.description()
        let recordings = "\(folder.path)/recordings"
        for (index, file) in files.enumerated() where !missing.contains(index) {
            var bytes = try keys.map { try #require(SealedFormat.file(file.bytes, with: $0.current)) } ?? file.bytes
            change(index, &bytes)
            try TestFolder.make("\(recordings)/\(file.name)", bytes)
        }
        let path = "\(folder.path)/\(name)"
        let writer = try EvidenceBundleWriter(path: path, isReplacing: false, description: description)
        let chain = description.chains[0]
        let inside = events.filter { $0.sealed.sequence > chain.start.sequence }
        let texts = try inside.filter { $0.type == "anchor_made" }.compactMap { item in
            try Self.event(item.sealed)?.data["anchor"]?.textValue
        }
        try writer.begin(
            keys: [try BundleSignature(manifest: [], privateKey: key).key], anchors: texts.map { Array($0.utf8) })
        for item in inside { try writer.append(item.sealed, type: item.type) }
        try writer.endChain()
        return (path, try writer.finish(recordings: recordings, keys: keys, privateKey: key))
    }

    /// The auditor's key.
    var publicKey: [UInt8] {
        get throws { try BundleSignature(manifest: [], privateKey: key).key }
    }

    /// The auditor's anchors: those of these days.
    func kept(_ days: ClosedRange<Int> = 0...2) -> [BundleTrust.KeptAnchor] {
        days.map { BundleTrust.KeptAnchor(anchors[$0], origin: "kept.txt:\($0 + 1)") }
    }
}

extension TestTar {
    /// Makes manifest and signature fit what was changed.
    mutating func seal(_ key: [UInt8]) throws {
        let manifest = members.dropLast(2).map { member in
            var stream = SHA256Stream()
            stream.update(bytes: member.bytes)
            return BundleMember(
                name: member.name, bytes: Int64(member.bytes.count), sha256: stream.finishBytes()
            ).line
        }
        setLines("manifest.jsonl", manifest)
        var stream = SHA256Stream()
        stream.update(bytes: self["manifest.jsonl"])
        self["manifest.sig"] = try BundleSignature(manifest: stream.finishBytes(), privateKey: key).bytes
    }
}

extension TestFolder {
    /// A file with its folders.
    static func make(_ path: String, _ bytes: [UInt8]) throws {
        var parts = path.split(separator: "/").dropLast()
        var folder = ""
        while let part = parts.popFirst() {
            folder += "/\(part)"
            mkdir(folder, 0o755)  // most of them are there; a missing one fails the writing below
        }
        try Bytes.write(bytes, to: path)
    }
}
