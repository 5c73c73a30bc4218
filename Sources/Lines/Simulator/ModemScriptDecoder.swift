import Documents
import Media

/// Reads a modem script. Whatever is wrong is complained about with its place, and reading goes on.
struct ModemScriptDecoder {
    static let mostCalls = 1000
    static let mostSteps = 1000
    /// A day.
    static let longest = 86_400_000

    let diagnostics: Diagnostics
    let read: (String) throws(MediaError) -> [Int16]

    /// - Parameter name: where the file does not say it.
    func decode(_ root: Node, name: String) -> ModemScript {
        let reader = MappingReader(root, "the script", diagnostics)
        let name = reader.string("script", default: name)
        let modem = modem(reader.optionalMapping("modem"))
        let calls = list(reader, "calls", most: Self.mostCalls).enumerated().map { index, node in
            call(MappingReader(node, "call \(index + 1)", diagnostics), modem.kind)
        }
        let answers = list(reader, "answers", most: Self.mostCalls).enumerated().map { index, node in
            answer(MappingReader(node, "answer \(index + 1)", diagnostics), modem.kind)
        }
        let faults = list(reader, "faults", most: Self.mostCalls).enumerated().compactMap { index, node in
            ScriptedFaultDecoder(diagnostics: diagnostics, calls: calls.count)
                .decode(MappingReader(node, "fault \(index + 1)", diagnostics))
        }
        let repeats = reader.bool("repeat", default: false)
        if repeats, calls.isEmpty {
            reader.complain(about: "repeat", "there is no call to repeat", advice: "Add `calls:`")
        }
        reader.finish()
        return ModemScript(
            name: name, modem: modem, calls: calls, answers: answers, faults: faults, repeats: repeats)
    }

    private func list(_ reader: MappingReader, _ key: String, most: Int) -> [Node] {
        guard let node = reader.optionalNode(key) else { return [] }
        guard let items = node.items else {
            reader.complain(about: key, "\(key) must be a list, not \(node.kindName)", advice: "Write `- …` entries")
            return []
        }
        guard items.count <= most else {
            reader.complain(about: key, .limit, "\(key) has more than \(most) entries", advice: "Split the script")
            return []
        }
        return items
    }

    // MARK: - The modem

    private func modem(_ reader: MappingReader?) -> SimulatedModemSettings {
        guard let reader else { return SimulatedModemSettings(kind: .quectel) }
        var modem = SimulatedModemSettings(kind: reader.choice("kind", default: .quectel))
        if let pin = reader.optionalString("pin") {
            if isDigits(pin, 4...8) {
                modem.pin = pin
            } else {
                reader.complain(about: "pin", "pin must be 4 to 8 digits", advice: "Write them in quotes: \"1234\"")
            }
        }
        modem.hasCard = reader.bool("card", default: true)
        modem.registration = reader.choice("registration", default: .home)
        modem.registersAfter = time(reader, "registers_after", default: 1500)
        modem.signal = reader.int("signal", in: 0...99, default: modem.signal)
        if modem.signal > 31, modem.signal != 99 {
            reader.complain(about: "signal", "signal is 0 to 31, or 99 for unknown", advice: "23 is about -67 dBm")
        }
        modem.isRunning = !reader.bool("boots", default: false)
        modem.bootMilliseconds = time(reader, "boot", default: 3000)
        modem.commandMilliseconds = time(reader, "command_delay", default: 15)
        modem.callMilliseconds = time(reader, "call_delay", default: 150)
        modem.lineMilliseconds = time(reader, "line_delay", default: 2)
        modem.seed = UInt64(reader.int("seed", in: 0...Int.max, default: 1))
        reader.finish()
        return modem
    }

    // MARK: - Calls

    private func call(_ reader: MappingReader, _ kind: ModemKind) -> ScriptedCall {
        let after = time(reader, "after", default: 3000)
        let from = caller(reader)
        let ringEvery = reader.optionalMilliseconds("ring_every", in: 200...60_000)
        let rings = reader.int("rings", in: 1...1000, default: 20)
        let clip = reader.choice("clip", default: CallerNumberStyle.afterRing)
        let conversation = conversation(reader, kind)
        let expectation = expectation(reader)
        let whenHungUp = reader.choice("when_hung_up", default: ScriptedCall.WhenHungUp.next)
        reader.finish()
        return ScriptedCall(
            after: after, from: from, ringEvery: ringEvery.map(Int64.init), rings: rings, clip: clip,
            conversation: conversation, expectation: expectation, whenHungUp: whenHungUp)
    }

    private func answer(_ reader: MappingReader, _ kind: ModemKind) -> ScriptedAnswer {
        let outcome = reader.choice("outcome", default: ScriptedAnswer.Outcome.answer)
        let after = time(reader, "after", default: 3000)
        let conversation = conversation(reader, kind)
        if outcome != .answer, !conversation.talk.isEmpty {
            reader.complain(
                about: "talk", "a call with outcome \(outcome.rawValue) has nothing to say",
                advice: "Remove `talk`, or write `outcome: answer`")
        }
        reader.finish()
        return ScriptedAnswer(outcome: outcome, after: after, conversation: conversation)
    }

