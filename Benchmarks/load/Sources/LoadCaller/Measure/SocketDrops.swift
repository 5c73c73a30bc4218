import Foundation
import Glibc

/// Datagrams that a process's UDP sockets lost because their buffers were full: what the server did not read in time.
enum SocketDrops {
    /// Nil where the process's files may not be looked at.
    static func count(of process: Int) -> Int? {
        let list: [String]
        do {
            list = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/fd")
        } catch {
            return nil
        }
        var own: Set<Substring> = []
        var buffer = [CChar](repeating: 0, count: 64)
        for file in list {
            let length = readlink("/proc/\(process)/fd/\(file)", &buffer, buffer.count)
            guard length > 0 else { continue }
            let link = String(decoding: buffer.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
            if link.hasPrefix("socket:["), let inode = link.dropFirst(8).split(separator: "]").first {
                own.insert(inode)
            }
        }
        var sum = 0
        for table in ["udp", "udp6"] {
            for line in (ProcessSample.text("/proc/\(process)/net/\(table)") ?? "").split(separator: "\n").dropFirst() {
                let fields = line.split(separator: " ")
                guard fields.count >= 13, own.contains(fields[9]), let drops = fields.last.flatMap({ Int($0) }) else {
                    continue
                }
                sum += drops
            }
        }
        return sum
    }
}
