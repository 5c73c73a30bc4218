import Access
import Calls
import Hummingbird
import Storage
import Switchboard

/// Says of a thing whether somebody may see it, or do something with it. Every way to a recording or an order goes through here, so
/// that an address that was guessed opens nothing.
struct Gatekeeper: Sendable {
    let people: People
    let reader: StoreReader
    let desk: AgentDesk?

    /// The departments of an agent: set with the person, and in the roster.
    func units(_ agent: String) -> Set<String> {
        var units = people.units(ofAgent: agent)
        if let number = WorkNumber(agent), let known = desk?.status.agents.first(where: { $0.agent.number == number }),
            !known.agent.department.isEmpty
        {
            units.insert(known.agent.department)
        }
        return units
    }

    /// - Throws: `Problem` 403 where a right is missing; 404 where there is no such order, or it is to seem so.
    func check(_ person: Person, _ right: Right, order number: String) async throws {
        guard let order = try await reader.orderSubject(number) else {
            throw Problem(.notFound, "there is no work order \(quoted(number))")
        }
        try Self.open(Rights.verdict(person, right, on: order), "work order", number)
    }

    /// - Throws: as for an order.
    func check(_ person: Person, _ right: Right, recording id: RecordingID) async throws {
        guard let recording = try await reader.recordingSubjects([id])[id] else {
            throw Problem(.notFound, "there is no recording \(id)")
        }
        try Self.open(Rights.verdict(person, right, on: recording, units: units), "recording", id.description)
    }

    static func open(_ verdict: Verdict, _ what: String, _ name: String) throws {
        switch verdict {
        case .allowed: return
        // In the words of what is not there.
        case .hidden: throw Problem(.notFound, "there is no \(what) \(what == "work order" ? quoted(name) : name)")
        case .refused: throw Problem(.forbidden, "your roles do not open this \(what)")
        }
    }

    /// A page of recordings without those that the asker may not hear. It may hold fewer than there is room for; `next` goes on
    /// all the same.
    func page(_ filter: RecordingFilter, for asker: Asker?) async throws -> RecordingPage {
        guard let person = asker?.person else { return try await reader.recordingPage(filter) }
        let filter = try narrowed(filter, for: person)
        var page = try await reader.recordingPage(filter)
        let subjects = try await reader.recordingSubjects(page.recordings.map(\.recording.id))
        page.recordings = page.recordings.filter { found in
            guard let subject = subjects[found.recording.id] else { return false }
            return Rights.verdict(person, .hearRecordings, on: subject, units: units) == .allowed
        }
        page.recordings = page.recordings.map { shown($0, to: person) }
        return page
    }

    /// Where there are more, those are counted too that the asker may not hear: looking at each takes too long.
    static let countedOneByOne = 200

    /// How many recordings fit a filter, as far as the asker may hear them.
    func count(_ filter: RecordingFilter, for asker: Asker?) async throws -> RecordingCount {
        guard let person = asker?.person else { return try await reader.recordingCount(filter) }
        var filter = try narrowed(filter, for: person)
        let all = try await reader.recordingCount(filter)
        guard all.count <= Self.countedOneByOne else { return all }
        // From the first on: what is counted does not depend on the page.
        filter.cursor = nil
        filter.before = nil
        filter.limit = Self.countedOneByOne
        return RecordingCount(found: try await page(filter, for: asker).recordings.count)
    }

    /// Whoever hears their own calls alone finds no others.
    private func narrowed(_ filter: RecordingFilter, for person: Person) throws -> RecordingFilter {
        guard Rights.reach(of: person, .hearRecordings) == .own else { return filter }
        guard let number = person.workNumber.flatMap({ WorkNumber($0) }) else {
            throw Problem(.forbidden, "you have no work number, and so no calls of your own")
        }
        var filter = filter
        filter.agent = number
        return filter
    }

    /// A recording without its caller's number, but for its end, where the asker need not know it.
    func shown(_ found: FoundRecording, to person: Person?) -> FoundRecording {
        guard let person, Rights.reach(of: person, .seeContacts) < .all else { return found }
        var found = found
        found.caller = found.caller.map { "•••" + $0.suffix(4) }
        return found
    }

    /// What events tell of a caller, and what opens their order.
    private static let contacts: Set<String> = [
        "caller", "callerRaw", "caller_raw", "number", "peer", "protocolCallID", "protocol_call_id", "diversion",
    ]

    /// Scores are seen as reviews, by whoever may (`visible`).
    private static let scoring: Set<String> = ["review_submitted", "review_appealed", "appeal_decided"]

    /// A recording's events, as a person may see them: never an order's code or a score, callers' numbers as above.
    func shown(_ timeline: RecordingTimeline, to person: Person?) -> RecordingTimeline {
        guard let person else { return timeline }
        var timeline = timeline
        let seesContacts = Rights.reach(of: person, .seeContacts) == .all
        timeline.events.removeAll { Self.scoring.contains($0.kind) }
        for index in timeline.events.indices {
            timeline.events[index].data = timeline.events[index].data.filter { key, _ in
                key != "code" && (seesContacts || !Self.contacts.contains(key))
            }
        }
        return timeline
    }

    /// Whether an order may be seen; false too where it is not there.
    func sees(_ person: Person, order number: String) async throws -> Bool {
        guard let order = try await reader.orderSubject(number) else { return false }
        return Rights.verdict(person, .seeOrders, on: order) == .allowed
    }
}
