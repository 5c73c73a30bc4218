import Foundation
import Testing

@Suite struct ConfigTests {
    @Test func theShippedExampleIsTheTableOfSettings() throws {
        let example = try Command.run(["config", "example"])
        #expect(example.status == 0)
        let shipped = try String(
            contentsOf: Command.project.appendingPathComponent("packaging/hotline.yaml"), encoding: .utf8)
        #expect(example.output == shipped, "run: hotline config example > packaging/hotline.yaml")
    }

    @Test func theExampleIsReadBackAndChangesNothing() throws {
        let path = Command.project.appendingPathComponent("packaging/hotline.yaml").path
        let fromFile = try values(["config", "check", "--json", "--config", path])
        let fromDefaults = try values(["config", "check", "--json"])
        #expect(fromFile.mapValues(\.value) == fromDefaults.mapValues(\.value))
        #expect(fromFile["sip.listen"]?.origin.contains("hotline.yaml:") == true)
        #expect(fromDefaults["sip.listen"]?.origin == "default")
    }

    @Test func environmentStandsAboveTheFile() throws {
        let path = try Command.file("sip:\n  max_calls: 7\nanswer:\n  on_ring: 2\n")
        let values = try values(
            ["config", "check", "--json", "--config", path], environment: ["HOTLINE_SIP_MAX_CALLS": "9"])
        #expect(values["sip.max_calls"]?.value == "9")
        #expect(values["sip.max_calls"]?.origin == "environment HOTLINE_SIP_MAX_CALLS")
        #expect(values["answer.on_ring"]?.value == "2")
        #expect(values["answer.on_ring"]?.origin.hasSuffix("hotline.yaml:4") == true)
    }

    struct Wrong: Sendable {
        var text: String
        var environment: [String: String] = [:]
        /// All of these stand in the complaint.
        var complaint: [String]
    }

    private static func modem(_ rest: String, name: String = "m1") -> String {
        "modems:\n  - {name: \(name), port: /dev/ttyUSB2, capture: a, playback: b, number: \"13900000001\", \(rest)}\n"
    }

    @Test func aModemAloneIsAConfiguration() throws {
        let path = try Command.file("sip:\n  listen: []\n" + Self.modem("profile: generic, rate: 16000"))
        let result = try Command.run(["config", "check", "--config", path])
        #expect(result.status == 0, "\(result.errors)")
    }

