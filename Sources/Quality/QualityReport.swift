/// Reviews of a period in figures: by agent, by item, by reviewer. Calibrations count for reviewers alone.
public struct QualityReport: Sendable, Hashable {
    /// One review as it stands: its last revision.
    public struct Row: Sendable, Hashable {
        public struct Answer: Sendable, Hashable {
            public var item: String
            public var value: Int?
            public var scale: Int
            /// The machine's verdict was another one.
            public var isOverruled: Bool

            public init(item: String, value: Int?, scale: Int, isOverruled: Bool) {
                self.item = item
                self.value = value
                self.scale = scale
                self.isOverruled = isOverruled
            }
        }

        public var agent: String
        public var reviewer: String
        /// Of which conversation: reviewers of one calibration share it.
        public var conversation: String
        public var isCalibration: Bool
        public var score: Int?
        public var isFailed: Bool
        public var isCritical: Bool
        public var state: Review.State
        public var answers: [Answer]

        public init(
            agent: String, reviewer: String, conversation: String, isCalibration: Bool, score: Int?, isFailed: Bool,
            isCritical: Bool, state: Review.State, answers: [Answer]
        ) {
            self.agent = agent
            self.reviewer = reviewer
            self.conversation = conversation
            self.isCalibration = isCalibration
            self.score = score
            self.isFailed = isFailed
            self.isCritical = isCritical
            self.state = state
            self.answers = answers
        }
    }

    /// Reviews of one agent, or by one reviewer.
    public struct Line: Sendable, Hashable {
        public var name: String
        public var reviews = 0
        /// Hundredths of a per cent, the mean of those that have a score; nil: none has.
        public var mean: Int?
        public var failed = 0
        public var critical = 0
        public var appealed = 0
        /// Appeals that changed something.
        public var changed = 0
        /// Answers other than the machine's.
        public var overruled = 0
    }

    /// One item over all reviews of the scorecard.
    public struct ItemLine: Sendable, Hashable {
        public var item: String
        /// Answers but "not about this conversation".
        public var answered = 0
        /// Hundredths of a per cent of what could be had; nil: never answered.
        public var share: Int?
        /// Answers of 0.
        public var failed = 0
    }

    /// How near reviewers came to one another, over calibrations that two or more have scored.
    public struct Calibration: Sendable, Hashable {
        public var conversation: String
        public var reviewers: [String]
        /// The highest score less the lowest, hundredths of a per cent.
        public var spread: Int
        /// Items that all answered alike, of all items; hundredths of a per cent.
        public var agreement: Int
        /// Items that they differ in.
        public var differing: [String]
    }

    public private(set) var agents: [Line] = []
    public private(set) var reviewers: [Line] = []
    public private(set) var items: [ItemLine] = []
    public private(set) var calibrations: [Calibration] = []
    public private(set) var all = Line(name: "")

    /// - Parameters:
    ///   - rows: of one scorecard, in any order.
    ///   - items: the scorecard's, in its order; others that older versions had come after them.
    public init(_ rows: [Row], items: [String]) {
        let counted = rows.filter { !$0.isCalibration }
        all = Self.line("", counted)
        agents = Self.lines(counted, by: \.agent)
        reviewers = Self.lines(rows, by: \.reviewer)
        let older = Set(counted.flatMap { $0.answers.map(\.item) }).subtracting(items).sorted()
        self.items = (items + older).map { Self.item($0, counted) }
        calibrations = Dictionary(grouping: rows.filter(\.isCalibration), by: \.conversation)
            .compactMap { Self.calibration($0, $1) }.sorted { $0.conversation < $1.conversation }
    }

    private static func lines(_ rows: [Row], by key: (Row) -> String) -> [Line] {
        Dictionary(grouping: rows, by: key).map { line($0, $1) }.sorted { $0.name < $1.name }
    }

    private static func line(_ name: String, _ rows: [Row]) -> Line {
        var line = Line(name: name)
        line.reviews = rows.count
        line.mean = mean(rows.compactMap(\.score))
        line.failed = rows.count(where: \.isFailed)
        line.critical = rows.count(where: \.isCritical)
        line.appealed = rows.count { $0.state != .submitted }
        line.changed = rows.count { $0.state == .changed }
        line.overruled = rows.reduce(0) { $0 + $1.answers.count(where: \.isOverruled) }
        return line
    }

    /// Rounded to the nearest.
    private static func mean(_ scores: [Int]) -> Int? {
        scores.isEmpty ? nil : (2 * scores.reduce(0, +) + scores.count) / (2 * scores.count)
    }

    private static func item(_ id: String, _ rows: [Row]) -> ItemLine {
        var line = ItemLine(item: id)
        var shares: [Int] = []
        for answer in rows.flatMap(\.answers) where answer.item == id {
            guard let value = answer.value, answer.scale > 0 else { continue }
            line.answered += 1
            if value == 0 { line.failed += 1 }
            shares.append(value * 10_000 / answer.scale)
        }
        line.share = mean(shares)
        return line
    }

    private static func calibration(_ conversation: String, _ rows: [Row]) -> Calibration? {
        guard rows.count > 1 else { return nil }
        let scores = rows.map { $0.score ?? 0 }
        let items = rows[0].answers.map(\.item)
        let differing = items.filter { item in
            Set(rows.map { row in row.answers.first { $0.item == item }?.value }).count > 1
        }
        return Calibration(
            conversation: conversation, reviewers: rows.map(\.reviewer).sorted(),
            spread: (scores.max() ?? 0) - (scores.min() ?? 0),
            agreement: items.isEmpty ? 10_000 : (items.count - differing.count) * 10_000 / items.count,
            differing: differing)
    }
}
