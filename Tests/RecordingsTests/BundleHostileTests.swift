import Evidence
import Glibc
import Recordings
import Testing

/// Files that want to harm their reader, and files that are no bundle.
@Suite struct BundleHostileTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var change: @Sendable (inout TestTar) throws -> Void = { _ in }
        var bytes: @Sendable ([UInt8]) -> [UInt8] = { $0 }
        var words: String
        var testDescription: String { name }
    }

    private static func insert(_ member: TestTar.Member) -> @Sendable (inout TestTar) throws -> Void {
        { tar in tar.members.insert(member, at: 3) }
    }

    static let table: [Case] = [
        Case(
            name: "path out of the folder", change: insert(.init(name: "../../etc/cron.d/evil", bytes: [1])),
            words: "a name that no bundle has"),
        Case(name: "absolute path", change: insert(.init(name: "/etc/passwd", bytes: [1])), words: "a name that no"),
        Case(
            name: "path through a folder", change: insert(.init(name: "recordings/../../x", bytes: [])),
            words: "a name that no bundle has"),
        Case(name: "control characters", change: insert(.init(name: "a\u{1B}[2J", bytes: [])), words: "`a?[2J`"),
        Case(
            name: "symbolic link",
            change: insert(.init(name: "recordings/a", bytes: [], type: "2", link: "/etc/passwd")),
            words: "is a link"),
        Case(
            name: "hard link", change: insert(.init(name: "recordings/a", bytes: [], type: "1", link: "bundle.json")),
            words: "is a link"),
        Case(name: "device", change: insert(.init(name: "dev", bytes: [], type: "3")), words: "a device"),
        Case(name: "folder", change: insert(.init(name: "recordings/", bytes: [], type: "5")), words: "a folder"),
        Case(
            name: "a member twice", change: { $0.members.insert($0.members[0], at: 1) }, words: "stands twice"),
        Case(
            name: "a length of 8 GB that is not there",
            change: { $0.members[7].size = "77777777777" }, words: "cut off"),
        Case(
            name: "a length beyond all numbers",
            change: { $0.members[2].size = "\u{7F}\u{7F}\u{7F}\u{7F}" }, words: "tar"),
        Case(
            name: "an object of two megabytes",
            change: { $0.members[1].bytes = [UInt8](repeating: 32, count: 2 << 20) }, words: "more than such a member"),
        Case(
            name: "a line without an end",
            change: { $0["anchors.jsonl"] = [UInt8](repeating: 97, count: 17 << 20) }, words: "longer than any line"),
        Case(
            name: "brackets without an end",
            change: { $0["anchors.jsonl"] = [UInt8](repeating: 91, count: 1 << 20) + [10] }, words: "nested too deep"),
        Case(name: "compressed", bytes: { _ in gzipped }, words: "no uncompressed tar"),
        Case(name: "no tar at all", bytes: { _ in Array("%PDF-1.4\n".utf8) }, words: "no uncompressed tar"),
        Case(name: "empty", bytes: { _ in [] }, words: "no uncompressed tar"),
        Case(name: "another tar", change: { $0.members.removeFirst() }, words: "no evidence bundle"),
        Case(
            name: "cut in the middle of a recording",
            bytes: { Array($0.prefix($0.count * 2 / 3 + 7)) }, words: "cut off"),
        Case(
            name: "cut between two members", change: { $0.members.removeLast(4) }, words: "cut off"),
        Case(
            name: "a later version",
            change: {
                $0["bundle.json"] = Array(
                    String(decoding: $0["bundle.json"], as: UTF8.self).replacing(#""bundle":1"#, with: #""bundle":2"#)
                        .utf8)
            }, words: "version 2 of bundles is not known"),
        Case(
            name: "numbers at their limits",
            change: { tar in
                tar["bundle.json"] = Array(
                    String(decoding: tar["bundle.json"], as: UTF8.self).replacing(
                        #""from":1,"#, with: #""from":9223372036854775807,"#
                    ).replacing(#""to":"#, with: #""to":922337203685477580"#).utf8)
            }, words: "bundle.json"),
    ]

    /// `printf 'bundle' | gzip -n`.
    static let gzipped =
        Hexadecimal.bytes("1f8b08000000000000034b2acd4bc9490500fd327ba506000000") ?? []

    @Test(arguments: table)
    func isRefusedClearly(_ example: Case) throws {
        let folder = try TestFolder()
        let path = try BundleStage().write(folder).path
        var tar = try TestTar(Bytes.read(path))
        try example.change(&tar)
        try Bytes.write(example.bytes(tar.bytes), to: path)
        let finding = try #require(EvidenceBundleVerifier(path: path).verify().finding)
        #expect("\(finding)".contains(example.words), "\(finding)")
        let isContent = ["brackets without an end"].contains(example.name)
        #expect(finding.verdict == (isContent ? .altered : .unusable), "\(finding)")
        #expect(TestFolder.names(folder.path) == ["bundle.tar", "recordings"], "nothing is unpacked")
    }

    /// The sparse form of GNU tar: a terabyte of nothing in a few bytes.
    @Test func aSparseMemberIsRefused() throws {
        let folder = try TestFolder()
        let path = try BundleStage().write(folder).path
        var tar = try TestTar(Bytes.read(path))
        // PAX header for GNU.sparse 1.0.
        let records = ["GNU.sparse.major=1", "GNU.sparse.minor=0", "GNU.sparse.realsize=1099511627776"]
        let pax = records.map { record in
            let length = record.utf8.count + 4
            return "\(length) \(record)\n"
        }.joined()
        tar.members.insert(.init(name: "x", bytes: Array(pax.utf8), type: "x"), at: 3)
        tar.members.insert(
            .init(name: "recordings/a", bytes: Array("1\n1099511627775\n1\n".utf8) + [UInt8](repeating: 0, count: 497)),
            at: 4)
        try Bytes.write(tar.bytes, to: path)
        let finding = try #require(EvidenceBundleVerifier(path: path).verify().finding)
        #expect(finding.verdict == .unusable, "\(finding)")
    }

    @Test func whatIsNoFileIsRefused() throws {
        let folder = try TestFolder()
        mkfifo("\(folder.path)/pipe", 0o600)
        for name in ["pipe", "nowhere", ""] {
            let finding = try #require(EvidenceBundleVerifier(path: "\(folder.path)/\(name)").verify().finding)
            #expect(finding.verdict == .unusable)
        }
    }

    /// Every byte of a small bundle may be the one that is changed.
    @Test func fiveHundredFlips() throws {
        let folder = try TestFolder()
        let stage = try BundleStage(days: 1)
        let path = try stage.write(folder, description: try stage.description(to: 1)).path
        let honest = Bytes.read(path)
        let layout = try Layout(honest)
        let trust = BundleTrust(keys: [try stage.publicKey], anchors: stage.kept(0...0))
        #expect(EvidenceBundleVerifier(path: path, trust: trust).verify().finding == nil)
        var random: UInt64 = 20_261_127
        func next(_ bound: Int) -> Int {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(random >> 33) % bound
        }
        var harmless: [String: Int] = [:]
        var found: [String: Int] = [:]
        for _ in 0..<500 {
            let offset = next(honest.count)
            var bytes = honest
            bytes[offset] ^= UInt8(1 << next(8))
            try Bytes.write(bytes, to: path)
            let report = EvidenceBundleVerifier(path: path, trust: trust).verify()
            let place = layout.place(of: offset)
            if report.finding == nil {
                harmless[place, default: 0] += 1
                #expect(Layout.carriesNothing.contains(place), "byte \(offset), \(place), was changed unseen")
                #expect(report.standing == .anchored)
            } else {
                found[place, default: 0] += 1
            }
        }
        print(
            "FLIPS found \(found.sorted { $0.key < $1.key }), carrying nothing \(harmless.sorted { $0.key < $1.key })")
        #expect(found.values.reduce(0, +) > 250)
        #expect(found["content", default: 0] > 200)
    }

    /// Which bytes of a tar are what.
    private struct Layout {
        private var places: [Range<Int>: String] = [:]
        private let end: Int

        /// What may change without anybody's seeing it, because nobody reads it.
        static let carriesNothing: Set<String> = ["padding", "end", "header: unused", "header: checksum"]

        init(_ tar: [UInt8]) throws {
            var place = 0
            while place + 512 <= tar.count, tar[place] != 0 {
                let digits = String(decoding: tar[(place + 124)..<(place + 135)], as: UTF8.self)
                let size = try #require(Int(digits, radix: 8))
                let content = place + 512
                places[place..<(place + 148)] = "header: name, mode, owner, size, time"
                places[(place + 148)..<(place + 156)] = "header: checksum"
                places[(place + 156)..<(place + 500)] = "header: type, link, magic, names, prefix"
                places[(place + 500)..<content] = "header: unused"
                places[content..<(content + size)] = "content"
                let padded = content + (size + 511) / 512 * 512
                places[(content + size)..<padded] = "padding"
                place = padded
            }
            end = place
        }

        func place(of offset: Int) -> String {
            offset >= end ? "end" : places.first { $0.key.contains(offset) }?.value ?? "nowhere"
        }
    }
}
