import Calls
import Testing

extension Bench {
    /// A caller calls, and agent 1001 talks with them.
    func served(_ index: UInt64, from caller: String = "13900000001") async throws -> CallID {
        let call = CallID(high: 0x019B_0000_0000_7000, low: 0x8000_0000_0000_0100 + index)
        #expect(try await post("agents/1001/state", #"{"state": "available"}"#).status == 200)
        trunk.call(call, leg: LegID(high: 0x019B_0000_0000_7000, low: 0x8000_0000_0000_0200 + index), from: caller)
        let talks = try await eventually {
            let agent = try await self.agent("1001")
            guard agent?.call == call, agent?.state == .talking else { return false }
            return try await self.reader.call(call)?.agents.contains { $0.answeredAt != nil } == true
        }
        #expect(talks)
        return call
    }

    /// Agent 1001 hangs up; the call is over, and its form is owed unless it has an order.
    func hangUp(_ call: CallID) async throws {
        #expect(try await hangsUp("1001"))
        let isOver = try await eventually { try await self.reader.call(call)?.summary.releasedAt != nil }
        #expect(isOver)
    }
}
