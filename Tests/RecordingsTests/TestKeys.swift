import Glibc
import Recordings
import Testing

/// A key file of a test's own, beside its data.
struct TestKeys {
    let path: String
    let ring: RecordingKeys

    /// - Parameter name: another one for another file.
    init(_ folder: TestFolder, name: String = "test.keys") throws {
        // Not in what a data folder holds: the folders below are searched for what must not lie there.
        path = "\(folder.path)/\(name)"
        _ = try RecordingKeys.add(to: path, remark: "")
        ring = try RecordingKeys(path: path)
    }

    /// The file's lines but for remarks.
    var lines: [String] {
        String(decoding: Bytes.read(path), as: UTF8.self).split(separator: "\n").map(String.init)
            .filter { !$0.hasPrefix("#") }
    }

    /// A file with some of these lines.
    func file(_ name: String, _ lines: [String]) throws -> String {
        let other = "\(path).\(name)"
        try Bytes.write(Array((lines.joined(separator: "\n") + "\n").utf8), to: other)
        return other
    }

    /// A ring with some of these lines.
    func ring(_ name: String, _ lines: [String]) throws -> RecordingKeys { try RecordingKeys(path: file(name, lines)) }
}

/// Looks for plain bytes where only encrypted ones may be.
enum PlainSearch {
    /// All files below a folder, by their whole path, but for those whose names end so.
    static func files(_ folder: String, without ending: String = ".keys") -> [String] {
        TestFolder.names(folder).flatMap { name -> [String] in
            let path = "\(folder)/\(name)"
            var status = stat()
            guard lstat(path, &status) == 0 else { return [] }
            if status.st_mode & S_IFMT == S_IFDIR { return files(path, without: ending) }
            return name.hasSuffix(ending) ? [] : [path]
        }
    }

    /// Whether a run of bytes stands in others.
    static func contains(_ bytes: [UInt8], _ run: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { haystack in
            run.withUnsafeBytes { needle in
                guard let first = needle.first, let base = haystack.baseAddress, let wanted = needle.baseAddress else {
                    return false
                }
                var place = 0
                while haystack.count - place >= needle.count,
                    let found = memchr(base + place, Int32(first), haystack.count - place - needle.count + 1)
                {
                    if memcmp(found, wanted, needle.count) == 0 { return true }
                    place = UnsafeRawPointer(found) - base + 1
                }
                return false
            }
        }
    }

    /// The files in which any of the runs stands.
    static func found(_ runs: [[UInt8]], in folder: String) -> [String] {
        files(folder).filter { path in
            let bytes = Bytes.read(path)
            return runs.contains { contains(bytes, $0) }
        }
    }
}
