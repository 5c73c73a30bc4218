import Storage

/// Who may do what: docs/rights.md shows this table, and tests hold the program to each of its cells.
public enum Rights {
    /// How far a role's right goes.
    public static func reach(of role: Role, _ right: Right) -> Reach {
        switch (right, role) {
        case (.machine, _): .none
        case (.wallboard, _): .all

        case (.agentSelf, .agent), (.agentSelf, .shiftLeader): .own
        case (.lead, .shiftLeader): .all
        case (.placeCalls, .agent), (.placeCalls, .shiftLeader): .own
        case (.inbox, .agent), (.inbox, .shiftLeader): .all

        case (.hearRecordings, .agent): .own
        case (.hearRecordings, .shiftLeader), (.hearRecordings, .handler): .department
        case (.hearRecordings, .qa), (.hearRecordings, .auditor): .all
        case (.noteRecordings, .shiftLeader): .department
        case (.noteRecordings, .qa): .all
        case (.scoreRecordings, .shiftLeader): .department
        case (.scoreRecordings, .qa): .all
        case (.seeScores, .agent): .own
        case (.seeScores, .shiftLeader): .department
        case (.seeScores, .qa), (.seeScores, .auditor): .all
        case (.appealScores, .agent): .own
        case (.exportRecordings, .qa), (.exportRecordings, .auditor): .all
        case (.keepRecordings, .administrator): .all

        case (.seeOrders, .handler): .department
        case (.seeOrders, .agent), (.seeOrders, .shiftLeader), (.seeOrders, .qa), (.seeOrders, .auditor): .all
        case (.seeContacts, .handler): .department
        case (.seeContacts, .agent), (.seeContacts, .shiftLeader): .all
        case (.stepOrders, .handler): .department
        case (.stepOrders, .agent), (.stepOrders, .shiftLeader): .all
        case (.decidePenalties, .shiftLeader), (.decidePenalties, .handler): .all

        case (.audit, .auditor), (.audit, .qa), (.audit, .shiftLeader): .all
        case (.noteDuties, .shiftLeader), (.noteDuties, .operator), (.noteDuties, .handler): .all
        case (.announceOutages, .shiftLeader), (.announceOutages, .operator): .all
        case (.blockNumbers, .shiftLeader), (.blockNumbers, .operator): .all
        case (.keyCustomers, .shiftLeader): .all
        case (.operate, .operator): .all
        case (.people, .administrator): .all
        case (.ownTokens, .apiUser): .own
        default: .none
        }
    }

    /// The furthest that any of somebody's roles goes.
    public static func reach(of person: Person, _ right: Right) -> Reach {
        guard person.isActive else { return .none }
        return person.roles.map { reach(of: $0, right) }.max() ?? .none
    }

    /// Whether somebody has a right at all.
    public static func allows(_ person: Person, _ right: Right) -> Bool { reach(of: person, right) > .none }

    /// Whether somebody may do this with an order.
    public static func verdict(_ person: Person, _ right: Right, on order: OrderSubject) -> Verdict {
        if isWithheld(order, from: person) { return .hidden }
        switch reach(of: person, right) {
        case .none: return .refused
        case .all:
            // Who reports secretly is known to those alone who handle it (000-J 9, 000-L 第二十七条).
            if right == .seeContacts, order.isConfidential, !person.roles.contains(.shiftLeader) {
                return handles(person, order) ? .allowed : .refused
            }
            return .allowed
        case .department:
            if right == .seeContacts { return handles(person, order) ? .allowed : .refused }
            return person.unit.map { order.units.contains($0) } ?? false ? .allowed : .refused
        // Orders are a department's, nobody's own.
        case .own: return .refused
        }
    }

    /// Whether somebody may do this with a recording.
    /// - Parameter units: the departments of an agent, by work number.
    public static func verdict(
        _ person: Person, _ right: Right, on recording: RecordingSubject, units: (_ agent: String) -> Set<String>
    ) -> Verdict {
        if recording.orders.contains(where: { isWithheld($0, from: person) }) { return .hidden }
        // What a caller said to nobody in particular is for whoever keeps the inbox, and may know who called.
        if right == .hearRecordings, recording.holdsMessage, recording.agents.isEmpty, allows(person, .inbox),
            recording.orders.allSatisfy({ verdict(person, .seeContacts, on: $0) == .allowed })
        {
            return .allowed
        }
        switch reach(of: person, right) {
        case .none: return .refused
        case .all: return .allowed
        case .department:
            if isOwn(recording, of: person) { return .allowed }
            if person.roles.contains(.handler), let unit = person.unit,
                recording.orders.contains(where: { $0.units.contains(unit) })
            {
                return .allowed
            }
            guard person.roles.contains(where: { $0 != .handler && reach(of: $0, right) == .department }) else {
                return .refused
            }
            let mine = person.units(units)
            return recording.agents.contains { !mine.isDisjoint(with: units($0)) } ? .allowed : .refused
        case .own: return isOwn(recording, of: person) ? .allowed : .refused
        }
    }

    private static func isOwn(_ recording: RecordingSubject, of person: Person) -> Bool {
        person.workNumber.map { recording.agents.contains($0) } ?? false
    }

    private static func handles(_ person: Person, _ order: OrderSubject) -> Bool {
        guard let unit = person.unit else { return false }
        return person.roles.contains(.handler) && order.ownerUnit == unit
    }

    /// Whether an order is about this person, or is secret from their department: then it is not there for them.
    public static func isWithheld(_ order: OrderSubject, from person: Person) -> Bool {
        if order.isConfidential, let unit = person.unit, order.reportedDepartment == unit { return true }
        guard let reported = order.reportedPerson, !reported.isEmpty else { return false }
        if !person.title.isEmpty, reported.contains(person.title) { return true }
        guard let number = person.workNumber else { return false }
        // A work number within a longer one is somebody else's.
        return reported.split(whereSeparator: { !($0.isASCII && ($0.isLetter || $0.isNumber)) }).contains {
            $0 == number
        }
    }
}

/// What is answered to whoever asks for a thing.
public enum Verdict: Sendable, Hashable {
    case allowed
    /// It is there, but not for them.
    case refused
    /// That it is there must not be learnt.
    case hidden
}