    /// `from`: a number, or `withheld`.
    private func caller(_ reader: MappingReader) -> String? {
        guard let text = reader.string("from"), text != "withheld" else { return nil }
        let digits = text.hasPrefix("+") ? String(text.dropFirst()) : text
        if !isDigits(digits, 1...20) {
            reader.complain(
                about: "from", "from in \(reader.place) must be a number of up to 20 digits, or `withheld`",
                advice: "Write it in quotes: \"13800001234\"")
        }
        return text
    }

    private func expectation(_ reader: MappingReader) -> ScriptedExpectation {
        var result = ScriptedExpectation()
        guard let nested = reader.optionalMapping("expect") else { return result }
        let range = 0...Self.longest
        result.answeredWithin = nested.optionalMilliseconds("answered_within", in: range).map(Int64.init)
        result.answeredAfter = nested.optionalMilliseconds("answered_after", in: range).map(Int64.init)
        result.noAnswer = nested.bool("no_answer", default: false)
        result.hungUpBy = nested.optionalChoice("hung_up_by")
        let wantsAnswer = result.answeredWithin != nil || result.answeredAfter != nil || result.hungUpBy != nil
        if result.noAnswer, wantsAnswer {
            nested.complain(
                about: "no_answer", "\(nested.place) cannot expect an answer and none",
                advice: "Remove `no_answer`, or the other keys")
        }
        nested.finish()
        return result
    }

    // MARK: - Talk

    private func conversation(_ reader: MappingReader, _ kind: ModemKind) -> ScriptedConversation {
        let detects = reader.bool("detects_keys", default: kind.detectsKeys)
        let steps = list(reader, "talk", most: Self.mostSteps).enumerated().compactMap { index, node in
            // The one step that needs nothing may stand as a bare word.
            node.text == "hang_up"
                ? .hangUp
                : step(MappingReader(node, "\(reader.place), step \(index + 1)", diagnostics), detects: detects)
        }
        return ScriptedConversation(
            talk: steps, record: reader.optionalString("record"), stay: time(reader, "stay", default: 120_000))
    }

    private static let verbs = [
        "wait", "silence", "key", "keys", "say", "tone", "hear_out", "waiting_call", "hang_up",
    ]

    /// A step is a mapping with exactly one verb.
    private func step(_ reader: MappingReader, detects: Bool) -> ScriptedStep? {
        let written = Self.verbs.filter { reader.has($0) }
        guard written.count == 1, let verb = written.first else {
            let near = reader.node.entries?.first.map { Names.advice(for: $0.key, in: Self.verbs) } ?? ""
            reader.complain(
                about: written.last ?? "",
                "\(reader.place) must have exactly one of \(Self.verbs.joined(separator: ", "))",
                advice: near)
            return nil
        }
        defer { reader.finish() }
        switch verb {
        case "wait", "silence": return .wait(time(reader, verb, default: 0))
        case "key", "keys": return keys(reader, verb, detects: detects)
        case "say": return say(reader)
        case "tone": return tone(reader)
        case "hear_out": return hearOut(reader)
        case "waiting_call": return waitingCall(reader)
        default:
            if reader.bool("hang_up", default: true) { return .hangUp }
            reader.complain(about: "hang_up", "hang_up can only be true", advice: "Remove the step")
            return nil
        }
    }

    private func keys(_ reader: MappingReader, _ key: String, detects: Bool) -> ScriptedStep? {
        let detected = reader.bool("detected", default: detects)
        guard let text = reader.string(key) else { return nil }
        guard (1...64).contains(text.count), text.allSatisfy({ KeyTones.frequencies(of: $0) != nil }) else {
            reader.complain(
                about: key, "\(key) in \(reader.place) must be keys of a telephone: 0–9, *, #, A–D",
                advice: "Write them in quotes: \"2#\"")
            return nil
        }
        return .keys(text, detected: detected)
    }

    private func say(_ reader: MappingReader) -> ScriptedStep? {
        guard let file = reader.string("say") else { return nil }
        do throws(MediaError) {
            return .say(file: file, samples: try read(file))
        } catch {
            reader.complain(about: "say", .unreadable, error.message, advice: "Paths count from the script's folder")
            return nil
        }
    }

    private func tone(_ reader: MappingReader) -> ScriptedStep? {
        guard let nested = reader.optionalMapping("tone") else { return nil }
        defer { nested.finish() }
        return .tone(
            frequency: nested.int("frequency", in: 100...3400, default: 1000),
            level: nested.int("level", in: -60...0, default: -10),
            milliseconds: Int64(nested.milliseconds("for", in: 1...600_000, default: 1000)))
    }

    private func hearOut(_ reader: MappingReader) -> ScriptedStep? {
        guard let nested = reader.optionalMapping("hear_out") else { return .hearOut(quiet: 700, atMost: 60_000) }
        defer { nested.finish() }
        return .hearOut(quiet: time(nested, "quiet", default: 700), atMost: time(nested, "at_most", default: 60_000))
    }

    private func waitingCall(_ reader: MappingReader) -> ScriptedStep? {
        guard let nested = reader.mapping("waiting_call") else { return nil }
        defer { nested.finish() }
        return .waitingCall(from: caller(nested), for: time(nested, "for", default: 15_000))
    }

    private func time(_ reader: MappingReader, _ key: String, default value: Int) -> Int64 {
        Int64(reader.milliseconds(key, in: 0...Self.longest, default: value))
    }

    private func isDigits(_ text: String, _ count: ClosedRange<Int>) -> Bool {
        count.contains(text.utf8.count) && text.utf8.allSatisfy { (48...57).contains($0) }
    }
}
