import Foundation
import Media
import Testing

@testable import Switchboard

/// Calls over what the media thread can serve are refused, also while nobody knows yet what the newest ones cost.
@Suite struct LoadGateTests {
    private static let second: Int64 = 1_000_000_000

    @Test func anIdleServerTakesCalls() {
        var gate = LoadGate(limit: 0.7)
        let taken = (0..<1000).count { gate.admits(MediaLoad(), at: Int64($0) * 10_000_000) }
        #expect(taken == 1000)
    }

    /// Before anything is heard a leg is taken to cost 20 µs of a thread's tick; later what legs did cost, even when nearly
    /// all have gone.
    @Test(arguments: [1, 4]) func theFirstStormIsTakenAsFarAsAGuessGoes(threads: Int) {
        var gate = LoadGate(limit: 0.7)
        let idle = MediaLoad(threads: threads)
        let first = (0..<4000).count { gate.admits(idle, at: Int64($0) * 100_000) }
        #expect(first == 700 * threads)
        let ringing = gate.admits(MediaLoad(legs: 700 * threads, threads: threads), at: 10 * Self.second)
        #expect(!ringing, "they cost nothing yet")
        let heard = MediaLoad(share: 0.04, legs: 20 * threads, sending: 20 * threads, threads: threads)
        let more = gate.admits(heard, at: 20 * Self.second)
        #expect(more)
        let later = (0..<4000).count { gate.admits(idle, at: 30 * Self.second + Int64($0) * 100_000) }
        #expect(later == 350 * threads)
    }

    /// Something else had the processor while the last twenty were heard: that is not what calls cost for ever.
    @Test func aMomentWithoutProcessorIsNotForEver() {
        var gate = LoadGate(limit: 0.7)
        let starved = gate.admits(MediaLoad(share: 0.71, legs: 20, sending: 20), at: Self.second)
        #expect(starved == false)
        let later = (0..<4000).count { gate.admits(MediaLoad(), at: 10 * Self.second + Int64($0) * 100_000) }
        #expect(later == 175)
    }

    /// The mean tells what a call costs; whether there is room, the busiest thread.
    @Test func theBusiestThreadDecides() {
        var gate = LoadGate(limit: 0.7)
        let loads = [
            MediaLoad(share: 0.5, busiest: 0.72, legs: 100, sending: 100, threads: 2),
            MediaLoad(share: 0.5, busiest: 0.6, legs: 100, sending: 100, threads: 2),
        ]
        #expect(loads.map { gate.admits($0, at: Self.second) } == [false, true])
    }

    @Test func aBusyOneTakesNone() {
        var gate = LoadGate(limit: 0.7)
        let loads = [
            MediaLoad(share: 0.7, legs: 5, sending: 5), MediaLoad(share: 2, legs: 1000, sending: 1000),
            MediaLoad(share: 0.69, legs: 1000, sending: 1000),
        ]
        let moments: [Int64] = [1, 2, 300]
        #expect(zip(loads, moments).map { gate.admits($0, at: $1 * Self.second) } == [false, false, true])
    }

    /// A call costs 0.055 % in one moment and 0.085 % in the next, as on a machine with neighbours; the calls stay. In virtual time.
    @Test(arguments: [1.0, 3, 10]) func aMachineOfChangingSpeedIsTakenAtItsSlowest(period: Double) {
        var gate = LoadGate(limit: 0.7)
        var starts: [Int64] = []
        var heard = 0
        for tick in 0..<6000 as Range<Int64> {
            let now = tick * 20_000_000
            while heard < starts.count, starts[heard] + Self.second <= now { heard += 1 }
            let cost = 0.0007 + 0.00015 * sin(2 * .pi * Double(now) / Double(Self.second) / period)
            let load = MediaLoad(share: Double(heard) * cost, legs: starts.count, sending: heard)
            if gate.admits(load, at: now) { starts.append(now) }
        }
        // By the moment it would be 1,270, which take 108 % of the slow ones.
        #expect((740...910).contains(starts.count), "\(starts.count)")
    }

