/// A place in a line of waiting callers. The key is the order: the higher priority first, then first come.
struct Place: Comparable {
    let key: UInt64
    let call: CallID

    /// - Parameters:
    ///   - rank: 0…3, higher goes first.
    ///   - sequence: rises with every caller who enters, below 2^62.
    static func key(rank: UInt64, sequence: UInt64) -> UInt64 { (3 - rank) << 62 | sequence }

    static func < (left: Place, right: Place) -> Bool { left.key < right.key }
}

/// Places in order, found by binary search: a caller who comes back to the line gets the old place again.
struct WaitingLine {
    private(set) var places: [Place] = []

    var count: Int { places.count }
    var isEmpty: Bool { places.isEmpty }
    var first: Place? { places.first }

    /// How many places stand before `key`.
    func index(of key: UInt64) -> Int {
        var low = 0
        var high = places.count
        while low < high {
            let middle = (low + high) / 2
            if places[middle].key < key { low = middle + 1 } else { high = middle }
        }
        return low
    }

    mutating func insert(_ place: Place) {
        // Nearly everyone comes last.
        if let last = places.last, last < place {
            places.append(place)
        } else {
            places.insert(place, at: index(of: place.key))
        }
    }

    mutating func remove(_ key: UInt64) {
        let index = index(of: key)
        guard index < places.count, places[index].key == key else { return }
        places.remove(at: index)
    }
}

/// A caller in a queue, or the place kept for one who is to be called back.
struct Caller {
    /// As entered, with the skill resolved.
    var waiting: Waiting
    /// The skill needed is the queue's, not one that was asked for.
    let hasQueueSkill: Bool
    /// When the queue was entered.
    let since: Instant
    let sequence: UInt64
    /// The place's key in the queue and in the line.
    var key: UInt64
    /// Served by the duty phones, not by agents.
    var isDuty: Bool
    /// The number to call back; nil while the caller is on the line.
    var number: String?
    /// The phone that rings now.
    var offer: OfferID?
    var records: [OfferRecord] = []
    /// How often each agent was tried.
    var tries: [WorkNumber: Int] = [:]
    /// The maximum wait was over while a phone rang.
    var isOverdue = false
    /// The agent who answered the call-back's offer and is about to reach the caller; the place is given up by then.
    var calledBy: WorkNumber?
}

/// A queue and how it stands.
struct QueueBook {
    var rules: QueueRules
    /// Everybody waiting, whether or not a phone rings for them.
    var line = WaitingLine()
    var isOpen = true
    var isDraining = false
    /// No longer configured; goes when the last caller has left.
    var isRemoved = false
    /// The running mean of talk and wrap-up, milliseconds.
    var meanMilliseconds: Double
    private var calls = 0

    init(rules: QueueRules) {
        self.rules = rules
        meanMilliseconds = Double(rules.expectedTalkMilliseconds + rules.wrapUpMilliseconds)
    }

    /// Takes newly loaded rules; what was learned stays.
    mutating func adopt(_ rules: QueueRules) {
        self.rules = rules
        isRemoved = false
        if calls == 0 { meanMilliseconds = Double(rules.expectedTalkMilliseconds + rules.wrapUpMilliseconds) }
    }

    /// One more call took so long. The expectation weighs as much as five calls, and a call is forgotten after about a
    /// hundred more: one misdialled call does not spoil the figure, a changed day shows within it.
    mutating func learn(_ milliseconds: Int64) {
        calls += 1
        meanMilliseconds += (Double(milliseconds) - meanMilliseconds) / Double(min(calls + 5, 100))
    }
}
