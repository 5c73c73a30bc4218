import Documents

extension FlowChecker {
    // MARK: - Ways through the flow

    func checkReachability(_ graph: FlowGraph) {
        let reached = graph.reachable(from: flow.start)
        for step in flow.steps where !reached.contains(step.name) {
            diagnostics.add(
                error: step.node.error(
                    FlowProblem.unreachable, "nothing leads to step \"\(step.name)\"",
                    advice: "Remove it, or lead to it"))
        }
    }

    /// From every step the call can be ended by the flow: a caller who does nothing must not hold the line for ever.
    func checkEnd(_ graph: FlowGraph) {
        let ends = Set(flow.steps.filter { $0.verb is HangupVerb }.map(\.name))
        guard !ends.isEmpty else {
            diagnostics.add(
                error: root.error(
                    FlowProblem.noEnd, "no step hangs up",
                    advice: "Add a step `bye: {verb: hangup, prompts: […], wait: 8s, warning: […]}`"))
            return
        }
        let ending = graph.reaching(ends) { $0.kind != .hangup }
        for step in flow.steps where !ending.contains(step.name) {
            diagnostics.add(
                error: step.node.error(
                    FlowProblem.noEnd, "no way leads from step \"\(step.name)\" to a `hangup`",
                    advice: "Lead on to a step that ends the call"))
        }
    }

    func checkLoops(_ graph: FlowGraph) {
        guard let loop = graph.automaticLoop(among: flow.steps.map(\.name)),
            let first = flow.steps.first(where: { loop.contains($0.name) })
        else { return }
        let path = (loop + loop.prefix(1)).joined(separator: " → ")
        diagnostics.add(
            error: first.node.error(
                FlowProblem.endlessLoop, "the steps \(path) go round without the caller, for ever",
                advice: "Lead one of them out, or use a `goto` with `limit` and `exceeded`"))
    }

    /// From every menu a caller reaches a person (GB/T 33358 wants no menus at all; people come first).
    func checkPerson(_ graph: FlowGraph) {
        let persons = Set(flow.steps.filter(\.isPerson).map(\.name))
        let reaching = graph.reaching(persons) { $0.kind != .hangup }
        for step in flow.steps where step.verb is MenuVerb && !reaching.contains(step.name) {
            diagnostics.add(
                error: step.node.error(
                    FlowProblem.noPerson, "no way leads from menu \"\(step.name)\" to a person",
                    advice: persons.isEmpty
                        ? "Mark the step that reaches one, or takes a message for one, with `person: true`"
                        : "Offer a key, or a global key, that leads to \(persons.sorted().joined(separator: " or "))"))
        }
    }

    /// Nothing can be heard before the answer, and nothing is answered twice.
    func checkAnswer(_ graph: FlowGraph) {
        let answers = Set(flow.steps.filter { $0.verb is AnswerVerb }.map(\.name))
        let before = graph.reachable(from: flow.start) { !answers.contains($0.from) }
        for step in flow.steps where before.contains(step.name) {
            guard case .media = step.verb.needs else { continue }
            diagnostics.add(
                error: step.node.error(
                    FlowProblem.notAnswered, "step \"\(step.name)\" can be reached before the call is answered",
                    advice: "Begin with `{verb: answer, next: …}`"))
        }
        let after = answers.reduce(into: Set<String>()) { reached, answer in
            for exit in flow.step(named: answer)?.verb.exits ?? [] {
                reached.formUnion(graph.reachable(from: exit.target.name))
            }
        }
        for step in flow.steps where after.contains(step.name) && answers.contains(step.name) {
            diagnostics.add(
                error: step.node.error(
                    FlowProblem.notAnswered, "step \"\(step.name)\" can be reached after the call is answered",
                    advice: "Answer once, at the beginning"))
        }
    }

