/// Everything that a run found out, as `--json` writes it. Times are milliseconds unless they say otherwise.
package struct Report: Sendable, Codable {
    package struct Machine: Sendable, Codable {
        package var kernel = ""
        package var processors = 0
        /// On which the caller ran.
        package var callerCPUs: [Int] = []
        /// The load average of a minute, at the beginning.
        package var load = ""
        package var floorBefore = Spread()
        package var floorDuring = Spread()
        /// The share of the plateau that the host took from these processors.
        package var stolenFromCaller: Double?
        package var stolenFromOthers: Double?

        enum CodingKeys: String, CodingKey {
            case kernel, processors
            case callerCPUs = "caller_cpus"
            case load = "load_average"
            case floorBefore = "timer_floor_before"
            case floorDuring = "timer_floor_during"
            case stolenFromCaller = "stolen_share_caller"
            case stolenFromOthers = "stolen_share_others"
        }
    }

    package struct Calls: Sendable, Codable {
        package var placed = 0
        package var answered = 0
        package var failed = 0
        /// How often each kind of failure was seen.
        package var failures: [String: Int] = [:]
        package var releasedByServer = 0
        /// INVITEs sent again, and answers that came again.
        package var repeats = 0
        package var toRinging = Spread()
        package var toAnswer = Spread()
        package var answerToAudio = Spread()
        package var inviteToAudio = Spread()

        enum CodingKeys: String, CodingKey {
            case placed, answered, failed, failures, repeats
            case releasedByServer = "released_by_server"
            case toRinging = "invite_to_ringing"
            case toAnswer = "invite_to_answer"
            case answerToAudio = "answer_to_first_packet"
            case inviteToAudio = "invite_to_first_packet"
        }
    }

    package struct Streams: Sendable, Codable {
        package var received = 0
        package var missing = 0
        package var missingShare = 0.0
        package var callsWithMissing = 0
        package var duplicates = 0
        package var outOfOrder = 0
        package var gaps30 = 0
        package var gaps60 = 0
        package var longestGap = 0.0
        package var restarts = 0
        package var lateness = Spread()
        package var plateauLateness = Spread()
        /// Where and when the latest packet was.
        package var latest: Latest?
        package var plateauSeconds = 0.0
        package var foreign = 0
        /// Packets of ours that came to a port which the server had closed.
        package var refused = 0
        package var control = 0
        package var otherTypes = 0
        package var unreadable = 0

        package struct Latest: Sendable, Codable {
            package var leg: Int
            package var milliseconds: Double
            /// Its arrival, seconds since the run began and since the stream's first packet.
            package var at: Double
            package var inStream: Double
            /// Its place in the stream, by arrival.
            package var packet: Int

            enum CodingKeys: String, CodingKey {
                case leg, packet
                case milliseconds = "ms"
                case at = "at_s"
                case inStream = "in_stream_s"
            }
        }

        enum CodingKeys: String, CodingKey {
            case received, missing, duplicates, restarts, lateness, latest, foreign, refused, control, unreadable
            case missingShare = "missing_share"
            case callsWithMissing = "calls_with_missing"
            case outOfOrder = "out_of_order"
            case gaps30 = "gaps_over_30_ms"
            case gaps60 = "gaps_over_60_ms"
            case longestGap = "longest_gap"
            case plateauLateness = "plateau_lateness"
            case plateauSeconds = "plateau_s"
            case otherTypes = "other_payload_types"
        }
    }

    package struct Audio: Sendable, Codable {
        /// Of these calls what was heard was laid beside what was expected.
        package var judged = 0
        package var right = 0
        package var complaints: [String: Int] = [:]
        package var comparedSeconds = 0.0
        package var differingSamples = 0
        package var absentSamples = 0
        package var keysSent = 0
        /// Calls in which a prompt was expected after a key, and those in which it came.
        package var keysExpected = 0
        package var keysLed = 0
        package var keyToPrompt = Spread()

        enum CodingKeys: String, CodingKey {
            case judged, right, complaints
            case comparedSeconds = "compared_s"
            case differingSamples = "differing_samples"
            case absentSamples = "absent_samples"
            case keysSent = "keys_sent"
            case keysExpected = "calls_with_key_prompts"
            case keysLed = "calls_led_by_keys"
            case keyToPrompt = "key_to_prompt"
        }
    }

    package struct Bridge: Sendable, Codable {
        package var phones = 0
        package var registered = 0
        /// Callers who heard one phone that heard them.
        package var joined = 0
        package var comparedSeconds = 0.0
        package var differingSamples = 0
        package var shiftedSamples = 0
        package var complaints: [String: Int] = [:]
        /// From the sending of a mark to its arrival at the other side; the median of each leg.
        package var delay = Spread()

        enum CodingKeys: String, CodingKey {
            case phones, registered, joined, complaints, delay
            case comparedSeconds = "compared_s"
            case differingSamples = "differing_samples"
            case shiftedSamples = "shifted_samples"
        }
    }

    package struct Caller: Sendable, Codable {
        package var sending = Spread()
        package var inviting = Spread()
        package var ticksSkipped = 0
        package var sendErrors = 0
        /// Datagrams that our own sockets lost.
        package var drops = 0
        package var malformed = 0
        package var strangers = 0
        package var unnoted = 0
        package var unstamped = 0
        /// By how much the wall clock was set while we measured.
        package var clockStep = 0.0
        package var process: ProcessFigures?
        /// Why it was saturated; none: it was not.
        package var saturated: [String] = []

        enum CodingKeys: String, CodingKey {
            case sending, inviting, drops, malformed, strangers, unnoted, unstamped, process, saturated
            case ticksSkipped = "ticks_skipped"
            case sendErrors = "send_errors"
            case clockStep = "clock_step"
        }
    }

    package struct Server: Sendable, Codable {
        package var process = 0
        package var plateau: ProcessFigures?
        package var idleResident = 0
        package var idleProportional: Int?
        /// Per cent of a processor.
        package var cpuPerCall: Double?
        /// The same without threads at idle priority.
        package var livePerCall: Double?
        package var residentPerCall: Double?
        package var drops: Int?

        enum CodingKeys: String, CodingKey {
            case process, plateau
            case idleResident = "idle_resident_kb"
            case idleProportional = "idle_proportional_kb"
            case cpuPerCall = "cpu_percent_per_call"
            case livePerCall = "live_cpu_percent_per_call"
            case residentPerCall = "resident_kb_per_call"
            case drops = "socket_drops"
        }
    }

    package struct Call: Sendable, Codable {
        package var leg: Int
        package var role: LegRecord.Role
        package var user: String
        package var callID: String
        package var failure: String?
        package var toRinging: Double?
        package var toAnswer: Double?
        package var answerToAudio: Double?
        /// From the answer to our hanging up, or to the end.
        package var heldSeconds: Double?
        package var received: Int
        package var missing: Int
        package var longestGap: Double
        package var lateness: Spread
        package var complaint: String?
        package var steps: [StepVerdict]
        package var bridge: BridgeJudge.Verdict?

        enum CodingKeys: String, CodingKey {
            case leg, role, user, failure, received, missing, lateness, complaint, steps, bridge
            case callID = "call_id"
            case toRinging = "invite_to_ringing"
            case toAnswer = "invite_to_answer"
            case answerToAudio = "answer_to_first_packet"
            case heldSeconds = "held_s"
            case longestGap = "longest_gap"
        }
    }

    package enum Verdict: String, Sendable, Codable {
        case kept
        case broken
        /// The figures are not the server's.
        case saturated
    }

    package var version = 1
    package var title: String?
    package var target: String
    package var began = ""
    package var wanted: Int
    package var rate: Double
    package var holdSeconds: Double?
    package var steadySeconds: Double
    package var machine = Machine()
    package var calls = Calls()
    package var streams = Streams()
    package var audio = Audio()
    package var bridge: Bridge?
    package var caller = Caller()
    package var server: Server?
    package var thresholds: Thresholds
    package var verdict = Verdict.kept
    /// What was not kept.
    package var broken: [String] = []
    package var list: [Call]?

    enum CodingKeys: String, CodingKey {
        case version, title, target, began, rate, machine, calls, streams, audio, bridge, caller, server, thresholds,
            verdict, broken, list
        case wanted = "calls_wanted"
        case holdSeconds = "hold_s"
        case steadySeconds = "steady_s"
    }

    package init(_ plan: Plan) {
        title = plan.title
        target = "\(plan.target)"
        wanted = plan.calls
        rate = plan.rate
        holdSeconds = plan.hold.map { Double($0) / 1e9 }
        steadySeconds = Double(plan.steady) / 1e9
        thresholds = plan.thresholds
    }

    /// The exit code that says the same.
    package var exitCode: Int32 {
        switch verdict {
        case .kept: 0
        case .broken: 1
        case .saturated: 3
        }
    }

    // MARK: The verdict

    /// Weighs the figures against the thresholds: first the caller's own, then the server's.
    package mutating func weigh() {
        let floor = machine.floorBefore.p99
        caller.saturated = saturation(floor)
        broken = faults(floor)
        verdict = !caller.saturated.isEmpty ? .saturated : broken.isEmpty ? .kept : .broken
    }

    private func saturation(_ floor: Double) -> [String] {
        var reasons: [String] = []
        if floor > thresholds.floor {
            reasons.append("the machine's timer floor is \(Table.number(floor)) ms (p99): nothing can be judged on it")
        }
        if machine.floorDuring.max > thresholds.standstill {
            reasons.append("the machine stood still for \(Table.number(machine.floorDuring.max)) ms")
        }
        if caller.sending.p99 > floor + thresholds.sending {
            reasons.append(
                "its packets were \(Table.number(caller.sending.p99)) ms late (p99), more than the floor's "
                    + "\(Table.number(floor)) + \(Table.number(thresholds.sending)) ms")
        }
        if caller.ticksSkipped > 0 { reasons.append("it skipped \(caller.ticksSkipped) of its own packets") }
        if caller.drops > 0 { reasons.append("its sockets lost \(caller.drops) datagrams") }
        if caller.sendErrors > 0 { reasons.append("\(caller.sendErrors) datagrams could not be sent") }
        if caller.inviting.p99 > thresholds.inviting {
            reasons.append("its INVITEs were \(Table.number(caller.inviting.p99)) ms late (p99)")
        }
        // Shares of less than a second say nothing.
        let process = caller.process.flatMap { $0.seconds >= 1 ? $0 : nil }
        for thread in process?.threads ?? [] where thread.cpu > thresholds.thread * 100 {
            reasons.append("its thread \(thread.name) took \(Table.number(thread.cpu)) % of a processor")
        }
        let own = Double(max(1, machine.callerCPUs.count)) * thresholds.thread * 100
        if let cpu = process?.cpu, cpu > own {
            reasons.append("it took \(Table.number(cpu)) % of its \(machine.callerCPUs.count) processors")
        }
        if abs(caller.clockStep) > 1 { reasons.append("the clock was set by \(Table.number(caller.clockStep)) ms") }
        if caller.unnoted > 0 { reasons.append("it had no room for \(caller.unnoted) packets") }
        return reasons
    }

    private func faults(_ floor: Double) -> [String] {
        var faults: [String] = []
        if calls.failed > 0 {
            let kinds = calls.failures.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(3)
            faults.append(
                "\(calls.failed) calls failed: " + kinds.map { "\($0.value) × \($0.key)" }.joined(separator: "; "))
        }
        if streams.missingShare > thresholds.missing {
            faults.append(
                "\(Table.number(streams.missingShare * 100)) % of the packets are missing, more than "
                    + "\(Table.number(thresholds.missing * 100)) %")
        }
        if streams.lateness.p99 > floor + thresholds.lateness {
            faults.append(
                "packets are \(Table.number(streams.lateness.p99)) ms late (p99), more than the floor's "
                    + "\(Table.number(floor)) + \(Table.number(thresholds.lateness)) ms")
        }
        if audio.right < audio.judged {
            let kinds = audio.complaints.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(3)
            faults.append(
                "in \(audio.judged - audio.right) calls the audio is not as expected: "
                    + kinds.map { "\($0.value) × \($0.key)" }.joined(separator: "; "))
        }
        if let bridge, bridge.joined < wanted || bridge.registered < bridge.phones {
            let kinds = bridge.complaints.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(3)
            faults.append(
                "\(bridge.joined) of \(wanted) callers and their agents hear each other: "
                    + kinds.map { "\($0.value) × \($0.key)" }.joined(separator: "; "))
        }
        if let server, server.plateau == nil { faults.append("the server's process \(server.process) is gone") }
        return faults
    }
}
