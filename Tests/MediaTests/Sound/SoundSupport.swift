import Foundation
import Glibc
import Media
import Testing

/// Tests with PulseAudio: one at a time, since ALSA reads one configuration in a process.
@Suite(.serialized) struct SoundSystemTests {}

/// A folder for a sound server, with what runs in it.
final class SoundFolder {
    let url: URL

    init() throws {
        url = URL(fileURLWithPath: "/tmp/hls-\(UInt32.random(in: 0 ... .max))")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
        // A folder that stays is untidy, no failure.
        try? FileManager.default.removeItem(at: url)
    }

    /// Process ids of the servers of this folder.
    var servers: [Int] { processes("pulseaudio") }
    /// Those of the shells beside them.
    var shells: [Int] { processes("sh") }

    func waitForServers(_ condition: ([Int]) -> Bool) -> Bool { Patience.wait { condition(servers) } }
    func waitForShells(_ condition: ([Int]) -> Bool) -> Bool { Patience.wait { condition(shells) } }

    private func processes(_ name: String) -> [Int] {
        // Processes come and go while they are looked at.
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return entries.compactMap { Int($0) }.filter { id in
            guard let environment = FileManager.default.contents(atPath: "/proc/\(id)/environ"),
                let command = FileManager.default.contents(atPath: "/proc/\(id)/comm")
            else { return false }
            return String(decoding: command, as: UTF8.self) == name + "\n"
                && String(decoding: environment, as: UTF8.self).split(separator: "\0").contains("HOME=\(url.path)")
        }
    }
}

/// Waiting as long as a busy machine may need.
enum Patience {
    static func wait(seconds: Int = 20, until done: () -> Bool) -> Bool {
        for _ in 0..<seconds * 100 {
            if done() { return true }
            usleep(10_000)
        }
        return done()
    }
}
