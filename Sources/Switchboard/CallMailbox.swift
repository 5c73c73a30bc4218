import Synchronization

/// One call's bounded queue of inputs: filled synchronously by the lines, the media and the timers, drained in order by
/// the call's one task. Room is kept back for the end of the call, so that no flood of keys can keep a BYE out.
package final class CallMailbox: Sendable {
    private struct State {
        var queue: [CallSession.Input] = []
        var head = 0
        var waiter: CheckedContinuation<CallSession.Input?, Never>?
        var closed = false
        var dropped = 0

        var count: Int { queue.count - head }
    }

    private let state = Mutex(State())
    private let capacity: Int
    private let reserved: Int

    package init(capacity: Int = 256, reserved: Int = 32) {
        self.capacity = capacity
        self.reserved = reserved
    }

    /// Puts an input in. Any thread; never waits.
    /// - Returns: false where the mailbox is full or closed; the drop is counted.
    @discardableResult
    package func post(_ input: CallSession.Input) -> Bool {
        let (waiter, accepted): (CheckedContinuation<CallSession.Input?, Never>?, Bool) = state.withLock { state in
            if state.closed { return (nil, false) }
            if let waiter = state.waiter {
                state.waiter = nil
                return (waiter, true)
            }
            guard state.count < capacity + (input.isEnding ? reserved : 0) else {
                state.dropped += 1
                return (nil, false)
            }
            state.queue.append(input)
            return (nil, true)
        }
        waiter?.resume(returning: input)
        return accepted
    }

    /// The next input in order of arrival; nil once the mailbox is closed and empty. One task only.
    package func next() async -> CallSession.Input? {
        await withCheckedContinuation { continuation in
            let ready: CallSession.Input?? = state.withLock { state in
                if state.head < state.queue.count {
                    let input = state.queue[state.head]
                    state.head += 1
                    if state.head == state.queue.count {
                        state.queue.removeAll(keepingCapacity: true)
                        state.head = 0
                    }
                    return .some(input)
                }
                if state.closed { return .some(nil) }
                state.waiter = continuation
                return nil
            }
            if let ready { continuation.resume(returning: ready) }
        }
    }

    /// Takes nothing more; what is in it can still be drained.
    package func close() {
        let waiter = state.withLock { state in
            state.closed = true
            let waiter = state.waiter
            state.waiter = nil
            return waiter
        }
        waiter?.resume(returning: nil)
    }

    /// Inputs that found no room.
    package var dropped: Int { state.withLock { $0.dropped } }
}
