import Dispatch
import Evidence
import Foundation
import Synchronization

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// Where anchors are sent.
struct AnchorWays: Sendable, Hashable {
    /// Nil: not configured.
    var webhook: URL?
    /// Program and arguments; empty: not configured.
    var command: [String] = []

    init(_ reader: inout ConfigurationValues) {
        let text = reader.text("evidence.anchor_webhook")
        if !text.isEmpty {
            if let url = URL(string: text), ["http", "https"].contains(url.scheme?.lowercased() ?? ""),
                !(url.host ?? "").isEmpty
            {
                webhook = url
            } else {
                reader.complain("evidence.anchor_webhook", "takes an http or https URL, not `\(text)`")
            }
        }
        command = reader.list("evidence.anchor_command").filter { !$0.isEmpty }
    }

    var ways: [AnchorWay] { (webhook == nil ? [] : [.webhook]) + (command.isEmpty ? [] : [.command]) }
}

/// Sends one anchor by one way.
struct AnchorSender: Sendable {
    /// What came of it.
    struct Outcome: Sendable {
        var delivered: Bool
        /// For the journal: a status, or why it failed.
        var message: String
    }

    let ways: AnchorWays
    /// Longest time for either way.
    static let timeoutSeconds = 60
    /// The most of an answer or a program's words that is kept.
    private static let mostWords = 300

    /// Off the cooperative pool; at most `timeoutSeconds` and a few seconds.
    func send(_ anchor: [UInt8], by way: AnchorWay) async -> Outcome {
        switch way {
        case .webhook: return await post(anchor)
        case .command:
            // A stopping server does not wait for a program that hangs.
            let isGivenUp = GivenUp()
            return await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    DispatchQueue.global().async { continuation.resume(returning: run(anchor, isGivenUp)) }
                }
            } onCancel: {
                isGivenUp.value.store(true, ordering: .relaxed)
            }
        }
    }

    private final class GivenUp: Sendable {
        let value = Atomic(false)
    }

    private func post(_ anchor: [UInt8]) async -> Outcome {
        guard let url = ways.webhook else { return Outcome(delivered: false, message: "no URL is configured") }
        var request = URLRequest(url: url, timeoutInterval: Double(Self.timeoutSeconds))
        request.httpMethod = "POST"
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        request.httpBody = Data(anchor + [10])
        let posting = AnchorPosting()
        let session = URLSession(configuration: .ephemeral, delegate: posting, delegateQueue: nil)
        defer { session.finishTasksAndInvalidate() }
        switch await posting.status(
            of: session.dataTask(with: request), within: .seconds(Self.timeoutSeconds))
        {
        case .success(let status):
            return Outcome(delivered: (200..<300).contains(status), message: "status \(status)")
        case .failure(let error):
            return Outcome(delivered: false, message: Self.words(error.localizedDescription))
        }
    }

    private func run(_ anchor: [UInt8], _ isGivenUp: GivenUp) -> Outcome {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "hotline-anchor-\(UUID().uuidString)")
        do {
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            defer {
                do { try FileManager.default.removeItem(at: folder) } catch {
                    // The system's own cleaning of temporary files takes it.
                }
            }
            // Files, not pipes: whoever does not read, or prints much, holds nobody up.
            let input = folder.appendingPathComponent("anchor")
            let words = folder.appendingPathComponent("words")
            try Data(anchor + [10]).write(to: input)
            try Data().write(to: words)
            let process = Process()
            // env finds the program on the PATH.
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments = ways.command
            process.standardInput = try FileHandle(forReadingFrom: input)
            let output = try FileHandle(forWritingTo: words)
            process.standardOutput = output
            process.standardError = output
            let ended = DispatchSemaphore(value: 0)
            process.terminationHandler = { _ in ended.signal() }
            try process.run()
            let deadline = DispatchTime.now() + .seconds(Self.timeoutSeconds)
            while ended.wait(timeout: .now() + .milliseconds(200)) == .timedOut {
                guard DispatchTime.now() > deadline || isGivenUp.value.load(ordering: .relaxed) else { continue }
                process.terminate()
                if ended.wait(timeout: .now() + .seconds(2)) == .timedOut {
                    kill(process.processIdentifier, SIGKILL)
                    ended.wait()
                }
                return Outcome(delivered: false, message: "took more than \(Self.timeoutSeconds) s and was stopped")
            }
            let status = process.terminationStatus
            let said = Self.words(String(decoding: try Data(contentsOf: words).prefix(4096), as: UTF8.self))
            let end = process.terminationReason == .exit ? "exit \(status)" : "signal \(status)"
            return Outcome(
                delivered: process.terminationReason == .exit && status == 0,
                message: status == 0 || said.isEmpty ? end : "\(end): \(said)")
        } catch {
            return Outcome(delivered: false, message: Self.words("\(error)"))
        }
    }

    private static func words(_ text: String) -> String {
        TextTable.printable(
            String(text.split(whereSeparator: \.isNewline).joined(separator: " ").prefix(mostWords)))
    }
}
