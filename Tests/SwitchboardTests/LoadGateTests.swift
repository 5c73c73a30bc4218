import Media
import Testing

@testable import Switchboard

/// Calls over what the media thread can serve are refused, also while nobody knows yet what the newest ones cost.
@Suite struct LoadGateTests {
    private static let second: Int64 = 1_000_000_000

    @Test func anIdleServerTakesCalls() {
        var gate = LoadGate(limit: 0.75)
        #expect((0..<1000).count { gate.admits(MediaLoad(), at: Int64($0) * 1_000_000) } == 1000)
    }

    @Test func aBusyOneTakesNone() {
        var gate = LoadGate(limit: 0.75)
        let loads = [
            MediaLoad(share: 0.75, legs: 5), MediaLoad(share: 2, legs: 1000), MediaLoad(share: 0.74, legs: 1000),
        ]
        #expect(loads.map { gate.admits($0, at: Self.second) } == [false, false, true])
    }

    /// What was taken lately counts as much as the others do, for two seconds.
    @Test func whatWasTakenLatelyCounts() {
        var gate = LoadGate(limit: 0.75)
        let load = MediaLoad(share: 0.5, legs: 100)
        let taken = (0..<200).count { gate.admits(load, at: Self.second + Int64($0)) }
        // 100 legs make 0.5; with 50 more it is 0.75.
        #expect(taken == 50)
        let later = [Self.second * 5 / 2, Self.second * 13 / 4]
        #expect(later.map { gate.admits(load, at: $0) } == [false, true])
    }

    @Test func aClockThatStandsOrGoesBackChangesNothing() {
        var gate = LoadGate(limit: 0.75)
        let load = MediaLoad(share: 0.7, legs: 100)
        #expect([10, 10, 9].map { gate.admits(load, at: $0 * Self.second) } == [true, true, true])
    }

    /// A storm of set-ups at a server whose calls cost 0.09 % each, the last of them seen 1.3 s after it was taken; calls
    /// last a minute. In virtual time.
    @Test(arguments: [20, 100, 300]) func theStormNeverTakesMoreThanThereIsRoomFor(callsASecond: Int) {
        var gate = LoadGate(limit: 0.75)
        let cost = 0.0009
        var starts: [Int64] = []
        var most = 0.0
        var taken = 0
        var first: Int64?
        for number in 0..<callsASecond * 90 {
            let now = Self.second * Int64(number) / Int64(callsASecond)
            starts.removeAll { $0 + 60 * Self.second <= now }
            let heard = starts.count { $0 + 1_300_000_000 <= now }
            most = max(most, Double(starts.count) * cost)
            let load = MediaLoad(share: Double(heard) * cost, legs: heard)
            if gate.admits(load, at: now) {
                starts.append(now)
                taken += 1
            } else if first == nil {
                first = now
            }
        }
        // Never beyond the limit, and no less than nine tenths of what there is room for.
        #expect(most <= 0.76, "\(most)")
        #expect(first == nil ? Double(callsASecond) * 60 * cost < 0.75 : most >= 0.675, "\(most)")
        #expect(taken > 0)
    }
}
