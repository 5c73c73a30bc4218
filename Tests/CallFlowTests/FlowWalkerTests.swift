import CallFlow
import Testing

/// Every path of the shipped flows.
@Suite struct ShippedFlowWalkTests {
    /// The most situations that a walk of the flow may come to: what is walked in a moment.
    @Test(arguments: [("power-hotline", 8000), ("agent-phone", 400), ("outbound", 20)])
    func `every path is walked, and none goes wrong`(name: String, most: Int) throws {
        let flow = try Shipped.flow(name)
        let report = FlowWalker.walk(flow)
        print("\(name): \(report.situations) situations, \(report.events) events")
        #expect(report.problems == [])
        #expect(!report.isCut)
        #expect(report.situations <= most)
        #expect(report.steps == Set(flow.stepNames))
        #expect(FlowWalker.passages(of: flow).subtracting(report.passages) == [])
    }

    @Test func `callers: whatever was done, a person is reached, and everything that can come of a call does`() throws {
        let report = FlowWalker.walk(try Shipped.flow())
        #expect(report.withoutPerson == [])
        #expect(report.orders == ["fault", "complaint", "report", "consultation", "callback"])
        #expect(report.queues == ["service"])
        #expect(report.inboxes == ["service"])
        #expect(report.releases == [.afterWait, .inactive])
    }

    @Test func `agents' phones and those whom we called are let go of`() throws {
        #expect(FlowWalker.walk(try Shipped.flow("agent-phone")).releases == [.completed])
        #expect(FlowWalker.walk(try Shipped.flow("outbound")).releases == [.afterWait])
    }
}

/// What tells situations apart.
@Suite struct FlowWalkerTests {
    /// A menu from which two keys set a variable and come back, and what follows the third.
    private func situations(_ first: String, _ second: String, then: String) throws -> Int {
        let text = Samples.text(
            Samples.menu("first", #""1": one, "2": two, "3": then, "0": person"#),
            "  one: {verb: set, values: {kept: \"\(first)\"}, next: first}",
            "  two: {verb: set, values: {kept: \"\(second)\"}, next: first}",
            "  then: \(then)")
        let report = FlowWalker.walk(try Samples.flow(text))
        #expect(report.problems == [])
        return report.situations
    }

    @Test func `a variable counts only where something to come reads it before it is set anew`() throws {
        let reads = "{verb: branch, cases: [{variable: kept, equals: a, next: person}], otherwise: bye}"
        #expect(try situations("a", "b", then: reads) > situations("a", "a", then: reads))
        let ignores = "{verb: play, prompts: [hello], next: bye}"
        #expect(try situations("a", "b", then: ignores) == situations("a", "a", then: ignores))
        let overwrites = "{verb: set, values: {kept: a}, next: after}\n  after: \(reads)"
        #expect(try situations("a", "b", then: overwrites) == situations("a", "a", then: overwrites))
        // An entry that is given up leaves the old value.
        let asks =
            "{verb: collect, prompts: [ask], into: kept, max: 1, timeout: 5s, no_input: {retries: 0, next: after}, "
            + "invalid: {retries: 0, next: bye}, next: person}\n  after: \(reads)"
        #expect(try situations("a", "b", then: asks) > situations("a", "a", then: asks))
    }

    @Test func `a look-up with more combinations of results than can be tried still reaches every outcome`() throws {
        let names = (1...8).map { "r\($0)" }
        let steps = names.map {
            "  at_\($0): {verb: hangup, prompts: [bye]}"
        }
        // The last needs every earlier result to be of one kind: two of three values each, 6,561 combinations.
        let cases = names.map { "{variable: src.\($0), one_of: [\"\", \"bad\"], next: at_\($0)}" }
        let text =
            Samples.begin + "internal: true\nsteps:\n  begin: {verb: answer, next: first}\n"
            + "  first: {verb: lookup, source: src, timeout: 3s, results: [\(names.joined(separator: ", "))], "
            + "arguments: {a: b}, next: told, fallback: end}\n"
            + "  told: {verb: branch, cases: [\(cases.joined(separator: ", "))], otherwise: good}\n"
            + steps.joined(separator: "\n") + "\n  good: {verb: hangup, prompts: [hello]}\n  end: {verb: hangup}\n"
        let flow = try Samples.flow(text)
        let report = FlowWalker.walk(flow)
        #expect(report.problems == [])
        #expect(report.steps == Set(flow.stepNames))
        #expect(FlowWalker.passages(of: flow).subtracting(report.passages) == [])
    }

    @Test func `facts of the call do not multiply, and all their combinations are tried`() throws {
        let branches = (1...6).map { number in
            let next = number == 6 ? "last" : "b\(number + 1)"
            return
                "  b\(number): {verb: branch, cases: [{variable: f\(number), equals: \"yes\", next: \(next)}], otherwise: main}"
        }
        let text = Samples.text(
            "  first: {verb: goto, next: main}", Samples.menu("main", #""1": b1, "0": person"#),
            branches.joined(separator: "\n"), "  last: {verb: play, prompts: [hello], next: main}",
            top: "variables: {f1: \"\", f2: \"\", f3: \"\", f4: \"\", f5: \"\", f6: \"\"}\n")
        let report = FlowWalker.walk(try Samples.flow(text))
        #expect(report.problems == [])
        #expect(report.steps.contains("last"), "all six are needed")
        #expect(report.situations < 200)
    }

    @Test func `where no person is reached any more is told`() throws {
        let text = Samples.text(
            Samples.menu("first", #""1": talk, "0": person"#), "  talk: {verb: play, prompts: [hello], next: bye}")
        let report = FlowWalker.walk(try Samples.flow(text))
        #expect(report.withoutPerson == ["talk", "bye", "made"])
    }

    @Test func `a walk that is cut says so`() throws {
        let report = FlowWalker.walk(try Shipped.flow(), most: 50)
        #expect(report.isCut)
        #expect(report.situations < 120)
    }
}
