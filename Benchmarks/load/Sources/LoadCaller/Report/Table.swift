import Foundation

/// The report as people read it.
package enum Table {
    /// Up to three places, no more than say something.
    package static func number(_ value: Double) -> String {
        let places = abs(value) >= 100 ? 0 : abs(value) >= 10 ? 1 : abs(value) >= 1 ? 2 : 3
        return String(format: "%.\(places)f", value)
    }

    package static func text(_ report: Report) -> String {
        var lines: [String] = []
        lines.append(heading(report))
        lines.append("")
        lines.append(row("milliseconds", ["count", "p50", "p99", "p99.9", "max"]))
        for (name, spread) in spreads(report) where spread.count > 0 {
            lines.append(
                row(name, [String(spread.count)] + [spread.p50, spread.p99, spread.p999, spread.max].map(number)))
        }
        lines.append("")
        lines += calls(report) + streams(report) + audio(report) + bridge(report) + server(report) + caller(report)
        lines.append("")
        lines += verdict(report)
        return lines.joined(separator: "\n") + "\n"
    }

    private static func row(_ name: String, _ cells: [String]) -> String {
        name.padding(toLength: 30, withPad: " ", startingAt: 0)
            + cells.map { String(repeating: " ", count: max(1, 10 - $0.count)) + $0 }.joined()
    }

    private static func heading(_ report: Report) -> String {
        let held =
            report.holdSeconds.map { "each held \(number($0)) s" }
            ?? "all up for \(number(report.steadySeconds)) s"
        let machine = report.machine
        let cpus = machine.callerCPUs.map(String.init).joined(separator: ",")
        return (report.title.map { $0 + ": " } ?? "")
            + "\(report.wanted) calls at \(number(report.rate))/s to \(report.target), \(held); "
            + "\(machine.processors) processors, the caller on \(cpus), load \(machine.load), Linux \(machine.kernel)"
    }

    private static func spreads(_ report: Report) -> [(String, Spread)] {
        var list = [
            ("INVITE to 180", report.calls.toRinging), ("INVITE to 200", report.calls.toAnswer),
            ("200 to first packet", report.calls.answerToAudio),
            ("INVITE to first packet", report.calls.inviteToAudio),
            ("packets late", report.streams.lateness), ("packets late, plateau", report.streams.plateauLateness),
            ("key to its prompt", report.audio.keyToPrompt),
        ]
        if let bridge = report.bridge { list.append(("mouth to ear", bridge.delay)) }
        return list + [
            ("timer floor before", report.machine.floorBefore), ("timer floor during", report.machine.floorDuring),
            ("caller's packets late", report.caller.sending), ("caller's INVITEs late", report.caller.inviting),
        ]
    }

    private static func calls(_ report: Report) -> [String] {
        let calls = report.calls
        var lines = [
            "calls     \(calls.placed) placed, \(calls.answered) answered, \(calls.failed) failed, "
                + "\(calls.releasedByServer) released by the server, \(calls.repeats) messages repeated"
        ]
        for (kind, count) in calls.failures.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }).prefix(8) {
            lines.append("          \(count) × \(kind)")
        }
        return lines
    }

    private static func streams(_ report: Report) -> [String] {
        let streams = report.streams
        let latest = streams.latest.map {
            "; the latest packet in leg \($0.leg), \(number($0.at)) s into the run, \(number($0.inStream)) s into its stream"
        }
        return [
            "packets   \(streams.received) received, \(streams.missing) missing "
                + "(\(number(streams.missingShare * 100)) %, in \(streams.callsWithMissing) calls), "
                + "\(streams.duplicates) twice, \(streams.outOfOrder) out of order",
            "          gaps over 30 ms: \(streams.gaps30), over 60 ms: \(streams.gaps60), longest "
                + "\(number(streams.longestGap)) ms\(latest ?? ""); timestamps set anew: \(streams.restarts); from elsewhere: "
                + "\(streams.foreign), other types: \(streams.otherTypes), RTCP: \(streams.control), "
                + "unreadable: \(streams.unreadable); the server's port was closed to \(streams.refused) of ours",
        ]
    }

    private static func audio(_ report: Report) -> [String] {
        let audio = report.audio
        guard audio.judged > 0 || audio.keysSent > 0 else { return ["audio     not compared (--expect-any)"] }
        var lines = [
            "audio     as expected in \(audio.right) of \(audio.judged) calls: \(number(audio.comparedSeconds)) s "
                + "compared sample by sample, \(audio.differingSamples) samples differ, \(audio.absentSamples) missing"
        ]
        for (kind, count) in audio.complaints.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }).prefix(8) {
            lines.append("          \(count) × \(kind)")
        }
        if audio.keysSent > 0 {
            lines.append(
                "keys      \(audio.keysSent) sent"
                    + (audio.keysExpected > 0
                        ? "; they led where they should in \(audio.keysLed) of \(audio.keysExpected) calls" : ""))
        }
        return lines
    }

    private static func bridge(_ report: Report) -> [String] {
        guard let bridge = report.bridge else { return [] }
        var lines = [
            "bridged   \(bridge.registered) of \(bridge.phones) phones registered; \(bridge.joined) of "
                + "\(report.wanted) callers and their agents hear each other: \(number(bridge.comparedSeconds)) s "
                + "compared, \(bridge.differingSamples) samples differ, \(bridge.shiftedSamples) left out or doubled"
        ]
        for (kind, count) in bridge.complaints.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }).prefix(8) {
            lines.append("          \(count) × \(kind)")
        }
        return lines
    }

    private static func server(_ report: Report) -> [String] {
        guard let server = report.server else { return [] }
        guard let plateau = server.plateau else { return ["server    process \(server.process) is gone"] }
        var lines = [
            "server    \(number(plateau.cpu)) % of a core"
                + (server.cpuPerCall.map { ", \(String(format: "%.4f", $0)) % a call" } ?? "")
                + (server.livePerCall.map { " (\(String(format: "%.4f", $0)) % without idle priority)" } ?? "")
                + "; \(plateau.resident / 1024) MiB (idle \(server.idleResident / 1024) MiB"
                + (server.residentPerCall.map { ", \(number($0)) KiB a call" } ?? "") + ")"
                + (server.drops.map { "; its sockets lost \($0) datagrams" } ?? "")
        ]
        for thread in plateau.threads.prefix(8) where thread.cpu >= 0.05 {
            lines.append(
                "          \(row("\(thread.name)\(thread.threads > 1 ? " ×\(thread.threads)" : "")\(thread.isIdle ? " (idle)" : "")", [number(thread.cpu) + " %"]))"
                    + "   \(number(thread.voluntary)) + \(number(thread.involuntary)) switches a second")
        }
        return lines
    }

    private static func caller(_ report: Report) -> [String] {
        let caller = report.caller
        var parts = [
            "\(caller.ticksSkipped) packets skipped", "\(caller.drops) datagrams lost",
            "\(caller.sendErrors) not sent",
        ]
        if let process = caller.process {
            parts.append("\(number(process.cpu)) % of a core")
            parts += process.threads.prefix(3).map { "\($0.name) \(number($0.cpu)) %" }
        }
        if let own = report.machine.stolenFromCaller, let others = report.machine.stolenFromOthers {
            parts.append(
                "the host took \(number(own * 100)) % of the caller's and \(number(others * 100)) % of the others")
        }
        return ["caller    " + parts.joined(separator: ", ")]
    }

    private static func verdict(_ report: Report) -> [String] {
        var lines: [String] = []
        if !report.caller.saturated.isEmpty {
            lines.append("SATURATED: the caller was saturated: figures are not the server's")
            lines += report.caller.saturated.map { "  " + $0 }
        }
        if report.broken.isEmpty {
            if report.caller.saturated.isEmpty { lines.append("KEPT: every threshold") }
        } else {
            lines.append("BROKEN:")
            lines += report.broken.map { "  " + $0 }
        }
        return lines
    }
}
