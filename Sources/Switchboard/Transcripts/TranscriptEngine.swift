import Foundation
import Recordings

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// How transcripts are made: by a program, or by a POST.
public struct TranscriptSettings: Sendable {
    public enum Engine: Sendable, Hashable {
        /// Program and arguments; the file's path is added as the last one, and it is the standard input too.
        case command([String])
        /// `POST` of `audio/wav`.
        case url(String)

        /// For who is told of it: a program's name, a machine's.
        public var name: String {
            switch self {
            case .command(let arguments): arguments.first?.split(separator: "/").last.map(String.init) ?? "command"
            case .url(let text): URL(string: text)?.host ?? text
            }
        }
    }

    public var engine: Engine
    /// `zh`.
    public var language: String
    /// For one channel.
    public var timeoutSeconds: Int
    /// Waiting recordings, beyond which none is added by itself.
    public var queueLimit: Int
    public var keywords: TranscriptKeywords

    public init(
        engine: Engine, language: String, timeoutSeconds: Int, queueLimit: Int, keywords: TranscriptKeywords
    ) {
        self.engine = engine
        self.language = language
        self.timeoutSeconds = timeoutSeconds
        self.queueLimit = queueLimit
        self.keywords = keywords
    }
}

/// Has one file recognised.
struct TranscriptEngine: Sendable {
    let settings: TranscriptSettings

    /// What the program is told beside the file.
    static let languageVariable = "HOTLINE_TRANSCRIPT_LANGUAGE"
    static let languageHeader = "X-Hotline-Language"

    /// - Parameter file: a mono WAV.
    /// - Returns: the answer as it came, at most `TranscriptAnswer.mostBytes`.
    /// - Throws: `CancellationError` where the task is cancelled.
    func recognise(_ file: String) async throws -> Result<[UInt8], TranscriptFailure> {
        switch settings.engine {
        case .command(let arguments): try await run(arguments, file)
        case .url(let text): try await post(file, to: text)
        }
    }

    private func run(_ arguments: [String], _ file: String) async throws -> Result<[UInt8], TranscriptFailure> {
        let program = ChildProgram(
            arguments + [file], environment: [Self.languageVariable: settings.language],
            timeoutSeconds: settings.timeoutSeconds, mostOutput: TranscriptAnswer.mostBytes)
        // The program has the idle priority of the thread that starts it: calls go before it.
        let outcome = try await IdleWork.run { isCancelled in program.run(input: file, isStopped: isCancelled) }
        let name = settings.engine.name
        let words = outcome.words.isEmpty ? "" : ": \(outcome.words)"
        func failure(_ what: String) -> TranscriptPace.Failure { .recording("\(name) \(what)\(words)") }
        switch outcome.end {
        case .exited(0): return .success(outcome.output)
        // What env says of a program that it does not find, or may not run.
        case .exited(127), .exited(126): return .failure(.init(.recogniserAway("\(name) cannot be run\(words)")))
        // EX_TEMPFAIL and EX_UNAVAILABLE of sysexits.h: the program is not fit to work at all.
        case .exited(75), .exited(69): return .failure(.init(.recogniserAway("\(name) is not ready\(words)")))
        case .exited(let status): return .failure(.init(failure("ended with \(status)")))
        case .signalled(let signal): return .failure(.init(failure("was ended by signal \(signal)")))
        case .notStarted(let why): return .failure(.init(.recogniserAway("\(name) cannot be started: \(why)")))
        case .tookTooLong:
            return .failure(.init(failure("took more than \(settings.timeoutSeconds) s and was stopped")))
        case .saidTooMuch:
            return .failure(.init(failure("wrote more than \(TranscriptAnswer.mostBytes) bytes and was stopped")))
        case .stopped: throw CancellationError()
        }
    }

    private func post(_ file: String, to text: String) async throws -> Result<[UInt8], TranscriptFailure> {
        guard let url = URL(string: text) else { return .failure(.init(.recogniserAway("`\(text)` is no URL"))) }
        var request = URLRequest(url: url, timeoutInterval: Double(settings.timeoutSeconds))
        request.httpMethod = "POST"
        request.setValue("audio/wav", forHTTPHeaderField: "Content-Type")
        request.setValue(settings.language, forHTTPHeaderField: Self.languageHeader)
        do {
            request.httpBody = try Data(contentsOf: URL(fileURLWithPath: file), options: .alwaysMapped)
        } catch {
            return .failure(.init(.recording("the audio cannot be read: \(error.localizedDescription)")))
        }
        let posting = Posting(mostBytes: TranscriptAnswer.mostBytes)
        let result = await posting.send(request, within: .seconds(settings.timeoutSeconds))
        try Task.checkCancellation()
        let name = settings.engine.name
        switch result {
        case .failure(let error as URLError) where error.code == .timedOut:
            return .failure(.init(.recording("\(name): no answer within \(settings.timeoutSeconds) s")))
        case .failure(let error):
            return .failure(
                .init(
                    .recogniserAway(
                        "\(name) cannot be reached: \(ChildProgram.line(Array("\(error.localizedDescription)".utf8)))"))
            )
        case .success(let answer) where (200..<300).contains(answer.status):
            guard !answer.isCut else {
                return .failure(
                    .init(.recording("\(name) answered with more than \(TranscriptAnswer.mostBytes) bytes")))
            }
            return .success(answer.body)
        // Too much at once, or the machine's own trouble.
        case .success(let answer) where answer.status == 429 || answer.status >= 500:
            return .failure(.init(.recogniserAway("\(name) answered with status \(answer.status)")))
        case .success(let answer):
            let words = ChildProgram.line(answer.body)
            return .failure(
                .init(
                    .recording("\(name) answered with status \(answer.status)\(words.isEmpty ? "" : ": \(words)")")))
        }
    }
}

/// Why there is no answer.
struct TranscriptFailure: Error {
    var reason: TranscriptPace.Failure
    init(_ reason: TranscriptPace.Failure) { self.reason = reason }
}
