import Audit
import Calls
import Foundation
import Norms
import Testing

/// Calls and rules for the tests of judges of calls.
enum CallFacts {
    /// 2026-11-23 00:00 in Shanghai, a Monday.
    static let midnight: Int64 = 1_795_363_200_000_000
    /// An hour later: when calls are offered.
    static let offered = midnight + 3_600_000_000

    /// So many milliseconds after the offer.
    static func at(_ milliseconds: Int64) -> Int64 { offered + milliseconds * 1000 }

    private static let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Those with rules on calls, read once for all tests.
    private static let profiles = Result {
        try [
            "yongqiang", "dazu", "gbt-33358", "service-codes", "answer-rates", "call-centre-law", "car-dealer",
            "marketing",
        ]
        .map { name in
            let file = root.appendingPathComponent("norms/\(name).yaml")
            let text = try String(contentsOf: file, encoding: .utf8)
            return try NormProfile.decode(text, file: "\(name).yaml").profile
        }
    }

    /// The shipped profiles with rules on calls.
    static func shipped() throws -> [NormProfile] { try profiles.get() }

    static func profile(_ id: String) throws -> NormProfile { try #require(try shipped().first { $0.id == id }) }

    /// Speaks of the moment a day after the calls, or of `asOf`.
    static func context(_ profile: NormProfile, asOf: Int64 = midnight + 86_400_000_000) -> AuditContext {
        AuditContext(
            profile: profile, clock: profile.clock(calendar: .weekdaysOnly, zone: .fixed(28_800)), rings: RingClock(),
            from: midnight, to: midnight + 86_400_000_000, asOf: asOf)
    }

    /// The judge of a shipped profile's rule, perhaps changed first.
    static func judge(
        _ name: String, _ id: String, asOf: Int64 = midnight + 86_400_000_000,
        _ change: (inout NormRule) -> Void = { _ in }, profile changed: (inout NormProfile) -> Void = { _ in }
    ) throws -> CallJudge {
        var profile = try profile(name)
        changed(&profile)
        var rule = try #require(profile.rule(id))
        change(&rule)
        return try #require(CallJudge(rule, context(profile, asOf: asOf)))
    }

    /// An inbound call that was answered after a second and ended by the caller after a minute.
    static func call(_ change: (inout AuditCall) -> Void = { _ in }) -> AuditCall {
        var call = AuditCall(
            id: CallID(high: 1, low: 2), line: "trunk", isInbound: true, caller: "13900000001", callerSource: "from",
            called: "86865598", offeredAt: offered, ringingAt: offered, answeredAt: at(1000), ringMilliseconds: 1000,
            rings: 1, releasedAt: at(60_000), releasedBy: "caller", outcome: "completed")
        change(&call)
        return call
    }

    /// A call that is not over.
    static func running(_ change: (inout AuditCall) -> Void = { _ in }) -> AuditCall {
        call {
            ($0.releasedAt, $0.releasedBy, $0.outcome) = (nil, nil, nil)
            change(&$0)
        }
    }

    static func passage(
        _ exit: QueueExit? = .answered, ring: Int64? = 3000, wait: Int64? = 4000, offers: Int? = 1,
        _ change: (inout AuditCall.Passage) -> Void = { _ in }
    ) -> AuditCall.Passage {
        var passage = AuditCall.Passage(
            queue: "service", isRefused: false, enteredAt: at(5000), waitMilliseconds: wait, exit: exit, offers: offers,
            ringMilliseconds: ring, agent: exit == .answered ? "1001" : nil, isApologised: false, isKeyCustomer: false)
        change(&passage)
        return passage
    }

    static func talk(
        leftBy: String? = "caller", _ change: (inout AuditCall.Talk) -> Void = { _ in }
    ) -> AuditCall.Talk {
        var talk = AuditCall.Talk(
            agent: "1001", answeredAt: at(9000), leftAt: leftBy == nil ? nil : at(60_000), leftBy: leftBy,
            leftMessage: leftBy.map { $0 == "agent" ? "BYE received" : "BYE sent" }, isTransferred: false,
            isAnnounced: false)
        change(&talk)
        return talk
    }

    static func mark(_ mark: String, degree: Int? = nil, at: Int64 = at(30_000)) -> AuditCall.Mark {
        AuditCall.Mark(mark: mark, agent: "1001", degree: degree, at: at)
    }
}

extension CallJudge {
    /// The verdicts alone.
    func verdicts(_ call: AuditCall) -> [AuditItem.Verdict] { items(for: call).map(\.verdict) }
}
