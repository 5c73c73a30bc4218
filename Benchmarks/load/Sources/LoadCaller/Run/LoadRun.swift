import CLoad
import Foundation
import Glibc
import Synchronization

/// A whole run: floor, threads, plateau, judgement.
package struct LoadRun {
    private let plan: Plan
    private let say: (String) -> Void

    /// - Parameter say: gets a line now and then of how far it is.
    package init(_ plan: Plan, say: @escaping (String) -> Void) {
        self.plan = plan
        self.say = say
    }

    /// - Throws: `LoadError` for what the user can mend; nothing was measured then.
    package func run() throws(LoadError) -> Report {
        var report = Report(plan)
        report.began = Date.now.formatted(.iso8601)
        report.machine = try machine()
        let server = Endpoint(
            address: try Endpoint.resolve(plan.target.host), port: plan.target.port == 0 ? 5060 : plan.target.port)
        let materials = try Materials(plan)
        let descriptors = plan.hold == nil ? plan.legs : min(plan.legs, 20_000)
        try Sockets.raiseLimit(to: descriptors * 2 + 256)
        if let process = plan.serverProcess {
            guard let idle = ProcessSample(process, measuresPSS: true) else {
                throw LoadError("--server-pid \(process): there is no such process")
            }
            report.server = Report.Server(process: process)
            report.server?.idleResident = idle.resident
            report.server?.idleProportional = idle.proportional
        }
        let kept = min(plan.longest, Double(plan.keep) / 1e9)
        let table = try LegTable(
            count: plan.legs, seconds: plan.longest, keptSeconds: materials.isJudged ? kept : 0,
            speech: materials.sent, keys: materials.keys, takesAnySource: plan.takesAnySource)
        if plan.floor > 0 {
            say("timer floor: \(plan.floor / 1_000_000_000) s")
            report.machine.floorBefore = TimerFloor.measure(seconds: Double(plan.floor) / 1e9)
        }
        let clock = RunClock()
        let progress = Progress()
        let signalling = try Signalling(plan, table: table, clock: clock, server: server, progress: progress)
        if plan.sendsRaw { try RawSender.check(address: signalling.local.address, interface: "lo") }
        var media: [MediaThread] = []
        for part in 0..<plan.threads {
            let raw = plan.sendsRaw ? try RawSender(interface: "lo") : nil
            media.append(MediaThread(table, clock: clock, part: part, parts: plan.threads, raw: raw))
        }
        let floor = TimerFloor()
        var workers: [Worker] = []
        for thread in media { workers.append(try Worker { thread.run() }) }
        workers.append(try Worker { floor.run() })
        let talker = try Worker { signalling.run() }
        let plateau = plan.serves > 0 ? serve(signalling, clock, &report) : watch(progress, clock: clock, &report)
        talker.join()
        say("over")
        for thread in media { thread.stop() }
        floor.stop()
        for worker in workers { worker.join() }
        if let error = signalling.error { throw error }
        report.machine.floorDuring = floor.spread
        report.caller.clockStep = Double((load_wall() - load_monotonic()) - (clock.wall - clock.monotonic)) / 1e6
        let sending = Histogram()
        for thread in media { sending.add(thread.lateness) }
        report.caller.sending = Spread(sending)
        report.caller.inviting = Spread(signalling.lateness)
        report.caller.malformed = signalling.malformed
        report.caller.strangers = signalling.strangers
        report.caller.sendErrors = signalling.sendErrors
        report.caller.drops = max(0, Int(signalling.drops))
        say("judging \(plan.calls) calls")
        var judge = CallJudge(
            plan, table: table, clock: clock, records: signalling.records, expected: materials.expected,
            voice: materials.voices, plateau: plateau)
        judge.judge(into: &report)
        report.weigh()
        return report
    }

    private func machine() throws(LoadError) -> Report.Machine {
        var machine = Report.Machine()
        if !plan.cpus.isEmpty {
            let status = load_pin(plan.cpus.map { Int32($0) }, Int32(plan.cpus.count))
            guard status == 0 else { throw LoadError("--cpus: the system refuses them: error \(status)") }
        }
        // Threads inherit it.
        if let nice = plan.nice {
            let status = load_set_nice(Int32(nice))
            if status != 0 { say("--nice \(nice) was refused: error \(status)") }
        }
        var allowed = [Int32](repeating: 0, count: 1024)
        let count = load_allowed(&allowed, 1024)
        machine.callerCPUs = allowed.prefix(max(0, Int(count))).map { Int($0) }
        machine.processors = sysconf(Int32(_SC_NPROCESSORS_ONLN))
        machine.kernel = (ProcessSample.text("/proc/sys/kernel/osrelease") ?? "").trimmingCharacters(in: .newlines)
        machine.load = String((ProcessSample.text("/proc/loadavg") ?? "").prefix { $0 != " " })
        return machine
    }

    // MARK: The course

    /// Sees the run through, and measures both processes over the plateau.
    /// - Returns: the plateau, nanoseconds since the run began.
    private func watch(_ progress: Progress, clock: RunClock, _ report: inout Report) -> ClosedRange<Int64> {
        if !plan.phones.isEmpty {
            register(progress)
            report.bridge = Report.Bridge()
            report.bridge?.phones = plan.phones.count
            report.bridge?.registered = progress.registered.load(ordering: .acquiring)
        }
        say("placing \(plan.calls) calls at \(Table.number(plan.rate))/s")
        progress.mayCall.store(true, ordering: .releasing)
        let ramp = Int64(Double(plan.calls) / plan.rate * 1e9)
        let begin = load_monotonic()
        if let hold = plan.hold {
            // The plateau of a storm: from the first release to the last INVITE.
            let wait = min(hold, ramp / 2)
            sleep(until: begin + wait, progress)
        } else {
            let limit = begin + ramp + plan.patience + 5_000_000_000
            while load_monotonic() < limit, settled(progress) < plan.calls {
                sleep(until: load_monotonic() + 20_000_000, progress)
            }
            if !plan.phones.isEmpty {
                let limit = load_monotonic() + 30_000_000_000
                while load_monotonic() < limit, progress.phonesUp.load(ordering: .acquiring) < plan.calls {
                    sleep(until: load_monotonic() + 20_000_000, progress)
                }
            }
            sleep(until: load_monotonic() + plan.settle, progress)
        }
        let up =
            progress.answered.load(ordering: .acquiring)
            - (plan.hold == nil ? 0 : progress.over.load(ordering: .acquiring))
        let first = measure()
        say("plateau: \(up) calls up")
        let from = load_monotonic()
        sleep(until: plan.hold == nil ? from + plan.steady : max(from + 500_000_000, begin + ramp), progress)
        let to = load_monotonic()
        settle(first, measure(isLast: true), up, &report)
        if plan.hold == nil {
            say("releasing")
            progress.mayRelease.store(true, ordering: .releasing)
        }
        let release = Int64(Double(plan.calls) / (plan.releaseRate ?? plan.rate) * 1e9)
        let end = load_monotonic() + release + (plan.hold ?? 0) + plan.patience + 45_000_000_000
        while !progress.isDone.load(ordering: .acquiring) {
            if load_monotonic() > end { progress.mustStop.store(true, ordering: .releasing) }
            load_sleep_until(load_monotonic() + 20_000_000)
        }
        return (from - clock.monotonic)...(to - clock.monotonic)
    }

    /// Answers calls until our standard input ends: whoever wants them closes it.
    private func serve(_ signalling: Signalling, _ clock: RunClock, _ report: inout Report) -> ClosedRange<Int64> {
        let first = measure()
        let from = load_monotonic()
        say("serving at \(signalling.local)")
        while readLine() != nil {}
        let to = load_monotonic()
        settle(first, measure(isLast: true), 0, &report)
        let progress = signalling.progress
        progress.mustStop.store(true, ordering: .releasing)
        while !progress.isDone.load(ordering: .acquiring) { load_sleep_until(load_monotonic() + 20_000_000) }
        return (from - clock.monotonic)...(to - clock.monotonic)
    }

    private func settled(_ progress: Progress) -> Int {
        progress.answered.load(ordering: .acquiring) + progress.failed.load(ordering: .acquiring)
    }

    private func sleep(until deadline: Int64, _ progress: Progress) {
        while load_monotonic() < deadline, !progress.isDone.load(ordering: .acquiring) {
            load_sleep_until(min(deadline, load_monotonic() + 100_000_000))
        }
    }

    private func register(_ progress: Progress) {
        let limit = load_monotonic() + Int64(plan.phones.count) * 5_000_000 + 40_000_000_000
        while load_monotonic() < limit {
            let done =
                progress.registered.load(ordering: .acquiring) + progress.notRegistered.load(ordering: .acquiring)
            if done >= plan.phones.count { break }
            load_sleep_until(load_monotonic() + 20_000_000)
        }
        say("registered \(progress.registered.load(ordering: .acquiring)) of \(plan.phones.count) phones")
        if plan.pauses {
            say("paused: a line on standard input goes on")
            _ = readLine()
        }
    }

    // MARK: Processes

    private struct Moment {
        var own: ProcessSample?
        var server: ProcessSample?
        var ownCPUs: (total: UInt64, stolen: UInt64)
        var otherCPUs: (total: UInt64, stolen: UInt64)
        var drops: Int?
    }

    private func measure(isLast: Bool = false) -> Moment {
        let own = Set(plan.cpus)
        let others = (0..<max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))).filter { !own.contains($0) }
        return Moment(
            own: ProcessSample(Int(getpid())),
            server: plan.serverProcess.flatMap { ProcessSample($0, measuresPSS: isLast) },
            ownCPUs: ProcessSample.stolen(plan.cpus), otherCPUs: ProcessSample.stolen(others),
            drops: isLast ? plan.serverProcess.flatMap { SocketDrops.count(of: $0) } : nil)
    }

    private func settle(_ first: Moment, _ second: Moment, _ up: Int, _ report: inout Report) {
        func share(_ before: (total: UInt64, stolen: UInt64), _ after: (total: UInt64, stolen: UInt64)) -> Double? {
            after.total > before.total
                ? Double(after.stolen - min(after.stolen, before.stolen)) / Double(after.total - before.total) : nil
        }
        report.machine.stolenFromCaller = share(first.ownCPUs, second.ownCPUs)
        report.machine.stolenFromOthers = share(first.otherCPUs, second.otherCPUs)
        if let before = first.own, let after = second.own {
            report.caller.process = ProcessFigures(before, after)
            report.streams.plateauSeconds = Double(after.at - before.at) / 1e9
        }
        guard let before = first.server, let after = second.server else { return }
        let figures = ProcessFigures(before, after)
        guard var server = report.server else { return }
        server.plateau = figures
        server.drops = second.drops
        if up > 0 {
            server.cpuPerCall = figures.cpu / Double(up)
            server.livePerCall = figures.live / Double(up)
            server.residentPerCall = Double(figures.resident - server.idleResident) / Double(up)
        }
        report.server = server
    }
}

