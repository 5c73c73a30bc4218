import Calls

/// A notice that callers hear in the flow, as it was switched; keys as in docs/json.md.
public struct NoticeRecord: Sendable, Hashable, Codable {
    /// The flow's variable: `notice.storm`.
    public var variable: String
    /// What callers hear; nil: it was taken back.
    public var prompt: String?
    /// When it ends by itself; nil: when it is taken back.
    public var until: UTCTime?
    public var setAt: UTCTime
    public var by: String
    /// Empty where nobody said.
    public var why: String
    /// Whether callers who call at the moment asked about hear it.
    public var isOn: Bool

    public init(
        variable: String, prompt: String?, until: UTCTime?, setAt: UTCTime, by: String, why: String, isOn: Bool = false
    ) {
        self.variable = variable
        self.prompt = prompt
        self.until = until
        self.setAt = setAt
        self.by = by
        self.why = why
        self.isOn = isOn
    }

    /// As commands and addresses name it: `storm`.
    public var name: String { String(variable.trimmingPrefix(Self.prefix)) }
    /// What the variables of notices begin with.
    public static let prefix = "notice."

    /// With whether it holds at a moment, where nothing was set after it.
    public func judged(at moment: UTCTime) -> NoticeRecord {
        var judged = self
        judged.isOn = prompt != nil && until.map { moment < $0 } ?? true
        return judged
    }

    enum CodingKeys: String, CodingKey {
        case name = "notice"
        case variable
        case isOn = "on"
        case prompt, until
        case setAt = "set_at"
        case by, why
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        variable = try fields.decode(String.self, forKey: .variable)
        isOn = try fields.decode(Bool.self, forKey: .isOn)
        prompt = try fields.decodeIfPresent(String.self, forKey: .prompt)
        until = try fields.decodeIfPresent(UTCTime.self, forKey: .until)
        setAt = try fields.decode(UTCTime.self, forKey: .setAt)
        by = try fields.decode(String.self, forKey: .by)
        why = try fields.decode(String.self, forKey: .why)
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(name, forKey: .name)
        try fields.encode(variable, forKey: .variable)
        try fields.encode(isOn, forKey: .isOn)
        try fields.encode(prompt, forKey: .prompt)
        try fields.encode(until, forKey: .until)
        try fields.encode(setAt, forKey: .setAt)
        try fields.encode(by, forKey: .by)
        try fields.encode(why, forKey: .why)
    }
}
