import Foundation
import Testing

@Suite struct RecordingSearchTests {
    @Test(arguments: [
        (["--rings", "5x"], ["--rings", "5x", "N.."]), (["--length", "9..1"], ["--length", "smaller first"]),
        (["--released-by", "nobody"], ["--released-by", "nobody", "caller, agent"]),
        (["--mark", "bad"], ["--mark", "nuisance, wrong_number, angry, dropped"]),
        (["--cursor", "x"], ["--cursor", "as it was given"]), (["--sort", "size"], ["--sort", "time, length, rings"]),
        (["--norm-broken", ""], ["--norm-broken", "a rule's id"]),
        (["--text", "，。"], ["--text", "a letter, a digit or a Chinese character"]),
        (["--agent", "a b"], ["--agent", "a work number"]), (["--limit", "0"], ["--limit", "100,000"]),
        (["--from", "2026-11-22", "--to", "2026-11-21"], ["from", "must lie before"]),
    ])
    func aBadValueIsNamedWithWhatIsAllowed(options: [String], complaint: [String]) throws {
        let list = try Command.run(["recordings", "list", "--data", NSTemporaryDirectory() + "/none"] + options)
        #expect(list.status != 0)
        for words in complaint { #expect(list.errors.contains(words), "\(list.errors)") }
    }

    @Test func aNoteIsCheckedBeforeAServerIsAsked() throws {
        let id = "0193523b-7c00-7000-8000-000000000001"
        let blank = try Command.run(["recordings", "note", id, "--by", "1001", " "])
        #expect(blank.status != 0)
        #expect(blank.errors.contains("a note needs a text"))
        let early = try Command.run(["recordings", "note", id, "--by", "1001", "--at-ms=-5", "x"])
        #expect(early.errors.contains("--at-ms"))
        let alone = try Command.run(
            ["recordings", "note", id, "--by", "1001", "x", "--data", NSTemporaryDirectory() + "/none"])
        #expect(alone.status != 0)
        #expect(alone.errors.contains("no server runs on"))
    }
}
