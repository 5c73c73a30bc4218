import ArgumentParser
import Calls
import Foundation
import Recordings
import Storage
import Switchboard

struct PersonCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "person",
        abstract: "Finds, hands out and erases what there is of a person (PIPL; docs/retention.md).",
        subcommands: [Find.self, Export.self, Erase.self])

    struct Find: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists a number's calls, recordings, orders, messages, notes, and whatever else has it.")

        @Argument(help: "The number as calls show it, digits only.")
        var number: String
        @OptionGroup var query: QueryOptions

        func run() async throws {
            let report = try await query.ask { try await PersonBook(reader: $0).find(number) }
            if query.json { return try query.printJSON(report) }
            PersonScreen.text(report).forEach { print(TextTable.printable($0)) }
        }
    }

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Writes a number's data to a folder: person.json and the recordings; a server must run.",
            discussion: """
                Each recording handed out is journalled as a replay before its file is copied. Exit code 1 where a file is \
                not there, or not as it was finished. The folder holds personal data.
                """)

        @Argument(help: "The number as calls show it, digits only.")
        var number: String
        @Option(help: ArgumentHelp("The folder; made, and empty before.", valueName: "dir"))
        var out: String
        @Option(help: "Who hands it out: a work number.")
        var by: WorkNumber
        @Option(help: "Why, for the journal.")
        var reason = "handed to the person it is of"
        @OptionGroup var data: DataOptions
        @Flag(help: "As JSON: folder, calls, recordings, faults.")
        var json = false

        private struct Told: Encodable {
            var folder: String
            var calls: Int
            var recordings: Int
            var faults: [String]
        }

        func run() async throws {
            try makeFolder()
            let answer = try await ServerClient(folder: data.folder).post(
                "persons/exports", encodable: ["number": number, "by": by.text, "reason": reason], seconds: 3600)
            // The same question as the server's, for what is to be copied; what it answered is what is written.
            let reader = try Store.openForQueries(folder: data.folder)
            let report: PersonReport
            do {
                report = try await PersonBook(reader: reader).find(number)
            } catch {
                try reader.close()
                throw error
            }
            try reader.close()
            try answer.write(to: URL(fileURLWithPath: "\(out)/person.json"), options: .withoutOverwriting)
            let (copied, faults) = try copy(report)
            if json {
                let told = Told(folder: out, calls: report.calls.count, recordings: copied, faults: faults)
                print(String(decoding: try QueryJSON.encode(told), as: UTF8.self))
            } else {
                faults.forEach { print("FAULT: \(TextTable.printable($0))") }
                print("\(out): person.json, \(report.calls.count) calls, \(copied) recordings, \(faults.count) faults")
            }
            if !faults.isEmpty { throw ExitCode.failure }
        }

        private func makeFolder() throws {
            let files = FileManager.default
            do {
                try files.createDirectory(
                    atPath: out, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
                guard try files.contentsOfDirectory(atPath: out).isEmpty else {
                    throw CommandError("\(out) is not empty: give another folder with --out")
                }
            } catch let error as CommandError {
                throw error
            } catch {
                throw CommandError("\(out) cannot be made: \(error.localizedDescription)")
            }
        }

        private func copy(_ report: PersonReport) throws -> (copied: Int, faults: [String]) {
            let folder = DataFolder(data.folder)
            let verifier = RecordingVerifier(
                folder: folder.recordings, archive: folder.archive, keys: try folder.openRecordingKeys())
            var copied = 0
            var faults: [String] = []
            for detail in report.recordings {
                let recording = detail.found.recording
                guard recording.state == .finished, let file = recording.file, let sha256 = recording.sha256,
                    let frames = recording.frames
                else { continue }
                let row = RecordingVerifier.Row(
                    id: recording.id, file: file, sha256: sha256, frames: frames, channels: recording.channels.count)
                switch verifier.check(row) {
                case .missing: faults.append("\(file) is gone")
                case .altered(let reason): faults.append("\(file): \(reason)")
                case .ok:
                    let name = file.split(separator: "/").last.map(String.init) ?? "\(recording.id)"
                    do {
                        _ = try RecordingCopy.copy(
                            verifier.places.path(of: file), sha256: sha256, to: "\(out)/\(name)",
                            keys: verifier.places.keys)
                        copied += 1
                    } catch {
                        faults.append("\(file): \(error.message)")
                    }
                }
            }
            return (copied, faults)
        }
    }

    struct Erase: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Erases what may be erased of a number, and says what stays and why; a server must run.",
            discussion: """
                Holds, the law's minima (`minimum` of the retention policy), open orders and call-backs that are still owed \
                keep a call as a whole. Exit code 1 where something stays.
                """)

        @Argument(help: "The number as calls show it, digits only.")
        var number: String
        @Option(help: "Why, for the journal, where it stays: without the number.")
        var reason: String
        @Option(help: "Who does it: a work number.")
        var by: WorkNumber
        @Flag(help: "Says what would go and what would stay; changes nothing.")
        var dryRun = false
        @OptionGroup var data: DataOptions
        @Flag(help: "As JSON, whose keys are a contract (docs/json.md).")
        var json = false

        private struct Body: Encodable {
            var number: String
            var reason: String
            var by: String
            var dryRun: Bool

            enum CodingKeys: String, CodingKey {
                case number, reason, by
                case dryRun = "dry_run"
            }
        }

        func run() async throws {
            let answer = try await ServerClient(folder: data.folder).post(
                "persons/erasures", encodable: Body(number: number, reason: reason, by: by.text, dryRun: dryRun),
                seconds: 3600)
            let erasure = try JSONDecoder().decode(PersonErasure.self, from: answer)
            if json {
                print(String(decoding: answer, as: UTF8.self))
            } else {
                PersonScreen.text(erasure).forEach { print(TextTable.printable($0)) }
            }
            if !erasure.stays.isEmpty || !erasure.failures.isEmpty { throw ExitCode.failure }
        }
    }
}

