import Calls
import Dispatch
import Synchronization

/// Which ALSA devices make a card, and how they are opened.
public struct SoundCardConfiguration: Sendable, Hashable {
    /// ALSA PCM names, e.g. `hw:EC25AUX`, `plughw:1,0`; what stands in the caller's ear is `playback`.
    public var capture: String
    public var playback: String
    /// Frames a second; nil: the first of 8,000, 16,000, 48,000, 44,100, 32,000 that the device has.
    public var rate: Int?
    /// 1 or 2; nil: 1 where the device has it. Of two, the left one is heard; both are played.
    public var channels: Int?

    public init(capture: String, playback: String, rate: Int? = nil, channels: Int? = nil) {
        self.capture = capture
        self.playback = playback
        self.rate = rate
        self.channels = channels
    }
}

/// What a sound card tells of itself.
public enum SoundCardEvent: Sendable, Hashable {
    /// Both devices are open and run; `rate` and `channels` as the card has them (those of its capture side).
    case opened(rate: Int, channels: Int)
    /// They could not be opened, or were lost; tried again with rising pauses while the card is wanted. Told once.
    case lost(reason: String)
}

/// A sound card in use: a thread of its own between the card's clock and the media thread's ticks.
///
/// The thread lives as long as the card. Where a device hangs in its driver, that thread hangs with it and nobody else; a
/// timer beside it tells so.
public final class SoundCard: Sendable {
    /// A thread that has not ended by then, because a device hangs, is left to itself.
    private static let patience = DispatchTimeInterval.seconds(2)

    public let configuration: SoundCardConfiguration
    private let shared: SoundCardShared
    private let thread: Mutex<EngineThread?>
    // Only resumed and cancelled; Dispatch's objects may be used by any thread.
    private nonisolated(unsafe) let watch: any DispatchSourceTimer

    /// What the media thread has in common with the card. Lives as long as the card does.
    package var link: SoundLinkPointer { shared.link }

    /// Makes the card, closed, with its thread.
    /// - Parameters:
    ///   - time: only its monotonic side is used.
    ///   - events: called one at a time, on the card's thread or, where that hangs, on a queue of Dispatch; must not
    ///     wait.
    /// Where the thread or its eventfd cannot be made, `open` tells `.lost`.
    public convenience init(
        configuration: SoundCardConfiguration, time: any TimeSource,
        events: @escaping @Sendable (SoundCardEvent) -> Void
    ) {
        self.init(configuration: configuration, time: time, link: SoundLink(), events: events)
    }

    /// - Parameter link: with targets of its own.
    package init(
        configuration: SoundCardConfiguration, time: any TimeSource, link: consuming SoundLink,
        events: @escaping @Sendable (SoundCardEvent) -> Void
    ) {
        self.configuration = configuration
        let shared = SoundCardShared(configuration: configuration, time: time, link: link, events: events)
        self.shared = shared
        do throws(MediaError) {
            thread = Mutex(try EngineThread("sound-card") { SoundCardLoop(shared: shared).run() })
        } catch {
            thread = Mutex(nil)
            shared.trouble.withLock { $0 = error.message }
        }
        watch = DispatchSource.makeTimerSource(queue: .global())
        watch.schedule(deadline: .now() + .milliseconds(500), repeating: .milliseconds(500))
        watch.setEventHandler { [weak shared] in shared?.lookAfterThread() }
        watch.resume()
    }

    deinit {
        watch.cancel()
        shared.command { $0.quits = true }
        guard let thread = thread.withLock({ $0 }) else { return }
        // The last reference may have been dropped by the thread itself, in an event.
        guard !shared.isOwnThread, shared.ended.wait(timeout: .now() + Self.patience) == .success else {
            thread.detach()
            return
        }
        thread.join()
    }

    /// Opens the devices and keeps them open. Returns at once; what comes of it is told as an event. Any thread; a second
    /// call does nothing.
    public func open() {
        if let trouble = shared.trouble.withLock({ $0 }) {
            shared.tellLoss(trouble)
            return
        }
        shared.command { $0.isWanted = true }
    }

    /// Closes the devices. Returns at once, whatever the devices do. Any thread; a second call does nothing.
    public func close() { shared.command { $0.isWanted = false } }

    /// What the card went through; a quarter of a second old at most while it is open. Any thread.
    public var statistics: SoundCardStatistics { shared.statistics.withLock { $0 } }
}