    /// After a hang-up only orders can be made and messages kept; and a message of which nothing becomes is lost.
    func checkHangups(_ graph: FlowGraph) {
        for step in flow.steps {
            for exit in step.verb.exits where exit.kind == .hangup {
                guard let target = flow.step(named: exit.target.name), !(target.verb is any KeepingVerb) else {
                    continue
                }
                diagnostics.add(
                    error: exit.target.node.error(
                        FlowProblem.afterHangup,
                        "on_hangup of step \"\(step.name)\" leads to \"\(exit.target.name)\", which is no order",
                        advice:
                            "Lead to a step with `verb: order` or `verb: inbox`: nothing else can be done once the caller is gone"
                    ))
            }
            guard step.verb is RecordVerb else { continue }
            if !step.verb.exits.contains(where: { $0.kind == .hangup }) {
                diagnostics.add(
                    warning: step.node.error(
                        FlowProblem.messageWithoutOrder,
                        "a message left in step \"\(step.name)\" is lost where the caller just hangs up",
                        advice: "Add `on_hangup:` with a step that makes the order, or puts it into an inbox"))
            }
            guard let next = step.verb.exits.first?.target.name else { continue }
            let keeping = Set(flow.steps.filter { $0.verb is any KeepingVerb }.map(\.name))
            let withoutKeeping =
                keeping.contains(next) ? [] : graph.reachable(from: next) { !keeping.contains($0.to) }
            let lost = flow.steps.first { other in
                withoutKeeping.contains(other.name) && (other.verb is HangupVerb || other.verb is RecordVerb)
            }
            if let lost {
                diagnostics.add(
                    warning: step.node.error(
                        FlowProblem.messageWithoutOrder,
                        "a message left in step \"\(step.name)\" can come to \"\(lost.name)\" without an order",
                        advice: "Make the order, or put it into an inbox, directly after the message"))
            }
        }
    }

    /// A global key that leads back to the queue by itself puts the caller at the end of it.
    func checkPlaces() {
        for step in flow.steps where step.verb is QueueVerb {
            for (key, target) in flow.globals.sorted(by: { $0.key < $1.key }) where !step.verb.uses(key) {
                var passed: Set<String> = []
                var open = [target.name]
                while let name = open.popLast(), passed.insert(name).inserted {
                    guard name != step.name, let next = flow.step(named: name)?.verb else { continue }
                    // What is silent is passed in no time.
                    guard case .nothing = next.needs, !(next is HangupVerb) else { continue }
                    open += next.exits.map(\.target.name)
                }
                guard passed.contains(step.name) else { continue }
                diagnostics.add(
                    warning: step.node.error(
                        FlowProblem.placeLost,
                        "the global key \"\(key)\" leads a caller who waits in \"\(step.name)\" to the end of the queue",
                        advice: "Add `\"\(key)\": \(step.name)` to its `keys`: the key does nothing there"))
            }
        }
    }

    // MARK: - Advice of norms

    /// GB/T 33358-2016 on government hotlines: no voice menus in telephone acceptance, no advertising.
    func lint() {
        if let menu = flow.steps.first(where: { $0.verb is MenuVerb }) {
            diagnostics.add(
                warning: menu.node.error(
                    FlowProblem.norm, "GB/T 33358-2016 advises against voice menus in telephone acceptance",
                    advice: "Keep menus short, and a person one key away"))
        }
        let words = ["优惠", "促销", "抽奖", "广告", "折扣", "扫码", "下载APP", "关注公众号"]
        for step in flow.steps {
            for piece in step.verb.speech.flatMap(\.pieces) {
                guard case .prompt(let id, let node) = piece, let text = texts[id],
                    let word = words.first(where: text.contains)
                else { continue }
                diagnostics.add(
                    warning: node.error(
                        FlowProblem.norm, "prompt \"\(id)\" says \"\(word)\": GB/T 33358-2016 allows no advertising",
                        advice: "Leave it out"))
            }
        }
    }
}