/// What is known of a person, for a terminal.
private enum PersonScreen {
    static func text(_ report: PersonReport) -> [String] {
        guard !report.isEmpty else { return ["Nothing is known of \(report.number)."] }
        var lines: [String] = []
        func add(_ title: String, _ items: [String]) {
            guard !items.isEmpty else { return }
            lines += ["\(title): \(items.count)"] + items.map { "  \($0)" }
        }
        add(
            "calls",
            report.calls.map(\.summary).map { call in
                "\(ScreenTime.text(call.offeredAt))  \(call.callID)  \(call.direction.rawValue)  "
                    + (call.outcome?.rawValue ?? "running")
            })
        add(
            "recordings",
            report.recordings.map(\.found.recording).map { "\($0.id)  \(RecordingsListCommand.file($0))" })
        add("transcripts", report.transcripts.map { "\($0.recording)" })
        add("notes", report.recordings.flatMap(\.notes).map { "\(ScreenTime.text($0.at))  \($0.by.text)  \($0.text)" })
        add("orders", report.orders.map { "\($0.number)  \($0.category)  \($0.status)" })
        add("messages", report.messages.map { "\($0.id)" })
        add("call-backs", report.callBacks.map { "\($0.callID)" })
        add(
            "blocked", report.blocked.map { "\(ScreenTime.text($0.blockedAt)) until \(ScreenTime.text($0.until))" })
        add(
            "carrier's records",
            report.carrierRecords.map(\.record).map {
                "\(ScreenTime.text(UTCTime(microseconds: $0.began)))  \($0.seconds) s"
            })
        if report.more { lines.append("There is more than is shown.") }
        return lines
    }

    static func text(_ erasure: PersonErasure) -> [String] {
        let (erased, stays) = erasure.isDryRun ? ("would go", "would stay") : ("erased", "stays")
        var lines = erasure.erased.map { item in
            "\(erased)  \(item.kind) \(item.subject): \(item.recordings) recordings, \(item.bytes) bytes"
        }
        lines += erasure.stays.map { item in
            let until = item.until.map { " (until \(ScreenTime.text($0)))" } ?? ""
            return "\(stays)  \(item.kind) \(item.subject): \(item.stays ?? "-")\(until)"
        }
        lines += erasure.failures.map { "FAILED: \($0)" }
        if lines.isEmpty { lines.append("Nothing is known of this number.") }
        if !erasure.isDryRun { lines.append("freed \(erasure.freedBytes) bytes") }
        if erasure.more { lines.append("There is more: erase again.") }
        return lines
    }
}
