import CLinux
import Calls
import Dispatch
import Foundation
import Glibc
import Media
import Synchronization

/// A simulated modem in real time: its script on a pseudo-terminal, with a far end that speaks through a sound card.
///
/// One thread of its own for port and script; the far end's telephone has another.
package final class ModemSimulator: Sendable {
    /// Where and how it runs.
    package struct Options: Sendable {
        /// The name of the port.
        package var link: String
        /// The script ends with its last call.
        package var once = false
        /// Folder of the script's `record` files.
        package var folder: String
        /// The far end's telephone; nil: nobody speaks.
        package var sound: (any FarEndAudio)?

        package init(link: String, folder: String, sound: (any FarEndAudio)?) {
            self.link = link
            self.folder = folder
            self.sound = sound
        }
    }

    /// What both threads touch.
    struct Shared {
        var voice = FarEndVoice()
        var recorder: WaveWriter?
        var isLoud = false
        var soundFailure: String?
        var hasStarted = false
        var stops = false
        var isOver = false
        var failures: [String] = []
    }

    let script: ModemScript
    let options: Options
    let time: any TimeSource
    let events: @Sendable (SimulatorEvent) -> Void
    let trace: (@Sendable (String) -> Void)?
    let shared = Mutex(Shared())
    /// Wakes the simulator's thread.
    let wake: Int32
    private let over = DispatchSemaphore(value: 0)

    /// - Parameters:
    ///   - events: called on the simulator's thread, returns at once.
    ///   - trace: the same, a line of what goes over the port.
    /// - Throws: `LineError` with code `.simulator`.
    package init(
        _ script: ModemScript, _ options: Options, time: any TimeSource = SystemTime(),
        events: @escaping @Sendable (SimulatorEvent) -> Void, trace: (@Sendable (String) -> Void)? = nil
    ) throws(LineError) {
        self.script = script
        self.options = options
        self.time = time
        self.events = events
        self.trace = trace
        wake = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
        guard wake >= 0 else {
            throw LineError(.simulator, "an event descriptor cannot be made: \(String(cString: strerror(errno)))")
        }
    }

    deinit { close(wake) }

    /// Opens the port and begins. Once.
    /// - Throws: `LineError` with code `.simulator`.
    package func start() throws(LineError) {
        let loop = try ModemSimulatorLoop(self)
        do throws(MediaError) {
            try options.sound?.start { [self] heard in tick(heard) }
        } catch {
            throw LineError(.simulator, error.message)
        }
        shared.withLock { $0.hasStarted = true }
        let box = Mutex<ModemSimulatorLoop?>(loop)
        Thread.detachNewThread { [self] in
            box.withLock { $0.take() }?.run()
            options.sound?.stop()
            shared.withLock { shared in
                shared.isOver = true
                shared.recorder = nil
            }
            over.signal()
        }
    }

    /// Ends it; returns when port and sound card are closed. Any thread, but not out of `events`.
    package func stop() {
        let hasStarted = shared.withLock { shared in
            shared.stops = true
            return shared.hasStarted
        }
        guard hasStarted else { return }
        wakeUp()
        over.wait()
        over.signal()
    }

    /// The script is over, or `stop` was called.
    package var isOver: Bool { shared.withLock { $0.isOver } }

    /// What was not as the script expects.
    package var failures: [String] { shared.withLock { $0.failures } }

    func wakeUp() {
        var one: UInt64 = 1
        // A counter that is full wakes as well.
        _ = write(wake, &one, 8)
    }

    // MARK: - The telephone's thread

    private func tick(_ heard: [Int16]?) -> [Int16] {
        let (said, mustWake) = shared.withLock { shared -> ([Int16], Bool) in
            let result = shared.voice.tick(heard)
            var mustWake = result.isLoud != shared.isLoud
            shared.isLoud = result.isLoud
            if let recorder = shared.recorder {
                do throws(LineError) {
                    try recorder.append(result.heard)
                } catch {
                    shared.soundFailure = error.message
                    shared.recorder = nil
                    mustWake = true
                }
            }
            return (result.said, mustWake)
        }
        if mustWake { wakeUp() }
        return said
    }
}
