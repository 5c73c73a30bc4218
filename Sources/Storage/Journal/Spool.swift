import AudioLog
import Evidence
import Foundation
import Synchronization

/// Where facts wait while the database is away: a file of lines, each the CRC-32C (8 hexadecimal digits), a space and
/// the event's canonical body. Lines are synchronised before anybody is told that they are kept, and are chained when
/// the database takes them. Used by the writer's queue only.
final class Spool: Sendable {
    /// Some of the spooled events, in the order in which they were handed over.
    struct Page {
        var events: [PendingEvent] = []
        /// Where the next page begins.
        var next: UInt64
        /// Lines that cannot be read, as they are.
        var damaged: [[UInt8]] = []
    }

    /// The most bytes that one page looks at, unless a single line is longer.
    private static let pageBytes = 1 << 20

    let path: String

    /// Cuts off a last line that was being written when the program ended: nobody was told that it is kept.
    init(path: String) throws(StorageError) {
        self.path = path
        guard FileManager.default.fileExists(atPath: path) else { return }
        try access("repairing") { file in
            let content = try file.readToEnd() ?? Data()
            guard let end = content.lastIndex(of: 10) else { return try file.truncate(atOffset: 0) }
            if end + 1 < content.count { try file.truncate(atOffset: UInt64(end + 1)) }
            try file.synchronize()
        }
    }

    /// How many whole lines the file has; 0 where it does not exist.
    static func count(_ path: String) throws(StorageError) -> Int {
        guard FileManager.default.fileExists(atPath: path) else { return 0 }
        do {
            let content = try Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe)
            return content.count { $0 == 10 }
        } catch {
            throw StorageError(.folder, "\(path) cannot be read", underlying: "\(error)")
        }
    }

    /// Adds events; when this returns they are on the disk.
    func append(_ events: [PendingEvent]) throws(StorageError) {
        var lines: [UInt8] = []
        for event in events { lines.append(contentsOf: Self.line(try event.body())) }
        let isNew = !FileManager.default.fileExists(atPath: path)
        if isNew {
            let attributes: [FileAttributeKey: Any] = [.posixPermissions: 0o600]
            guard FileManager.default.createFile(atPath: path, contents: nil, attributes: attributes) else {
                throw StorageError(.folder, "\(path) cannot be made")
            }
        }
        try access("writing") { file in
            let end = try file.seekToEnd()
            do {
                try file.write(contentsOf: Data(lines))
                try file.synchronize()
            } catch {
                // A part of a line would make the next one unreadable.
                try file.truncate(atOffset: end)
                throw error
            }
        }
        if isNew { try synchronizeFolder((path as NSString).deletingLastPathComponent) }
    }

    /// Reads at most `maximum` lines from an offset that a page named, 0 at first.
    func page(from offset: UInt64, maximum: Int) throws(StorageError) -> Page {
        guard FileManager.default.fileExists(atPath: path) else { return Page(next: offset) }
        return try access("reading") { file in
            var page = Page(next: offset)
            var size = Self.pageBytes
            while true {
                try file.seek(toOffset: offset)
                let content = Array(try file.read(upToCount: size) ?? Data())
                // A line longer than the page: look further, unless the file ends here.
                if content.count == size, !content.contains(10) {
                    size *= 2
                    continue
                }
                var start = 0
                for (index, byte) in content.enumerated() where byte == 10 {
                    guard page.events.count + page.damaged.count < maximum else { break }
                    let line = Array(content[start..<index])
                    if let event = Self.event(line) { page.events.append(event) } else { page.damaged.append(line) }
                    start = index + 1
                    page.next = offset + UInt64(start)
                }
                return page
            }
        }
    }

    /// Sets lines aside that cannot be read, in a file of their own: they are evidence of damage, not rubbish.
    func setAside(_ lines: [[UInt8]]) throws(StorageError) {
        let aside = path + ".damaged"
        do {
            var content = FileManager.default.contents(atPath: aside) ?? Data()
            for line in lines { content.append(contentsOf: line + [10]) }
            try content.write(to: URL(fileURLWithPath: aside), options: .atomic)
        } catch {
            throw StorageError(.folder, "\(aside) cannot be written", underlying: "\(error)")
        }
    }

    /// Forgets all lines, once the database holds them.
    func clear() throws(StorageError) {
        guard FileManager.default.fileExists(atPath: path) else { return }
        try access("emptying") { file in
            try file.truncate(atOffset: 0)
            try file.synchronize()
        }
    }

    private func access<Answer>(
        _ doing: String, _ body: (FileHandle) throws -> Answer
    ) throws(StorageError) -> Answer {
        do {
            let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
            let answer: Answer
            do {
                answer = try body(file)
            } catch {
                try file.close()
                throw error
            }
            try file.close()
            return answer
        } catch {
            throw StorageError(.folder, "\(doing) the spool \(path) failed: is the disk full?", underlying: "\(error)")
        }
    }

    private static func line(_ body: [UInt8]) -> [UInt8] {
        var crc = CRC32C()
        crc.update(body.span.bytes)
        let sum = (0..<4).map { UInt8(truncatingIfNeeded: crc.value >> UInt32(24 - 8 * $0)) }
        return Array(Hexadecimal.text(sum).utf8) + [32] + body + [10]
    }

    /// Nil where the checksum or the body does not fit.
    private static func event(_ line: [UInt8]) -> PendingEvent? {
        guard line.count > 9, Self.line(Array(line[9...])) == line + [10] else { return nil }
        do {
            return try PendingEvent(try JournalEvent(body: Array(line[9...])))
        } catch {
            return nil
        }
    }
}
