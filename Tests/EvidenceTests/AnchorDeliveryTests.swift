import Evidence
import Testing

@Suite struct AnchorDeliveryTests {
    private let minute: Int64 = 60_000

    private func send(_ way: AnchorWay, _ name: String, _ attempt: Int) -> AnchorDelivery.Action {
        .send(way, fingerprint: name, anchor: Array(name.utf8), attempt: attempt)
    }

    private func delivery(_ ways: [AnchorWay], _ names: [String]) -> AnchorDelivery {
        var delivery = AnchorDelivery(ways: ways)
        for name in names { delivery.add(fingerprint: name, anchor: Array(name.utf8)) }
        return delivery
    }

    @Test func theOldestGoesFirstAndOneAtATime() {
        var delivery = delivery([.webhook], ["a", "b"])
        #expect(delivery.tick(at: 0) == [send(.webhook, "a", 1)])
        #expect(delivery.tick(at: 10_000) == [])
        #expect(delivery.ended(.webhook, failure: nil, at: 11_000) == [])
        #expect(delivery.tick(at: 11_000) == [send(.webhook, "b", 1)])
        #expect(delivery.ended(.webhook, failure: nil, at: 12_000) == [])
        #expect(delivery.tick(at: 1_000_000) == [])
        #expect(delivery.waiting == [.webhook: 0])
    }

    @Test func eachWayGoesByItself() {
        var delivery = delivery([.webhook, .command], ["a"])
        #expect(delivery.tick(at: 0) == [send(.webhook, "a", 1), send(.command, "a", 1)])
        #expect(delivery.ended(.webhook, failure: "status 500", at: 1) == [])
        #expect(delivery.ended(.command, failure: nil, at: 2) == [])
        #expect(delivery.waiting == [.webhook: 1, .command: 0])
        #expect(delivery.tick(at: minute) == [])
        #expect(delivery.tick(at: minute + 1) == [send(.webhook, "a", 2)])
    }

    @Test func pausesDoubleUpToAnHourAndNeverEnd() {
        var delivery = delivery([.command], ["a"])
        var now: Int64 = 0
        let pauses = [1, 2, 4, 8, 16, 32] + [Int64](repeating: 60, count: 70)
        for (index, pause) in pauses.enumerated() {
            #expect(delivery.tick(at: now) == [send(.command, "a", index + 1)])
            _ = delivery.ended(.command, failure: "exit 1", at: now)
            now += pause * minute
            #expect(delivery.tick(at: now - 1) == [])
        }
    }

    @Test func theThirdFailureInARowRaisesOneAlarmAndASuccessClearsIt() {
        var delivery = delivery([.webhook], ["a"])
        var now: Int64 = 0
        var alarms: [AnchorDelivery.Action] = []
        for _ in 0..<5 {
            _ = delivery.tick(at: now)
            alarms += delivery.ended(.webhook, failure: "status 500", at: now)
            now += 2 * 3_600_000
        }
        #expect(alarms == [.raiseAlarm(.webhook, failures: 3, message: "status 500")])
        _ = delivery.tick(at: now)
        #expect(delivery.ended(.webhook, failure: nil, at: now) == [.clearAlarm(.webhook)])
        // The next one begins afresh.
        delivery.add(fingerprint: "b", anchor: Array("b".utf8))
        #expect(delivery.tick(at: now) == [send(.webhook, "b", 1)])
    }

    @Test func whatHasLeftAlreadyIsNotSentAgain() {
        var delivery = AnchorDelivery(ways: [.webhook, .command])
        delivery.add(fingerprint: "a", anchor: [97], delivered: [.webhook])
        delivery.add(fingerprint: "a", anchor: [97], delivered: [.webhook])
        #expect(delivery.waiting == [.webhook: 0, .command: 1])
        // An end that nobody began says nothing.
        #expect(delivery.ended(.webhook, failure: nil, at: 0) == [])
        #expect(delivery.tick(at: 0) == [send(.command, "a", 1)])
    }
}
