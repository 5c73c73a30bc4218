import CallFlow
import Calls
import Dispatch
import Foundation
import Switchboard

/// Draws flows by Graphviz: each once, when it is first asked for, and never again; one that failed again after a minute.
package actor FlowPictures {
    /// A drawing.
    package struct Picture: Sendable {
        /// SVG.
        package var bytes: [UInt8]
        /// The same in the zlib format; nil where that does not help.
        package var deflated: [UInt8]?
        /// CSS pixels; nil where the drawing does not say.
        package var width: Int?
        package var height: Int?
    }

    /// Why there is none.
    package enum Failure: Error, Sendable, Hashable {
        /// The program is not on this machine.
        case noProgram
        /// In words.
        case failed(String)
    }

    /// Calls go before drawings; but somebody waits for this one, and at the lowest priority a busy machine takes a minute for
    /// half a second's work.
    package static let graphviz = ["nice", "-n", "10", "dot", "-Tsvg"]
    private static let again: Int64 = 60_000_000_000
    /// `env` and `nice` say so where a program is not there.
    private static let notFound: Int32 = 127

    private let program: ChildProgram
    private let time: any TimeSource
    private var drawn: [String: (at: Int64, task: Task<Result<Picture, Failure>, Never>)] = [:]

    /// - Parameters:
    ///   - program: reads Graphviz's language and writes SVG.
    ///   - timeoutSeconds: a flow of a hundred steps takes half a second.
    package init(
        program: [String] = FlowPictures.graphviz, timeoutSeconds: Int = 40, mostBytes: Int = 8_000_000,
        time: any TimeSource
    ) {
        self.program = ChildProgram(program, timeoutSeconds: timeoutSeconds, mostOutput: mostBytes)
        self.time = time
    }

    /// The drawing of a flow. Whoever asks meanwhile waits for the same one.
    /// - Parameters:
    ///   - name: tells drawings apart: the same name is the same drawing.
    ///   - captions: what stands in it.
    package func picture(
        _ name: String, of flow: Flow, _ captions: FlowDrawing.Captions
    ) async -> Result<Picture, Failure> {
        let now = time.now().mono
        if let known = drawn[name] {
            let result = await known.task.value
            if case .success = result { return result }
            // Somebody else may have begun anew while this waited.
            guard let last = drawn[name] else { return result }
            guard last.at == known.at else { return await last.task.value }
            guard now - known.at >= Self.again else { return result }
        }
        let task = Task { [program] in
            await Self.run(program, FlowDrawing.dot.text(of: flow, captions))
        }
        drawn[name] = (now, task)
        return await task.value
    }

    private static func run(_ program: ChildProgram, _ text: String) async -> Result<Picture, Failure> {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(returning: blockingRun(program, text)) }
        }
    }

    private static func blockingRun(_ program: ChildProgram, _ text: String) -> Result<Picture, Failure> {
        // Not to be read by others: what prompts say is the utility's own.
        let file = FileManager.default.temporaryDirectory.appending(path: "hotline-flow-\(UUID().uuidString).dot")
        guard
            FileManager.default.createFile(
                atPath: file.path, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600])
        else { return .failure(.failed("\(file.path) cannot be written")) }
        defer {
            // What is left in the folder for temporary files harms nobody.
            do { try FileManager.default.removeItem(at: file) } catch {}
        }
        let outcome = program.run(input: file.path, isStopped: { false })
        switch outcome.end {
        case .exited(0): return picture(outcome.output)
        case .exited(notFound): return .failure(.noProgram)
        case .exited(let status): return .failure(.failed("status \(status): \(outcome.words)"))
        case .signalled(let signal): return .failure(.failed("ended by signal \(signal)"))
        case .notStarted(let why): return .failure(.failed(why))
        case .tookTooLong: return .failure(.failed("longer than \(program.timeoutSeconds) s"))
        case .saidTooMuch: return .failure(.failed("more than \(program.mostOutput) bytes"))
        case .stopped: return .failure(.failed("stopped"))
        }
    }

    private static func picture(_ bytes: [UInt8]) -> Result<Picture, Failure> {
        guard let text = String(validating: bytes, as: UTF8.self), let begin = text.firstRange(of: "<svg") else {
            return .failure(.failed("what came out is no SVG"))
        }
        // Without the address of a document type, which no browser reads.
        let drawing = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + text[begin.lowerBound...]
        let head = drawing.prefix(400)
        let size = head.firstMatch(of: #/width="(\d{1,6})pt" height="(\d{1,6})pt"/#)
        // A point is 4/3 pixels.
        let pixels = { (points: Substring) in Int(points).map { ($0 * 4 + 2) / 3 } }
        let made = Array(drawing.utf8)
        return .success(
            Picture(
                bytes: made, deflated: StaticFiles.deflate(made), width: size.flatMap { pixels($0.1) },
                height: size.flatMap { pixels($0.2) }))
    }
}
