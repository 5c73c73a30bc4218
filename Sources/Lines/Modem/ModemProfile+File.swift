import Documents
import Foundation

extension ModemProfile {
    /// Reads a profile's file.
    /// - Throws: `LineError` with code `.profile` and every complaint, one a line, with its place.
    public init(path: String) throws(LineError) {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw LineError(.profile, "\(path) is not there or cannot be read; name a modem profile (docs/modems.md)")
        }
        guard let text = String(data: data, encoding: .utf8) else {
            throw LineError(.profile, "\(path) is not UTF-8; save it as such")
        }
        try self.init(text: text, file: path)
    }

    /// - Parameters:
    ///   - text: the file's contents.
    ///   - file: its name, for messages.
    /// - Throws: `LineError` with code `.profile`, likewise.
    public init(text: String, file: String) throws(LineError) {
        let root: Node
        do throws(DocumentError) {
            root = try Document.parse(text, file: file)
        } catch {
            throw LineError(.profile, error.description)
        }
        let diagnostics = Diagnostics()
        var decoder = ModemProfileDecoder(diagnostics: diagnostics)
        let profile = decoder.profile(MappingReader(root, "the profile", diagnostics))
        guard !diagnostics.hasErrors, let profile else {
            throw LineError(.profile, diagnostics.errors.map(\.description).joined(separator: "\n"))
        }
        self = profile
    }
}

/// Reads the sections of a profile; what is wrong is collected, so that one run shows every error.
private struct ModemProfileDecoder {
    let diagnostics: Diagnostics

    mutating func profile(_ reader: MappingReader) -> ModemProfile? {
        let id = reader.string("id")
        if let id, id.isEmpty || !id.allSatisfy({ $0.isASCII && ($0.isLowercase || $0.isNumber || $0 == "-") }) {
            reader.complain(about: "id", "\"\(id.prefix(60))\" is no profile id", advice: "Use a–z, 0–9 and `-`")
        }
        let name = reader.string("name")
        let matches = reader.strings("matches")
        let identify = commands(reader, "identify", default: ["ATI"])
        let initial = steps(reader, "init")
        let sim = sim(reader)
        let registration = registration(reader)
        let signal = signal(reader)
        let ring = ring(reader)
        let waiting = waiting(reader)
        let answer = answer(reader)
        let dial = dial(reader)
        let hangUp = commands(reader, "hang_up", default: [])
        if hangUp.isEmpty {
            reader.complain(about: "hang_up", "hang_up needs a command", advice: "Write `hang_up: [AT+CHUP, ATH]`")
        }
        let ended = patterns(reader, "ended")
        let callList = callList(reader)
        let cause = cause(reader)
        let keys = keys(reader)
        let audio = audio(reader)
        let reset = reset(reader)
        let times = times(reader)
        reader.finish()
        guard let id, let name, let sim, let registration, let signal, let ring, let waiting, let answer, let dial,
            let callList, let keys, let reset
        else { return nil }
        return ModemProfile(
            id: id, name: name, matches: matches, identify: identify, initial: initial, sim: sim,
            registration: registration, signal: signal, ring: ring, waiting: waiting, answer: answer, dial: dial,
            hangUp: hangUp, ended: ended, callList: callList, cause: cause, keys: keys, audio: audio, reset: reset,
            times: times)
    }

    // MARK: - Sections

    private func sim(_ reader: MappingReader) -> ModemProfile.SIM? {
        guard let section = reader.mapping("sim") else { return nil }
        defer { section.finish() }
        let query = query(section, "query")
        let enter = template(section, "enter_pin")
        let attempts = section.has("attempts") ? self.query(section, "attempts") : nil
        let removed = patterns(section, "removed")
        let inserted = patterns(section, "inserted")
        guard let query, let enter else { return nil }
        return ModemProfile.SIM(
            query: query, enterPIN: enter, attempts: attempts, removed: removed, inserted: inserted)
    }

    private func registration(_ reader: MappingReader) -> ModemProfile.Registration? {
        guard let section = reader.mapping("registration") else { return nil }
        defer { section.finish() }
        let every = section.milliseconds("every", in: 5000...600_000, default: 30_000)
        let grace = section.milliseconds("grace", in: 1000...600_000, default: 30_000)
        let items = section.node("queries")?.items ?? []
        let queries = items.compactMap { query(MappingReader($0, "a registration query", diagnostics)) }
        if items.isEmpty {
            section.complain(
                about: "queries", "queries must be a list of {command, prefix}",
                advice: "Write `- {command: AT+CREG?, prefix: \"+CREG:\"}`")
        }
        return ModemProfile.Registration(queries: queries, everyMilliseconds: every, graceMilliseconds: grace)
    }

