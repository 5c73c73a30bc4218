import Norms

/// Judges calls by one rule. What each measure is about, and when it is kept: docs/audit.md, Calls.
///
/// A value, cheap to ask: it is asked of every call of a period. The facts are as the audit's moment knows them: what is nil
/// in them had not happened then.
public struct CallJudge: Sendable {
    /// What all calls are judged by. One reference: a rule and its profile hold dozens, which every use of a judge would
    /// count.
    final class Basis: Sendable {
        let rule: NormRule
        let measure: NormMeasure
        let context: AuditContext
        let scope: CallScope
        /// Beyond so many of people's rings an apology is owed.
        let apologyRings: Int

        init(_ rule: NormRule, _ measure: NormMeasure, _ context: AuditContext) {
            self.rule = rule
            self.measure = measure
            self.context = context
            scope = CallScope(
                rule.scope, knowsCustomers: [.agentAnswerRings, .agentAnswerTime, .apologyWhenLate].contains(measure))
            apologyRings = context.profile.agentRings ?? CallJudge.usualRings
        }
    }

    let basis: Basis

    /// - Returns: nil where the rule has no measure of calls.
    public init?(_ rule: NormRule, _ context: AuditContext) {
        guard let measure = rule.measure, measure.subject == .call else { return nil }
        basis = Basis(rule, measure, context)
    }

    public var rule: NormRule { basis.rule }

    /// 002 服务规范 1, where a profile that asks for the apology sets no rings.
    static let usualRings = 4

    /// What the rule says of a call, in the order of the call's own rows.
    public func items(for call: AuditCall) -> [AuditItem] {
        var items: [AuditItem] = []
        forEach(in: call) { items.append($0) }
        return items
    }

    /// The same one by one, without a list.
    public func forEach(in call: AuditCall, _ body: (AuditItem) -> Void) {
        guard call.isInbound, basis.scope.admits(call) else { return }
        guard basis.scope.isUnknown else { return judge(call, body) }
        judge(call) { body(AuditItem($0.subject, .notJudged(Reason.scope), at: $0.at, agent: $0.agent)) }
    }

    private func judge(_ call: AuditCall, _ body: (AuditItem) -> Void) {
        switch basis.measure {
        case .lineAnswerRings: lineRings(call, body)
        case .agentAnswerRings: agentRings(call, body)
        case .agentAnswerTime: agentTime(call, body)
        case .apologyWhenLate: apology(call, body)
        case .connectionRate: connection(call, body)
        case .greetingComplete: greeting(call, body)
        case .callerEndsFirst: hangUp(call, body)
        case .nuisanceReported: nuisance(call, body)
        case .angryHandled: angry(call, body)
        case .callRecordComplete: record(call, body)
        case .callerTalkShare: talkShare(call, body)
        case .callbackMade: callBacks(call, body)
        // Of other subjects than calls: `init` refuses them.
        default: break
        }
    }

    /// Why something is not judged: reports count by these words.
    enum Reason {
        static let scope = "a call does not show whether the rule is about it"
        static let notAnswered = "not answered, within the limit"
        static let noFigure = "not answered"
        static let ringing = "the ringing is not known"
        static let noRing = "the line did not ring"
        static let noAgent = "no agent was offered"
        static let wait = "the wait is not known"
        static let waitEnd = "the end of the wait is not known"
        static let words = "the words are heard, not measured"
        static let whoEnded = "who ended it is not known"
        static let exchange = "the exchange ended it"
        static let interrupted = "the program ended in mid-call"
        static let noRecording = "no recording"
        static let noFigures = "the speech was not measured"
        static let silence = "nobody spoke"
    }
}

extension NormProfile {
    /// The profile's own limit on people's rings: that of its first rule on them which gives rings.
    var agentRings: Int? {
        for rule in rules where rule.measure == .agentAnswerRings {
            if case .within(let amount)? = rule.limit, amount.unit == .rings { return amount.count }
        }
        return nil
    }
}

extension AuditCall {
    /// Not over as of the audit's moment.
    var isRunning: Bool { releasedAt == nil }

    /// Refused because of who called: nobody was to be put through.
    var isTurnedAway: Bool { outcome == "blocked" || outcome == "rejected" }
}
