import Calls
import GRDB
import WorkOrders

// Facts about work orders (工单).

extension FactApplier {
    func apply(_ fact: OrderCreated) throws {
        try db.run(
            OrderSQL.insert,
            [
                fact.order.blob, fact.number, fact.code, fact.category, OrderStatus.created.rawValue, fact.caller,
                fact.at.wall, fact.at.mono, try canonicalText(fact.fields),
            ])
        if let call = fact.call {
            try db.run(OrderSQL.insertCall, [fact.order.blob, call.blob, "created"])
            try closeForm(call: call, at: fact.at)
        }
    }

    func apply(_ fact: OrderLinked) throws {
        try db.run(
            OrderSQL.insertRecording,
            [fact.order.blob, fact.recording.blob, fact.role, fact.from?.units ?? -1, fact.to?.units ?? -1])
        try closeForm(recording: fact.recording, at: fact.at)
    }
}