    private func signal(_ reader: MappingReader) -> ModemProfile.Signal? {
        guard let section = reader.mapping("signal") else { return nil }
        defer { section.finish() }
        let every = section.milliseconds("every", in: 5000...3_600_000, default: 60_000)
        guard let query = query(section, "query") else { return nil }
        return ModemProfile.Signal(query: query, everyMilliseconds: every)
    }

    private func ring(_ reader: MappingReader) -> ModemProfile.Ring? {
        guard let section = reader.mapping("ring") else { return nil }
        defer { section.finish() }
        let patterns = patterns(section, "urcs", isRequired: true)
        let interval = steps(section, "interval")
        let givenUp = section.milliseconds("given_up_after", in: 1000...60_000)
        let caller = section.string("caller")
        let wait = section.milliseconds("caller_wait", in: 0...5000, default: 800)
        guard let givenUp, let caller else { return nil }
        return ModemProfile.Ring(
            patterns: patterns, interval: interval, givenUpAfterMilliseconds: givenUp, callerPrefix: caller,
            callerWaitMilliseconds: wait)
    }

    private func waiting(_ reader: MappingReader) -> ModemProfile.Waiting? {
        guard let section = reader.mapping("waiting") else { return nil }
        defer { section.finish() }
        let prefix = section.string("urc")
        let refuse = command(section, "refuse")
        let givenUp = section.milliseconds("given_up_after", in: 1000...120_000, default: 30_000)
        guard let prefix, let refuse else { return nil }
        return ModemProfile.Waiting(prefix: prefix, refuse: refuse, givenUpAfterMilliseconds: givenUp)
    }

    private func answer(_ reader: MappingReader) -> ModemProfile.Answer? {
        guard let section = reader.mapping("answer") else { return nil }
        defer { section.finish() }
        let command = command(section, "command")
        let okMeans = section.bool("ok_means_connected", default: true)
        let connected = patterns(section, "connected")
        let timeout = section.milliseconds("timeout", in: 1000...120_000, default: 20_000)
        if !okMeans, connected.isEmpty {
            section.complain(
                about: "connected", "where OK does not mean connected, `connected` must say what does",
                advice: "Name the unsolicited line, or write `ok_means_connected: true`")
        }
        guard let command else { return nil }
        return ModemProfile.Answer(
            command: command, okMeansConnected: okMeans, connected: connected, timeoutMilliseconds: timeout)
    }

    private func dial(_ reader: MappingReader) -> ModemProfile.Dial? {
        guard let section = reader.mapping("dial") else { return nil }
        defer { section.finish() }
        let command = template(section, "command")
        let alerting = patterns(section, "alerting")
        let connected = patterns(section, "connected")
        let timeout = section.milliseconds("timeout", in: 1000...120_000, default: 30_000)
        guard let command else { return nil }
        return ModemProfile.Dial(
            command: command, alerting: alerting, connected: connected, timeoutMilliseconds: timeout)
    }

    private func callList(_ reader: MappingReader) -> ModemProfile.CallList? {
        guard let section = reader.mapping("call_list") else { return nil }
        defer { section.finish() }
        let command = command(section, "command")
        let prefix = section.string("prefix")
        let every = section.milliseconds("every", in: 1000...600_000, default: 10_000)
        let settingUp = section.milliseconds("setting_up", in: 250...10_000, default: 1000)
        guard let command, let prefix else { return nil }
        return ModemProfile.CallList(
            command: command, prefix: prefix, everyMilliseconds: every, settingUpMilliseconds: settingUp)
    }

    private func cause(_ reader: MappingReader) -> ModemProfile.Cause? {
        guard let section = reader.optionalMapping("cause") else { return nil }
        defer { section.finish() }
        let command = command(section, "command")
        let prefix = section.string("prefix")
        let field = section.optionalInt("field", in: 1...32)
        var texts: [String: Int] = [:]
        for (key, value, node) in section.stringMap("texts") {
            if let number = Int(value), (1...127).contains(number) {
                texts[key.lowercased()] = number
            } else {
                diagnostics.add(
                    error: node.error(
                        .badValue, "\"\(value.prefix(60))\" is no Q.850 cause", advice: "Write a number from 1 to 127"))
            }
        }
        guard let command, let prefix else { return nil }
        return ModemProfile.Cause(command: command, prefix: prefix, field: field, texts: texts)
    }