    /// For the third of a second in which something else had the processor nobody is taken; a second later it is forgiven.
    @Test func aShortStallShutsNobodyOutForLong() {
        var gate = LoadGate(limit: 0.7)
        let taken = (0..<200 as Range<Int64>).map { tick in
            let share = (50..<66).contains(tick) ? 0.9 : 0.3
            return gate.admits(MediaLoad(share: share, legs: 400, sending: 400), at: tick * 20_000_000)
        }
        #expect(taken[..<50].allSatisfy { $0 })
        #expect(!taken[50..<66].contains(true))
        #expect(taken[116...].allSatisfy { $0 })
    }

    /// A moment that one offer of a quiet evening saw is not what the storm after it is judged by.
    @Test func aStallThatOneOfFewOffersSawIsForgiven() {
        var gate = LoadGate(limit: 0.7)
        for offer in 0..<10 as Range<Int64> {
            let share = offer == 7 ? 0.17 : 0.0175
            _ = gate.admits(MediaLoad(share: share, legs: 25, sending: 25), at: offer * 3 * Self.second)
        }
        let storm = (0..<400 as Range<Int64>).count { number in
            let heard = Int(number) + 25
            let load = MediaLoad(share: 0.0007 * Double(heard), legs: heard, sending: heard)
            return gate.admits(load, at: 30 * Self.second + number * 25_000_000)
        }
        #expect(storm == 400)
    }

    /// What was taken lately counts as much as the others do, for a second.
    @Test func whatWasTakenLatelyCounts() {
        var gate = LoadGate(limit: 0.7)
        let load = MediaLoad(share: 0.5, legs: 100, sending: 100)
        let taken = (0..<200).count { gate.admits(load, at: Self.second + Int64($0)) }
        // 100 legs make 0.5; with 40 more it is 0.7.
        #expect(taken == 40)
        let later = [Self.second * 7 / 4, Self.second * 9 / 4]
        #expect(later.map { gate.admits(load, at: $0) } == [false, true])
    }

    /// As long as they may take to be answered.
    @Test func legsThatRingCount() {
        var gate = LoadGate(limit: 0.7)
        let loads = [
            MediaLoad(share: 0.5, legs: 139, sending: 100), MediaLoad(share: 0.5, legs: 141, sending: 100),
        ]
        #expect(loads.map { gate.admits($0, at: Self.second) } == [true, false])
    }

    @Test func aClockThatStandsOrGoesBackChangesNothing() {
        var gate = LoadGate(limit: 0.7)
        let load = MediaLoad(share: 0.6, legs: 100, sending: 100)
        #expect([10, 10, 9].map { gate.admits(load, at: $0 * Self.second) } == [true, true, true])
    }

    /// A storm of set-ups at a server whose calls cost 0.09 % each, the last of them seen so long after it was taken; calls
    /// last a minute. In virtual time.
    @Test(arguments: [20, 100, 300], [300, 1300, 4000])
    func theStormNeverTakesMoreThanThereIsRoomFor(callsASecond: Int, milliseconds: Int64) {
        var gate = LoadGate(limit: 0.7)
        let cost = 0.0009
        var starts: [Int64] = []
        var heard = 0
        var lagging = 0.0
        var most = 0.0
        for number in 0..<callsASecond * 90 {
            let now = Self.second * Int64(number) / Int64(callsASecond)
            while let oldest = starts.first, oldest + 60 * Self.second <= now {
                starts.removeFirst()
                heard -= 1
            }
            while heard < starts.count, starts[heard] + milliseconds * 1_000_000 <= now { heard += 1 }
            most = max(most, Double(starts.count) * cost)
            // What the engine tells is an average over some sixteen ticks.
            lagging += (Double(heard) - lagging) * min(1, 1 / (0.32 * Double(callsASecond)))
            let load = MediaLoad(share: lagging * cost, legs: starts.count, sending: Int(lagging.rounded()))
            if gate.admits(load, at: now) {
                starts.append(now)
            }
        }
        // Never more than the limit, though nobody is heard at first, and no less than nine tenths of what there is room for,
        // half of it where all come at once.
        #expect(most <= 0.71, "\(most)")
        #expect(most >= (callsASecond < 300 ? 0.63 : 0.35), "\(most)")
    }
}
