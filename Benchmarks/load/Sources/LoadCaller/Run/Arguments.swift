/// Reads the command line.
package enum Arguments {
    package enum Outcome: Sendable {
        case run(Plan)
        case help
    }

    package static let help = """
        hotline-load: places calls at a SIP server, sends speech and keys, and judges what comes back.

        hotline-load --to sip:95598@127.0.0.1:5060 [options]

        Calls
          --to URI              what is called; user, host (IPv4 or a name) and port
          --calls N             how many (1)
          --rate R/s            new calls a second (50/s)
          --steady T            how long all of them are up at once (10s), after
          --settle T            the last answer and this pause (2s)
          --hold T              each call is held so long instead, e.g. for a storm of set-ups
          --release-rate R/s    hanging up (as --rate)
          --patience T          a call not answered within is a failure (20s)
          --from NUMBER         the first caller's number, each further one's one higher (13900000000)
          --codec LIST          pcma,pcmu: what is offered (both)
          --server-hangs-up     the server may end calls; otherwise that is a failure
          --any-source          take RTP from any address, not from the one in the SDP alone

        Audio
          --expect LIST         prompts that are to be heard, in their order: WAV (PCM, 16 bit, 8 kHz, mono) or raw
                                G.711 (.al, .ul). `2:menu.wav` is heard after key 2, `loop:music.wav` again and again;
                                both: `2:loop:music.wav`
          --expect-any          any audio will do (as without --expect)
          --keep T              of each call's audio is kept and compared at most (60s)
          --speech FILE         what callers say, in a loop that begins elsewhere in each call (made-up speech)
          --digits LIST         keys and when, from the answer: 1@2500ms,2@6s
          --digit-length T      100ms

        Agents' phones: they register, are called by the server, and each side is to hear the other
          --agents LIST         user:password,…, a file with one a line, or 1001-1200:bench-{} ({} is the number)
          --agent-answer T      ringing of a phone (500ms)
          --serve N             answers N calls of another hotline-load at --bind and --sip-port until its standard
                                input ends: shows what that caller can do by itself
          --sip-port P          our own port (a free one)
          --pause               waits for a line on standard input once the phones have registered

        This machine
          --bind ADDRESS        our own (the one that leads to the server)
          --ports A-B           for RTP and RTCP (33000-60999)
          --threads N           for RTP (1)
          --cpus LIST           run on these processors only: 1 or 2,3
          --raw-send            gives loopback whole datagrams, many at once, past the sockets: cheaper; wants root and a
                                network namespace of its own (README)
          --nice N              of all its threads
          --floor T             measures the machine's timer before the run (5s; 0s: not)
          --server-pid PID      measures this process's CPU, memory and switches over the plateau

        Judgement and output
          --missing P%          of the packets may be missing (0.1%)
          --lateness T          that p99 may lie above the timer floor's (5ms)
          --title TEXT          the report's heading
          --json FILE           the whole report; - is standard output, instead of the table
          --list-calls          each call in it, too

        Times have a unit: 500ms, 30s, 2m. Exit code: 0 every threshold kept, 1 not, 2 usage, 3 the caller was saturated
        and the figures are not the server's.

        """

    /// - Parameter arguments: without the program's name.
    /// - Throws: `LoadError` with what to mend.
    package static func read(
        _ arguments: [String], file: (String) throws(LoadError) -> String
    ) throws(LoadError) -> Outcome {
        var plan = Plan()
        var rest = arguments[...]
        var hasTarget = false
        var expected: String?
        func value(_ name: String) throws(LoadError) -> String {
            guard let value = rest.popFirst() else { throw LoadError("\(name) needs a value") }
            return value
        }
        while let name = rest.popFirst() {
            switch name {
            case "--help", "-h": return .help
            case "--to":
                let text = try value(name)
                guard let uri = SIPURI(text.hasPrefix("sip:") ? text : "sip:" + text) else {
                    throw LoadError("--to \(text): no SIP URI like sip:95598@127.0.0.1:5060")
                }
                plan.target = uri
                hasTarget = true
            case "--calls": plan.calls = try count(name, try value(name), 1...20_000)
            case "--rate": plan.rate = try rate(name, try value(name))
            case "--steady": plan.steady = try time(name, try value(name))
            case "--settle": plan.settle = try time(name, try value(name))
            case "--hold": plan.hold = try time(name, try value(name))
            case "--release-rate": plan.releaseRate = try rate(name, try value(name))
            case "--patience": plan.patience = try time(name, try value(name))
            case "--from": plan.from = try value(name)
            case "--codec": plan.laws = try laws(try value(name))
            case "--server-hangs-up": plan.serverHangsUp = true
            case "--any-source": plan.takesAnySource = true
            case "--expect": expected = try value(name)
            case "--expect-any": expected = nil
            case "--keep": plan.keep = try time(name, try value(name))
            case "--speech": plan.speech = try value(name)
            case "--digits": plan.keys = try keys(try value(name))
            case "--digit-length": plan.keyLength = try time(name, try value(name))
            case "--agents": plan.phones = try phones(try value(name), file: file)
            case "--agent-answer": plan.answerAfter = try time(name, try value(name))
            case "--pause": plan.pauses = true
            case "--serve":
                plan.serves = try count(name, try value(name), 1...20_000)
                plan.calls = 0
                plan.floor = 0
            case "--sip-port": plan.sipPort = UInt16(try count(name, try value(name), 1...65_535))
            case "--bind":
                let text = try value(name)
                guard let address = Endpoint.address(text) else { throw LoadError("--bind \(text): no IPv4 address") }
                plan.bind = address
            case "--ports": plan.ports = try ports(try value(name))
            case "--threads": plan.threads = try count(name, try value(name), 1...64)
            case "--cpus":
                plan.cpus = []
                for part in try value(name).split(separator: ",") {
                    plan.cpus.append(try count(name, String(part), 0...1023))
                }
            case "--raw-send": plan.sendsRaw = true
            case "--nice": plan.nice = try count(name, try value(name), -20...19)
            case "--floor": plan.floor = try time(name, try value(name))
            case "--server-pid": plan.serverProcess = try count(name, try value(name), 1...4_194_304)
            case "--missing":
                let text = try value(name)
                guard text.hasSuffix("%"), let share = Double(text.dropLast()), (0...100).contains(share) else {
                    throw LoadError("--missing \(text): a share like 0.1%")
                }
                plan.thresholds.missing = share / 100
            case "--lateness": plan.thresholds.lateness = Double(try time(name, try value(name))) / 1e6
            case "--title": plan.title = try value(name)
            case "--json": plan.json = try value(name)
            case "--list-calls": plan.listsCalls = true
            default: throw LoadError("\(name): no such option; --help lists them")
            }
        }
        guard hasTarget || plan.serves > 0 else {
            throw LoadError("--to is missing, e.g. --to sip:95598@127.0.0.1:5060")
        }
        if let expected { plan.expect = try expect(expected, keys: plan.keys.map(\.key)) }
        return .run(plan)
    }

    private static func count(_ name: String, _ text: String, _ range: ClosedRange<Int>) throws(LoadError) -> Int {
        guard let value = Int(text), range.contains(value) else {
            throw LoadError("\(name) \(text): a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    private static func rate(_ name: String, _ text: String) throws(LoadError) -> Double {
        let number = text.hasSuffix("/s") ? String(text.dropLast(2)) : text
        guard let value = Double(number), value > 0, value <= 10_000 else {
            throw LoadError("\(name) \(text): calls a second, such as 50/s")
        }
        return value
    }

    /// Nanoseconds.
    package static func time(_ name: String, _ text: String) throws(LoadError) -> Int64 {
        let units: [(String, Double)] = [("ms", 1e6), ("s", 1e9), ("m", 60e9)]
        for (unit, factor) in units where text.hasSuffix(unit) {
            guard let value = Double(text.dropLast(unit.count)), value >= 0, value <= 86_400 else { break }
            return Int64(value * factor)
        }
        throw LoadError("\(name) \(text): a time with its unit, such as 500ms, 30s or 2m")
    }

    private static func laws(_ text: String) throws(LoadError) -> [G711.Law] {
        var laws: [G711.Law] = []
        for part in text.split(separator: ",") {
            guard let law = G711.Law(rawValue: part.uppercased()), !laws.contains(law) else {
                throw LoadError("--codec \(text): pcma, pcmu or both")
            }
            laws.append(law)
        }
        guard !laws.isEmpty else { throw LoadError("--codec: pcma, pcmu or both") }
        return laws
    }

    private static func keys(_ text: String) throws(LoadError) -> [(key: Character, at: Int64)] {
        var keys: [(key: Character, at: Int64)] = []
        for part in text.split(separator: ",") {
            let pair = part.split(separator: "@", omittingEmptySubsequences: false)
            guard pair.count == 2, pair[0].count == 1, let key = pair[0].first,
                TelephoneEvent.number(of: key) != nil
            else { throw LoadError("--digits \(part): a key and its time, such as 1@2500ms") }
            let at = try time("--digits", String(pair[1]))
            guard at >= keys.last?.at ?? 0 else { throw LoadError("--digits: \(part) stands behind a later key") }
            keys.append((key, at))
        }
        return keys
    }

    private static func expect(_ text: String, keys: [Character]) throws(LoadError) -> [Plan.ExpectedFile] {
        var list: [Plan.ExpectedFile] = []
        var next = 0
        for part in text.split(separator: ",") {
            var rest = part
            var file = Plan.ExpectedFile(path: "", key: nil, loops: false)
            if let key = rest.first, rest.dropFirst().first == ":", TelephoneEvent.number(of: key) != nil {
                guard let place = keys[next...].firstIndex(of: key) else {
                    throw LoadError("--expect \(part): --digits sends no such key there")
                }
                file.key = place
                next = place + 1
                rest = rest.dropFirst(2)
            }
            if rest.hasPrefix("loop:") {
                file.loops = true
                rest = rest.dropFirst(5)
            }
            guard !rest.isEmpty else { throw LoadError("--expect \(part): no file") }
            file.path = String(rest)
            list.append(file)
        }
        return list
    }

    private static func ports(_ text: String) throws(LoadError) -> ClosedRange<UInt16> {
        let parts = text.split(separator: "-")
        guard parts.count == 2, let low = UInt16(parts[0]), let high = UInt16(parts[1]), low >= 1024, high > low else {
            throw LoadError("--ports \(text): a range such as 33000-60999")
        }
        return low...min(high, 65_534)
    }

    private static func phones(
        _ text: String, file: (String) throws(LoadError) -> String
    ) throws(LoadError) -> [Plan.Phone] {
        let entries: [Substring]
        let content: String
        if text.contains(":") {
            entries = text.split(separator: ",")
        } else {
            content = try file(text)
            entries = content.split(whereSeparator: \.isNewline).map { $0.trimmingBlanks }.filter {
                !$0.isEmpty && !$0.hasPrefix("#")
            }
        }
        var phones: [Plan.Phone] = []
        for entry in entries {
            let separator = entry.firstIndex { $0 == ":" || $0 == " " || $0 == "\t" }
            guard let separator, separator != entry.startIndex else {
                throw LoadError("--agents: an entry has no password: user:password")
            }
            let user = entry[..<separator]
            let password = entry[entry.index(after: separator)...].trimmingBlanks
            let range = user.split(separator: "-")
            if range.count == 2, let low = Int(range[0]), let high = Int(range[1]), high >= low, high - low < 20_000 {
                for number in low...high {
                    phones.append(
                        .init(
                            user: String(number),
                            password: password.split(separator: "{}", omittingEmptySubsequences: false)
                                .joined(separator: String(number))))
                }
            } else {
                phones.append(.init(user: String(user), password: String(password)))
            }
        }
        guard !phones.isEmpty else { throw LoadError("--agents: none") }
        return phones
    }
}
