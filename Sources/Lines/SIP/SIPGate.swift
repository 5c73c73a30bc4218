import Media

/// Admission of calls (design: source list and/or digest): a value that only judges.
struct SIPGate: Sendable {
    enum Verdict: Sendable, Hashable {
        case admit
        /// 401 with this WWW-Authenticate.
        case challenge(String)
        /// 403.
        case refuse(RejectedAttempt.Reason)
    }

    private let sources: [AddressRange]
    private let trusted: [AddressRange]
    private let both: Bool
    private let digest: SIPDigest?

    init(_ admission: SIPAdmission, trusted: [AddressRange], digest: SIPDigest?) {
        sources = admission.sources
        both = admission.both
        self.trusted = trusted
        self.digest = admission.users.isEmpty ? nil : digest
    }

    /// Whether an INVITE from there is taken.
    func judge(
        source: IPAddress, authorization: String, method: String, milliseconds: Int64
    ) -> Verdict {
        let listed = sources.contains { $0.contains(source) }
        guard let digest else { return listed ? .admit : .refuse(.foreignSource) }
        if both, !listed { return .refuse(.foreignSource) }
        if listed, !both { return .admit }
        guard !authorization.isEmpty else { return .challenge(digest.challenge(milliseconds: milliseconds)) }
        switch digest.judge(authorization, method: method, milliseconds: milliseconds) {
        case .verified: return .admit
        case .stale: return .challenge(digest.challenge(milliseconds: milliseconds, stale: true))
        case .wrong, .foreign: return .refuse(.badCredentials)
        }
    }

    /// Whether somebody there may ask whether we are alive.
    func mayAsk(_ source: IPAddress) -> Bool { digest != nil && !both || sources.contains { $0.contains(source) } }

    func trusts(_ source: IPAddress) -> Bool { trusted.contains { $0.contains(source) } }
}
