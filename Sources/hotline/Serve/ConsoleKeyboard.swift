import Foundation
import Glibc
import Lines
import Media
import Synchronization

/// The keyboard of a console line: reads this terminal key by key (or a pipe byte by byte) on a thread of its own.
final class ConsoleKeyboard: Sendable {
    static let help = """
        console: c calls the hotline, 0-9 * # are keys, h hangs up, q stops the server.

        """

    private let saved = Mutex<termios?>(nil)

    /// Begins to read; at the input's end it stops.
    func start(_ line: ConsoleLine) {
        makeRaw()
        say(Self.help)
        Thread.detachNewThread {
            var byte: UInt8 = 0
            while true {
                let count = read(STDIN_FILENO, &byte, 1)
                if count < 0 && errno == EINTR { continue }
                guard count == 1 else { return }
                switch Character(UnicodeScalar(byte)) {
                case "c", "C": line.call()
                case "h", "H": line.hangUp()
                // As Ctrl-C does: the server drains and stops.
                case "q", "Q": kill(getpid(), SIGTERM)
                case let character: if let key = Key(character), "0123456789*#".contains(character) { line.press(key) }
                }
            }
        }
    }

    /// Tells the person at the terminal.
    func tell(_ notice: ConsoleNotice) {
        let text =
            switch notice {
            case .calling: "calling"
            case .answered: "answered: speak"
            case .youHungUp: "you hung up"
            case .hotlineHungUp: "the hotline hung up"
            case .refused: "refused: every place is taken, or calls cannot be recorded"
            case .busy: "a call is going on already"
            case .noCall: "no call is going on; c calls"
            case .draining: "the server is stopping: no new calls"
            case .failed(let reason): "failed: \(reason)"
            }
        say("console: \(text)\n")
    }

    /// Gives the terminal back as it was.
    func stop() {
        guard var before = saved.withLock({ $0 }) else { return }
        tcsetattr(STDIN_FILENO, TCSANOW, &before)
    }

    private func say(_ text: String) { FileHandle.standardOutput.write(Data(text.utf8)) }

    /// Keys come at once and are not echoed; signals still work. A pipe is left as it is.
    private func makeRaw() {
        var settings = termios()
        guard isatty(STDIN_FILENO) == 1, tcgetattr(STDIN_FILENO, &settings) == 0 else { return }
        let before = settings
        saved.withLock { $0 = before }
        settings.c_lflag &= ~tcflag_t(ICANON | ECHO)
        tcsetattr(STDIN_FILENO, TCSANOW, &settings)
    }
}
