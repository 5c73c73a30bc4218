import CallFlow
import Documents
import Testing

/// Small flows for tests.
enum Samples {
    static let prompts: Set<String> = MandarinSpeech.fragments.union([
        "hello", "notice", "ask", "wrong", "silence", "bye", "warn", "leave", "sorry", "advert",
    ])

    static let bye = #"  bye: {verb: hangup, prompts: [bye], wait: 5s, warning: [warn]}"#
    static let person =
        #"  person: {verb: record, person: true, prompts: [leave], limit: 1m, minimum: 0s, on_hangup: made, next: made}"#
        + "\n" + #"  made: {verb: order, category: callback, next: bye, failed: bye}"#
    static let begin = "flow: test\nstart: begin\n"

    /// A menu's step, with its branches.
    static func menu(_ name: String, _ keys: String, rest: String = "") -> String {
        "  \(name): {verb: menu, prompts: [ask], keys: {\(keys)}, timeout: 5s, "
            + "no_input: {prompts: [silence], retries: 1, next: bye}, "
            + "wrong_key: {prompts: [wrong], retries: 1, next: bye}\(rest)}"
    }

    /// begin (answer) → the steps given, with `bye`, and `person` where wanted.
    static func text(_ steps: String..., top: String = "", person: Bool = true) -> String {
        let ends = person ? [Self.person, bye] : [bye]
        return begin + top + "steps:\n  begin: {verb: answer, next: first}\n"
            + (steps + ends).joined(separator: "\n") + "\n"
    }

    static func load(_ text: String) -> (flow: Flow?, diagnostics: Diagnostics) {
        Flow.load(text: text, file: "t.yaml", prompts: prompts, texts: ["advert": "扫码领取优惠"])
    }

    static func flow(_ text: String) throws -> Flow {
        let loaded = load(text)
        try loaded.diagnostics.throwErrors()
        return try #require(loaded.flow)
    }

    /// A machine at the step `first`, answered.
    static func machine(_ text: String, variables: [String: String] = [:]) throws -> (FlowMachine, [FlowAction]) {
        var machine = FlowMachine(flow: try flow(text), variables: variables)
        _ = machine.start()
        let actions = machine.handle(.answered(variables: ["call.late": "false"]))
        return (machine, actions)
    }
}

extension [FlowAction] {
    /// Without the timeline's notes.
    var done: [FlowAction] {
        filter { if case .note = $0 { false } else { true } }
    }
}
