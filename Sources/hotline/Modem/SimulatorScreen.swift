import Foundation
import Lines
import Media
import Synchronization

/// Tells what happens to simulated modems, a line each: seconds since the start, modem, words. Any thread.
final class SimulatorScreen: Sendable {
    /// Somebody wants to see the serial ports.
    private let traces: Bool
    private let showsTrace: Bool
    private let file: Mutex<FileHandle?>
    private let start = SystemTime().now()
    private let failure = Mutex(false)

    /// - Parameter file: the trace is written there too.
    /// - Throws: where the file cannot be written.
    init(trace: Bool, file path: String?) throws {
        showsTrace = trace
        traces = trace || path != nil
        guard let path else {
            file = Mutex(nil)
            return
        }
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let handle = FileHandle(forWritingAtPath: path)
        else { throw CommandError("\(path): the trace cannot be written there; check folder and permissions") }
        file = Mutex(handle)
    }

    /// Port, recording or sound card failed.
    var failed: Bool { failure.withLock { $0 } }

    func event(_ modem: String, _ event: SimulatorEvent) {
        if case .failed = event.kind { failure.withLock { $0 = true } }
        say(modem, event.text)
    }

    func say(_ modem: String, _ text: String) {
        write(line(modem, text), toScreen: true)
    }

    /// Takes what goes over one modem's port; nil where nobody wants to see it.
    func tracer(_ modem: String) -> (@Sendable (String) -> Void)? {
        guard traces else { return nil }
        return { [self] text in write(line(modem, text), toScreen: showsTrace) }
    }

    private func line(_ modem: String, _ text: String) -> Data {
        let milliseconds = SystemTime().now().milliseconds(since: start)
        let seconds = String(format: "%9.3f", Double(milliseconds) / 1000)
        return Data("\(seconds) \(modem)  \(text)\n".utf8)
    }

    private func write(_ line: Data, toScreen: Bool) {
        if toScreen { FileHandle.standardOutput.write(line) }
        file.withLock { $0?.write(line) }
    }
}
