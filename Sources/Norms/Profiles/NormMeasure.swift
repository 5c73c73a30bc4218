/// What can be measured: the closed vocabulary by which rules of all documents are judged (docs/norms.md). Measures are
/// code, limits are data: two documents that limit the same thing name the same measure, each with its own limit.
public enum NormMeasure: String, Sendable, Hashable, CaseIterable, Codable {
    // MARK: Calls

    /// Rings until the machine or a person took the line.
    case lineAnswerRings = "line_answer_rings"
    /// Rings at agents' phones, summed over all that were tried, until a person answered.
    case agentAnswerRings = "agent_answer_rings"
    /// From the caller's asking for a person (key or queue) to the agent's answer.
    case agentAnswerTime = "agent_answer_time"
    /// Answers beyond the rings allowed that began with the apology.
    case apologyWhenLate = "apology_when_late"
    /// Answers that began with greeting, unit and work number, in this order.
    case greetingComplete = "greeting_complete"
    /// Calls with an agent that the agent did not end first.
    case callerEndsFirst = "caller_ends_first"
    /// Nuisance calls ended by the agent that were warned before and reported to shift leader or supervisor after.
    case nuisanceReported = "nuisance_reported"
    /// Calls marked angry whose order states the degree, or that were handed to shift leader or supervisor.
    case angryHandled = "angry_handled"
    /// The share of the time in which a line of the hotline could be reached.
    case lineOpen = "line_open"
    /// Calls answered of all that were offered, in 24 hours.
    case connectionRate = "connection_rate"
    /// Calls whose numbers, instants, length, direction and outcome are all written down.
    case callRecordComplete = "call_record_complete"
    /// Seconds in which the caller speaks, of all speech of the call.
    case callerTalkShare = "caller_talk_share"
    /// Calls to customers asked for that were made: promised call-backs and relayed answers.
    case callbackMade = "callback_made"
    /// Complaints a flow's text or menu gets from the check of flows.
    case flowConduct = "flow_conduct"

    // MARK: Orders

    /// Orders with every field that their kind asks for.
    case orderRecordComplete = "order_record_complete"
    /// Orders that carry class and item of the document's own list.
    case orderClassified = "order_classified"
    /// From the order's audit, or its making, to its dispatch.
    case orderDispatch = "order_dispatch"
    /// Orders sent to the department, with the copies, that the routing rules name.
    case orderRouted = "order_routed"
    /// From receipt by the department to the order's return as not its own.
    case orderReturn = "order_return"
    /// From receipt by the department to its first contact with the customer.
    case firstContact = "first_contact"
    /// To the answer to the customer (of a complaint, report, consultation or letter), by the clock of its rule.
    case orderReply = "order_reply"
    /// Orders whose answer was followed by the hotline's own contact with the customer, written into the order.
    case hotlineContact = "hotline_contact"
    /// From the reply's filing, or the material's receipt, to the return visit.
    case returnVisit = "return_visit"
    /// Orders with a return visit, of all that were closed.
    case returnVisitCoverage = "return_visit_coverage"
    /// A later visit to the customer of a closed complaint.
    case followUpVisit = "follow_up_visit"
    /// Orders found badly handled at the return visit that were dispatched again.
    case redispatch = "redispatch"
    /// Orders whose reply was found qualified.
    case replyQualified = "reply_qualified"
    /// Named complainants who were given the result in writing.
    case writtenResult = "written_result"
    /// True complaints with apology, corrective action, owner and date.
    case correction = "correction"
    /// Orders not followed by another of the same customer and matter.
    case firstTimeResolution = "first_time_resolution"
    /// Repeat callers recognised and warned of.
    case repeatWarned = "repeat_warned"
    /// Orders closed with intake, evidence, analysis and answer on file.
    case orderArchived = "order_archived"
    /// Orders touched only by those who may see them; confidential ones never by the department reported.
    case confidentialityKept = "confidentiality_kept"
    /// Matters of discipline that went to the discipline inspection.
    case disciplineHandover = "discipline_handover"
    /// From a serious or major event to its report.
    case majorReport = "major_report"
    /// Steps of the emergency plan that the order of a major event shows.
    case emergencySteps = "emergency_steps"
    /// From receipt to the decision whether a matter is accepted.
    case acceptanceDecision = "acceptance_decision"
    /// From receipt to a leader's signature under a letter.
    case leaderSignature = "leader_signature"

