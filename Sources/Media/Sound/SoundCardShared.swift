import CLinux
import Calls
import Dispatch
import Glibc
import Synchronization

/// What a sound card's owner and its thread have in common; outlives both.
final class SoundCardShared: Sendable {
    struct Wishes {
        var isWanted = false
        var quits = false
    }

    /// A thread that has not come round for so long hangs in a device, nanoseconds.
    private static let longestTurn: Int64 = 1_500_000_000

    let configuration: SoundCardConfiguration
    let time: any TimeSource
    // Allocated in `init`, freed in `deinit`; what is within is made for sharing between threads.
    nonisolated(unsafe) let link: SoundLinkPointer
    /// An eventfd that wakes the card's thread; -1 where there is none.
    let wake: Int32
    let statistics = Mutex(SoundCardStatistics())
    /// Why there is no thread.
    let trouble = Mutex<String?>(nil)
    let ended = DispatchSemaphore(value: 0)
    private let events: @Sendable (SoundCardEvent) -> Void
    private let wishes = Mutex(Wishes())
    private let owner = Mutex<pthread_t?>(nil)
    /// A loss was told that nothing has undone.
    private let isLossTold = Mutex(false)
    /// When the thread last came round; 0 where it has no device to hang in.
    private let turnedAt = Atomic<Int64>(0)

    init(
        configuration: SoundCardConfiguration, time: any TimeSource, link: consuming SoundLink,
        events: @escaping @Sendable (SoundCardEvent) -> Void
    ) {
        self.configuration = configuration
        self.time = time
        self.events = events
        self.link = .allocate(capacity: 1)
        self.link.initialize(to: link)
        wake = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        if wake < 0 {
            let reason = "an eventfd cannot be made: \(String(cString: strerror(errno)))"
            trouble.withLock { $0 = reason }
        }
    }

    deinit {
        if wake >= 0 { Glibc.close(wake) }
        link.deinitialize(count: 1)
        link.deallocate()
    }

    // MARK: - What is wanted

    /// Changes what is wanted, and wakes the thread.
    func command(_ change: (inout Wishes) -> Void) {
        wishes.withLock { change(&$0) }
        // A full counter wakes as well.
        if wake >= 0 { eventfd_write(wake, 1) }
    }

    var wished: Wishes { wishes.withLock { $0 } }

    // MARK: - What is told

    /// Both devices run. Told where it is news: at an opening, or after a loss.
    func tellOpen(_ format: SoundFormat, isOpening: Bool) {
        isLossTold.withLock { isLossTold in
            guard isOpening || isLossTold else { return }
            isLossTold = false
            statistics.withLock {
                $0.isOpen = true
                if isOpening { $0.openings += 1 }
            }
            events(.opened(rate: format.rate, channels: format.channels))
        }
    }

    /// The devices cannot be used. Told once until they can be again.
    func tellLoss(_ reason: String) {
        isLossTold.withLock { isLossTold in
            statistics.withLock {
                if $0.isOpen { $0.losses += 1 }
                $0.isOpen = false
            }
            guard !isLossTold else { return }
            isLossTold = true
            events(.lost(reason: reason))
        }
    }

    /// The devices were closed as wanted.
    func noteClosed() {
        isLossTold.withLock { isLossTold in
            isLossTold = false
            statistics.withLock { $0.isOpen = false }
        }
    }

    // MARK: - The thread

    func adopt() { owner.withLock { $0 = pthread_self() } }

    var isOwnThread: Bool { owner.withLock { $0.map { pthread_equal($0, pthread_self()) != 0 } ?? false } }

    /// The thread comes round; `false`: it is about to have no device.
    func turn(hasDevice: Bool = true) {
        turnedAt.store(hasDevice ? time.now().mono : 0, ordering: .releasing)
    }

    /// Called by a timer: tells a loss where the thread hangs.
    func lookAfterThread() {
        let last = turnedAt.load(ordering: .acquiring)
        let away = time.now().mono - last
        guard last != 0, away >= Self.longestTurn, wished.isWanted, !wished.quits else { return }
        tellLoss(
            "sound devices `\(configuration.capture)` and `\(configuration.playback)`: one does not answer "
                + "for \(away / 1_000_000) ms; is its sound server or its driver stuck?")
    }

    /// Waits on the eventfd and further descriptors, and clears the eventfd.
    /// - Parameter descriptors: the first is overwritten with the eventfd's.
    /// - Returns: false where `poll` failed for good.
    func wait(_ descriptors: UnsafeMutablePointer<pollfd>, count: Int, milliseconds: Int) -> Bool {
        descriptors[0] = pollfd(fd: wake, events: Int16(POLLIN), revents: 0)
        let status = poll(descriptors, nfds_t(count), Int32(milliseconds))
        if status < 0 { return errno == EINTR }
        if descriptors[0].revents != 0 {
            var value: eventfd_t = 0
            eventfd_read(wake, &value)
        }
        return true
    }
}
