import CLinux
import Calls
import Glibc

/// The life of a card's thread: opens the devices while they are wanted, and again with rising pauses when they are lost.
struct SoundCardLoop {
    private static let firstPause = 250
    private static let longestPause = 5000
    /// A card that ran so long gets the first pause again when it is lost, nanoseconds.
    private static let settled: Int64 = 5_000_000_000

    let shared: SoundCardShared

    func run() {
        shared.adopt()
        defer { shared.ended.signal() }
        // Without it nobody could wake the thread; `open` tells so.
        guard shared.wake >= 0 else { return }
        var pause = Self.firstPause
        while true {
            let wished = shared.wished
            if wished.quits { break }
            guard wished.isWanted else {
                shared.noteClosed()
                pause = Self.firstPause
                idle(milliseconds: -1, while: wished)
                continue
            }
            var openedAt: Int64?
            do throws(MediaError) {
                shared.turn()
                defer { shared.turn(hasDevice: false) }
                var session = try SoundSession(shared: shared)
                try session.start()
                openedAt = shared.time.now().mono
                shared.tellOpen(session.format, isOpening: true)
                try session.run()
            } catch {
                shared.tellLoss(error.message)
                if let openedAt, shared.time.now().mono - openedAt >= Self.settled { pause = Self.firstPause }
                idle(milliseconds: pause, while: wished)
                pause = min(Self.longestPause, pause * 2)
            }
        }
        shared.noteClosed()
    }

    /// Waits until something else is wanted than `wished`, or the time is over (-1: without end).
    /// - Parameter wished: what the caller acted upon. Read again here, a wish of the moment between would count as
    ///   known already, and be waited out.
    private func idle(milliseconds: Int, while wished: SoundCardShared.Wishes) {
        let deadline = shared.time.now().mono + Int64(milliseconds) * 1_000_000
        withUnsafeTemporaryAllocation(of: pollfd.self, capacity: 1) { list in
            guard let first = list.baseAddress else { return }
            while true {
                let now = shared.wished
                if now.isWanted != wished.isWanted || now.quits { return }
                let left = milliseconds < 0 ? -1 : (deadline - shared.time.now().mono) / 1_000_000
                guard milliseconds < 0 || left > 0 else { return }
                guard shared.wait(first, count: 1, milliseconds: Int(left)) else { return }
            }
        }
    }
}
