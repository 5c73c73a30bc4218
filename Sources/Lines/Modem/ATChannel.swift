import Calls

/// A command for a modem, and how its answer is known.
package struct ATCommand: Sendable, Hashable {
    /// Without the CR at its end.
    package var text: String
    /// What lines of its answer begin with, e.g. `+CREG:`. Lines that begin otherwise are unsolicited.
    package var prefixes: [String]
    /// Its answer may have lines of any form (`ATI`): only what is known as unsolicited is taken for that.
    package var takesAnyLine: Bool
    /// NO CARRIER, BUSY, NO ANSWER, NO DIALTONE and CONNECT end it (`ATD`, `ATA`).
    package var endsWithCall: Bool
    package var timeoutMilliseconds: Int
    /// Sent so many times more when no answer came in time.
    package var retries: Int
    /// Is sent before everything that waits.
    package var isUrgent: Bool

    package init(
        _ text: String, prefixes: [String] = [], takesAnyLine: Bool = false, endsWithCall: Bool = false,
        timeoutMilliseconds: Int = 3000, retries: Int = 0, isUrgent: Bool = false
    ) {
        self.text = text
        self.prefixes = prefixes
        self.takesAnyLine = takesAnyLine
        self.endsWithCall = endsWithCall
        self.timeoutMilliseconds = timeoutMilliseconds
        self.retries = retries
        self.isUrgent = isUrgent
    }
}

/// What became of a command.
package enum ATOutcome: Sendable, Hashable {
    case answered(ATResult, lines: [String])
    case timedOut
    /// The port was closed or the queue was full: it was not carried out, or nobody knows.
    case dropped

    package var isOK: Bool {
        if case .answered(.ok, _) = self { true } else { false }
    }

    /// For messages.
    package var text: String {
        switch self {
        case .answered(let result, _): result.text
        case .timedOut: "no answer"
        case .dropped: "not sent"
        }
    }
}