    // MARK: Faults, applications, outages

    /// From the fault's report to the notice to the repair crew.
    case crewNotified = "crew_notified"
    /// From the fault's report to the crew's arrival.
    case faultArrival = "fault_arrival"
    /// From the crew's arrival to the restoration of supply.
    case faultRestored = "fault_restored"
    /// From the application to the supply plan's answer.
    case planAnswer = "plan_answer"
    /// From acceptance and formalities to energising.
    case energised = "energised"
    /// From the formalities' completion to meter and connection.
    case meterConnected = "meter_connected"
    /// From application to energising, all steps of the utility together.
    case applicationTotal = "application_total"
    /// How long before an outage it was announced.
    case outageNotice = "outage_notice"
    /// How long before a disconnection for arrears the notice was served.
    case disconnectionNotice = "disconnection_notice"
    /// From payment to reconnection.
    case reconnection = "reconnection"
    /// From the request for a meter's test, or the doubt about a reading, to the result.
    case meterTest = "meter_test"

    // MARK: Obligations that recur

    /// Work done as often as a document asks, with evidence of each time: boxes, visits, patrols, drills.
    case dutyDone = "duty_done"
    /// A report, list or bulletin made for its period, by its date.
    case reportMade = "report_made"
    /// Money deducted as the document says, after a person confirmed it.
    case penaltyApplied = "penalty_applied"

    /// What a row of the figure is.
    public enum Subject: String, Sendable, Hashable, CaseIterable {
        case call, order, line, duty, penalty, flow
    }

    public var subject: Subject {
        switch self {
        case .lineOpen: .line
        case .flowConduct: .flow
        case .lineAnswerRings, .agentAnswerRings, .agentAnswerTime, .apologyWhenLate, .greetingComplete,
            .callerEndsFirst, .nuisanceReported, .angryHandled, .connectionRate, .callRecordComplete,
            .callerTalkShare, .callbackMade:
            .call
        case .dutyDone, .reportMade, .outageNotice: .duty
        case .penaltyApplied: .penalty
        default: .order
        }
    }

    /// The units in which a limit on it can be given; empty: it has none but `at_once` and `same_day`, or it is a
    /// yes or no.
    public var units: [NormAmount.Unit] {
        switch self {
        case .lineAnswerRings, .agentAnswerRings: [.rings, .seconds]
        case .agentAnswerTime: [.seconds]
        case .callerTalkShare, .connectionRate, .returnVisitCoverage, .lineOpen, .firstTimeResolution,
            .replyQualified:
            [.percent]
        case .orderDispatch, .orderReturn, .firstContact, .orderReply, .returnVisit, .followUpVisit, .majorReport,
            .acceptanceDecision, .leaderSignature, .crewNotified, .faultArrival, .faultRestored, .planAnswer,
            .energised,
            .meterConnected, .applicationTotal, .outageNotice, .disconnectionNotice, .reconnection, .meterTest,
            .callbackMade, .writtenResult, .hotlineContact, .redispatch, .correction, .disciplineHandover,
            .orderArchived, .reportMade, .dutyDone, .emergencySteps:
            NormAmount.Unit.time
        default: []
        }
    }

    /// One line of what it is, for people.
    public var definition: String { Self.definitions[self] ?? rawValue }

    /// 接听铃声.
    public var chinese: String { Self.chineseNames[self] ?? rawValue }
}