/// What a run sends and expects, read from files and encoded once.
struct Materials {
    /// In the first law offered; marks are put over it while sending.
    var sent: [UInt8]
    var keys: [PlannedKey]
    var expected: [G711.Law: PromptJudge] = [:]
    var voices: [G711.Law: Voice] = [:]
    /// What is heard is kept.
    var isJudged: Bool

    init(_ plan: Plan) throws(LoadError) {
        guard let law = plan.laws.first else { throw LoadError("--codec: none") }
        if let speech = plan.speech {
            sent = try AudioFile.read(speech).bytes(law)
        } else {
            sent = Voice.noise(seconds: 30, law: law)
        }
        guard sent.count >= 8000 else { throw LoadError("--speech: at least a second is needed") }
        keys = plan.keys.compactMap { key in
            TelephoneEvent.number(of: key.key).map {
                PlannedKey(at: key.at, event: $0, ticks: Int(plan.keyLength / 20_000_000))
            }
        }
        isJudged = !plan.expect.isEmpty || !plan.phones.isEmpty
        // The legs send in the first law; a server that chooses the other one hears noise, and the bridge is not judged.
        voices[law] = Voice(speech: sent, law: law)
        guard !plan.expect.isEmpty else { return }
        for law in plan.laws {
            var steps: [ExpectedPrompts.Step] = []
            for file in plan.expect {
                let name = file.path.split(separator: "/").last.map(String.init) ?? file.path
                steps.append(
                    .init(
                        name: name, prompt: try AudioFile.read(file.path).bytes(law), key: file.key, loops: file.loops))
            }
            expected[law] = PromptJudge(ExpectedPrompts(steps: steps, law: law))
        }
    }
}
