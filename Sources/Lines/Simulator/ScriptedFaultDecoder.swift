import Documents

/// Reads one entry of a script's `faults`.
struct ScriptedFaultDecoder {
    let diagnostics: Diagnostics
    /// How many calls the script has.
    let calls: Int

    private static let names = [
        "sim_removed", "sim_back", "network_lost", "network_back", "hang", "garbage", "slow", "no_carrier", "usb_gone",
    ]

    func decode(_ reader: MappingReader) -> ScriptedFault? {
        defer { reader.finish() }
        let written = Self.names.filter { reader.has($0) }
        let moment = moment(reader)
        if let name = reader.optionalString("fault") {
            guard written.isEmpty, let fault = bare(name) else {
                reader.complain(
                    about: "fault", "\"\(name.prefix(40))\" in \(reader.place) is no fault that stands alone",
                    advice: Names.advice(for: name, in: Self.names, otherwise: "Write one of \(list)"))
                return nil
            }
            return moment.map { ScriptedFault(moment: $0, fault: fault) }
        }
        guard written.count == 1, let name = written.first else {
            reader.complain(
                about: written.last ?? "", "\(reader.place) must have `fault: name` or exactly one of \(list)",
                advice: "For example `fault: sim_removed`, or `hang: {for: 20s}`")
            return nil
        }
        guard let fault = detailed(name, reader) else { return nil }
        return moment.map { ScriptedFault(moment: $0, fault: fault) }
    }

    private var list: String { Self.names.joined(separator: ", ") }

    private func moment(_ reader: MappingReader) -> ScriptedFault.Moment? {
        let hasTime = reader.has("at")
        guard hasTime != reader.has("during_call") else {
            reader.complain(
                about: "at", "\(reader.place) must have one of at and during_call",
                advice: "Write `at: 5s`, or `during_call: {call: 1, after: 3s}`")
            _ = reader.optionalNode("at")
            _ = reader.optionalNode("during_call")
            return nil
        }
        if hasTime {
            return reader.milliseconds("at", in: 0...ModemScriptDecoder.longest).map { .at(Int64($0)) }
        }
        guard let nested = reader.mapping("during_call") else { return nil }
        defer { nested.finish() }
        let number = nested.int("call", in: 1...ModemScriptDecoder.mostCalls, default: 1)
        if number > calls {
            nested.complain(
                about: "call", "there is no call \(number), only \(calls)", advice: "Calls are counted from 1")
        }
        return .during(
            call: number, since: nested.choice("since", default: .answer),
            after: Int64(nested.milliseconds("after", in: 0...ModemScriptDecoder.longest, default: 0)))
    }

    private func bare(_ name: String) -> SimulatedFault? {
        switch name {
        case "sim_removed": .cardRemoved
        case "sim_back": .cardBack
        case "network_lost": .networkLost
        case "network_back": .networkBack
        case "no_carrier": .noCarrier
        case "hang": .hang(nil)
        default: nil
        }
    }

    /// `name: {…}`; a fault without particulars may also be written `name: true`.
    private func detailed(_ name: String, _ reader: MappingReader) -> SimulatedFault? {
        if let fault = bare(name), name != "hang" {
            guard reader.bool(name, default: true) else {
                reader.complain(about: name, "\(name) can only be true", advice: "Remove the fault")
                return nil
            }
            return fault
        }
        let range = 1...ModemScriptDecoder.longest
        guard let nested = reader.optionalMapping(name) else { return name == "hang" ? .hang(nil) : defaults(name) }
        defer { nested.finish() }
        switch name {
        case "hang": return .hang(nested.optionalMilliseconds("for", in: range).map(Int64.init))
        case "garbage": return .garbage(nested.int("bytes", in: 1...65_536, default: 256))
        case "usb_gone": return .usbGone(Int64(nested.milliseconds("for", in: range, default: 5000)))
        default:
            return .slow(
                factor: Int64(nested.int("factor", in: 2...10_000, default: 50)),
                milliseconds: Int64(nested.milliseconds("for", in: range, default: 10_000)))
        }
    }

    private func defaults(_ name: String) -> SimulatedFault? {
        switch name {
        case "garbage": .garbage(256)
        case "usb_gone": .usbGone(5000)
        default: .slow(factor: 50, milliseconds: 10_000)
        }
    }
}
