import Calls

/// What an agent can do by dialling a code on the own phone.
public enum FeatureCode: String, Sendable, Codable, CaseIterable {
    case logIn = "log_in"
    case logOut = "log_out"
    /// Available again: after wrap-up, or back from being away.
    case ready
    case away
    /// Followed by the work number of the agent whose call it is.
    case listen, whisper, barge
    /// A transfer's target: whoever of the shift leaders is free.
    case shiftLeader = "shift_leader"

    /// What is dialled where the file says nothing else.
    public var standard: String {
        switch self {
        case .logIn: "*11"
        case .logOut: "*12"
        case .ready: "*13"
        case .away: "*14"
        case .listen: "*21"
        case .whisper: "*22"
        case .barge: "*23"
        case .shiftLeader: "*31"
        }
    }

    /// Whether a work number follows the code.
    public var takesAgent: Bool {
        switch self {
        case .listen, .whisper, .barge: true
        default: false
        }
    }
}

/// The codes in force: none is the beginning of another, or of a work number.
public struct FeatureCodes: Sendable, Hashable {
    /// What was dialled.
    public struct Match: Sendable, Hashable {
        public let code: FeatureCode
        /// The work number behind the code; nil for codes that take none.
        public let agent: WorkNumber?

        public init(code: FeatureCode, agent: WorkNumber?) {
            self.code = code
            self.agent = agent
        }
    }

    /// Keys to dial; a code that is missing is switched off.
    public var codes: [FeatureCode: String]

    public init(codes: [FeatureCode: String]) { self.codes = codes }

    public static let standard = FeatureCodes(
        codes: Dictionary(uniqueKeysWithValues: FeatureCode.allCases.map { ($0, $0.standard) }))

    /// - Parameter dialled: the keys, as an INVITE or a REFER of an agent's phone has them.
    /// - Returns: nil where it is no code, a code with something behind it that takes nothing, or one that needs a work
    ///   number and has none.
    public func match(_ dialled: String) -> Match? {
        for code in FeatureCode.allCases {
            guard let keys = codes[code], dialled.hasPrefix(keys) else { continue }
            let rest = String(dialled.dropFirst(keys.count))
            if !code.takesAgent { return rest.isEmpty ? Match(code: code, agent: nil) : nil }
            return WorkNumber(rest).map { Match(code: code, agent: $0) }
        }
        return nil
    }
}