    private func keys(_ reader: MappingReader) -> ModemProfile.Keys? {
        guard let section = reader.mapping("keys") else { return nil }
        defer { section.finish() }
        let send = template(section, "send")
        let reported = section.optionalString("reported")
        let form = section.choice("form", default: ModemProfile.Keys.Form.key)
        let enable = steps(section, "enable")
        guard let send else { return nil }
        return ModemProfile.Keys(send: send, reported: reported, form: form, enable: enable)
    }

    private func audio(_ reader: MappingReader) -> ModemProfile.Audio {
        let section = reader.optionalMapping("audio")
        defer { section?.finish() }
        return ModemProfile.Audio(
            atStart: section.map { steps($0, "at_start") } ?? [],
            whenConnected: section.map { steps($0, "when_connected") } ?? [],
            attempts: section?.int("attempts", in: 1...20, default: 3) ?? 3,
            whenReleased: section.map { steps($0, "when_released") } ?? [])
    }

    private func reset(_ reader: MappingReader) -> ModemProfile.Reset? {
        guard let section = reader.mapping("reset") else { return nil }
        defer { section.finish() }
        let command = command(section, "command")
        let started = patterns(section, "started")
        let wait = section.milliseconds("wait", in: 1000...120_000, default: 15_000)
        guard let command else { return nil }
        return ModemProfile.Reset(command: command, started: started, waitMilliseconds: wait)
    }

    private func times(_ reader: MappingReader) -> ModemProfile.Times {
        let section = reader.optionalMapping("times")
        defer { section?.finish() }
        return ModemProfile.Times(
            commandMilliseconds: section?.milliseconds("command", in: 100...60_000, default: 5000) ?? 5000,
            probeMilliseconds: section?.milliseconds("probe", in: 100...10_000, default: 1000) ?? 1000,
            unresponsiveAfter: section?.int("unresponsive_after", in: 1...20, default: 3) ?? 3)
    }

    // MARK: - Parts

    private func query(_ reader: MappingReader, _ key: String) -> ModemProfile.Query? {
        reader.mapping(key).flatMap { query($0) }
    }

    private func query(_ section: MappingReader) -> ModemProfile.Query? {
        defer { section.finish() }
        let command = command(section, "command")
        let prefix = section.string("prefix")
        let field = section.int("field", in: 1...32, default: 1)
        guard let command, let prefix else { return nil }
        return ModemProfile.Query(command: command, prefix: prefix, field: field)
    }

    private func command(_ reader: MappingReader, _ key: String) -> String? {
        guard let node = reader.node(key) else { return nil }
        return command(node)
    }

    /// A command in which `%` stands for what is put in.
    private func template(_ reader: MappingReader, _ key: String) -> String? {
        guard let text = command(reader, key) else { return nil }
        guard text.filter({ $0 == "%" }).count == 1 else {
            reader.complain(about: key, "\(key) must hold one `%`", advice: "Write e.g. `ATD%;`")
            return nil
        }
        return text
    }

    private func commands(_ reader: MappingReader, _ key: String, default value: [String]) -> [String] {
        guard let node = reader.optionalNode(key) else { return value }
        return (node.items ?? [node]).compactMap { command($0) }
    }

    private func steps(_ reader: MappingReader, _ key: String) -> [ModemProfile.Step] {
        guard let node = reader.optionalNode(key) else { return [] }
        return (node.items ?? [node]).compactMap { item in
            guard item.entries != nil else { return command(item).map { ModemProfile.Step(command: $0) } }
            let section = MappingReader(item, "a command of \(key)", diagnostics)
            defer { section.finish() }
            let isOptional = section.bool("optional", default: false)
            return command(section, "command").map { ModemProfile.Step(command: $0, isOptional: isOptional) }
        }
    }

    private func patterns(_ reader: MappingReader, _ key: String, isRequired: Bool = false) -> [ModemPattern] {
        let texts = isRequired ? (reader.node(key) == nil ? [] : reader.strings(key)) : reader.strings(key)
        return texts.map(ModemPattern.init)
    }

    /// A command line of V.250: it begins with AT, is printable and not too long for a modem's buffer.
    private func command(_ node: Node) -> String? {
        guard let text = node.text, text.uppercased().hasPrefix("AT"), text.utf8.count <= 200,
            text.utf8.allSatisfy({ (32...126).contains($0) })
        else {
            let written = node.text.map { "\"\($0.prefix(60))\"" } ?? node.kindName
            diagnostics.add(
                error: node.error(
                    .badValue, "\(written) is no AT command",
                    advice: "Write AT and what follows, in ASCII, at most 200 characters"))
            return nil
        }
        return text
    }
}
