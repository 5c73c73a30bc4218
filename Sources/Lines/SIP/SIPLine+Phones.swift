import Calls
import Media

/// One registered contact of an agent.
public struct PhoneStatus: Sendable, Hashable, Codable {
    public var agent: WorkNumber
    /// The URI that the phone registered.
    public var contact: String
    /// The address and port that calls go to; behind NAT not the contact's own.
    public var reachedAt: String
    public var transport: SIPTransport
    /// Seconds left, rounded up.
    public var expiresSeconds: Int

    public init(agent: WorkNumber, contact: String, reachedAt: String, transport: SIPTransport, expiresSeconds: Int) {
        self.agent = agent
        self.contact = contact
        self.reachedAt = reachedAt
        self.transport = transport
        self.expiresSeconds = expiresSeconds
    }
}

extension SIPLine {
    /// What is registered now, by work number. Any thread, the line's callbacks included.
    public func phones() -> [PhoneStatus] {
        let now = context.time.now()
        return context.contacts.withLock { $0 }.sorted { $0.key < $1.key }.flatMap { agent, bindings in
            bindings.filter { now < $0.until }.map { binding in
                PhoneStatus(
                    agent: agent, contact: binding.contact.uri, reachedAt: "\(binding.contact.endpoint)",
                    transport: binding.contact.transport,
                    expiresSeconds: Int((binding.until.milliseconds(since: now) + 999) / 1000))
            }
        }
    }
}
