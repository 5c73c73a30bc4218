import Calls
import Testing

@Suite struct VisitCampaignTests {
    private let rules = VisitCampaign.Rules(attempts: 2, againMilliseconds: 60_000, refusals: 3)

    private func at(_ milliseconds: Int64) -> Instant {
        Instant(wall: 1_764_000_000_000_000, mono: 5_000_000_000).advanced(milliseconds: milliseconds)
    }

    private func call(_ number: UInt64) -> CallID { CallID(high: 0x019A_ABCD_0000_7000, low: number) }

    private func agent(_ text: String) throws -> WorkNumber { try #require(WorkNumber(text)) }

    @Test func eachFreeAgentHasOneCallAndEachOrderOne() throws {
        var campaign = VisitCampaign(orders: ["a", "b", "a", "c"], rules: rules)
        let (one, two) = (try agent("1001"), try agent("1002"))
        let first = campaign.next(free: [one, two], at: at(0))
        #expect(first.map(\.order) == ["a", "b"])
        #expect(first.map(\.agent) == [one, two])
        campaign.placed("a", as: call(1))
        campaign.placed("b", as: call(2))
        // Between two calls the exchange says that they are free: they are not, for this campaign.
        #expect(campaign.next(free: [one, two], at: at(10)).isEmpty)
        #expect(campaign.running == [call(1), call(2)])
        campaign.ended(call(2), isReached: true, at: at(20_000))
        #expect(campaign.next(free: [two], at: at(21_000)).map(\.order) == ["c"])
        #expect(!campaign.isOver)
    }

    @Test func whoIsNotReachedIsCalledAgainLaterAndNotForEver() throws {
        var campaign = VisitCampaign(orders: ["a"], rules: rules)
        let one = try agent("1001")
        #expect(campaign.next(free: [one], at: at(0)).count == 1)
        campaign.placed("a", as: call(1))
        campaign.ended(call(1), isReached: false, at: at(30_000))
        #expect(campaign.next(free: [one], at: at(89_999)).isEmpty)
        #expect(!campaign.isOver)
        #expect(campaign.next(free: [one], at: at(90_000)).count == 1)
        campaign.placed("a", as: call(2))
        // What is told of an earlier call counts no more.
        campaign.ended(call(1), isReached: true, at: at(95_000))
        #expect(campaign.running == [call(2)])
        campaign.ended(call(2), isReached: false, at: at(100_000))
        #expect(campaign.isOver)
        #expect(campaign.visits.map(\.state) == [.notReached])
        #expect(campaign.visits.map(\.calls) == [[call(1), call(2)]])
        #expect(campaign.next(free: [one], at: at(900_000)).isEmpty)
    }

    @Test func aRefusalIsNoAttemptAndSeveralInARowStopIt() throws {
        var campaign = VisitCampaign(orders: ["a", "b"], rules: rules)
        let one = try agent("1001")
        for _ in 0..<2 {
            #expect(campaign.next(free: [one], at: at(0)).map(\.order) == ["a"])
            campaign.refused("a", because: "the agent is in a call")
        }
        #expect(campaign.next(free: [one], at: at(0)).map(\.order) == ["a"])
        campaign.placed("a", as: call(1))
        campaign.ended(call(1), isReached: true, at: at(1000))
        for _ in 0..<3 {
            #expect(campaign.next(free: [one], at: at(2000)).map(\.order) == ["b"])
            campaign.refused("b", because: "outside calls_out.hours")
        }
        #expect(campaign.stopped == "outside calls_out.hours")
        #expect(campaign.isOver)
        #expect(campaign.next(free: [one], at: at(3000)).isEmpty)
        #expect(campaign.visits.map(\.state) == [.reached, .due])
    }

    @Test func aStopWaitsForTheCallsThatGoOn() throws {
        var campaign = VisitCampaign(orders: ["a", "b"], rules: .init(refusals: 1))
        let (one, two) = (try agent("1001"), try agent("1002"))
        #expect(campaign.next(free: [one, two], at: at(0)).count == 2)
        campaign.placed("a", as: call(1))
        campaign.refused("b", because: "no way out")
        #expect(campaign.stopped != nil)
        #expect(!campaign.isOver)
        campaign.ended(call(1), isReached: false, at: at(5000))
        #expect(campaign.isOver)
    }
}
