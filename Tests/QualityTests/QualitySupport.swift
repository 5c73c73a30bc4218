import Audit
import Calls
import Foundation
import Norms
import Quality
import Testing

/// A small scorecard, the profile it asks, and conversations.
enum Sample {
    static let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    private static let read = Result {
        try NormProfile.decode(
            try String(contentsOf: root.appendingPathComponent("norms/yongqiang.yaml"), encoding: .utf8),
            file: "yongqiang.yaml"
        ).profile
    }

    static func profile() throws -> NormProfile { try read.get() }

    static let text = """
        id: small
        version: "1"
        title: {zh: 小表, en: Small}
        profile: yongqiang
        pass: 80
        appeal_days: 5
        groups:
          - id: all
            title: {zh: 全部, en: All}
            items:
              - {id: rings, clause: 002 三, text: {zh: 四声, en: Rings}, points: 10, rule: yq-rings}
              - {id: tone, clause: 002 三, text: {zh: 语气, en: Tone}, points: 20, scale: 5}
              - {id: over, clause: 002 三, text: {zh: 插话, en: Over}, points: 10, figure: over_talk, at_most: 5}
              - {id: angry, clause: 002 三, text: {zh: 怒气, en: Angry}, points: 10, rule: yq-angry}
              - {id: end, clause: 002 三, text: {zh: 挂断, en: End}, points: 10, critical: true, rule: yq-hang-up}
        """

    static func scorecard(_ text: String = Sample.text) throws -> Scorecard {
        try Scorecard.decode(text, file: "small.yaml", profiles: [profile()])
    }

    static func measures(_ scorecard: Scorecard) throws -> ScorecardMeasures {
        let profile = try profile()
        let calendar = try WorkingCalendar.decode(
            try String(contentsOf: root.appendingPathComponent("norms/calendar-cn.yaml"), encoding: .utf8),
            file: "calendar-cn.yaml")
        return ScorecardMeasures(
            scorecard,
            AuditContext(
                profile: profile, clock: profile.clock(calendar: calendar, zone: .fixed(28_800)), rings: RingClock(),
                from: 0, to: .max, asOf: .max))
    }

    /// A call that 1001 took after so many milliseconds of ringing, and that somebody ended.
    static func conversation(ring: Int64 = 3000, endedBy: ReleasedBy = .caller, overTalk: Int64 = 1000) -> Conversation
    {
        let at: Int64 = 1_795_363_200_000_000
        var call = AuditCall(
            id: CallID(high: 1, low: 2), line: "trunk", isInbound: true, caller: "13900000001", callerSource: "from",
            called: "86865598", offeredAt: at, ringingAt: at, answeredAt: at + 1_000_000, ringMilliseconds: 1000,
            rings: 1, releasedAt: at + 60_000_000, releasedBy: endedBy.rawValue, outcome: "completed")
        call.passages = [
            AuditCall.Passage(
                queue: "service", isRefused: false, enteredAt: at + 1_000_000, waitMilliseconds: ring, exit: .answered,
                offers: 1, ringMilliseconds: ring, agent: "1001", isApologised: false, isKeyCustomer: false)
        ]
        call.talks = [
            AuditCall.Talk(
                agent: "1001", answeredAt: at + 5_000_000, leftAt: at + 60_000_000, leftBy: endedBy.rawValue,
                leftMessage: endedBy == .agent ? "BYE received" : "BYE sent", isTransferred: false, isAnnounced: true)
        ]
        return Conversation(
            call: call, agent: "1001",
            sound: Conversation.Sound(
                length: 55_000, silence: 5000, overTalk: overTalk, callerTalk: 30_000, talk: 50_000))
    }

    static func measured(_ conversation: Conversation, by text: String = Sample.text) throws -> [String: Measured] {
        let scorecard = try scorecard(text)
        let measures = try measures(scorecard)
        var all: [String: Measured] = [:]
        for item in scorecard.items { all[item.id] = measures.measured(item, of: conversation) }
        return all
    }

    /// Good answers.
    static func answers(_ change: (inout [String: ReviewSheet.Answer]) -> Void = { _ in }) -> [ReviewSheet.Answer] {
        var all = Dictionary(
            uniqueKeysWithValues: [("rings", 1), ("tone", 5), ("over", 1), ("angry", nil), ("end", 1)].map {
                ($0.0, ReviewSheet.Answer(item: $0.0, value: $0.1))
            })
        change(&all)
        return Array(all.values)
    }
}
