import Lines
import Media
import Testing

/// Several phones of one agent ring, event by event, without a network.
struct SIPForkMachineTests {
    typealias Event = SIPForkMachine.Event

    static func word(_ action: SIPForkMachine.Action) -> String {
        switch action {
        case .branch(let index, let action): "\(index) \(SIPLegMachineTests.word(action))"
        case .win(let index, _): "win \(index)"
        case .leg(let action): "leg \(SIPLegMachineTests.word(action))"
        case .tell(let told): SIPLegMachineTests.word(.tell(told)) + (status(told).map { " (\($0))" } ?? "")
        }
    }

    private static func status(_ told: SIPLegMachine.Told) -> Int? {
        if case .released(let release) = told { release.status } else { nil }
    }

    static func said(_ index: Int, _ status: Int) -> Event {
        .branch(
            index,
            .response(status: status, sdp: (180..<300).contains(status) ? SIPLegMachineTests.sdp() : nil, reason: ""))
    }
    static func ended(_ index: Int) -> Event { .branch(index, .ended(status: 487, phrase: "")) }

    struct Course: Sendable, CustomTestStringConvertible {
        var name: String
        var phones = 2
        var steps: [(Event, [String])]
        var isDone = true
        var testDescription: String { name }
    }

    static let local = "released local: CANCEL sent"
    static let courses: [Course] = [
        Course(
            name: "the first answer wins; each provisional status is told once, without its media",
            steps: [
                (said(0, 180), ["progress 180"]), (said(1, 180), []), (said(1, 183), ["progress 183"]),
                (said(1, 200), ["win 1", "0 CANCEL", "leg configure", "leg established"]), (said(0, 180), []),
                (ended(0), ["0 forget"]),
            ]),
        Course(
            name: "a 200 that crosses the CANCEL gets a BYE",
            steps: [
                (said(0, 200), ["win 0", "1 CANCEL", "leg configure", "leg established"]), (said(1, 200), ["1 BYE"]),
                (ended(1), ["1 forget"]),
            ]),
        Course(
            name: "a 200 that crosses our release gets a BYE",
            steps: [
                (.release(ReleaseReason()), ["0 CANCEL", "1 CANCEL", local]), (said(1, 200), ["1 BYE"]),
                (.release(ReleaseReason()), []), (ended(1), ["1 forget"]), (said(0, 487), []), (ended(0), ["0 forget"]),
            ]),
        Course(
            name: "6xx is the person's word: all stop",
            steps: [
                (said(0, 603), ["1 CANCEL", "released rejected: 603 received (603)"]), (ended(0), ["0 forget"]),
                (said(1, 200), ["1 BYE"]), (ended(1), ["1 forget"]),
            ]),
        Course(
            name: "busy counts for more than absence, whoever is last",
            steps: [
                (said(1, 486), []), (ended(1), ["1 forget"]), (said(0, 404), ["released rejected: 486 received (486)"]),
                (ended(0), ["0 forget"]),
            ]),
        Course(
            name: "what a phone says counts for more than silence", phones: 3,
            steps: [
                (said(0, 408), []), (said(1, 503), []), (said(2, 480), ["released rejected: 480 received (480)"]),
            ], isDone: false),
        Course(
            name: "busy and then time up is busy",
            steps: [
                (said(0, 486), []), (ended(0), ["0 forget"]),
                (.timedOut(milliseconds: 9), ["1 CANCEL", "released rejected: 486 received (486)"]),
                (ended(1), ["1 forget"]),
            ]),
        Course(
            name: "time up",
            steps: [
                (
                    .timedOut(milliseconds: 9),
                    ["0 CANCEL", "1 CANCEL", "released rejected: CANCEL sent, no answer within 9 ms (408)"]
                ), (.timedOut(milliseconds: 9), []), (ended(0), ["0 forget"]), (ended(1), ["1 forget"]),
            ]),
        Course(
            name: "an answer without a usable description is a failure, the others ring on",
            steps: [
                (.branch(0, .response(status: 200, sdp: nil, reason: "")), ["0 BYE"]), (ended(0), ["0 forget"]),
                (said(1, 200), ["win 1", "leg configure", "leg established"]),
            ]),
        Course(
            name: "one phone alone", phones: 1,
            steps: [(said(0, 200), ["win 0", "leg configure", "leg established"]), (said(0, 200), [])]),
        Course(
            name: "no such phone", phones: 1,
            steps: [(said(7, 200), []), (said(-1, 200), []), (.release(ReleaseReason()), ["0 CANCEL", local])],
            isDone: false),
    ]

    @Test(arguments: courses)
    func rings(_ course: Course) throws {
        var machine = SIPForkMachine(
            try (0..<course.phones).map { _ in SIPLegMachine(outgoing: try SIPLegMachineTests.dialog()) })
        #expect(machine.handle(.dial).map(Self.word) == (0..<course.phones).map { "\($0) INVITE" })
        for (index, step) in course.steps.enumerated() {
            #expect(machine.handle(step.0).map(Self.word) == step.1, "step \(index): \(step.0)")
        }
        #expect(machine.isDone == course.isDone)
        #expect(!machine.isAwaitingAnswer)
    }

    /// Whatever comes in whatever order: one winner or one release, nothing told after it, and an end to everything.
    @Test func isDecidedExactlyOnceInEveryOrder() throws {
        var random = SIPHostileTests.Fixed(state: 99)
        for _ in 0..<3000 {
            let count = Int.random(in: 1...5, using: &random)
            var machine = SIPForkMachine(
                try (0..<count).map { _ in SIPLegMachine(outgoing: try SIPLegMachineTests.dialog()) })
            var decisions = 0
            func hear(_ event: Event) {
                for action in machine.handle(event) {
                    switch action {
                    case .win, .tell(.released): decisions += 1
                    case .tell(let told): #expect(decisions == 0, "told \(told) after the decision")
                    default: break
                    }
                }
            }
            hear(.dial)
            for _ in 0..<12 {
                let index = Int.random(in: 0..<count, using: &random)
                switch Int.random(in: 0..<10, using: &random) {
                case 0: hear(.release(ReleaseReason()))
                case 1: hear(.timedOut(milliseconds: 1))
                case 2: hear(Self.ended(index))
                case 3: hear(.branch(index, .bye(reason: "")))
                case 4: hear(.branch(7, .bye(reason: "")))
                default:
                    hear(Self.said(index, [180, 183, 200, 404, 486, 487, 603].randomElement(using: &random) ?? 180))
                }
            }
            for index in 0..<count { hear(Self.ended(index)) }
            #expect(decisions == 1)
            #expect(machine.isDone)
        }
    }
}
