import Norms

/// Which calls a rule is about, as far as a call shows it.
struct CallScope: Sendable {
    /// Empty: whatever the call is about.
    let orders: [NormOrderType]
    /// Key customers alone, whom the queue knows.
    let isKeyOnly: Bool
    /// The rule is not about what comes by telephone.
    let isForeign: Bool
    /// It asks for what no call shows: other customers, areas, severities, kinds.
    let isUnknown: Bool

    /// - Parameter knowsCustomers: the measure is about waits, of which the queue knows whose they are.
    init(_ scope: NormScope, knowsCustomers: Bool) {
        orders = scope.orders
        isKeyOnly = knowsCustomers && scope.customers == [.key]
        isForeign = !scope.channels.isEmpty && !scope.channels.contains(.hotline)
        isUnknown =
            !(scope.areas.isEmpty && scope.severities.isEmpty && scope.kinds.isEmpty)
            || !(scope.customers.isEmpty || isKeyOnly)
    }

    func admits(_ call: AuditCall) -> Bool {
        if isForeign { return false }
        return orders.isEmpty || call.orders.contains { admits($0) }
    }

    func admits(_ order: AuditCall.Order) -> Bool {
        orders.isEmpty || order.type.map(orders.contains) ?? false
    }

    func admits(_ passage: AuditCall.Passage) -> Bool {
        !passage.isRefused && (!isKeyOnly || passage.isKeyCustomer)
    }
}

extension AuditCall.Order {
    /// As rules distinguish orders; nil for those that no rule is about.
    var type: NormOrderType? { category == "business" ? .application : NormOrderType(rawValue: category) }
}
