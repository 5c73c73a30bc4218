/// The event that an audit cites: everything up to its instant is known to it.
public struct AuditMoment: Sendable, Hashable {
    public var chain: String
    public var sequence: Int64
    public var at: UTCTime

    public init(chain: String, sequence: Int64, at: UTCTime) {
        self.chain = chain
        self.sequence = sequence
        self.at = at
    }
}
