/// What a breach costs, in a document's own figures. The program proposes; a person confirms.
public struct NormPenalty: Sendable, Hashable {
    /// Unique among all profiles.
    public var id: String
    public var items: [String]
    public var source: String
    public var clause: String
    public var words: NormRule.Words
    public var evidence: NormEvidence
    public var trigger: Trigger
    /// Who pays, in the document's words.
    public var who: String
    public var amount: Amount
    public var per: Per?
    /// What comes beside the money, in the document's words.
    public var sanction: String?
    public var anomaly: String?
    public var note: String?

    /// What sets it off.
    public enum Trigger: String, Sendable, Hashable, CaseIterable {
        /// Each day beyond the limit.
        case late
        /// The reply was found unqualified.
        case unqualified
        /// The unqualified reply brought the customer back.
        case repeated
        /// 工作质量, no loss to the customer.
        case workFault = "work_fault"
        /// 工作质量, with loss.
        case workFaultLoss = "work_fault_loss"
        /// 态度冷淡.
        case coldAttitude = "cold_attitude"
        /// 语言粗暴, 争吵.
        case rudeAttitude = "rude_attitude"
        /// 重大投诉事件.
        case majorEvent = "major_event"
        /// 严重投诉事件.
        case seriousEvent = "serious_event"
        /// Verified, and brought to a body outside.
        case outsideChannel = "outside_channel"
        /// 弄虚作假.
        case falseReply = "false_reply"
        /// 十个不准.
        case tenDonts = "ten_donts"
        /// 十项承诺.
        case tenPromises = "ten_promises"
        /// Any complaint at all.
        case anyComplaint = "any_complaint"
        /// A promised service, and staff at fault.
        case promisedService = "promised_service"
        /// 吃拿卡要.
        case extortion
        /// 泄露举报内容.
        case leak
        /// 打击报复.
        case retaliation
        /// Dragged on until it was brought to the superior.
        case delayEscalated = "delay_escalated"
        /// A valid complaint by carelessness.
        case validComplaint = "valid_complaint"
        /// Misconduct again and again, or with grave results.
        case repeatedMisconduct = "repeated_misconduct"
        /// No valid complaint for a time: a reward.
        case noComplaint = "no_complaint"
        /// An improvement taken up, or a reasonable complaint: a reward.
        case improvement
        /// 恶意投诉, on the complainant's side.
        case malicious
        /// The rules were not followed in another way.
        case other
    }

    /// Money in yuan, as the document bounds it.
    public enum Amount: Sendable, Hashable, CustomStringConvertible {
        case exactly(Int)
        /// 不少于.
        case atLeast(Int)
        case range(Int, Int)
        /// So many times the penalty otherwise due.
        case times(Int)
        /// Money, but no figure; or none.
        case unstated

        public var description: String {
            switch self {
            case .exactly(let yuan): "\(yuan) yuan"
            case .atLeast(let yuan): "at least \(yuan) yuan"
            case .range(let from, let to): "\(from) to \(to) yuan"
            case .times(let factor): "\(factor) times"
            case .unstated: "no figure"
            }
        }

        /// The figures, for the check against the quotation.
        var figures: [Int] {
            switch self {
            case .exactly(let yuan), .atLeast(let yuan): [yuan]
            case .range(let from, let to): [from, to]
            case .times, .unstated: []
            }
        }
    }

    /// For what the sum is due once.
    public enum Per: String, Sendable, Hashable, CaseIterable {
        /// Each person of the department, each day.
        case personDay = "person_day"
        case person
        /// Each person each time.
        case personTime = "person_time"
        /// Each case.
        case `case`
        /// Each time.
        case time
    }
}
