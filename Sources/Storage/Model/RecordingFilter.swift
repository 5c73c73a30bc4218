import Calls

/// What a list of recordings is sorted by; ties stand in the order of time, in the same direction.
public enum RecordingSort: String, Sendable, Codable, CaseIterable {
    /// `planned_at`.
    case time
    /// Recordings that still run, whose length is not known, count as the shortest.
    case length
    /// The line's rings until the answer; calls never answered count as the fewest.
    case rings
}

/// Which recordings to list: every condition that is set must hold. The newest first, unless it says otherwise.
public struct RecordingFilter: Sendable, Hashable {
    /// Planned at this moment or later.
    public var from: UTCTime?
    /// Planned before this moment.
    public var to: UTCTime?
    public var call: CallID?
    public var state: RecordingState?
    /// 1…100,000.
    public var limit: Int
    /// Only recordings that stand after this one in the list: the next page after its last one. Set `cursor` instead where
    /// there is one. Works with `sort` `.time`, descending.
    public var before: RecordingID?
    /// The number of a work order that it is linked to.
    public var order: String?
    /// The call's caller, as normalised.
    public var caller: String?
    /// An agent who answered in the call.
    public var agent: WorkNumber?
    /// The line's name.
    public var line: String?
    /// The category of a work order that it is linked to.
    public var category: String?
    /// How the call ended.
    public var outcome: Outcome?
    /// Milliseconds; none of the two lets through what still runs.
    public var lengthAtLeast: Int64?
    public var lengthAtMost: Int64?
    /// Who hung up first.
    public var releasedBy: ReleasedBy?
    /// The line's rings until the answer.
    public var ringsAtLeast: Int?
    public var ringsAtMost: Int?
    /// The keys that the caller pressed begin so.
    public var digits: String?
    /// A mark of the call, one of `marks`.
    public var mark: String?
    /// The caller's rating, the last where several agents were rated.
    public var ratingAtLeast: Int?
    public var ratingAtMost: Int?
    /// A flag that a word of its transcript raised.
    public var flag: QAFlagKind?
    /// The id of a rule that its call broke, or `anyNorm`.
    public var normBroken: String?
    /// Words in the notes, in the texts of the orders' fields and in the transcript: each part between spaces occurs as it
    /// stands.
    public var text: String?
    /// `call`, `consultation`.
    public var purpose: String?
    public var sort: RecordingSort
    /// The latest, longest, most rung first.
    public var descending: Bool
    /// Go on after the recording that this belongs to.
    public var cursor: RecordingCursor?

    /// Whatever rule was broken.
    public static let anyNorm = "any"

    /// The marks that can be asked for.
    public static let marks = ["nuisance", "wrong_number", "angry", "dropped"]

    public init(
        from: UTCTime? = nil, to: UTCTime? = nil, call: CallID? = nil, state: RecordingState? = nil,
        limit: Int = 100, before: RecordingID? = nil, sort: RecordingSort = .time, descending: Bool = true
    ) {
        self.from = from
        self.to = to
        self.call = call
        self.state = state
        self.limit = limit
        self.before = before
        self.sort = sort
        self.descending = descending
    }
}

/// Where in a sorted list of recordings one stands. Its text is opaque to others, and holds for the sort and direction
/// that it was given for, whatever the other conditions are. Recordings that come in later move nothing.
public struct RecordingCursor: Sendable, Hashable, LosslessStringConvertible {
    package var sort: RecordingSort
    package var descending: Bool
    /// The value sorted by; 0 for `.time`.
    package var key: Int64
    package var place: Int64

    package init(sort: RecordingSort, descending: Bool, key: Int64, place: Int64) {
        self.sort = sort
        self.descending = descending
        self.key = key
        self.place = place
    }

    /// The same place, for the list read from its other end.
    public var reversed: RecordingCursor {
        RecordingCursor(sort: sort, descending: !descending, key: key, place: place)
    }

    /// Whether it stands in a list of this sort and direction.
    public func belongs(to filter: RecordingFilter) -> Bool {
        sort == filter.sort && descending == filter.descending
    }

    /// `t` `l` `r` (small: ascending; capital: descending), then key and place in base 36.
    public var description: String {
        let letter = String(sort.rawValue.prefix(1))
        return "\(descending ? letter.uppercased() : letter)\(String(key, radix: 36)).\(String(place, radix: 36))"
    }

    public init?(_ description: String) {
        guard description.utf8.count <= 40, let letter = description.first, letter.isASCII,
            let sort = RecordingSort.allCases.first(where: { $0.rawValue.first == Character(letter.lowercased()) })
        else { return nil }
        let parts = description.dropFirst().split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let key = Int64(parts[0], radix: 36), let place = Int64(parts[1], radix: 36) else {
            return nil
        }
        self.init(sort: sort, descending: letter.isUppercase, key: key, place: place)
        // One text for one place: a cursor with leading zeros was not ours.
        guard self.description == description else { return nil }
    }
}
