import Foundation
import Synchronization

/// How far a long command is: a bar that moves on a terminal, a plain line now and then elsewhere. On standard error, so
/// that standard output stays what was asked for.
final class ProgressLine: Sendable {
    private struct State {
        var shownAt: ContinuousClock.Instant?
        var isOpen = false
    }

    private static let width = 30
    private let isTerminal: Bool
    private let began = ContinuousClock.now
    private let state = Mutex(State())

    init() { isTerminal = isatty(STDERR_FILENO) == 1 }

    /// - Parameters:
    ///   - total: nil where it is not known.
    ///   - words: what else there is to say.
    func show(_ done: Int, of total: Int?, _ words: String) {
        let now = ContinuousClock.now
        let isLast = done == total
        state.withLock { state in
            // A screen is read ten times a second at most, a log once in five.
            let pause: Duration = isTerminal ? .milliseconds(100) : .seconds(5)
            if let last = state.shownAt, now - last < pause, !isLast { return }
            state.shownAt = now
            state.isOpen = isTerminal
            let line = Self.line(done, of: total, words, seconds: Self.seconds(now - began), bar: isTerminal)
            Self.write(isTerminal ? "\r\(line)\u{1B}[K" : "\(line)\n")
        }
    }

    /// Leaves the bar as it is and begins a new line.
    func end() {
        state.withLock { state in
            if state.isOpen { Self.write("\n") }
            state.isOpen = false
        }
    }

    private static func line(_ done: Int, of total: Int?, _ words: String, seconds: Double, bar: Bool) -> String {
        guard let total else { return "\(done)  \(words)" }
        let share = total == 0 ? 1 : Double(done) / Double(total)
        var line = "\(done)/\(total) (\(Int(share * 100)) %)  \(words)"
        if bar {
            let filled = Int(share * Double(width))
            line =
                "[" + String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled) + "] "
                + line
        }
        if done > 0, done < total, seconds > 2 {
            line += "  \(clock(seconds / Double(done) * Double(total - done))) left"
        }
        return line
    }

    private static func clock(_ seconds: Double) -> String {
        let whole = Int(seconds.rounded())
        let digits = [whole / 60 % 60, whole % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
        return "\(whole / 3600):\(digits[0]):\(digits[1])"
    }

    private static func seconds(_ duration: Duration) -> Double {
        let parts = duration.components
        return Double(parts.seconds) + Double(parts.attoseconds) / 1e18
    }

    private static func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
