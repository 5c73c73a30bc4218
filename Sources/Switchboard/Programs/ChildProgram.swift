import Dispatch
import Foundation
import Glibc
import Synchronization

/// A program that the operator configured, run without a shell: its input is a file, what it says is bounded, and it is
/// ended when it takes too long, with whatever it started.
public struct ChildProgram: Sendable {
    /// How it ended.
    public enum End: Sendable, Hashable {
        case exited(Int32)
        case signalled(Int32)
        /// It could not be started, or the files around it not be made.
        case notStarted(String)
        case tookTooLong
        /// More than `mostOutput` on its standard output.
        case saidTooMuch
        /// Whoever waited does not any more.
        case stopped
    }

    public struct Outcome: Sendable {
        public var end: End
        /// The standard output; where it said too much, the beginning.
        public var output: [UInt8]
        /// The beginning of its standard error: one line for people, without control characters.
        public var words: String
    }

    /// The program and its arguments; a bare name is sought on the PATH.
    public var arguments: [String]
    /// Beside those of this process.
    public var environment: [String: String]
    public var timeoutSeconds: Int
    /// Bytes.
    public var mostOutput: Int

    public init(
        _ arguments: [String], environment: [String: String] = [:], timeoutSeconds: Int, mostOutput: Int
    ) {
        self.arguments = arguments
        self.environment = environment
        self.timeoutSeconds = timeoutSeconds
        self.mostOutput = mostOutput
    }

    /// Bytes of the standard error that are kept.
    private static let mostWords = 4096
    /// How long a pipe may stay open after the program's end: something it left behind holds it.
    private static let lingerMilliseconds = 2000

    /// Runs it to its end. Blocks: not on the cooperative pool. The program has the calling thread's scheduling.
    /// - Parameters:
    ///   - input: a file, its standard input.
    ///   - isStopped: asked again and again; true ends the program.
    public func run(input: String, isStopped: () -> Bool) -> Outcome {
        let process = Process()
        // env finds the program on the PATH.
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, own in own }
        let (output, words) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = words
        let ended = DispatchSemaphore(value: 0)
        process.terminationHandler = { _ in ended.signal() }
        do {
            process.standardInput = try FileHandle(forReadingFrom: URL(fileURLWithPath: input))
            try process.run()
        } catch {
            return Outcome(end: .notStarted("\(error)"), output: [], words: "")
        }
        let said = Heard(output.fileHandleForReading, most: mostOutput)
        let told = Heard(words.fileHandleForReading, most: Self.mostWords, drains: true)
        let deadline = DispatchTime.now() + .seconds(timeoutSeconds)
        var forced: End?
        while ended.wait(timeout: .now() + .milliseconds(50)) == .timedOut {
            forced =
                isStopped() ? .stopped : said.isFull ? .saidTooMuch : DispatchTime.now() > deadline ? .tookTooLong : nil
            guard forced != nil else { continue }
            Self.end(process, ended)
            break
        }
        let linger = DispatchTime.now() + .milliseconds(Self.lingerMilliseconds)
        if !said.wait(until: linger) || !told.wait(until: linger) { kill(-process.processIdentifier, SIGKILL) }
        let status = process.terminationStatus
        let own: End = process.terminationReason == .exit ? .exited(status) : .signalled(status)
        return Outcome(
            end: forced ?? (said.isFull ? .saidTooMuch : own), output: Array(said.bytes.prefix(mostOutput)),
            words: Self.line(told.bytes))
    }

    /// Asks, then forces. What it started itself goes with it where it has a group of its own.
    private static func end(_ process: Process, _ ended: DispatchSemaphore) {
        let number = process.processIdentifier
        kill(-number, SIGTERM)
        process.terminate()
        if ended.wait(timeout: .now() + .seconds(2)) == .timedOut {
            // The whole group first: the end is not noticed while something that it started lives.
            kill(-number, SIGKILL)
            kill(number, SIGKILL)
            ended.wait()
        }
        kill(-number, SIGKILL)
    }

    /// Bytes of somebody else's as one line for people, at most 300 characters.
    public static func line(_ bytes: [UInt8]) -> String {
        let text = String(decoding: bytes, as: UTF8.self).unicodeScalars
            .map { $0.properties.generalCategory == .control || $0.properties.generalCategory == .format ? " " : $0 }
        return String(String.UnicodeScalarView(text)).split(whereSeparator: \.isWhitespace).joined(separator: " ")
            .prefix(300).description
    }

    /// Reads a pipe on a thread of its own, so that nobody who prints much is held up, up to a bound.
    private final class Heard: Sendable {
        private let state = Mutex<(bytes: [UInt8], isFull: Bool)>(([], false))
        private let done = DispatchSemaphore(value: 0)

        /// - Parameter drains: what is beyond the bound is read and forgotten, rather than told by `isFull`.
        init(_ handle: FileHandle, most: Int, drains: Bool = false) {
            Thread.detachNewThread { [self] in
                defer { done.signal() }
                do {
                    while let piece = try handle.read(upToCount: 1 << 16), !piece.isEmpty {
                        let isFull = state.withLock { state in
                            let room = most - state.bytes.count
                            state.bytes += Array(piece.prefix(max(0, room)))
                            if piece.count > room { state.isFull = true }
                            return state.isFull
                        }
                        if isFull, !drains { return }
                    }
                } catch {
                    // A pipe that cannot be read says nothing more; the program's end tells the rest.
                }
            }
        }

        var bytes: [UInt8] { state.withLock { $0.bytes } }
        var isFull: Bool { state.withLock { $0.isFull } }

        /// - Returns: whether the pipe was closed.
        func wait(until deadline: DispatchTime) -> Bool {
            guard done.wait(timeout: deadline) == .success else { return false }
            done.signal()
            return true
        }
    }
}
