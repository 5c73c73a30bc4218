import Glibc
import Recordings
import Testing

@Suite struct RecordingKeysTests {
    private let folder: TestFolder
    private let keys: TestKeys

    init() throws {
        folder = try TestFolder()
        keys = try TestKeys(folder)
    }

    @Test func aNewFileIsItsOwnersAlone() throws {
        var status = stat()
        #expect(stat(keys.path, &status) == 0 && status.st_mode & 0o777 == 0o600)
        #expect(keys.lines.count == 1)
        #expect(TestFolder.names(folder.path) == ["test.keys"])
    }

    @Test func aNewKeyIsTheCurrentOneWithoutARestart() throws {
        let first = keys.ring.currentID
        #expect(keys.lines[0].hasPrefix("\(first) "))
        let second = try RecordingKeys.add(to: keys.path, remark: "2026-11-27")
        #expect(first != second)
        #expect(keys.ring.currentID == second)
        #expect(keys.ring.ids == [first, second])
        #expect(keys.lines[1].hasPrefix("\(second) ") && keys.lines[1].hasSuffix(" 2026-11-27"))
        var status = stat()
        #expect(stat(keys.path, &status) == 0 && status.st_mode & 0o777 == 0o600)
        #expect(try RecordingKeys(path: keys.path).ids == [first, second])
        // Through a link, which stays one.
        let link = folder.path + "/link"
        symlink(keys.path, link)
        let third = try RecordingKeys.add(to: link, remark: "")
        #expect(keys.ring.currentID == third)
        #expect(lstat(link, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK)
    }

    /// What a running server knows stays known, whatever becomes of the file.
    @Test func whatIsKnownStaysKnown() async throws {
        let sealed = try #require(SealedFormat.file([1, 2, 3], with: keys.ring.current))
        try Bytes.write(sealed, to: folder.path + "/a")
        let first = keys.ring.currentID
        let second = try RecordingKeys.add(to: keys.path, remark: "")
        #expect(keys.ring.currentID == second)
        let lines = keys.lines
        try Bytes.write(Array((lines[1] + "\n").utf8), to: keys.path)
        #expect(keys.ring.ids == [second])
        #expect(try RecordingFile(path: folder.path + "/a", keys: keys.ring).length == 3)
        for broken in ["nonsense\n", "", lines[0].dropLast(3) + "\n"] {
            try Bytes.write(Array(broken.utf8), to: keys.path)
            #expect(keys.ring.currentID == second)
        }
        unlink(keys.path)
        #expect(keys.ring.currentID == second)
        #expect(try RecordingFile(path: folder.path + "/a", keys: keys.ring).length == 3)
        try Bytes.write(Array((lines[0] + "\n").utf8), to: keys.path)
        #expect(keys.ring.currentID == first)
    }

    @Test func aKeyAddedLaterOpensWhatWasRefused() throws {
        let other = try TestKeys(folder, name: "other.keys")
        try Bytes.write(try #require(SealedFormat.file([1], with: other.ring.current)), to: folder.path + "/a")
        #expect(throws: RecordingError.self) { try RecordingFile(path: folder.path + "/a", keys: keys.ring) }
        try Bytes.write(Array((other.lines + keys.lines).joined(separator: "\n").utf8), to: keys.path)
        #expect(try RecordingFile(path: folder.path + "/a", keys: keys.ring).length == 1)
    }

    private func complaint(_ path: String) -> String {
        do {
            _ = try RecordingKeys(path: path)
            return ""
        } catch {
            #expect(error.code == .key)
            return error.message
        }
    }

    @Test func whatIsWrongWithAFileIsTold() throws {
        let line = keys.lines[0]
        let (id, key) = (String(line.prefix(8)), String(line.dropFirst(9).prefix(64)))
        let wrong = key.first == "0" ? "1" + key.dropFirst() : "0" + key.dropFirst()
        for (lines, expected) in [
            (["# only a remark", ""], "hotline recordings key new"),
            (["# one", line, "xyz"], ":3: a line is an id"),
            ([id], ":1: a line is an id"),
            (["\(id) \(key.dropLast())"], ":1: the key behind \(id) is not 64"),
            (["\(id) \(wrong)"], ":1: the key behind \(id) has the id"),
            ([line, "", line], ":3: the key \(id) stands there twice"),
        ] {
            let path = try keys.file("wrong", lines)
            let message = complaint(path)
            #expect(message.contains(path) && message.contains(expected), "\(message)")
            #expect(!message.contains(key.prefix(20)))
        }
        let many = try keys.file("good", ["  \(line)   # since ever", "", "# x"])
        #expect(complaint(many) == "")
    }

    @Test func aFileThatOthersMayReadIsRefused() throws {
        for mode in [0o640, 0o604, 0o660] as [mode_t] {
            chmod(keys.path, mode)
            #expect(complaint(keys.path).contains("chmod 600 \(keys.path)"))
            #expect(throws: RecordingError.self) { try RecordingKeys.add(to: keys.path, remark: "") }
        }
        chmod(keys.path, 0o400)
        #expect(complaint(keys.path) == "")
    }

    @Test func aFileThatIsNotThereOrNoFileIsTold() throws {
        #expect(complaint(folder.path + "/none").contains("none: open failed, No such file"))
        #expect(complaint(folder.path).contains("cannot be read"))
        mkfifo(folder.path + "/fifo", 0o600)
        #expect(complaint(folder.path + "/fifo").contains("cannot be read"))
        #expect(throws: RecordingError.self) { try RecordingKeys.add(to: folder.path + "/no/such", remark: "") }
    }

    @Test func anIdIsEightDigits() {
        #expect(RecordingKeyID("0a1b2c3d")?.description == "0a1b2c3d")
        for wrong in ["", "0a1b2c3", "0a1b2c3d4", "0a1b2c3x"] { #expect(RecordingKeyID(wrong) == nil) }
    }
}
