import Calls
import Testing

@Suite struct InvariantTests {
    /// 200,000 random events in four streams; what must hold is checked after each (`World.check`).
    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func whateverHappensTheBooksFit(seed: UInt64) {
        var world = World(seed: seed)
        for event in 0..<50_000 where world.fault == nil {
            world.step()
            if let fault = world.fault { Issue.record("seed \(seed), event \(event): \(fault)") }
        }
        world.end()
        if let fault = world.fault { Issue.record("seed \(seed), at the end: \(fault)") }
        // The stream went everywhere.
        let seen = world.counts
        for kind in ["answered", "noAnswer", "busy", "rejected", "unreachable", "withdrawn", "failed"]
            + ["answered", "abandoned", "timeout", "noAgents", "key", "callBack"].map({ "left \($0)" })
            + ["full", "closed", "noAgents", "failed"].map({ "refused \($0)" })
            + ["call-back true", "call-back false"]
        {
            #expect((seen[kind] ?? 0) > 0, "no \(kind) in seed \(seed): \(seen)")
        }
    }
}
