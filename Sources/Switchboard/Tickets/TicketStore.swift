import Calls
import Foundation
import Storage

/// An order as another ticket store is told of it; keys as in docs/tickets.md.
public struct Ticket: Sendable, Hashable, Codable {
    public var number: String
    public var category: String
    public var createdAt: UTCTime
    /// Nil where withheld, or where the order is confidential.
    public var caller: String?
    /// What the flow and the first step took; empty where the order is confidential (000-J 9): that store is not ours.
    public var fields: [String: String]
    public var isConfidential: Bool

    enum CodingKeys: String, CodingKey {
        case number, category
        case createdAt = "created_at"
        case caller, fields
        case isConfidential = "confidential"
    }

    public init(_ order: OrderSummary) {
        number = order.number
        category = order.category
        createdAt = order.createdAt
        isConfidential =
            order.category == "report" || order.fields["confidential"] == "yes"
            || order.steps.contains { $0.fields["confidential"] == "yes" || $0.step == "protect" }
        caller = isConfidential ? nil : order.caller
        fields =
            isConfidential
            ? [:] : order.fields.merging(order.steps.first?.fields ?? [:]) { _, step in step }
    }
}

/// What an order is in another ticket store.
public struct TicketState: Sendable, Hashable, Codable {
    /// Its number there.
    public var reference: String
    /// In that store's words.
    public var status: String?
    /// When it came to that status.
    public var changedAt: UTCTime?

    enum CodingKeys: String, CodingKey {
        case reference, status
        case changedAt = "changed_at"
    }

    public init(reference: String, status: String? = nil, changedAt: UTCTime? = nil) {
        self.reference = reference
        self.status = status
        self.changedAt = changedAt
    }

    /// The most that a reference or a status may hold, in bytes.
    static let mostText = 200

    /// - Throws: `SwitchboardError` `.tickets` for what no honest store says.
    func checked() throws(SwitchboardError) -> TicketState {
        for (name, text) in [("reference", reference), ("status", status ?? "-")] {
            guard !text.isEmpty, text.utf8.count <= Self.mostText,
                !text.unicodeScalars.contains(where: { $0.value < 32 || $0.value == 127 })
            else {
                throw SwitchboardError(
                    .tickets, "a \(name) is 1 to \(Self.mostText) bytes without control characters")
            }
        }
        return self
    }
}

/// Another ticket store. Ours stands beside it: timings, recordings and clocks stay here.
public protocol TicketStore: Sendable {
    /// As the configuration names it.
    var name: String { get }
    /// Makes a ticket; the same order twice is one ticket.
    /// - Returns: nil where that store will tell the number later.
    /// - Throws: `SwitchboardError` `.tickets` where the store is away (try again), `.refused` where it will not have this
    ///   order.
    func create(_ ticket: Ticket) async throws(SwitchboardError) -> TicketState?
    /// What a ticket is now; nil where that store does not know it.
    func state(_ reference: String) async throws(SwitchboardError) -> TicketState?
    /// What that store has told by itself, oldest first; each is told until `confirm`.
    func told() async throws(SwitchboardError) -> [Told]
    func confirm(_ told: Told, problem: String?) async throws(SwitchboardError)
    /// Whether `state` can be asked at any time.
    var answers: Bool { get }
}

/// A word of another ticket store about an order of ours.
public struct Told: Sendable, Hashable {
    /// Ours.
    public var number: String
    public var state: TicketState
    /// Where it stood.
    public var source: String

    public init(number: String, state: TicketState, source: String) {
        self.number = number
        self.state = state
        self.source = source
    }
}

extension TicketStore {
    public func told() async throws(SwitchboardError) -> [Told] { [] }
    public func confirm(_ told: Told, problem: String?) async throws(SwitchboardError) {}
}
