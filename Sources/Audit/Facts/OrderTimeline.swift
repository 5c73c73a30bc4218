import Norms
import WorkOrders

/// A work order with its steps laid out as judges look for them: made once an order, and handed to all of them.
public struct OrderTimeline: Sendable {
    /// A step, where it stands in the order's record.
    struct Mark: Sendable, Hashable {
        var step: OrderStep
        /// When it was done.
        var at: Int64
        /// In `order.steps`.
        var index: Int
    }

    /// The time in which a department, or a crew, had the order.
    struct Stay: Sendable {
        /// The dispatch, or the notice to the crew, that began it.
        var dispatch: Mark
        var unit: String?
        var receivedAt: Int64?
        /// How it ended before the department was done: `return`, `recall`, `refer`, a visit that showed bad handling, or
        /// another dispatch; nil where it did not.
        var end: Mark?
        /// Who got copies, as far as the order said then.
        var copies: [String]
        /// Where the routing would have sent it; nil where it does not say, or none was given.
        var route: OrderRouting.Route?
        var isTopicKnown: Bool
    }

    public let order: AuditOrder
    let kind: OrderKind
    /// As rules distinguish orders; nil for those that none names.
    let type: NormOrderType?
    /// 来信来访: a letter, or somebody who came.
    let isPetition: Bool
    /// 一般 where nobody graded it.
    let severity: NormSeverity
    /// In the order in which they were written down.
    let marks: [Mark]
    let stays: [Stay]
    /// All fields: the last step that gave one, or set it, else the form.
    let known: [String: String]
    let acceptedAt: Int64?
    /// It goes on under another number.
    let isMerged: Bool
    /// More time was granted once.
    let isExtended: Bool
    /// The first review that found the reply good.
    let qualified: Mark?
    /// What the last triage said.
    let responsibility: String?

    /// - Parameter knowledge: with a routing and a vocabulary, where each dispatch should have gone is worked out here.
    public init(_ order: AuditOrder, _ knowledge: OrderKnowledge = OrderKnowledge()) {
        var reader = Reader(order, knowledge)
        for (index, event) in order.steps.enumerated() { reader.read(event, index) }
        self.order = order
        kind = reader.kind
        type = kind == .application ? .application : NormOrderType(rawValue: order.category)
        let channel = reader.known["channel"]
        isPetition =
            (channel == "letter" || channel == "visit")
            && (kind == .complaint || kind == .consultation || kind == .suggestion)
        severity = reader.known["severity"].flatMap(NormSeverity.init) ?? .ordinary
        marks = reader.marks
        stays = reader.stays
        known = reader.known
        acceptedAt = reader.acceptedAt
        isMerged = reader.isMerged
        isExtended = reader.isExtended
        qualified = reader.qualified
        responsibility = reader.responsibility
    }

    // MARK: - Looking

    /// It is secret: every report is (000-J 9), what was protected, and what is marked so.
    var isConfidential: Bool { order.category == "report" || known["confidential"] == "yes" || has(.protect) }

    /// When it came in: it was made, or, where that was written down later, taken.
    var cameInAt: Int64 { min(order.createdAt, acceptedAt ?? order.createdAt) }

    /// When it ended by itself; nil while it is open, and where it goes on under another number.
    var closedAt: Int64? { isMerged ? nil : order.closedAt }

    func event(_ mark: Mark) -> OrderEvent { order.steps[mark.index] }

    func field(_ name: String, of mark: Mark) -> String? { order.steps[mark.index].fields[name] }

    /// - Parameters:
    ///   - index: steps written down after this one; nil: any.
    ///   - fits: what else must hold.
    func first(_ step: OrderStep, after index: Int? = nil, where fits: (OrderEvent) -> Bool = { _ in true }) -> Mark? {
        let after = index ?? -1
        return marks.first { $0.step == step && $0.index > after && fits(order.steps[$0.index]) }
    }

    func has(_ step: OrderStep) -> Bool { marks.contains { $0.step == step } }

    /// The customer was spoken with in a step.
    static func isReached(_ event: OrderEvent) -> Bool { event.fields["reached"] == "reached" }

    /// The reply that nobody has found bad, as it stood before a step; nil where there is none.
    func standingReply(before index: Int) -> Mark? {
        var reply: Mark?
        for mark in marks where mark.index < index {
            switch mark.step {
            case .reply, .disciplineResult: reply = mark
            case .review where field("assessment", of: mark) != "qualified": reply = nil
            default: break
            }
        }
        return reply
    }

    /// The reply that the first good review was about, or the one that waits for a review.
    var standingReply: Mark? { standingReply(before: qualified?.index ?? .max) }

    /// Who had the order when a step was written down.
    func unit(at mark: Mark?) -> String? {
        let index = mark?.index ?? .max
        return stays.last { $0.dispatch.index < index }?.unit
    }

    // MARK: - Reading

    /// Goes through the record once.
    private struct Reader {
        let kind: OrderKind
        let category: String
        let knowledge: OrderKnowledge
        var marks: [Mark] = []
        var stays: [Stay] = []
        var known: [String: String]
        var acceptedAt: Int64?
        var isMerged = false
        var isExtended = false
        var qualified: Mark?
        var responsibility: String?

        init(_ order: AuditOrder, _ knowledge: OrderKnowledge) {
            kind = OrderKind(category: order.category)
            category = order.category
            self.knowledge = knowledge
            known = order.fields
            // A complaint's life gives so many.
            known.reserveCapacity(48)
            marks.reserveCapacity(order.steps.count)
            // Every report is secret (000-J 9).
            if category == "report" { known["confidential"] = "yes" }
        }

        mutating func read(_ event: OrderEvent, _ index: Int) {
            known.merge(event.fields) { _, new in new }
            if category == "report", event.fields["confidential"] != nil { known["confidential"] = "yes" }
            guard let step = OrderStep(name: event.step) else { return }
            let mark = Mark(step: step, at: event.happenedAt, index: index)
            marks.append(mark)
            switch step {
            case .accept:
                if acceptedAt == nil { acceptedAt = event.happenedAt }
            case .protect: known["confidential"] = "yes"
            case .refer:
                known["discipline"] = "yes"
                end(mark)
            case .dispatch: begin(mark, event.fields["department"])
            case .notifyCrew: begin(mark, event.fields["crew"])
            case .receive:
                if let last = stays.indices.last, stays[last].end == nil, stays[last].receivedAt == nil {
                    stays[last].receivedAt = event.happenedAt
                }
            case .giveBack, .recall: end(mark)
            case .revisit:
                if event.fields["handling"] == "bad" { end(mark) }
            case .review:
                if qualified == nil, event.fields["assessment"] == "qualified" { qualified = mark }
            case .grantExtension: isExtended = true
            case .triage: responsibility = event.fields["responsibility"] ?? responsibility
            case .findCustomerSide: known["responsibility"] = "customer"
            case .merge, .convert: isMerged = true
            default: break
            }
        }

        private mutating func end(_ mark: Mark) {
            if let last = stays.indices.last, stays[last].end == nil { stays[last].end = mark }
        }

        private mutating func begin(_ mark: Mark, _ unit: String?) {
            end(mark)
            var route: OrderRouting.Route?
            if let routing = knowledge.routing, let vocabulary = knowledge.vocabulary {
                route = routing.route(category: category, fields: known, vocabulary: vocabulary)
            }
            stays.append(
                Stay(
                    dispatch: mark, unit: unit, copies: OrderVocabulary.list(known["copies"] ?? ""), route: route,
                    isTopicKnown: known["topic"] != nil || known["item"] != nil
                        || OrderRouting.topic(of: category) != nil))
        }
    }
}
