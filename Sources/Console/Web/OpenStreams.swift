import Synchronization

/// How many streams may be open at once: each holds a connection for as long as somebody looks.
final class OpenStreams: Sendable {
    /// One of them.
    final class Place: Sendable {
        private let streams: OpenStreams
        private let isTaken = Mutex(true)

        init(_ streams: OpenStreams) { self.streams = streams }

        func giveBack() {
            let was = isTaken.withLock { taken in
                defer { taken = false }
                return taken
            }
            if was { streams.open.withLock { $0 -= 1 } }
        }

        // A client that left before the stream began.
        deinit { giveBack() }
    }

    private let most: Int
    private let open = Mutex(0)

    init(most: Int) { self.most = most }

    /// Nil where all are taken.
    func take() -> Place? {
        let isFree = open.withLock { open in
            guard open < most else { return false }
            open += 1
            return true
        }
        return isFree ? Place(self) : nil
    }
}
