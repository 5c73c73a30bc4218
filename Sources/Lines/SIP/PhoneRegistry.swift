import Calls
import Media

/// The registrar's bindings (RFC 3261 §10.3): which agent's phones are reached where, and until when. A value: the time
/// comes in, and whoever asks was proved before.
package struct PhoneRegistry: Sendable {
    /// Contacts of one agent at a time. One more takes the place of the one that would have expired first: a phone that
    /// starts again with another port each time must not be kept out by its own past.
    package static let contactsPerAgent = 5

    package struct Wish: Sendable, Hashable {
        package var contact: PhoneContact
        /// Seconds asked for in the Contact itself.
        package var expires: Int?
        /// Preference in thousandths, 0…1000.
        package var q: Int?
        package init(_ contact: PhoneContact, expires: Int? = nil, q: Int? = nil) {
            self.contact = contact
            self.expires = expires
            self.q = q
        }
    }

    package enum Wishes: Sendable, Hashable {
        /// No Contact: only asks what stands.
        case list
        /// `Contact: *`: all away.
        case clear
        case contacts([Wish])
    }

    package struct Binding: Sendable, Hashable {
        package var contact: PhoneContact
        package var until: Instant
        package var q: Int?
        /// Where the REGISTER came from, and the listening address that took it.
        package var source: Endpoint
        package var listener: Int
        var callID: String
        var sequence: UInt32
    }

    package enum Refusal: Sendable, Hashable {
        /// 400: `*` with other contacts or without `Expires: 0`.
        case malformed
        /// 423: less than the minimum.
        case tooBrief
        /// 403: more contacts at once than an agent may have.
        case tooMany
        /// 500: an older request of the same phone arrived late (RFC 3261 §10.3, steps 6 and 7).
        case outOfOrder
    }

    private let minimum: Int
    private let maximum: Int
    private var bindings: [WorkNumber: [Binding]] = [:]
    /// Nothing expires before.
    private var next: Instant?

    /// - Parameters: seconds.
    package init(minimum: Int, maximum: Int) {
        self.minimum = minimum
        self.maximum = max(minimum, maximum)
    }

    /// Agents with at least one contact.
    package var agents: Dictionary<WorkNumber, [Binding]>.Keys { bindings.keys }

    package func bindings(of agent: WorkNumber, at now: Instant) -> [Binding] {
        (bindings[agent] ?? []).filter { now < $0.until }
    }

    /// All or nothing: a refused request changes nothing.
    /// - Parameter expires: of the Expires header, seconds.
    package mutating func register(
        _ agent: WorkNumber, _ wishes: Wishes, expires: Int?, callID: String, sequence: UInt32, source: Endpoint,
        listener: Int, at now: Instant
    ) -> Refusal? {
        let before = bindings(of: agent, at: now)
        var after = before
        func isLate(_ binding: Binding) -> Bool { binding.callID == callID && binding.sequence >= sequence }
        switch wishes {
        case .list: break
        case .clear:
            guard expires == 0 else { return .malformed }
            guard !before.contains(where: isLate) else { return .outOfOrder }
            after = []
        case .contacts(let wished):
            guard wished.count <= Self.contactsPerAgent else { return .tooMany }
            for wish in wished {
                let seconds = wish.expires ?? expires ?? maximum
                guard seconds == 0 || seconds >= minimum else { return .tooBrief }
                guard !before.contains(where: { $0.contact.key == wish.contact.key && isLate($0) }) else {
                    return .outOfOrder
                }
                after.removeAll { $0.contact.key == wish.contact.key }
                guard seconds > 0 else { continue }
                after.append(
                    Binding(
                        contact: wish.contact, until: now.advanced(milliseconds: Int64(min(seconds, maximum)) * 1000),
                        q: wish.q, source: source, listener: listener, callID: callID, sequence: sequence))
            }
            while after.count > Self.contactsPerAgent {
                // Those of this request stay, whatever they asked for.
                let others = after.indices.filter { after[$0].callID != callID || after[$0].sequence != sequence }
                guard let first = others.min(by: { after[$0].until < after[$1].until }) else { break }
                after.remove(at: first)
            }
        }
        store(after, agent)
        return nil
    }

    /// Lets go of what is over.
    /// - Returns: the agents that lost a contact by it.
    package mutating func expire(at now: Instant) -> [WorkNumber] {
        guard let due = next, due <= now else { return [] }
        next = nil
        var changed: [WorkNumber] = []
        for (agent, standing) in bindings {
            let left = standing.filter { now < $0.until }
            if left.count != standing.count { changed.append(agent) }
            store(left, agent)
        }
        return changed
    }

    package mutating func remove(_ agent: WorkNumber) { bindings[agent] = nil }

    private mutating func store(_ list: [Binding], _ agent: WorkNumber) {
        bindings[agent] = list.isEmpty ? nil : list
        guard let soonest = list.map(\.until).min() else { return }
        next = next.map { min($0, soonest) } ?? soonest
    }
}
