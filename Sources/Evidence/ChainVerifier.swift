/// Where a chain does not hold.
public struct ChainBreak: Sendable, Hashable, CustomStringConvertible {
    public enum Kind: String, Sendable, Codable, CaseIterable {
        /// An event is missing, stands twice or stands at another's place.
        case sequence
        /// The event belongs to another chain.
        case chain
        /// The body or its salt is not what was hashed.
        case body
        /// The hash does not follow from the event before and the body's hash.
        case hash
        /// The body reads well and hashes well but is not a journal event.
        case format
        /// The chain ends before or after the head that is recorded or anchored.
        case head
    }
    public var chain: String
    /// The sequence number of the first event that does not hold.
    public var sequence: Int64
    public var kind: Kind
    /// For people.
    public var message: String

    public init(chain: String, sequence: Int64, kind: Kind, message: String) {
        self.chain = chain
        self.sequence = sequence
        self.kind = kind
        self.message = message
    }

    public var description: String { "chain \(chain), event \(sequence): \(message) (\(kind.rawValue))" }
}

/// Walks one chain from its first event and finds the first place where it does not hold. Events with erased bodies
/// are checked by their body's hash.
public struct ChainVerifier: Sendable {
    public let chain: String
    /// The last event that held.
    public private(set) var head: ChainHead
    /// Events seen, also those after a break.
    public private(set) var events: Int64 = 0
    /// How many of them have no body any more.
    public private(set) var erased: Int64 = 0
    /// The first break; later ones would only echo it.
    public private(set) var firstBreak: ChainBreak?
    /// Heads that have to be met on the way: anchors, by sequence number.
    private var expected: [Int64: [UInt8]] = [:]

    /// - Parameter anchors: heads of this chain that others vouch for; heads of other chains are passed over.
    public init(chain: String, anchors: [ChainHead] = []) {
        self.chain = chain
        head = ChainHead(emptyChain: chain)
        for anchor in anchors where anchor.chain == chain {
            if let other = expected.updateValue(anchor.hash, forKey: anchor.sequence), other != anchor.hash {
                firstBreak = ChainBreak(
                    chain: chain, sequence: anchor.sequence, kind: .head,
                    message: "two anchors name different hashes for this event")
            }
        }
    }

    /// For a part of a chain, whose first event follows `start`.
    public init(after start: ChainHead) {
        chain = start.chain
        head = start
    }

    /// Checks the next event.
    /// - Returns: the event as written, where it holds and its body was not erased.
    @discardableResult
    public mutating func check(_ event: SealedEvent) -> JournalEvent? {
        events += 1
        if event.body == nil { erased += 1 }
        guard firstBreak == nil else { return nil }
        let sequence = head.sequence + 1
        if event.chain != chain { return stop(sequence, .chain, "it belongs to chain \(event.chain)") }
        if event.sequence != sequence {
            return stop(sequence, .sequence, "event \(event.sequence) stands where \(sequence) is due")
        }
        if let body = event.body {
            guard let salt = event.salt, ChainHash.body(salt: salt, body: body) == event.bodyHash else {
                return stop(sequence, .body, "the body was changed after it was written")
            }
        }
        let hash = ChainHash.link(
            chain: chain, sequence: sequence, previous: head.hash, bodyHash: event.bodyHash)
        guard hash == event.hash else {
            return stop(sequence, .hash, "its hash does not follow from the event before it")
        }
        if let anchored = expected[sequence], anchored != hash {
            return stop(sequence, .head, "an anchor names another hash for this event")
        }
        head = ChainHead(chain: chain, sequence: sequence, hash: hash)
        guard let body = event.body else { return nil }
        do {
            return try JournalEvent(body: body)
        } catch {
            return stop(sequence, .format, error.message)
        }
    }

    /// Ends the walk.
    /// - Parameter recorded: the head that the store keeps beside the events; nil where it keeps none.
    /// - Returns: the first break, also where the last events are missing.
    public mutating func finish(recorded: ChainHead?) -> ChainBreak? {
        if firstBreak == nil, let recorded, recorded != head {
            let message = "the store records event \(recorded.sequence) as the last, the events end at \(head.sequence)"
            firstBreak = ChainBreak(
                chain: chain, sequence: min(recorded.sequence, head.sequence) + 1, kind: .head, message: message)
        }
        if firstBreak == nil, let last = expected.keys.max(), last > head.sequence {
            firstBreak = ChainBreak(
                chain: chain, sequence: head.sequence + 1, kind: .head,
                message: "an anchor names event \(last), the events end at \(head.sequence)")
        }
        return firstBreak
    }

    private mutating func stop(_ sequence: Int64, _ kind: ChainBreak.Kind, _ message: String) -> JournalEvent? {
        firstBreak = ChainBreak(chain: chain, sequence: sequence, kind: kind, message: message)
        return nil
    }
}
