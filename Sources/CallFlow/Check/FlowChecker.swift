import Documents

/// Proves that a flow cannot fail in mid-call: every name leads somewhere, every question has its way out, every call
/// can end, and a person can be reached.
struct FlowChecker {
    /// What is known of every call.
    static let callVariables: Set<String> = [
        "call.caller", "call.caller_known", "call.called", "call.late", "call.rings", "time.minutes", "time.weekday",
        "time.date", "desk.agents",
    ]
    /// What is known besides of a call from an agent's phone.
    static let phoneVariables: Set<String> = ["agent.number"]

    let flow: Flow
    /// The names of all steps in the file, with those that could not be read.
    let written: Set<String>
    let root: Node
    let texts: [String: String]
    /// Known beside the flow's own.
    let variables: Set<String>
    let categories: Set<String>
    /// Nil where they are not known.
    let queues: Set<String>?
    let diagnostics: Diagnostics

    func check() {
        checkTargets()
        checkPrompts()
        checkVariables()
        checkCategories()
        checkQueueNames()
        checkSecrets()
        checkPauses()
        // What the steps mean together is worth saying only where all of them could be read.
        guard !diagnostics.hasErrors else { return }
        let graph = FlowGraph(flow)
        checkReachability(graph)
        checkEnd(graph)
        checkLoops(graph)
        if !flow.isInternal { checkPerson(graph) }
        checkAnswer(graph)
        checkHangups(graph)
        checkPlaces()
        // The norm is for people who call the hotline.
        if !flow.isInternal { lint() }
    }

    // MARK: - Names

    private func checkTargets() {
        if !written.contains(flow.start) {
            let node = root.entries?.first { $0.key == "start" }?.value ?? root
            complainUnknown(Target(name: flow.start, node: node), "the flow")
        }
        for (_, target) in flow.globals where !written.contains(target.name) { complainUnknown(target, "global") }
        for step in flow.steps {
            for exit in step.verb.exits where !written.contains(exit.target.name) {
                complainUnknown(exit.target, "step \"\(step.name)\"")
            }
        }
    }

    private func complainUnknown(_ target: Target, _ place: String) {
        diagnostics.add(
            error: target.node.error(
                FlowProblem.unknownStep, "\(place) leads to \"\(target.name.prefix(60))\", which is no step",
                advice: Names.advice(
                    for: target.name, in: written.sorted(), otherwise: "Add the step, or lead elsewhere")))
    }

    private func checkPrompts() {
        for step in flow.steps {
            for piece in step.verb.speech.flatMap(\.pieces) {
                guard case .prompt(let id, let node) = piece, !flow.prompts.contains(id) else { continue }
                diagnostics.add(
                    error: node.error(
                        FlowProblem.unknownPrompt, "no prompt \"\(id.prefix(60))\" in the catalog",
                        advice: Names.advice(
                            for: id, in: flow.prompts.sorted(), otherwise: "Add it to the catalog and render it")))
            }
        }
        let speaks = flow.steps.flatMap(\.verb.speech).flatMap(\.pieces).contains { piece in
            if case .value = piece { true } else { false }
        }
        let missing = MandarinSpeech.fragments.subtracting(flow.prompts).sorted()
        if speaks, !missing.isEmpty {
            diagnostics.add(
                error: root.error(
                    FlowProblem.unknownPrompt,
                    "spoken values need \(missing.count) fragments that are not in the catalog: "
                        + missing.prefix(5).joined(separator: ", "),
                    advice: "Add them to the catalog and render them"))
        }
    }

    private func checkVariables() {
        let known = variables.union(flow.defaults.keys).union(flow.steps.flatMap(\.verb.sets))
        for step in flow.steps {
            for template in step.verb.templates + step.verb.speech.flatMap(\.templates) {
                for name in template.variables where !known.contains(name) {
                    diagnostics.add(
                        error: template.node.error(
                            FlowProblem.unknownVariable,
                            "nothing sets the variable \"\(name)\" that step \"\(step.name)\" uses",
                            advice: Names.advice(
                                for: name, in: known.sorted(),
                                otherwise: "Declare it under `variables:`, or name it in a lookup's `results`")))
                }
            }
        }
    }

    private func checkCategories() {
        for step in flow.steps {
            guard let order = step.verb as? OrderVerb, !categories.contains(order.category.name) else { continue }
            let known = categories.sorted()
            diagnostics.add(
                error: order.category.node.error(
                    FlowProblem.unknownCategory,
                    "unknown category \"\(order.category.name.prefix(40))\" in step \"\(step.name)\"",
                    advice: Names.advice(
                        for: order.category.name, in: known,
                        otherwise: "Categories are \(known.joined(separator: ", "))")))
        }
    }

    private func checkQueueNames() {
        guard let queues else { return }
        for (step, queue) in flow.queues where !queues.contains(queue.name) {
            diagnostics.add(
                error: queue.node.error(
                    FlowProblem.unknownQueue, "no queue \"\(queue.name)\" in the agents' file, for step \"\(step)\"",
                    advice: Names.advice(
                        for: queue.name, in: queues.sorted(), otherwise: "Add the queue to the agents' file")))
        }
    }

    /// Calls from agents' phones are not recorded.
    private func checkPauses() {
        guard flow.isInternal else { return }
        for step in flow.steps where step.verb is any RecordingVerb {
            diagnostics.add(
                error: step.node.error(
                    FlowProblem.notRecorded,
                    "step \"\(step.name)\" is about a recording, but calls of an `internal` flow are not recorded",
                    advice: "Remove the step"))
        }
    }

    /// Only a look-up may use what was entered in secret: everything else is heard or written down.
    private func checkSecrets() {
        let secrets = flow.secrets
        for step in flow.steps {
            let told = (step.verb is LookupVerb ? [] : step.verb.templates) + step.verb.speech.flatMap(\.templates)
            for template in told {
                guard let name = template.variables.first(where: secrets.contains) else { continue }
                diagnostics.add(
                    error: template.node.error(
                        FlowProblem.secretTold,
                        "step \"\(step.name)\" uses the secret \"\(name)\" where it would be heard or written down",
                        advice: "Use it in the `arguments` of a `lookup` only"))
            }
        }
    }
}
