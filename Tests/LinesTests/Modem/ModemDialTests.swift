import Calls
import Media
import Testing

import Lines

@Suite struct ModemDialTests {
    private static func request(timeout: Int = 30_000) -> DialRequest {
        DialRequest(
            leg: LegID(high: 9, low: 9), call: CallID(high: 9, low: 8), target: "13800001234",
            timeoutMilliseconds: timeout)
    }

    private static func dialling(_ profile: String = "quectel") throws -> ModemBench {
        var bench = try ModemBench.ready(profile)
        bench.feed(.dial(request(), number: "13800001234"))
        return bench
    }

    @Test("The far end rings and answers, as the modem tells it")
    func answered() throws {
        var bench = try Self.dialling()
        #expect(bench.commands == ["open card", "open media", "ATD13800001234;"])
        bench.say("^DSCI: 1,0,2,0,13800001234,129")
        bench.say("^DSCI: 1,0,7,0,13800001234,129")
        bench.calls = ["+CLCC: 1,0,3,0,0,\"13800001234\",129"]
        bench.run(for: 3000)
        bench.calls = ["+CLCC: 1,0,0,0,0,\"13800001234\",129"]
        bench.say("^DSCI: 1,0,3,0,13800001234,129")
        #expect(bench.log == ["1000 progress 180", "4000 answered", "4000 established"])
    }

    @Test("The far end's answer is seen in the list of calls, where the modem tells nothing")
    func polled() throws {
        var bench = try Self.dialling("generic")
        bench.calls = ["+CLCC: 1,0,2,0,0,\"13800001234\",129"]
        bench.run(for: 1500)
        bench.calls = ["+CLCC: 1,0,3,0,0,\"13800001234\",129"]
        bench.run(for: 1500)
        bench.calls = ["+CLCC: 1,0,0,0,0,\"13800001234\",129"]
        bench.run(for: 1500)
        #expect(bench.log == ["3000 progress 180", "5000 answered", "5000 established"])
        bench.forget()
        bench.calls = []
        bench.run(for: 10_000)
        #expect(bench.releases.map(\.message) == ["gone from the modem's list of calls"])
    }

    @Test(
        "How a call that we place ends",
        arguments: [
            ("BUSY", LineRelease.Cause.rejected, 16, "BUSY"), ("NO ANSWER", .rejected, 16, "NO ANSWER"),
            ("NO CARRIER", .carrierLost, 16, "NO CARRIER"), ("NO DIALTONE", .failed, 16, "NO DIALTONE"),
        ] as [(String, LineRelease.Cause, Int?, String)])
    func ends(word: String, cause: LineRelease.Cause, q850: Int?, message: String) throws {
        var bench = try Self.dialling()
        bench.say(word)
        #expect(
            bench.releases == [LineRelease(cause: cause, reason: "+CEER: 5,16", q850: q850, message: message)])
        // The same as ATD's own result.
        var other = try ModemBench.ready()
        other.replies["ATD13800001234;"] = "\r\n\(word)\r\n"
        other.replies["AT+CEER"] = "\r\nERROR\r\n"
        other.feed(.dial(Self.request(), number: "13800001234"))
        let expected = ["BUSY": 17, "NO ANSWER": 19][word]
        #expect(other.releases == [LineRelease(cause: cause, q850: expected, message: message)])
    }

    @Test("Without an answer in time it is hung up")
    func limit() throws {
        var bench = try ModemBench.ready("generic")
        bench.calls = ["+CLCC: 1,0,3,0,0,\"13800001234\",129"]
        bench.feed(.dial(Self.request(timeout: 20_000), number: "13800001234"))
        bench.run(for: 20_000)
        #expect(bench.log == ["2000 progress 180", "21000 released rejected"])
        #expect(bench.releases.first?.message == "hung up, no answer within 20000 ms")
        #expect(bench.commands.contains("AT+CHUP"))
    }

    @Test("A release while ATD waits aborts it")
    func abort() throws {
        var bench = try ModemBench.ready()
        bench.replies["ATD13800001234;"] = .some(nil)
        bench.feed(.dial(Self.request(), number: "13800001234"))
        bench.feed(.release(LegID(high: 9, low: 9)))
        #expect(bench.commands.suffix(2) == ["ATD13800001234;", ""])
        bench.say("NO CARRIER")
        #expect(bench.log == ["1000 released local"])
        bench.run(for: 10_000)
        #expect(bench.releases.count == 1)
    }

    @Test(
        "What cannot be dialled now is released at once",
        arguments: ["busy", "stopping", "no SIM", "no card", "no media"])
    func refused(why: String) throws {
        var bench = try ModemBench.ready()
        switch why {
        case "busy": bench.ring()
        case "stopping": bench.feed(.stop)
        case "no SIM": bench.say("+QSIMSTAT: 1,0")
        case "no card": bench.cardWorks = false
        default: bench.mediaWorks = false
        }
        bench.forget()
        bench.feed(.dial(Self.request(), number: "13800001234"))
        bench.run(for: 2000)
        #expect(bench.releases.map(\.cause) == [.failed], "\(bench.log)")
        #expect(!bench.commands.contains { $0.hasPrefix("ATD") })
    }

    @Test("A modem that does not dial is hung up")
    func notDialled() throws {
        var bench = try ModemBench.ready()
        bench.replies["ATD13800001234;"] = "\r\n+CME ERROR: no network service\r\n"
        bench.feed(.dial(Self.request(), number: "13800001234"))
        #expect(bench.releases.map(\.message) == ["the modem did not dial: +CME ERROR: no network service"])
        #expect(bench.commands.contains("AT+CHUP"))
    }
}
