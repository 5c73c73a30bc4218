import Testing

/// A tar by hand, read and written byte by byte (POSIX.1-1988 ustar), so that members can be changed as a forger would,
/// and headers can be made that no sane program writes.
struct TestTar {
    struct Member {
        var name: String
        var bytes: [UInt8]
        /// `0` file, `1` hard link, `2` symbolic link, `3` device, `5` folder.
        var type: Character = "0"
        var link = ""
        /// What the header says; nil: the truth.
        var size: String?
    }
    var members: [Member]

    init(members: [Member] = []) { self.members = members }

    /// Reads what the writer under test wrote: plain files only.
    init(_ tar: [UInt8]) throws {
        members = []
        var place = 0
        while place + 512 <= tar.count, tar[place] != 0 {
            let header = tar[place..<(place + 512)]
            let name = Self.text(header.dropFirst(0).prefix(100))
            let prefix = Self.text(header.dropFirst(345).prefix(155))
            let size = try #require(Int(Self.text(header.dropFirst(124).prefix(12)), radix: 8))
            let content = Array(tar[(place + 512)..<(place + 512 + size)])
            members.append(Member(name: prefix.isEmpty ? name : "\(prefix)/\(name)", bytes: content))
            place += 512 + (size + 511) / 512 * 512
        }
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes.prefix { $0 != 0 && $0 != 32 }, as: UTF8.self)
    }

    var bytes: [UInt8] {
        var tar: [UInt8] = []
        for member in members {
            tar += Self.header(member)
            tar += member.bytes
            tar += [UInt8](repeating: 0, count: (512 - member.bytes.count % 512) % 512)
        }
        return tar + [UInt8](repeating: 0, count: 1024)
    }

    private static func header(_ member: Member) -> [UInt8] {
        var block = [UInt8](repeating: 0, count: 512)
        func put(_ text: String, _ offset: Int) {
            for (index, byte) in text.utf8.enumerated() { block[offset + index] = byte }
        }
        func octal(_ value: Int, _ width: Int) -> String {
            let digits = String(value, radix: 8)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        put(String(member.name.prefix(100)), 0)
        put("0000644", 100)
        put("0000000", 108)
        put("0000000", 116)
        put(member.size ?? octal(member.bytes.count, 11), 124)
        put("00000000000", 136)
        put(String(member.type), 156)
        put(member.link, 157)
        put("ustar\u{0}00", 257)
        put("        ", 148)
        put(octal(block.reduce(0) { $0 + Int($1) }, 6) + "\u{0} ", 148)
        return block
    }

    func index(_ name: String) throws -> Int { try #require(members.firstIndex { $0.name == name }, "\(name)") }

    subscript(_ name: String) -> [UInt8] {
        get { members.first { $0.name == name }?.bytes ?? [] }
        set {
            guard let index = members.firstIndex(where: { $0.name == name }) else { return }
            members[index].bytes = newValue
        }
    }

    /// The lines of a member, without their ends.
    func lines(_ name: String) -> [[UInt8]] { self[name].split(separator: 10).map { Array($0) } }

    mutating func setLines(_ name: String, _ lines: [[UInt8]]) { self[name] = Array(lines.map { $0 + [10] }.joined()) }
}
