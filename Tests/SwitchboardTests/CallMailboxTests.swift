import Calls
import Lines
import Switchboard
import Testing

private let moment = Instant(wall: 0, mono: 0)
private func key(_ number: Int) -> CallSession.Input { .timer(.flow(number), generation: number, at: moment) }
private let bye = CallSession.Input.line(
    LegID(high: 1, low: 2), .released(by: LineRelease(cause: .remoteBye, message: "BYE received")), at: moment)

private func number(_ input: CallSession.Input?) -> Int? {
    if case .timer(.flow(let number), _, _) = input { return number }
    return nil
}

@Suite struct CallMailboxTests {
    @Test func keepsTheOrder() async {
        let mailbox = CallMailbox()
        for step in 0..<100 { #expect(mailbox.post(key(step))) }
        for step in 0..<100 { #expect(number(await mailbox.next()) == step) }
    }

    @Test func aFloodDoesNotKeepAByeOut() async {
        let mailbox = CallMailbox(capacity: 8, reserved: 2)
        for step in 0..<20 { #expect(mailbox.post(key(step)) == (step < 8)) }
        #expect(mailbox.dropped == 12)
        #expect(mailbox.post(bye))
        #expect(mailbox.post(bye))
        // The reserve is bounded too.
        #expect(!mailbox.post(bye))
        for step in 0..<8 { #expect(number(await mailbox.next()) == step) }
        guard case .line(_, .released(let release), _) = await mailbox.next() else {
            Issue.record("the BYE was lost")
            return
        }
        #expect(release.cause == .remoteBye)
    }

    @Test func aWaitingTaskIsWokenInOrder() async {
        let mailbox = CallMailbox()
        async let received: [Int?] = {
            var numbers: [Int?] = []
            while let input = await mailbox.next() { numbers.append(number(input)) }
            return numbers
        }()
        for step in 0..<500 { mailbox.post(key(step)); if step % 7 == 0 { await Task.yield() } }
        mailbox.close()
        let numbers = await received
        // Everything that found room came in order; what was refused was counted.
        #expect(numbers.count + mailbox.dropped == 500)
        #expect(numbers.compactMap { $0 } == numbers.compactMap { $0 }.sorted())
    }

    @Test func aClosedMailboxTakesNothingMore() async {
        let mailbox = CallMailbox()
        mailbox.post(key(1))
        mailbox.close()
        #expect(!mailbox.post(key(2)))
        #expect(number(await mailbox.next()) == 1)
        let end = await mailbox.next()
        if end != nil { Issue.record("a closed, empty mailbox gave an input") }
    }
}
