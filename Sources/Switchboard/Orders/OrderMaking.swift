import Calls
import Storage
import WorkOrders

/// A work order that is to be made of a call, with what its first step brings.
public struct OrderWish: Sendable {
    public var category: String
    /// The call that makes it.
    public var call: CallID
    public var by: WorkNumber
    public var role: String
    /// When it was taken; nil: now.
    public var happenedAt: UTCTime?
    public var fields: [String: String]

    public init(
        category: String, call: CallID, by: WorkNumber, role: String, happenedAt: UTCTime? = nil,
        fields: [String: String]
    ) {
        self.category = category
        self.call = call
        self.by = by
        self.role = role
        self.happenedAt = happenedAt
        self.fields = fields
    }
}

/// An order that was made of a call, as the API answers; keys as in docs/json.md.
public struct OrderMade: Sendable, Codable {
    public var number: String
    /// To be told to the caller with the number.
    public var code: String
    public var life: OrderLifeView
}

/// What a further call is to an order that is there already.
public enum OrderCallRole: String, Sendable, Codable, CaseIterable {
    /// The caller has something more to say of it.
    case call
    /// Somebody spoke with the customer about it.
    case contact
    /// The customer was told the answer.
    case reply
}

extension Workshop {
    /// A new order with number, code and id, not yet written down. The number is reserved: it is nobody else's.
    func newOrder(
        _ category: String, call: CallID, caller: String?, fields: [String: String]
    ) async throws -> OrderCreated {
        let now = time.now()
        let number = try await store.reserveOrderNumber(localDate: clock.civil(now).compactDate)
        return OrderCreated(
            order: identifiers.next(), at: now, number: number, code: OrderCode.make(random: identifiers.random()),
            category: category, call: call, caller: caller, fields: fields)
    }
}

/// Lets those who make orders of one call in one after the other, so that the second sees what the first made.
actor OrdersUnderWay {
    private var waiting: [CallID: [CheckedContinuation<Void, Never>]] = [:]

    func begin(_ call: CallID) async {
        guard waiting[call] != nil else {
            waiting[call] = []
            return
        }
        await withCheckedContinuation { waiting[call, default: []].append($0) }
    }

    func end(_ call: CallID) {
        guard var queue = waiting[call], !queue.isEmpty else {
            waiting[call] = nil
            return
        }
        let next = queue.removeFirst()
        waiting[call] = queue
        next.resume()
    }
}
