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

    func apply(_ fact: OrderStepped) throws {
        // Two people may have looked at the same order: the second is told, and looks again.
        guard let row = try db.row(OrderSQL.lastStep, [fact.order.blob]) else {
            throw conflict("there is no work order \(fact.order)")
        }
        let last: Int = row["number"]
        guard fact.number == last + 1 else {
            throw conflict("another step of the work order was written down in between")
        }
        try db.run(
            OrderSQL.insertStep,
            [
                fact.order.blob, fact.number, fact.step, fact.by, fact.role, fact.unit, fact.happened, fact.at.wall,
                fact.why, try canonicalText(fact.fields), fact.state,
            ])
        try db.run(
            OrderSQL.setState,
            [
                fact.life, fact.policy, fact.state, fact.status, fact.owner, fact.ownerUnit,
                fact.status == OrderStatus.closed.rawValue ? fact.at.wall : nil, fact.order.blob,
            ])
    }

    func apply(_ fact: OrderLinked) throws {
        try db.run(
            OrderSQL.insertRecording,
            [fact.order.blob, fact.recording.blob, fact.role, fact.from?.units ?? -1, fact.to?.units ?? -1])
        try closeForm(recording: fact.recording, at: fact.at)
    }
}