    @Test(arguments: [
        Wrong(text: "sip:\n  max_call: 7\n", complaint: [":2:", "max_call", "max_calls"]),
        Wrong(text: "spi:\n  max_calls: 7\n", complaint: [":1:", "spi", "sip"]),
        Wrong(text: "sip:\n  max_calls: many\n", complaint: [":2:", "sip.max_calls", "whole number from 1 to 10000"]),
        Wrong(text: "sip:\n  max_calls: 0\n", complaint: ["sip.max_calls"]),
        Wrong(text: "answer:\n  after: 3\n", complaint: ["answer.after", "duration"]),
        Wrong(text: "answer:\n  alerting: 182\n", complaint: ["answer.alerting", "180 or 183"]),
        Wrong(text: "sip:\n  listen: [\"localhost:5060\"]\n", complaint: ["sip.listen", "localhost:5060", "numeric"]),
        Wrong(text: "sip:\n  allow: [\"10.0.0.0/99\"]\n", complaint: ["sip.allow", "10.0.0.0/99"]),
        Wrong(text: "sip:\n  codecs: [G729]\n", complaint: ["sip.codecs", "G729"]),
        Wrong(text: "sip:\n  users:\n    - name: gateway\n", complaint: ["password_file"]),
        Wrong(
            text: "sip:\n  users:\n    - {name: gateway, password_file: /nonexistent/secret}\n",
            complaint: ["/nonexistent/secret", "cannot be read"]),
        Wrong(text: "rtp:\n  ports: 16384-16390\n", complaint: ["rtp.ports", "sip.max_calls"]),
        Wrong(text: "sip:\n  listen: []\n", complaint: ["sip.listen", "modems"]),
        Wrong(text: Self.modem("profile: quectle"), complaint: ["modems", "`m1`", "quectle.yaml"]),
        Wrong(text: Self.modem("profile: quectel, rate: 9000"), complaint: ["`rate`", "`m1`", "8000"]),
        Wrong(text: Self.modem("profile: quectel, tone: 1"), complaint: [":2:", "tone"]),
        Wrong(text: Self.modem("profile: quectel", name: "a b"), complaint: ["modems", "`a b`", "letters"]),
        Wrong(text: Self.modem("profile: quectel", name: "console"), complaint: ["modems", "`console` twice"]),
        Wrong(text: "modems:\n  - {name: m1, port: /dev/ttyUSB2}\n", complaint: [":2:", "profile"]),
        Wrong(
            text: Self.modem("profile: quectel, pin_file: /nonexistent/pin"),
            complaint: ["/nonexistent/pin", "cannot be read"]),
        Wrong(
            text: "evidence:\n  anchor_webhook: ftp://audit.example\n",
            complaint: ["evidence.anchor_webhook", "http or https", "ftp://audit.example"]),
        Wrong(
            text: "transcripts:\n  command: [cat]\n  url: http://127.0.0.1:9/\n",
            complaint: [":3:", "transcripts.url", "one of the two"]),
        Wrong(
            text: "transcripts:\n  url: 127.0.0.1:9\n",
            complaint: ["transcripts.url", "http or https", "127.0.0.1:9"]),
        Wrong(
            text: "transcripts:\n  command: [cat]\n  language: zh x\n",
            complaint: ["transcripts.language", "zh-CN", "zh x"]),
        Wrong(
            text: "transcripts:\n  command: [cat]\n  keywords: /nonexistent/words.yaml\n",
            complaint: ["/nonexistent/words.yaml", "cannot be read"]),
        Wrong(
            text: "recordings:\n  key_file: keys\n", complaint: [":2:", "recordings.key_file", "whole path", "`keys`"]),
        Wrong(
            text: "recordings:\n  key_file: /nonexistent/keys\n",
            complaint: [":2:", "recordings.key_file", "/nonexistent/keys", "hotline recordings key new"]),
        Wrong(text: "sip:\n  name: a\n  name: b\n", complaint: ["name", "hotline.yaml:"]),
        Wrong(text: "sip: [1, 2\n", complaint: ["hotline.yaml:"]),
        Wrong(
            text: "{}\n", environment: ["HOTLINE_SIP_MAXCALLS": "1"],
            complaint: ["HOTLINE_SIP_MAXCALLS", "HOTLINE_SIP_MAX_CALLS"]),
    ])
    func wrongOnesAreRefusedWithPlaceAndAdvice(_ wrong: Wrong) throws {
        let path = try Command.file(wrong.text)
        let result = try Command.run(["config", "check", "--config", path], environment: wrong.environment)
        #expect(result.status != 0)
        for part in wrong.complaint { #expect(result.errors.contains(part), "\(part) not in: \(result.errors)") }
    }

    @Test func severalMistakesAreToldAtOnce() throws {
        let path = try Command.file("sip:\n  max_calls: 0\n  typo: 1\nanswer:\n  after: x\n")
        let result = try Command.run(["config", "check", "--config", path])
        for part in ["max_calls", "typo", "answer.after"] { #expect(result.errors.contains(part)) }
    }

    @Test func aMissingFileIsNamed() throws {
        let result = try Command.run(["config", "check", "--config", "/nonexistent/hotline.yaml"])
        #expect(result.status != 0)
        #expect(result.errors.contains("/nonexistent/hotline.yaml"))
    }

    @Test func secretsAreNeverPrinted() throws {
        let secret = try Command.file("open-sesame-4711\n", named: "secret")
        let path = try Command.file("sip:\n  users:\n    - {name: gateway, password_file: \(secret)}\n")
        let result = try Command.run(["config", "check", "--config", path])
        #expect(result.status == 0)
        #expect(!result.output.contains("open-sesame-4711"))
    }

    private struct Value: Decodable, Equatable {
        var value: String
        var origin: String
    }

    private func values(_ arguments: [String], environment: [String: String] = [:]) throws -> [String: Value] {
        let result = try Command.run(arguments, environment: environment)
        try #require(result.status == 0, "\(result.errors)")
        return try JSONDecoder().decode([String: Value].self, from: Data(result.output.utf8))
    }
}
