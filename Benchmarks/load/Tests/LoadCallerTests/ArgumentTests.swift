import LoadCaller
import Testing

@Suite struct ArgumentTests {
    private func plan(_ line: String, file: String = "") throws -> Plan {
        let outcome = try Arguments.read(line.split(separator: " ").map(String.init)) { _ throws(LoadError) in file }
        guard case .run(let plan) = outcome else { throw LoadError("help") }
        return plan
    }

    private func complaint(_ line: String) -> String {
        do {
            _ = try plan(line)
            return ""
        } catch {
            return "\(error)"
        }
    }

    @Test func aPlanIsRead() throws {
        let plan = try plan(
            "--to 95598@127.0.0.1:5070 --calls 300 --rate 20/s --hold 5s --digits 2@2500ms,9@6s "
                + "--expect a.wav,2:b.wav,9:loop:c.al --codec pcmu --cpus 1,3 --missing 0.2% --lateness 7ms")
        #expect("\(plan.target)" == "sip:95598@127.0.0.1:5070")
        #expect((plan.calls, plan.rate, plan.hold) == (300, 20, 5_000_000_000))
        #expect(plan.expect.map(\.key) == [nil, 0, 1])
        #expect(plan.expect.map(\.loops) == [false, false, true])
        #expect(plan.expect.map(\.path) == ["a.wav", "b.wav", "c.al"])
        #expect(plan.laws == [.pcmu])
        #expect(plan.cpus == [1, 3])
        #expect((plan.thresholds.missing, plan.thresholds.lateness) == (0.002, 7))
    }

    @Test func phonesStandInAListARangeOrAFile() throws {
        let listed = try plan("--to sip:1@127.0.0.1 --agents 1001:one-of-them,1002-1003:bench-{}")
        #expect(listed.phones.map(\.user) == ["1001", "1002", "1003"])
        #expect(listed.phones.map(\.password) == ["one-of-them", "bench-1002", "bench-1003"])
        let read = try plan("--to sip:1@127.0.0.1 --agents file", file: "# phones\n1001 secret-1\n\n1002:secret-2\n")
        #expect(read.phones.map(\.password) == ["secret-1", "secret-2"])
    }

    @Test(arguments: [
        "", "--to", "--to mailto:x", "--to sip:1@h --calls 0", "--to sip:1@h --rate 0", "--to sip:1@h --steady 5",
        "--to sip:1@h --digits 1", "--to sip:1@h --digits x@1s", "--to sip:1@h --digits 1@2s,2@1s",
        "--to sip:1@h --expect 2:a.wav", "--to sip:1@h --expect loop:", "--to sip:1@h --codec g729",
        "--to sip:1@h --ports 5", "--to sip:1@h --bind here", "--to sip:1@h --missing 1", "--to sip:1@h --frob",
        "--to sip:1@h --agents :x", "--to sip:1@h --json",
    ])
    func mistakesAreTold(_ line: String) { #expect(!complaint(line).isEmpty) }

    @Test func theVerdictPutsTheCallersOwnSaturationFirst() throws {
        let plan = try plan("--to sip:1@127.0.0.1")
        var report = Report(plan)
        report.machine.callerCPUs = [1]
        report.machine.floorBefore.p99 = 1
        report.weigh()
        #expect(report.exitCode == 0)
        report.streams.lateness.p99 = 6.5
        report.weigh()
        #expect(report.exitCode == 1)
        #expect(report.broken.first?.hasPrefix("packets are 6.50 ms late") == true)
        report.caller.sending.p99 = 6.1
        report.weigh()
        #expect(report.exitCode == 3)
        report.caller.sending.p99 = 0
        report.machine.floorDuring.max = 900
        report.weigh()
        #expect(report.caller.saturated == ["the machine stood still for 900 ms"])
        report.machine.floorDuring.max = 0
        report.machine.floorBefore.p99 = 94_000
        report.weigh()
        #expect(report.exitCode == 3)
        #expect(Table.text(report).contains("SATURATED: the caller was saturated: figures are not the server's"))
    }
}
