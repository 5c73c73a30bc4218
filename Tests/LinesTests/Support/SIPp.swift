import Foundation
import Synchronization

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
            do { try FileManager.default.removeItem(at: folder) } catch { print("left behind: \(folder.path): \(error)") }
        }
        return status == 0 ? nil : "sipp ended with \(status)\n" + text("errors") + text("messages")
    }

    func kill() { process.withLock { $0.terminate() } }

    private func text(_ name: String) -> String {
        guard let data = FileManager.default.contents(atPath: folder.appendingPathComponent(name).path) else { return "" }
        return String(decoding: data.suffix(6000), as: UTF8.self)
    }
}
