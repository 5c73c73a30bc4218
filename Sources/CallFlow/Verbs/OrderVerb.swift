import Documents

/// Makes a work order of what is known, with the voice message that was left; sets `order.number` and `order.code`.
///
///     make_order: {verb: order, category: fault, fields: {source: ivr}, next: tell, failed: sorry}
struct OrderVerb: KeepingVerb {
    static let name = "order"
    /// As written, for the checker.
    let category: (name: String, node: Node)
    private let fields: [String: Template]
    private let timeout: Int
    let next: Target
    private let failed: Target

    init?(_ step: StepReader) {
        let name = step.reader.string("category")
        fields = step.templates("fields")
        timeout = step.reader.milliseconds("timeout", in: 1000...60_000, default: 10_000)
        let next = step.target("next")
        let failed = step.target("failed")
        guard let name, let node = step.reader.optionalNode("category"), let next, let failed else { return nil }
        category = (name, node)
        self.next = next
        self.failed = failed
    }

    var exits: [Exit] { [Exit("made", next, .automatic, sets: sets), Exit("failed", failed, .automatic)] }
    var sets: [String] { ["order.number", "order.code"] }
    var templates: [Template] { Array(fields.values) }
    var needs: Need { .media }

    /// The order itself, also when the caller has hung up.
    func action(_ variables: [String: String]) -> FlowAction {
        .createOrder(category: category.name, fields: fields.mapValues { $0.text(variables) })
    }

    mutating func enter(_ state: inout FlowState) {
        // From here on the order is on its way, whatever the caller does.
        state.afterHangup = nil
        state.perform(action(state.variables))
        state.wait(milliseconds: timeout)
    }

    mutating func handle(_ event: StepEvent, _ state: inout FlowState) {
        switch event {
        case .orderCreated(let number, let code):
            state.set("order.number", number)
            state.set("order.code", code)
            state.go(to: next)
        case .orderFailed:
            state.go(to: failed)
        case .timer:
            state.giveUp(.order)
            state.note("order_timeout")
            state.go(to: failed)
        default: break
        }
    }
}
