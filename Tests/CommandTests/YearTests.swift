import Calls
import Foundation
import Storage
import Testing
import YearOfLife

/// A year of made-up life, audited twice: by the program, and by another one in another language that was written from the
/// documents alone. Every figure must agree. The whole year (100,000 calls, 20,000 orders) is made and compared by hand:
/// `Benchmarks/audit year`.
@Suite(.serialized) struct YearTests {
    private static let profiles = [
        "yongqiang", "dazu", "zhejiang", "guangde", "marketing", "supply-station", "supply-complaints",
        "call-centre-law", "sgcc-promises", "letters-farmers",
    ]

    @Test(.timeLimit(.minutes(15))) func twoProgramsComeToTheSameFigures() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hotline-year-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }  // what is left over is in a temporary folder
        let norms = Command.project.appendingPathComponent("norms").path
        let rules = try YearRules(folder: norms, policy: "yongqiang")
        let life = YearOfLife(seed: 7, calls: 500, orders: 300, year: 2026, rules: rules)
        let time = LifeTime()
        let store = try Store.open(
            folder: folder.path, identity: NodeIdentity(name: "node1", number: 1, boot: "boot"), time: time,
            random: { UInt64.random(in: 0 ... .max) })
        var facts = 0
        var course = life.course()
        while let units = try course.next() { facts += try await time.write(units, to: store) }
        #expect(facts > 10_000)
        await store.close()

        for profile in Self.profiles {
            // Of a year, and for some of a month in it of which an earlier moment knew less.
            var periods = [["--from", "2026-01-01", "--to", "2027-01-01"]]
            if Self.profiles.prefix(2).contains(profile) {
                periods.append(["--month", "2026-02", "--as-of", "2026-03-10T12:00"])
            }
            for period in periods {
                let file = folder.appendingPathComponent("\(profile)-\(period[1]).json").path
                let audit = try Command.run(
                    ["audit", "--profile", profile, "--folder", norms, "--data", folder.path, "--format", "json"]
                        + ["--breaches", "1000000", "--out", file] + period)
                #expect(audit.status == 0, "\(audit.errors)")
                let check = try Self.check(
                    [folder.appendingPathComponent("hotline.sqlite").path, "\(norms)/\(profile).yaml", file])
                #expect(check.status == 0, "\(profile) \(period): \(check.output.prefix(4000)) \(check.errors)")
                #expect(check.output.contains("figures compared, 0 differences"))
            }
        }
    }

    private static func check(_ arguments: [String]) throws -> (status: Int32, output: String, errors: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = [Command.project.appendingPathComponent("scripts/audit-check").path] + arguments
        let (output, errors) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        let said = output.fileHandleForReading.readDataToEndOfFile()
        let wrong = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (
            process.terminationStatus, String(decoding: said, as: UTF8.self), String(decoding: wrong, as: UTF8.self)
        )
    }
}