/// The conversation with a modem, as a value: one command in flight, the others wait in a bounded queue, and what the
/// modem says unasked is told apart from answers.
///
/// `Tag` says what a command was for; its owner gets it back with the outcome.
package struct ATChannel<Tag: Sendable & Hashable>: Sendable {
    package enum Action: Sendable, Hashable {
        case write([UInt8])
        case finished(Tag, ATCommand, ATOutcome)
        /// A line that no command asked for.
        case unsolicited(String)
        /// NO CARRIER and its like, where no command waits for them.
        case callResult(ATResult)
        /// So many commands in a row had no answer.
        case unresponsive
    }

    private struct Entry: Sendable {
        var tag: Tag
        var command: ATCommand
        var attempts = 0
        var lines: [String] = []
        var isCancelled = false
    }

    /// Commands that wait; further ones are dropped.
    package static var queueLimit: Int { 32 }
    /// Lines kept of one answer.
    package static var lineLimit: Int { 64 }
    /// After a time-out nothing is sent for so long, so that a late answer is not taken for the next one's.
    package static var settleMilliseconds: Int64 { 200 }

    /// What is known to come unsolicited.
    private let unsolicited: [String]
    private let timeoutLimit: Int
    private var parser = ATParser()
    private var queue: [Entry] = []
    private var inFlight: Entry?
    private var answerBy: Instant?
    private var quietUntil: Instant?
    private var timeoutsInRow = 0

    package private(set) var sent: UInt64 = 0
    package private(set) var timeouts: UInt64 = 0
    /// Results that no command waited for, prompts that nobody wanted, commands dropped from a full queue.
    package private(set) var strays: UInt64 = 0
    /// Lines that were longer than the parser keeps.
    package var cut: UInt64 { parser.cut }

    /// - Parameters:
    ///   - unsolicited: what unsolicited lines begin with, for commands that take any line.
    ///   - timeoutLimit: commands without an answer in a row after which the modem counts as unresponsive.
    package init(unsolicited: [String], timeoutLimit: Int = 3) {
        self.unsolicited = unsolicited
        self.timeoutLimit = timeoutLimit
    }

    /// When `tick` is wanted; nil: nothing is waited for.
    package var deadline: Instant? {
        if inFlight != nil { return answerBy }
        return queue.isEmpty ? nil : quietUntil
    }

    package var isIdle: Bool { inFlight == nil && queue.isEmpty }

    package mutating func send(_ command: ATCommand, _ tag: Tag, at now: Instant) -> [Action] {
        guard queue.count < Self.queueLimit else {
            strays &+= 1
            return [.finished(tag, command, .dropped)]
        }
        let entry = Entry(tag: tag, command: command)
        if command.isUrgent {
            queue.insert(entry, at: queue.firstIndex { !$0.command.isUrgent } ?? queue.endIndex)
        } else {
            queue.append(entry)
        }
        return next(at: now)
    }

    /// Takes back commands of a tag. One in flight is waited for, but its outcome is not told; `abort` writes a CR,
    /// on which a modem gives up dialling (V.250 §5.6.1).
    package mutating func cancel(_ tag: Tag, abort: Bool = false) -> [Action] {
        queue.removeAll { $0.tag == tag }
        guard inFlight?.tag == tag else { return [] }
        inFlight?.isCancelled = true
        inFlight?.command.retries = 0
        return abort ? [.write([UInt8(ascii: "\r")])] : []
    }

    package mutating func received(_ bytes: some Sequence<UInt8>, at now: Instant) -> [Action] {
        var actions: [Action] = []
        for event in parser.feed(bytes) {
            switch event {
            case .line(let text): actions += line(text)
            case .result(let result): actions += self.result(result, at: now)
            case .prompt:
                // Nothing of ours asks for a prompt: somebody left the modem in one. ESC leaves it.
                strays &+= 1
                actions.append(.write([0x1B]))
            }
        }
        return actions
    }

    package mutating func tick(at now: Instant) -> [Action] {
        var actions: [Action] = []
        if let answerBy, answerBy <= now, var entry = inFlight {
            timeouts &+= 1
            timeoutsInRow += 1
            inFlight = nil
            self.answerBy = nil
            quietUntil = now.advanced(milliseconds: Self.settleMilliseconds)
            if entry.attempts <= entry.command.retries, timeoutsInRow < timeoutLimit {
                entry.lines = []
                queue.insert(entry, at: 0)
            } else if !entry.isCancelled {
                actions.append(.finished(entry.tag, entry.command, .timedOut))
            }
            if timeoutsInRow == timeoutLimit { actions.append(.unresponsive) }
        }
        return actions + next(at: now)
    }

    /// The port was closed: everything that waits is dropped.
    package mutating func reset() -> [Action] {
        let dropped = [inFlight].compactMap(\.self) + queue
        inFlight = nil
        queue = []
        answerBy = nil
        quietUntil = nil
        timeoutsInRow = 0
        parser.reset()
        return dropped.filter { !$0.isCancelled }.map { .finished($0.tag, $0.command, .dropped) }
    }

    private mutating func next(at now: Instant) -> [Action] {
        guard inFlight == nil, !queue.isEmpty else { return [] }
        if let quietUntil, now < quietUntil { return [] }
        quietUntil = nil
        var entry = queue.removeFirst()
        entry.attempts += 1
        answerBy = now.advanced(milliseconds: Int64(entry.command.timeoutMilliseconds))
        sent &+= 1
        inFlight = entry
        return [.write(Array(entry.command.text.utf8) + [UInt8(ascii: "\r")])]
    }

    private mutating func line(_ text: String) -> [Action] {
        guard let command = inFlight?.command else { return [.unsolicited(text)] }
        // The echo, where it is on.
        if text == command.text { return [] }
        let isAnswer =
            command.prefixes.contains { text.hasPrefix($0) }
            || (command.takesAnyLine && !unsolicited.contains { text.hasPrefix($0) })
        guard isAnswer else { return [.unsolicited(text)] }
        if let count = inFlight?.lines.count, count < Self.lineLimit { inFlight?.lines.append(text) }
        return []
    }

    private mutating func result(_ result: ATResult, at now: Instant) -> [Action] {
        guard let entry = inFlight, !result.isOfCall || entry.command.endsWithCall else {
            if result.isOfCall { return [.callResult(result)] }
            strays &+= 1
            return []
        }
        inFlight = nil
        answerBy = nil
        timeoutsInRow = 0
        let finished: [Action] =
            entry.isCancelled
            ? (result.isOfCall ? [.callResult(result)] : [])
            : [.finished(entry.tag, entry.command, .answered(result, lines: entry.lines))]
        return finished + next(at: now)
    }
}
