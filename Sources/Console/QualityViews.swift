import Quality
import Storage
import Switchboard

// What the API tells of scorecards and figures; keys as in docs/json.md.

/// One scorecard.
struct ScorecardView: Encodable {
    struct Words: Encodable {
        var zh: String
        var en: String

        init(_ words: Scorecard.Words) {
            zh = words.chinese
            en = words.english
        }
    }

    struct Item: Encodable {
        var id: String
        var clause: String
        var text: Words
        var points: Int
        var scale: Int
        var critical: Bool
    }

    struct Group: Encodable {
        var id: String
        var title: Words
        var items: [Item]
    }

    var id: String
    var version: String
    var title: Words
    var profile: String
    var pass: Int
    var appealDays: Int
    var groups: [Group]

    enum CodingKeys: String, CodingKey {
        case id, version, title, profile, pass
        case appealDays = "appeal_days"
        case groups
    }

    init(_ scorecard: Scorecard) {
        id = scorecard.id
        version = scorecard.version
        title = Words(scorecard.title)
        profile = scorecard.profile
        pass = scorecard.pass
        appealDays = scorecard.appealDays
        groups = scorecard.groups.map { group in
            Group(
                id: group.id, title: Words(group.words),
                items: group.items.map { item in
                    Item(
                        id: item.id, clause: item.clause, text: Words(item.words), points: item.points,
                        scale: item.scale, critical: item.isCritical)
                })
        }
    }
}

/// What machines measured of a conversation.
struct SheetView: Encodable {
    struct Item: Encodable {
        var item: String
        var verdict: String
        var amount: Int64?
        var unit: String?
        var why: String?
        var position: Int64?

        enum CodingKeys: String, CodingKey {
            case item, verdict, amount, unit
            case why = "measured_why"
            case position = "position_ms"
        }

        func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: CodingKeys.self)
            try fields.encode(item, forKey: .item)
            try fields.encode(verdict, forKey: .verdict)
            try fields.encode(amount, forKey: .amount)
            try fields.encode(unit, forKey: .unit)
            try fields.encode(why, forKey: .why)
            try fields.encode(position, forKey: .position)
        }
    }

    var scorecard: ScorecardView
    var agent: String
    var measured: [Item]

    init(_ sheet: ReviewDesk.Sheet) {
        scorecard = ScorecardView(sheet.scorecard)
        agent = sheet.agent
        measured = sheet.scorecard.items.compactMap { item in
            sheet.measured[item.id].map { measured in
                Item(
                    item: item.id, verdict: measured.verdict.rawValue, amount: measured.amount,
                    unit: measured.unit?.rawValue, why: measured.why, position: sheet.position(of: item.id))
            }
        }
    }
}

/// Figures of a period.
struct QualityView: Encodable {
    struct Line: Encodable {
        var name: String
        var reviews: Int
        var mean: Int?
        var failed: Int
        var critical: Int
        var appealed: Int
        var changed: Int
        var overruled: Int

        init(_ line: QualityReport.Line) {
            name = line.name
            reviews = line.reviews
            mean = line.mean
            failed = line.failed
            critical = line.critical
            appealed = line.appealed
            changed = line.changed
            overruled = line.overruled
        }

        func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: CodingKeys.self)
            try fields.encode(name, forKey: .name)
            try fields.encode(reviews, forKey: .reviews)
            try fields.encode(mean, forKey: .mean)
            try fields.encode(failed, forKey: .failed)
            try fields.encode(critical, forKey: .critical)
            try fields.encode(appealed, forKey: .appealed)
            try fields.encode(changed, forKey: .changed)
            try fields.encode(overruled, forKey: .overruled)
        }

        enum CodingKeys: CodingKey { case name, reviews, mean, failed, critical, appealed, changed, overruled }
    }

    struct Item: Encodable {
        var item: String
        var answered: Int
        var share: Int?
        var failed: Int

        func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: CodingKeys.self)
            try fields.encode(item, forKey: .item)
            try fields.encode(answered, forKey: .answered)
            try fields.encode(share, forKey: .share)
            try fields.encode(failed, forKey: .failed)
        }

        enum CodingKeys: CodingKey { case item, answered, share, failed }
    }

    struct Calibration: Encodable {
        var conversation: String
        var reviewers: [String]
        var spread: Int
        var agreement: Int
        var differing: [String]
    }

    var scorecard: String
    var all: Line
    var agents: [Line]
    var reviewers: [Line]
    var items: [Item]
    var calibrations: [Calibration]

    init(_ report: QualityReport, scorecard: String) {
        self.scorecard = scorecard
        all = Line(report.all)
        agents = report.agents.map { Line($0) }
        reviewers = report.reviewers.map { Line($0) }
        items = report.items.map { Item(item: $0.item, answered: $0.answered, share: $0.share, failed: $0.failed) }
        calibrations = report.calibrations.map {
            Calibration(
                conversation: $0.conversation, reviewers: $0.reviewers, spread: $0.spread, agreement: $0.agreement,
                differing: $0.differing)
        }
    }
}
