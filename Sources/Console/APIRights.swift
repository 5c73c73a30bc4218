import Access
import Hummingbird

/// Which right each address of the API asks for, and what is looked at beside it. An address that is not named here is for the machine
/// alone, so that a new one is closed until somebody decides.
package enum APIRights {
    package struct Rule: Sendable {
        package var right: Right
        package var subject = Subject.none
        /// How far it has to go at least.
        package var reach = Reach.own
    }

    /// What in the address decides, beside the right.
    package enum Subject: Sendable {
        case none
        /// `:id`
        case recording
        /// `:number`
        case order
        /// `:number` is the asker's own work number, or the asker leads.
        case agent
        /// `:review`, and the recording it is about.
        case review
        /// `:call` is served, or was served, by the asker, or the asker leads.
        case call
    }

    static func rule(_ method: HTTPRequest.Method, _ path: String) -> Rule {
        // The router writes what is captured as `{id}`.
        let known = (path.hasPrefix("/api/v1/") ? String(path.dropFirst(8)) : path)
            .replacing("{", with: ":").replacing("}", with: "")
        return table["\(method == .head ? "GET" : method.rawValue) \(known)"] ?? Rule(right: .machine)
    }

    /// The methods that an address of the API has, where it is one.
    static func methods(at path: String) -> Set<String> {
        guard path.hasPrefix("/api/v1/") else { return [] }
        let parts = path.dropFirst(8).split(separator: "/")
        let fitting = addresses.filter { known, _ in
            known.count == parts.count && zip(known, parts).allSatisfy { $0 == Self.captured || $0 == $1 }
        }
        // What is named goes before what is captured, from the left on, as the router chooses.
        let nearest = fitting.min { one, other in
            captures(one.key).lexicographicallyPrecedes(captures(other.key))
        }
        return nearest?.value ?? []
    }

    private static func captures(_ parts: [Substring]) -> [Int] { parts.map { $0 == captured ? 1 : 0 } }

    /// A part of an address that is captured.
    private static let captured: Substring = ":"

    /// Methods by the parts of the address.
    private static let addresses: [[Substring]: Set<String>] = {
        var found: [[Substring]: Set<String>] = [:]
        for key in table.keys {
            let words = key.split(separator: " ")
            let parts = words[1].split(separator: "/").map { $0.hasPrefix(":") ? captured : $0 }
            found[parts, default: []].insert(String(words[0]))
        }
        // Sound has a length that is asked for alone.
        found[["recordings", captured, "audio"], default: []].insert("HEAD")
        return found
    }()

    /// By method and address, as the router knows it.
    package static let table: [String: Rule] = [
        "GET agents": Rule(right: .wallboard),
        "GET queues": Rule(right: .wallboard),
        "GET wallboard": Rule(right: .wallboard),
        "POST agents/:number/state": Rule(right: .agentSelf, subject: .agent),
        "POST agents/:number/call": Rule(right: .agentSelf, subject: .agent),
        "POST agents/:number/no_order": Rule(right: .agentSelf, subject: .agent),
        "POST agents/:number/supervision": Rule(right: .lead),
        "POST emergency": Rule(right: .lead),
        "POST queues/:name/drain": Rule(right: .lead),
        "POST calls": Rule(right: .placeCalls),
        "POST calls/:call/orders": Rule(right: .agentSelf, subject: .call),
        "GET messages": Rule(right: .inbox),
        "POST messages/:message/heard": Rule(right: .inbox),
        "GET callbacks": Rule(right: .inbox),
        "GET blocklist": Rule(right: .blockNumbers),
        "POST blocklist": Rule(right: .blockNumbers),
        "POST blocklist/:number/removal": Rule(right: .blockNumbers),
        "GET recordings": Rule(right: .hearRecordings),
        "GET recordings/:id": Rule(right: .hearRecordings, subject: .recording),
        "GET recordings/:id/audio": Rule(right: .hearRecordings, subject: .recording),
        "GET recordings/:id/peaks": Rule(right: .hearRecordings, subject: .recording),
        "GET recordings/:id/events": Rule(right: .hearRecordings, subject: .recording),
        "GET recordings/:id/silence": Rule(right: .hearRecordings, subject: .recording),
        "GET recordings/:id/transcript": Rule(right: .hearRecordings, subject: .recording),
        "GET recordings/:id/notes": Rule(right: .hearRecordings, subject: .recording),
        "POST recordings/:id/notes": Rule(right: .noteRecordings, subject: .recording),
        "GET scorecards": Rule(right: .seeScores),
        "GET recordings/:id/scorecards/:scorecard": Rule(right: .scoreRecordings, subject: .recording),
        "POST recordings/:id/reviews": Rule(right: .scoreRecordings, subject: .recording),
        "GET reviews": Rule(right: .seeScores),
        "GET reviews/:review": Rule(right: .seeScores, subject: .review),
        "POST reviews/:review/amendment": Rule(right: .scoreRecordings, subject: .review),
        "POST reviews/:review/appeal": Rule(right: .appealScores, subject: .review),
        "POST reviews/:review/decision": Rule(right: .scoreRecordings, subject: .review),
        "GET review_tasks": Rule(right: .scoreRecordings),
        "POST samples": Rule(right: .scoreRecordings, reach: .all),
        "GET quality": Rule(right: .seeScores),
        "POST recordings/exports": Rule(right: .exportRecordings),
        "GET holds": Rule(right: .keepRecordings),
        "POST holds": Rule(right: .keepRecordings),
        "POST holds/:id/release": Rule(right: .keepRecordings),
        "GET retention/plan": Rule(right: .keepRecordings),
        "POST recordings/:id/transcript": Rule(right: .noteRecordings, subject: .recording),
        "POST recordings/reconciliation": Rule(right: .operate),
        "POST carrier/records": Rule(right: .operate),
        "POST recordings/imports": Rule(right: .machine),
        "POST retention/runs": Rule(right: .keepRecordings),
        "POST persons/exports": Rule(right: .keepRecordings),
        "POST persons/erasures": Rule(right: .keepRecordings),
        "GET orders/:number/life": Rule(right: .seeOrders, subject: .order),
        "POST orders/:number/steps": Rule(right: .stepOrders, subject: .order),
        "POST orders/:number/penalties/:penalty": Rule(right: .decidePenalties, subject: .order),
        "GET tickets": Rule(right: .operate),
        "GET tickets/:store/comparison": Rule(right: .operate),
        "POST orders/:number/tickets/:store": Rule(right: .operate),
        "POST duties/:rule": Rule(right: .noteDuties),
        "GET outages": Rule(right: .wallboard),
        "POST outages": Rule(right: .announceOutages),
        "POST outages/:outage/withdrawal": Rule(right: .announceOutages),
        "GET notices": Rule(right: .wallboard),
        "PUT notices/:notice": Rule(right: .announceOutages),
        "DELETE notices/:notice": Rule(right: .announceOutages),
        "GET prompts": Rule(right: .operate),
        "PUT prompts/:id/audio": Rule(right: .operate),
        "POST roster": Rule(right: .operate),
        "PUT roster/agents/:number": Rule(right: .operate),
        "DELETE roster/agents/:number": Rule(right: .operate),
        "GET key_customers": Rule(right: .keyCustomers),
        "PUT key_customers/:number": Rule(right: .keyCustomers),
        "DELETE key_customers/:number": Rule(right: .keyCustomers),
        "GET people": Rule(right: .people),
        "POST people/:name": Rule(right: .people),
        "POST people/:name/invitation": Rule(right: .people),
        "POST people/:name/tokens": Rule(right: .people),
        "POST people/:name/tokens/removal": Rule(right: .people),
    ]
}
