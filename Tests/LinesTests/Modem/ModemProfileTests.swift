import Foundation
import Testing

import Lines

@Suite struct ModemProfileTests {
    @Test("The shipped profiles are read", arguments: ["quectel", "simcom", "generic"])
    func shipped(id: String) throws {
        let profile = try modemProfile(id)
        #expect(profile.id == id)
        #expect(!profile.hangUp.isEmpty)
        #expect(profile.initial.contains { $0.command == "ATE0" && !$0.isOptional })
        #expect(profile.unsolicited.contains("RING"))
        #expect(profile.dial.command == "ATD%;")
    }

    private static func text(replacing line: String, with other: String) throws -> String {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let text = try String(contentsOf: root.appendingPathComponent("modems/generic.yaml"), encoding: .utf8)
        #expect(text.contains(line))
        return text.replacing(line, with: other)
    }

    @Test(
        "What is wrong is told with file, line, column and advice",
        arguments: [
            ("hang_up: [AT+CHUP, ATH]", "hang_up: []", "hang_up needs a command"),
            ("  given_up_after: 9s", "  given_up_after: 9", "given_up_after"),
            ("  send: \"AT+VTS=%\"", "  send: \"AT+VTS=\"", "send must hold one `%`"),
            ("  send: \"AT+VTS=%\"", "  sent: \"AT+VTS=%\"", "Did you mean \"send\"?"),
            ("  command: ATA", "  command: ANSWER", "\"ANSWER\" is no AT command"),
            ("    user busy: 17", "    user busy: 717", "\"717\" is no Q.850 cause"),
            ("id: generic", "id: Ge neric", "is no profile id"),
            ("  caller: \"+CLIP:\"", "  callers: \"+CLIP:\"", "\"caller\" is missing"),
            ("  ok_means_connected: true", "  ok_means_connected: false", "`connected` must say what does"),
            ("reset:", "resets:", "unknown key \"resets\""),
        ])
    func complaints(line: String, other: String, complaint: String) throws {
        let text = try Self.text(replacing: line, with: other)
        let error = try #require(throws: LineError.self) { try ModemProfile(text: text, file: "m.yaml") }
        #expect(error.code == .profile)
        #expect(error.message.contains(complaint), "\(error.message)")
        #expect(error.message.contains("m.yaml:"))
    }

    @Test("A file that is not there, or is no YAML")
    func noFile() throws {
        let missing = try #require(throws: LineError.self) { try ModemProfile(path: "/nowhere/x.yaml") }
        #expect(missing.message.contains("/nowhere/x.yaml"))
        let broken = try #require(throws: LineError.self) { try ModemProfile(text: "a: [", file: "b.yaml") }
        #expect(broken.message.contains("b.yaml"))
    }

    @Test(
        "Reasons of releases",
        arguments: [
            ("quectel", "+CEER: 5,16", 16), ("quectel", "+CEER: 5,0", nil), ("quectel", "+CEER: 5,300", nil),
            ("quectel", "+CEER: \"Normal call clearing\"", 16), ("simcom", "+CEER: User busy", 17),
            ("simcom", "+CEER: Client ended call", nil), ("generic", "+CEER: No report available", nil),
        ] as [(String, String, Int?)])
    func causes(profile: String, line: String, number: Int?) throws {
        let cause = try #require(try modemProfile(profile).cause)
        #expect(ModemMachine.q850(line, cause) == number)
    }

    @Test(
        "What a modem can call, and what would be another command",
        arguments: [
            ("13800001234", "13800001234"), ("tel:+8613800001234", "+8613800001234"), ("TEL:*100#", "*100#"),
            ("", nil), ("+", nil), ("138;ATH", nil), ("138,1", nil), ("138\r", nil), ("sip:1@h", nil),
            (String(repeating: "1", count: 41), nil), ("１３８", nil),
        ] as [(String, String?)])
    func targets(text: String, number: String?) {
        let target = Result { () throws(LineError) in try ModemTarget(text) }
        switch target {
        case .success(let target): #expect(target.number == number)
        case .failure(let error):
            #expect(number == nil)
            #expect(error.code == .target)
        }
    }
}
