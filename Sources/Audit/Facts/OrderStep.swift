/// The steps of the shipped lives that judges look for (norms/orders); any other is passed over.
enum OrderStep: String, CaseIterable, Sendable {
    case accept, audit, dispatch, recall, receive, contact, reply, refer, review, revisit, archive, brief
    case giveBack = "return"
    case askExtension = "ask_extension"
    case grantExtension = "grant_extension"
    case waiveContact = "waive_contact"
    case disciplineResult = "discipline_result"
    case directorContact = "director_contact"
    case orderCorrection = "order_correction"
    case writeResult = "write_result"
    case waiveVisit = "waive_visit"
    case reportMajor = "report_major"

    case triage, guide, leave, arrive, restore
    case offerPaid = "offer_paid"
    case notifyCrew = "notify_crew"
    case findCustomerSide = "find_customer_side"

    case inspect, energise, withdraw
    case answerPlan = "answer_plan"
    case askInspection = "ask_inspection"
    case completeFormalities = "complete_formalities"

    case answer, relay
    case sendOn = "send_on"

    case merge, convert, absorb, link, protect, supervise

    private static let byName = Dictionary(
        allCases.map { ($0.rawValue, $0) }, uniquingKeysWith: { first, _ in first })

    /// One look-up: steps are read by the million.
    init?(name: String) {
        guard let step = Self.byName[name] else { return nil }
        self = step
    }
}

/// Which life an order has, by its category.
enum OrderKind: Sendable, CaseIterable {
    /// Complaints and reports.
    case complaint
    case fault, application, consultation, suggestion, information, callback
    /// No life is known for the category.
    case unknown

    init(category: String) {
        switch category {
        case "complaint", "report": self = .complaint
        case "fault": self = .fault
        case "business": self = .application
        case "consultation": self = .consultation
        case "suggestion": self = .suggestion
        case "information": self = .information
        case "callback": self = .callback
        default: self = .unknown
        }
    }

    /// Its departments sign for what they get.
    var hasReceipt: Bool { self == .complaint || self == .information }
}
