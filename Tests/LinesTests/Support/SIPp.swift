import Foundation
import Synchronization
import Testing

/// sipp (Debian's `sip-tester`) as a child, a SIP peer that nobody here wrote.
final class SIPp: Sendable {
    static let path = "/usr/bin/sipp"
    static var isThere: Bool { FileManager.default.isExecutableFile(atPath: path) }

    private let folder: URL
    private let process: Mutex<Process>
    private let finished = Mutex<Int32?>(nil)

    /// - Parameters:
    ///   - remote: `host:port` of the line; nil for a called party.
    ///   - local: sipp's own address.
    ///   - port: sipp's own port; nil: any free one.
    init(
        _ scenario: Scenario, remote: String?, local: String = "127.0.0.1", port: UInt16? = nil, tcp: Bool = false,
        calls: Int = 1, rate: Int = 50, more: [String] = []
    ) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("hotline-sipp-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let file = folder.appendingPathComponent("scenario.xml")
        try Data(scenario.xml.utf8).write(to: file)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.path)
        var arguments = remote.map { [$0] } ?? []
        arguments += ["-sf", file.path, "-i", local, "-m", "\(calls)", "-r", "\(rate)", "-nostdin"]
        arguments += ["-timeout", "20", "-timeout_error", "-trace_err", "-error_file"]
        arguments += [folder.appendingPathComponent("errors").path, "-trace_msg", "-message_file"]
        arguments += [folder.appendingPathComponent("messages").path]
        if let port { arguments += ["-p", "\(port)"] }
        if tcp { arguments += ["-t", "t1"] }
        process.arguments = arguments + more
        process.currentDirectoryURL = folder
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        self.process = Mutex(process)
        process.terminationHandler = { [self] ended in finished.withLock { $0 = ended.terminationStatus } }
        try process.run()
    }

    /// Waits for the end of the scenario; what went wrong, nil where all calls went as written.
    func complaint() async -> String? {
        let clock = ContinuousClock()
        let limit = clock.now + .seconds(25)
        while clock.now < limit, finished.withLock({ $0 }) == nil {
            do { try await Task.sleep(for: .milliseconds(10)) } catch { break }
        }
        guard let status = finished.withLock({ $0 }) else {
            kill()
            return "sipp did not end\n" + text("errors") + text("messages")
        }
        defer {
            // What is left in the temporary folder is not worth a failing test.
            do { try FileManager.default.removeItem(at: folder) } catch {
                print("left behind: \(folder.path): \(error)")
            }
        }
        return status == 0 ? nil : "sipp ended with \(status)\n" + text("errors") + text("messages")
    }

    /// Records an issue with sipp's own words where a call did not go as written.
    func expectSuccess(sourceLocation: SourceLocation = #_sourceLocation) async {
        if let complaint = await complaint() { Issue.record("\(complaint)", sourceLocation: sourceLocation) }
    }

    func kill() { process.withLock { $0.terminate() } }

    /// A UDP port that was free a moment ago, for a peer that must be known before it is called.
    static func freePort() throws -> UInt16 {
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        guard descriptor >= 0 else { throw TestFailure("no socket") }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0
            }
        }
        guard bound else { throw TestFailure("no free port") }
        return UInt16(bigEndian: address.sin_port)
    }

    /// Whether somebody listens on a UDP port of this network namespace.
    static func listens(_ port: UInt16) -> Bool {
        guard let table = FileManager.default.contents(atPath: "/proc/net/udp") else { return false }
        let wanted = ":" + String(port, radix: 16, uppercase: true).leftPadded(to: 4)
        return String(decoding: table, as: UTF8.self).split(separator: "\n").dropFirst().contains {
            $0.split(separator: " ").dropFirst().first?.hasSuffix(wanted) == true
        }
    }

    private func text(_ name: String) -> String {
        guard let data = FileManager.default.contents(atPath: folder.appendingPathComponent(name).path) else {
            return ""
        }
        return String(decoding: data.suffix(6000), as: UTF8.self)
    }
}

extension String {
    func leftPadded(to length: Int) -> String { String(repeating: "0", count: max(0, length - count)) + self }
}
