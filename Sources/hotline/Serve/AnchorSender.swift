import Dispatch
import Evidence
import Foundation
import Switchboard
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
    /// Bytes that a program may print; nobody reads them.
    private static let mostOutput = 1 << 20

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
        switch await Posting().send(request, within: .seconds(Self.timeoutSeconds)) {
        case .success(let answer):
            return Outcome(delivered: (200..<300).contains(answer.status), message: "status \(answer.status)")
        case .failure(let error):
            return Outcome(delivered: false, message: ChildProgram.line(Array(error.localizedDescription.utf8)))
        }
    }

    private func run(_ anchor: [UInt8], _ isGivenUp: GivenUp) -> Outcome {
        let input = FileManager.default.temporaryDirectory.appendingPathComponent(
            "hotline-anchor-\(UUID().uuidString)")
        do {
            try Data(anchor + [10]).write(to: input)
        } catch {
            return Outcome(delivered: false, message: ChildProgram.line(Array("\(error)".utf8)))
        }
        defer {
            do { try FileManager.default.removeItem(at: input) } catch {
                // The system's own cleaning of temporary files takes it.
            }
        }
        let program = ChildProgram(
            ways.command, timeoutSeconds: Self.timeoutSeconds, mostOutput: Self.mostOutput)
        let outcome = program.run(input: input.path) { isGivenUp.value.load(ordering: .relaxed) }
        let said = outcome.words.isEmpty ? ChildProgram.line(outcome.output) : outcome.words
        let end: String
        switch outcome.end {
        case .exited(0): return Outcome(delivered: true, message: "exit 0")
        case .exited(let status): end = "exit \(status)"
        case .signalled(let signal): end = "signal \(signal)"
        case .notStarted(let why): end = "could not be started: \(why)"
        case .saidTooMuch: end = "printed more than \(Self.mostOutput) bytes and was stopped"
        case .tookTooLong, .stopped: end = "took more than \(Self.timeoutSeconds) s and was stopped"
        }
        return Outcome(delivered: false, message: said.isEmpty ? end : "\(end): \(said)")
    }
}
