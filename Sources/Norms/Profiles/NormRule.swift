/// What one sentence of a document demands, in its own words and as figures.
public struct NormRule: Sendable, Hashable {
    /// Unique among all profiles: letters, digits, `-`.
    public var id: String
    /// Which items of the catalogue of demands it answers (`A2`, `B1`; `norms/items.yaml`).
    public var items: [String]
    /// The document, by the profile's own key: `002`, `000-G`.
    public var source: String
    /// 第十五条, 服务规范 1.
    public var clause: String
    public var words: Words
    public var evidence: NormEvidence
    public var judgement: Judgement
    /// What it is about; empty parts are about everything.
    public var scope = NormScope()
    public var limit: NormLimit?
    public var start: NormStart?
    /// Whether the document names the start event; where not, it was chosen here.
    public var isStartStated = true
    /// What the document leaves out of it, in its own words.
    public var excludes: [String] = []
    public var prolongation: Prolongation?
    /// Ids of the profile's penalties for a breach.
    public var penalties: [String] = []
    /// Where it differs from the profile's own.
    public var inForce: NormInForce?
    /// What is wrong in the document, and kept as it stands there.
    public var anomaly: String?
    /// How it is read, where that is not plain.
    public var note: String?

    /// The document's words.
    public enum Words: Sendable, Hashable {
        /// Letter by letter, in the source's own script.
        case quote(String)
        /// Where the document itself was not at hand: what is known of it.
        case paraphrase(String)

        public var text: String {
            switch self {
            case .quote(let text), .paraphrase(let text): text
            }
        }
    }

    /// Whether this program can say that it was kept.
    public enum Judgement: Sendable, Hashable {
        case measured(NormMeasure)
        /// Why not.
        case notJudged(String)

        public var measure: NormMeasure? {
            if case .measured(let measure) = self { return measure }
            return nil
        }
    }

    /// More time (延长).
    public struct Prolongation: Sendable, Hashable {
        /// Who consents, in the document's words; empty: it does not say.
        public var approvedBy: [String]
        /// From the start event, all in all; nil: no bound is given.
        public var total: NormAmount?
        /// On top of the limit, where the document bounds the addition instead.
        public var addition: NormAmount?
        public var isCustomerToldFirst: Bool
        /// In which cases, in the document's words.
        public var when: String?
    }

    public var measure: NormMeasure? { judgement.measure }
}

/// What a rule is about. An empty list is no condition.
public struct NormScope: Sendable, Hashable {
    public var orders: [NormOrderType] = []
    public var customers: [NormCustomer] = []
    public var areas: [NormArea] = []
    public var severities: [NormSeverity] = []
    public var channels: [NormChannel] = []
    /// Another distinction of the document, as a word: `written`, `planned`.
    public var kinds: [String] = []

    public init() {}

    /// `complaint, report; urban`; empty for everything.
    public var text: String {
        [
            orders.map(\.rawValue), customers.map(\.rawValue), areas.map(\.rawValue), severities.map(\.rawValue),
            channels.map(\.rawValue), kinds,
        ].filter { !$0.isEmpty }.map { $0.joined(separator: ", ") }.joined(separator: "; ")
    }
}

/// 工单类别, as rules distinguish them.
public enum NormOrderType: String, Sendable, Hashable, CaseIterable {
    /// 投诉.
    case complaint
    /// 举报.
    case report
    /// 咨询.
    case consultation
    /// 故障报修.
    case fault
    /// 业扩报装.
    case application
    /// 意见、建议.
    case suggestion
    /// 来信来访.
    case petition
}

/// 客户类别 of applications.
public enum NormCustomer: String, Sendable, Hashable, CaseIterable {
    case residential
    case nonResidential = "non_residential"
    case lowVoltage = "low_voltage"
    /// 10 kV.
    case tenKilovolt = "ten_kilovolt"
    case highVoltage = "high_voltage"
    case highVoltageSingle = "high_voltage_single"
    case highVoltageDual = "high_voltage_dual"
    /// 大客户、重要客户.
    case key
}

/// 城区、农村、特殊边远地区.
public enum NormArea: String, Sendable, Hashable, CaseIterable {
    case urban, rural, remote
}

/// 一般、严重、重大.
public enum NormSeverity: String, Sendable, Hashable, CaseIterable {
    case ordinary, serious, major
}

/// How a matter came.
public enum NormChannel: String, Sendable, Hashable, CaseIterable {
    /// 95598, or the hotline's own number.
    case hotline
    /// 12345.
    case government
    /// 12398.
    case regulator
    case letter
    case visit
    case web
    case mailbox
    case other
}

/// From when a limit counts.
public enum NormStart: String, Sendable, Hashable, CaseIterable {
    /// The first alerting at our edge, or at the agent's phone.
    case ringing
    /// The caller asked for a person.
    case askedForPerson = "asked_for_person"
    case callEnded = "call_ended"
    /// The order was made.
    case orderCreated = "order_created"
    /// The shift leader's audit.
    case orderAudited = "order_audited"
    /// The complaint, report or letter came in.
    case accepted
    /// The department has the order.
    case orderReceived = "order_received"
    /// The reply was audited and filed.
    case replyArchived = "reply_archived"
    /// The marketing department has the material.
    case materialReceived = "material_received"
    /// The matter was solved.
    case solved
    /// The event itself.
    case occurred
    case faultReported = "fault_reported"
    case crewArrived = "crew_arrived"
    case applied
    /// Inspection passed, formalities done.
    case inspected
    case formalitiesComplete = "formalities_complete"
    case paid
    /// The outage, or the disconnection, begins.
    case outage
    /// The begin of each period.
    case period
}

/// How sure a rule's words are.
public enum NormEvidence: String, Sendable, Hashable, CaseIterable {
    /// Stands in the users' own documents.
    case document
    /// Read at the address named.
    case read
    /// Read where others quote it.
    case thirdParty = "third_party"
    /// A hint only.
    case weak
    /// Its title is known, its clauses are not.
    case titleOnly = "title_only"
    /// General knowledge, unchecked.
    case general
}

/// From when something holds.
public enum NormInForce: Sendable, Hashable, CustomStringConvertible {
    case from(CivilDate)
    /// 自发布之日起, and the day is not known.
    case onPublication
    case unknown

    public var description: String {
        switch self {
        case .from(let date): date.description
        case .onPublication: "publication"
        case .unknown: "unknown"
        }
    }
}
