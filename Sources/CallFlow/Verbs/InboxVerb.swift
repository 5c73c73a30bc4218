import Documents

/// Puts the voice message that was left into a queue's inbox, where its agents hear it.
///
///     keep: {verb: inbox, queue: service, next: kept, failed: sorry}
struct InboxVerb: KeepingVerb {
    static let name = "inbox"
    /// As written, for the checker.
    let queue: (name: String, node: Node)
    private let timeout: Int
    let next: Target
    private let failed: Target

    init?(_ step: StepReader) {
        let queue = step.queue("queue")
        timeout = step.reader.milliseconds("timeout", in: 1000...60_000, default: 10_000)
        let next = step.target("next")
        let failed = step.target("failed")
        guard let queue, let next, let failed else { return nil }
        self.queue = queue
        self.next = next
        self.failed = failed
    }

    var exits: [Exit] { [Exit("kept", next, .automatic), Exit("failed", failed, .automatic)] }
    var needs: Need { .media }

    /// Also when the caller has hung up.
    func action(_ variables: [String: String]) -> FlowAction { .leaveMessage(queue: queue.name) }

    mutating func enter(_ state: inout FlowState) {
        // From here on the message is on its way, whatever the caller does.
        state.afterHangup = nil
        state.perform(action(state.variables))
        state.wait(milliseconds: timeout)
    }

    mutating func handle(_ event: StepEvent, _ state: inout FlowState) {
        switch event {
        case .messageKept:
            state.go(to: next)
        case .messageFailed:
            state.go(to: failed)
        case .timer:
            state.giveUp(.message)
            state.note("inbox_timeout")
            state.go(to: failed)
        default: break
        }
    }
}
