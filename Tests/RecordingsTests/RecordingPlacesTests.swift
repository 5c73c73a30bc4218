import Evidence
import Glibc
import Recordings
import Testing

/// Moving to the archive, and removing.
@Suite struct RecordingPlacesTests {
    private static let file = "2026/11/22/a.flac"
    private static let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) }
    private static let sha256: String = {
        var hash = SHA256Stream()
        hash.update(bytes: bytes)
        return hash.finish()
    }()

    private let folder: TestFolder
    private let places: RecordingPlaces

    init() throws {
        folder = try TestFolder()
        places = RecordingPlaces(folder: folder.path + "/recordings", archive: folder.path + "/archive")
        var path = folder.path + "/recordings"
        for part in ["", "/2026", "/11", "/22"] {
            path += part
            mkdir(path, 0o700)
        }
        try Bytes.write(Self.bytes, to: first)
        try Bytes.write([1, 2], to: "\(path)/a.dat")
        try Bytes.write([3], to: "\(path)/a.silence.json")
    }

    private var first: String { "\(places.folder)/\(Self.file)" }
    private var second: String { "\(folder.path)/archive/\(Self.file)" }

    private func isThere(_ path: String) -> Bool { access(path, F_OK) == 0 }

    @Test func aFileIsMovedWithEveryStepFindable() throws {
        #expect(places.path(of: Self.file) == first)
        try places.archive(Self.file, sha256: Self.sha256)
        #expect(Bytes.read(second) == Self.bytes)
        // Until the first one is removed, it counts.
        #expect(places.path(of: Self.file) == first)
        try places.archive(Self.file, sha256: Self.sha256)
        #expect(try places.remove(Self.file, isDeleted: false, isArchived: true) == 3_000_003)
        #expect(places.path(of: Self.file) == second)
        #expect(TestFolder.names("\(places.folder)/2026/11/22") == [])
        #expect(TestFolder.names("\(folder.path)/archive/2026/11/22") == ["a.flac"])
        // Removed again after a crash: nothing is left to free, and the copy stays.
        #expect(try places.remove(Self.file, isDeleted: false, isArchived: true) == 0)
        #expect(isThere(second))
        #expect(try places.remove(Self.file, isDeleted: true, isArchived: true) == 3_000_000)
        #expect(!isThere(second))
        #expect(try places.remove(Self.file, isDeleted: true, isArchived: true) == 0)
    }

    @Test func aFullArchiveLeavesNothingBehind() throws {
        for failing in ["write", "sync"] {
            var calls = DiskCalls.system
            if failing == "write" {
                calls.write = { descriptor, bytes, count, offset in
                    guard offset == 0 else {
                        errno = ENOSPC
                        return -1
                    }
                    return pwrite(descriptor, bytes, count, off_t(offset))
                }
            } else {
                calls.sync = { _ in
                    errno = ENOSPC
                    return -1
                }
            }
            #expect { try places.archive(Self.file, sha256: Self.sha256, calls: calls) } throws: {
                ($0 as? RecordingError)?.code == .room
            }
            #expect(TestFolder.names("\(folder.path)/archive/2026/11/22") == [])
            #expect(isThere(first))
        }
    }

    @Test func whatWasAlteredIsNotMoved() throws {
        var changed = Self.bytes
        changed[1_500_000] ^= 1
        try Bytes.write(changed, to: first)
        #expect { try places.archive(Self.file, sha256: Self.sha256) } throws: {
            ($0 as? RecordingError)?.code == .altered
        }
        #expect(TestFolder.names("\(folder.path)/archive/2026/11/22") == [])
        // A copy that does not hold is no copy.
        try Bytes.write(Self.bytes, to: first)
        try Bytes.write(changed, to: second)
        try places.archive(Self.file, sha256: Self.sha256)
        #expect(Bytes.read(second) == Self.bytes)
    }

    @Test func nothingIsRemovedWhereTheArchiveIsNotThere() throws {
        #expect { try places.remove(Self.file, isDeleted: false, isArchived: true) } throws: {
            ($0 as? RecordingError)?.code == .missing
        }
        #expect { try places.remove(Self.file, isDeleted: true, isArchived: true) } throws: {
            ($0 as? RecordingError)?.code == .missing
        }
        #expect(isThere(first))
        // Never archived, it goes without.
        #expect(try places.remove(Self.file, isDeleted: true, isArchived: false) == 3_000_003)
    }

    @Test(arguments: ["../a.flac", "/etc/passwd", "2026/../../a.flac", ""])
    func noNameLeadsOut(_ name: String) {
        #expect(throws: RecordingError.self) { try places.archive(name, sha256: Self.sha256) }
        #expect(throws: RecordingError.self) { try places.remove(name, isDeleted: true, isArchived: false) }
        #expect(throws: RecordingError.self) {
            try RecordingPlaces(folder: places.folder, archive: nil).archive(Self.file, sha256: Self.sha256)
        }
    }
}
