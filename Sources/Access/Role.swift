/// What somebody is at the hotline; a person may be several. Their words stand in the journal and never change.
public enum Role: String, Sendable, Codable, CaseIterable {
    /// Takes calls (坐席).
    case agent
    /// Leads a shift (值长、班长).
    case shiftLeader = "shift_leader"
    /// Listens and scores (质检).
    case qa
    /// Reads everything, changes nothing (审计).
    case auditor
    /// The named contact of a department that orders are sent to (工单联系人).
    case handler
    /// Keeps the hotline running: flows, prompts, bulletins, lines (运维).
    case `operator`
    /// Says who may do what; hears and sees nothing by that alone (系统管理员).
    case administrator
    /// Makes tokens for programs of their own (接口用户), which have the rights of all their roles.
    case apiUser = "api_user"
}

/// What may be asked of the console and the API, in groups that are given or refused as a whole.
public enum Right: String, Sendable, Codable, CaseIterable {
    /// Calls now, queues, agents, lines, alarms: no names of callers.
    case wallboard
    /// One's own state, telephone and calls.
    case agentSelf = "agent_self"
    /// Others' states, supervision, queues.
    case lead
    /// Place calls: call-backs, contacts, return visits.
    case placeCalls = "place_calls"
    /// Voice messages and wishes to be called back.
    case inbox
    case hearRecordings = "hear_recordings"
    case noteRecordings = "note_recordings"
    /// Conversations by scorecards; `all` draws them, too.
    case scoreRecordings = "score_recordings"
    case seeScores = "see_scores"
    case appealScores = "appeal_scores"
    case exportRecordings = "export_recordings"
    /// Legal holds, runs of retention, one person's data.
    case keepRecordings = "keep_recordings"
    case seeOrders = "see_orders"
    /// The caller's number and what else names them; each view is journalled.
    case seeContacts = "see_contacts"
    /// Steps in an order's life, in the roles that a person has there.
    case stepOrders = "step_orders"
    case decidePenalties = "decide_penalties"
    case audit
    /// Recurring work that was done.
    case noteDuties = "note_duties"
    case announceOutages = "announce_outages"
    case blockNumbers = "block_numbers"
    /// Who is a key customer (重要客户).
    case keyCustomers = "key_customers"
    /// Flows, prompts, agents and queues, lines, other ticket stores, carriers' records.
    case operate
    /// People, their roles, their sign-ins.
    case people
    /// Tokens for programs, with one's own rights.
    case ownTokens = "own_tokens"
    /// Exclusively for the command line on the server itself.
    case machine
}

/// How far a right goes.
public enum Reach: Int, Sendable, Comparable, CaseIterable {
    case none
    /// Only what one did oneself.
    case own
    /// What one's department did, or has to do.
    case department
    case all

    public static func < (left: Reach, right: Reach) -> Bool { left.rawValue < right.rawValue }
}
