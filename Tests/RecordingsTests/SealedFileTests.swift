import AudioLog
import Glibc
import Recordings
import Testing

/// The form in which files of the store lie encrypted on the disk.
@Suite struct SealedFileTests {
    private let folder: TestFolder
    private let keys: TestKeys
    private var path: String { folder.path + "/a.bin" }

    init() throws {
        folder = try TestFolder()
        keys = try TestKeys(folder)
    }

    private static func plain(_ count: Int, seed: UInt64 = 7) -> [UInt8] {
        var random = SeededGenerator(seed: seed)
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &random) }
    }

    private func seal(_ plain: [UInt8], to name: String = "a.bin", pieces: Int = 10_007) throws {
        let writer = try StoredFileWriter("\(folder.path)/\(name)", key: keys.ring.current, calls: .system)
        for from in stride(from: 0, to: plain.count, by: pieces) {
            try plain[from..<min(from + pieces, plain.count)].withUnsafeBytes { try writer.write($0, at: Int64(from)) }
        }
        #expect(try writer.finish() == Int64(plain.count))
    }

    private func open(_ ring: RecordingKeys? = nil) throws -> RecordingFile {
        try RecordingFile(path: path, keys: ring ?? keys.ring)
    }

    private func read() async throws -> [UInt8] {
        let file = try open()
        return try await file.read(at: 0, count: Int(file.length))
    }

    static let lengths = [0, 1, 127, 128, 65_535, 65_536, 65_537, 131_072, 131_073, 300_001]

    @Test(arguments: lengths) func whatWasWrittenIsRead(length: Int) async throws {
        let plain = Self.plain(length)
        for isWhole in [false, true] {
            if isWhole {
                try Bytes.write(try #require(SealedFormat.file(plain, with: keys.ring.current)), to: path)
            } else {
                try seal(plain)
            }
            let onDisk = Bytes.read(path)
            #expect(onDisk.count == 256 + length + (length + 65_535) / 65_536 * 28)
            #expect(Int64(onDisk.count) == SealedFormat.fileSize(Int64(length)))
            #expect(try open().length == Int64(length))
            #expect(try await read() == plain)
            for from in stride(from: 0, to: length - 16, by: 4_099) {
                #expect(!PlainSearch.contains(onDisk, Array(plain[from..<from + 16])))
            }
        }
    }

    @Test func anyRangeIsRead() async throws {
        let plain = Self.plain(300_001)
        try seal(plain)
        let file = try open()
        var random = SeededGenerator(seed: 1)
        for _ in 0..<300 {
            let from = Int.random(in: 0..<plain.count, using: &random)
            let count = Int.random(in: 1...min(plain.count - from, 150_000), using: &random)
            #expect(try await file.read(at: Int64(from), count: count) == Array(plain[from..<from + count]))
        }
        await #expect { try await file.read(at: 300_000, count: 2) } throws: {
            ($0 as? RecordingError)?.code == .altered
        }
    }

    /// As libsndfile does with its headers.
    @Test func aWriterMayGoBack() async throws {
        var plain = Self.plain(200_000)
        let writer = try StoredFileWriter(path, key: keys.ring.current, calls: .system)
        try plain.withUnsafeBytes { try writer.write($0, at: 0) }
        for (place, count) in [(0, 44), (65_530, 20), (131_000, 70_000), (10, 3), (199_999, 1), (200_000, 5_000)] {
            let new = Self.plain(count, seed: UInt64(place))
            try new.withUnsafeBytes { try writer.write($0, at: Int64(place)) }
            plain.replaceSubrange(place..<min(plain.count, place + count), with: new)
            var back = [UInt8](repeating: 0, count: count + 100)
            let read = try back.withUnsafeMutableBytes { try writer.read(into: $0, at: Int64(place)) }
            #expect(Array(back[..<read]) == Array(plain[place..<min(plain.count, place + count + 100)]))
        }
        #expect(throws: FileFailure.self) { try [1].withUnsafeBytes { try writer.write($0, at: 300_000) } }
        #expect(try writer.finish() == 205_000)
        #expect(try await read() == plain)
    }

    /// Two files of the same bytes have nothing in common, nor two chunks of one.
    @Test func equalBytesAreNotSeenToBeEqual() throws {
        let plain = [UInt8](repeating: 0x55, count: 131_072)
        try seal(plain)
        try seal(plain, to: "b.bin")
        let (one, two) = (Bytes.read(path), Bytes.read(folder.path + "/b.bin"))
        let first = Int(SealedFormat.place(ofChunk: 0)), second = Int(SealedFormat.place(ofChunk: 1))
        #expect(one[first..<first + 64] != two[first..<first + 64])
        #expect(one[first..<first + 64] != one[second..<second + 64])
        #expect(one[first + 12..<first + 76] != one[first + 76..<first + 140])
    }

    // MARK: what was altered

    struct Alteration: Sendable, CustomTestStringConvertible {
        var name: String
        /// What the message says.
        var complaint: String
        var change: @Sendable (inout [UInt8], _ other: [UInt8]) -> Void
        var testDescription: String { name }
    }

    private static let (first, second, third) = (128, 128 + 65_564, 128 + 2 * 65_564)

    private static func header(_ bytes: inout [UInt8], _ change: (inout [UInt8]) -> Void) {
        var header = Array(bytes[..<128])
        change(&header)
        // Whoever alters on purpose mends the checksum.
        var crc = CRC32C()
        crc.update(Array(header[..<124]).span.bytes)
        for index in 0..<4 { header[124 + index] = UInt8(truncatingIfNeeded: crc.value >> UInt32(index * 8)) }
        bytes.replaceSubrange(..<128, with: header)
        bytes.replaceSubrange((bytes.count - 128)..., with: header)
    }

    static let alterations: [Alteration] = [
        Alteration(name: "a bit of both headers", complaint: "header is damaged") { bytes, _ in
            bytes[40] ^= 1
            bytes[bytes.count - 88] ^= 1
        },
        Alteration(name: "the data key", complaint: "header is not what was written") { bytes, _ in
            header(&bytes) { $0[50] ^= 1 }
        },
        Alteration(name: "the length, with the last chunk gone", complaint: "header is not what was written") {
            bytes, _ in
            bytes.removeSubrange(third..<bytes.count - 128)
            header(&bytes) { header in
                for index in 0..<8 { header[24 + index] = index == 2 ? 2 : 0 }
            }
        },
        Alteration(name: "another file's header", complaint: "from 0 on are not") { bytes, other in
            bytes.replaceSubrange(..<128, with: other[..<128])
            bytes.replaceSubrange((bytes.count - 128)..., with: other[..<128])
        },
        Alteration(name: "the version", complaint: "does not know") { bytes, _ in header(&bytes) { $0[8] = 2 } },
        Alteration(name: "a chunk's nonce", complaint: "from 65536 on are not") { bytes, _ in bytes[second] ^= 1 },
        Alteration(name: "a bit of audio", complaint: "from 65536 on are not") { bytes, _ in bytes[second + 500] ^= 0x80
        },
        Alteration(name: "a chunk's tag", complaint: "from 0 on are not") { bytes, _ in bytes[second - 1] ^= 1 },
        Alteration(name: "two chunks swapped", complaint: "from 0 on are not") { bytes, _ in
            let (one, two) = (Array(bytes[first..<second]), Array(bytes[second..<third]))
            bytes.replaceSubrange(first..<third, with: two + one)
        },
        Alteration(name: "another file's chunk", complaint: "from 65536 on are not") { bytes, other in
            bytes.replaceSubrange(second..<third, with: other[second..<third])
        },
        Alteration(name: "the last byte gone", complaint: "cut off") { bytes, _ in bytes.removeLast() },
        Alteration(name: "the last chunk and the end gone", complaint: "cut off") { bytes, _ in
            bytes.removeSubrange(third...)
        },
        Alteration(name: "a chunk in the middle gone", complaint: "cut off") { bytes, _ in
            bytes.removeSubrange(second..<third)
        },
        Alteration(name: "a byte more", complaint: "made longer") { bytes, _ in bytes.append(0) },
        Alteration(name: "a chunk more", complaint: "made longer") { bytes, _ in
            bytes.insert(contentsOf: Array(bytes[second..<third]), at: third)
        },
        Alteration(name: "all but its beginning gone", complaint: "header was cut off") { bytes, _ in
            bytes.removeSubrange(100...)
        },
    ]

    @Test(arguments: alterations) func eachAlterationIsFoundAndNamed(alteration: Alteration) async throws {
        try seal(Self.plain(150_000))
        try seal(Self.plain(150_000, seed: 8), to: "b.bin")
        var bytes = Bytes.read(path)
        alteration.change(&bytes, Bytes.read(folder.path + "/b.bin"))
        try Bytes.write(bytes, to: path)
        await #expect { try await read() } throws: { error in
            guard let error = error as? RecordingError else { return false }
            return error.code == .altered && error.message.contains(path)
                && error.message.contains(alteration.complaint)
        }
    }

    /// The last chunk is marked: one in the middle cannot become the last.
    @Test func aShorterFileCannotBeMadeOfALongerOne() async throws {
        let plain = Self.plain(131_072)
        try seal(plain)
        let onDisk = Bytes.read(path)
        // As the owner of the data key could: a true header of a shorter file over the same chunks. Here by the writer
        // itself, with its last chunk exchanged for one that was sealed as the first of two.
        try seal(Array(plain[..<65_536]), to: "b.bin")
        var short = Bytes.read(folder.path + "/b.bin")
        short.replaceSubrange(Self.first..<Self.second, with: onDisk[Self.first..<Self.second])
        try Bytes.write(short, to: path)
        await #expect { try await read() } throws: { ($0 as? RecordingError)?.code == .altered }
    }

    @Test func aTornHeaderIsMadeUpForByTheOther() async throws {
        let plain = Self.plain(70_000)
        try seal(plain)
        let whole = Bytes.read(path)
        for range in [0..<128, 0..<8, 60..<128, whole.count - 128..<whole.count, whole.count - 64..<whole.count] {
            var torn = whole
            for index in range { torn[index] = 0 }
            try Bytes.write(torn, to: path)
            #expect(try await read() == plain)
        }
    }

    // MARK: keys

    @Test func withoutItsKeyAFileIsRefusedByName() throws {
        try seal(Self.plain(10))
        let id = keys.ring.currentID.description
        #expect { try RecordingFile(path: path) } throws: {
            guard let error = $0 as? RecordingError else { return false }
            return error.code == .key && error.message.contains(path) && error.message.contains(id)
                && error.message.contains("no key file")
        }
        let other = try TestKeys(folder, name: "other.keys")
        #expect { try open(other.ring) } throws: {
            guard let error = $0 as? RecordingError else { return false }
            return error.code == .key && error.message.contains(path) && error.message.contains(id)
                && error.message.contains(other.path)
        }
    }

    @Test func aPlainFileStaysReadableBesideEncryptedOnes() async throws {
        for plain in [Self.plain(100_000), [], [1], Array("HLSEALE".utf8), Array("fLaC".utf8)] {
            try Bytes.write(plain, to: path)
            #expect(try await read() == plain)
            let file = try RecordingFile(path: path)
            #expect(try await file.read(at: 0, count: plain.count) == plain)
        }
    }
}
