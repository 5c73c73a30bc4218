import Calls
import Documents
import Foundation
import Recordings
import Storage
import Switchboard
import Synchronization
import Testing

/// Another system's records and files, read, matched and taken in.
@Suite struct ImportTests {
    private static let project = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
    private static let now = UTCTime(microseconds: 1_795_316_645_000_000)

    private static let mapping = """
        system: test
        channels: [caller, agent]
        answered: [ANSWERED]
        directions: {in: inbound, out: outbound}
        columns: {file: file, caller: src, called: dst, begin: start, seconds: billsec, id: id, disposition: disp,
          agent: agent, direction: way}
        """
    private static let heading = "file,src,dst,start,billsec,id,disp,agent,way\n"

    private func file(_ rows: String, _ mapping: String = mapping) throws -> CallRecordFile {
        try CallRecordFile(
            Array((Self.heading + rows).utf8), file: "cdr.csv",
            mapping: try CallRecordMapping(mapping, file: "map.yaml"), now: Self.now)
    }

    private func shipped(_ name: String) throws -> CallRecordMapping {
        let path = Self.project.appendingPathComponent("imports/\(name).yaml").path
        return try CallRecordMapping(String(contentsOfFile: path, encoding: .utf8), file: path)
    }

    // MARK: records

    /// Rows as the three systems write them, and the file that each names.
    @Test(arguments: [
        (
            "asterisk",
            #""","13900000001","8001","from-trunk","""Li"" <13900000001>","PJSIP/trunk-0001","PJSIP/1001-0002","Dial","x","2024-05-12 08:30:00","2024-05-12 08:30:07","2024-05-12 08:31:42","102","95","ANSWERED","DOCUMENTATION","1715473800.12","""#,
            "q-8001-13900000001-20240512-083000-1715473800.12.wav"
        ),
        (
            "freepbx",
            """
            calldate,clid,src,dst,dcontext,channel,dstchannel,lastapp,lastdata,duration,billsec,disposition,amaflags,accountcode,uniqueid,userfield,did,recordingfile
            2024-05-12 08:30:07,x,13900000001,8001,from-queue,PJSIP/trunk-0001,PJSIP/1001-0002,Dial,x,102,95,ANSWERED,3,,1715473800.12,,95598,in-8001-13900000001-1715473800.12.wav
            """, "2024/05/12/in-8001-13900000001-1715473800.12.mp3"
        ),
        (
            "freeswitch",
            #""Li","13900000001","8001","public","2024-05-12 08:30:00","2024-05-12 08:30:07","2024-05-12 08:31:42","102","95","NORMAL_CLEARING","0b6a8f9c-8f6e-4f0a-9d6e-0123456789ab","","","PCMA","PCMA""#,
            "archive/0b6a8f9c-8f6e-4f0a-9d6e-0123456789ab.wav"
        ),
    ]) func theShippedMappingsReadTheirSystems(name: String, text: String, path: String) throws {
        let mapping = try shipped(name)
        let records = try CallRecordFile(Array(text.utf8), file: "cdr.csv", mapping: mapping, now: Self.now)
        #expect(records.refused == [])
        let record = try #require(records.records.first)
        #expect(record.caller == "13900000001")
        #expect(record.called == "8001")
        #expect(UTCTime(microseconds: record.answered).description == "2024-05-12T00:30:07.000000Z")
        #expect(record.seconds == 95)
        #expect(record.agent?.text == (name == "freeswitch" ? nil : "1001"))
        let plan = ImportPlan(records, ImportFolder.Listing(files: [path, "other.wav"]), mapping)
        #expect(plan.items.map(\.file) == [path])
        #expect(plan.refused.map(\.reason) == [.noRecord])
    }

    @Test func aLineWithAMistakeIsRefusedByItself() throws {
        let records = try file(
            """
            a.wav,13900000001,95598,2024-05-12 08:30:00,95,1,ANSWERED,1001,in
            b.wav,13900000001,,2024-05-12 08:30:00,95,1,ANSWERED,1001,in
            c.wav,13900000001,95598,someday,95,1,ANSWERED,1001,in
            d.wav,13900000001,95598,2024-05-12 08:30:00,-4,1,ANSWERED,1001,in
            e.wav,13900000001,95598,2024-05-12 08:30:00,90000,1,ANSWERED,1001,in
            f.wav,13900000001,95598,1970-01-01 00:00:00,95,1,ANSWERED,1001,in
            g.wav,13900000001,95598,2031-01-01 00:00:00,95,1,ANSWERED,1001,in
            h.wav,13900000001,95598,2024-05-12 08:30:00,95,1,ANSWERED,1001,sideways
            i.wav,13900000001
            ,13900000001,95598,2024-05-12 08:30:00,95,1,ANSWERED,1001,in
            j.wav,13900000001,95598,2024-05-12 08:30:00,0,1,NO ANSWER,1001,in
            k.wav,,95598,2024-05-12 08:30:00,95,1,ANSWERED,SIP/trunk-01,out
            """)
        #expect(records.records.map(\.line) == [2, 13])
        #expect(records.refused.map(\.line) == [3, 4, 5, 6, 7, 8, 9, 10])
        #expect(records.refused.allSatisfy { $0.reason == .record })
        let words = ["called", "someday", "-4", "day", "cannot be", "cannot be", "sideways", "fields"]
        for (one, word) in zip(records.refused, words) { #expect(one.message.contains(word), "\(one.message)") }
        #expect(records.passedOver == 2)
        #expect(records.records.last?.caller == nil)
        #expect(records.records.last?.agent == nil)
        #expect(records.records.last?.direction == .outbound)
        // The same record elsewhere in a longer file is the same.
        var moved = try #require(records.records.first)
        moved.line = 99
        #expect(moved.sha256 == records.records.first?.sha256)
        moved.seconds = 96
        #expect(moved.sha256 != records.records.first?.sha256)
    }

    @Test func aBrokenFileIsNotReadInPart() throws {
        #expect(throws: DocumentErrors.self) { try file("a.wav,\"1390000\n") }
        #expect(throws: DocumentErrors.self) {
            try CallRecordFile(
                Array("file,src\n".utf8), file: "cdr.csv", mapping: try CallRecordMapping(Self.mapping, file: "m"),
                now: Self.now)
        }
    }

    @Test(arguments: [
        ("columns: {file: 1, caller: 2, called: 3, begin: 4, seconds: 5}", "system"),
        ("system: Bad Name\ncolumns: {file: a, caller: b, called: c, begin: d, seconds: e}", "system"),
        ("system: a\nmatch: guess\ncolumns: {file: a, caller: b, called: c, begin: d, seconds: e}", "match"),
        ("system: a\nstrip: ../x\ncolumns: {file: a, caller: b, called: c, begin: d, seconds: e}", "strip"),
        ("system: a\nchannels: [caller]\ncolumns: {file: a, caller: b, called: c, begin: d, seconds: e}", "channels"),
        ("system: a\nanswered: [X]\ncolumns: {file: a, caller: b, called: c, begin: d, seconds: e}", "disposition"),
        ("system: a\ncolumns: {caller: b, called: c, begin: d, seconds: e}", "file"),
        ("system: a\ncolour: red\ncolumns: {file: a, caller: b, called: c, begin: d, seconds: e}", "colour"),
    ]) func aWrongMappingIsToldWithItsPlace(text: String, word: String) throws {
        do {
            _ = try CallRecordMapping(text, file: "map.yaml")
            Issue.record("taken: \(text)")
        } catch {
            #expect(error.errors.contains { $0.description.hasPrefix("map.yaml") && $0.description.contains(word) })
        }
    }

    // MARK: names

    private func plan(_ names: [String], _ files: [String], _ more: String = "") throws -> ImportPlan {
        let rows = names.map { "\"\($0)\",13900000001,95598,2024-05-12 08:30:00,95,1,ANSWERED,1001,in" }
        let mapping = try CallRecordMapping("\(Self.mapping)\n\(more)", file: "map.yaml")
        let records = try CallRecordFile(
            Array((Self.heading + rows.joined(separator: "\n")).utf8), file: "cdr.csv", mapping: mapping, now: Self.now)
        return ImportPlan(records, ImportFolder.Listing(files: files), mapping)
    }

    @Test(arguments: [
        ("../../etc/passwd", ImportRefusal.Reason.name), ("x/../../a.wav", .name), ("./a.wav", .name),
        ("a//a.wav", .name), ("/etc/passwd", .name), ("/var/spool/asterisk/monitorx/a.wav", .name),
        ("/var/spool/asterisk/monitor/../a.wav", .name), (#"..\a.wav"#, .name), ("a.wav/", .name), ("..", .name),
        ("none.wav", .noFile), ("twice.wav", .ambiguous),
    ]) func aNameThatLeadsElsewhereIsRefused(name: String, reason: ImportRefusal.Reason) throws {
        let files = ["a.wav", "one/twice.wav", "two/twice.wav"]
        let plan = try plan([name], files, "strip: /var/spool/asterisk/monitor/")
        #expect(plan.items.isEmpty, "\(plan.items)")
        #expect(plan.refused.first?.reason == reason)
        #expect(plan.refused.first?.line == 2)
    }

    @Test func filesAreFoundByWhatTheRecordsKnowOfThem() throws {
        let files = ["2024/05/a.wav", "2024/05/b.mp3", "2024/06/b.mp3", "c.1.wav", "d.flac", "d.wav"]
        let plan = try plan(
            [
                "/var/spool/asterisk/monitor/2024/05/a.wav", "2024/06/b.wav", "c.1", "d.wav", "d.wav", "b.mp3",
            ], files, "strip: /var/spool/asterisk/monitor")
        #expect(plan.items.map(\.file) == ["2024/05/a.wav", "2024/06/b.mp3", "c.1.wav", "d.wav"])
        #expect(
            plan.refused.map { [$0.reason.rawValue, $0.file ?? "", $0.line.map { String($0) } ?? ""] } == [
                ["duplicate", "d.wav", "6"], ["ambiguous", "", "7"], ["no_record", "2024/05/b.mp3", ""],
                ["no_record", "d.flac", ""],
            ])
        // An id is a whole part of the name: 1.2 is not in 1.23.
        let parts = try self.plan(["1.2"], ["q-1.23.wav", "q-1.2-x.wav"], "match: part")
        #expect(parts.items.map(\.file) == ["q-1.2-x.wav"])
    }

    // MARK: taking in

    /// A folder of tiny recordings, each of another content, and the records of them.
    final class Source {
        let path: String
        let cdr: String

        init(_ count: Int) throws {
            path = NSTemporaryDirectory() + "/hotline-import-\(UUID().uuidString)"
            try FileManager.default.createDirectory(atPath: "\(path)/2024", withIntermediateDirectories: true)
            var rows = ImportTests.heading
            for index in 0..<count {
                try Self.wave(index).write(to: URL(fileURLWithPath: "\(path)/2024/r\(index).wav"))
                let seconds = String(index % 60 + 100).dropFirst()
                rows +=
                    "r\(index).wav,13900000001,95598,2024-05-12 08:\(String(index / 60 % 60 + 100).dropFirst()):"
                    + "\(seconds),1,\(index),ANSWERED,1001,in\n"
            }
            cdr = rows
        }

        deinit {
            do { try FileManager.default.removeItem(atPath: path) } catch { print("not removed: \(error)") }
        }

        static func wave(_ index: Int) -> Data {
            var samples = Archive.tone(seconds: 1, amplitude: 4000, frequency: 400)
            samples[0] = Int16(index % 30_000)
            samples[1] = Int16(index / 30_000)
            return Archive.wave(samples, samples)
        }
    }

    private func importer(
        _ source: Source, _ archive: Archive,
        hand: (@Sendable ([ImportedRecording]) async throws -> [TakenRecording])? = nil, isDry: Bool = false
    ) throws -> RecordingImporter {
        let book = RecordingBook(store: archive.store, folder: archive.folder.recordings, time: archive.time)
        let reader = archive.store.reader
        return RecordingImporter(
            folder: ImportFolder(path: source.path), recordings: archive.folder.recordings,
            mapping: try CallRecordMapping(Self.mapping, file: "map.yaml"), recordFile: "cdr.csv", minimumFreeBytes: 0,
            known: { try await reader.knownImports($0) },
            hand: isDry ? nil : hand ?? { try await book.take($0) })
    }

    private func records(_ source: Source) throws -> CallRecordFile {
        try CallRecordFile(
            Array(source.cdr.utf8), file: "cdr.csv", mapping: try CallRecordMapping(Self.mapping, file: "map.yaml"),
            now: Self.now)
    }

    @Test func anImportThatIsEndedAnywhereGoesOn() async throws {
        let archive = try await Archive(calls: 1)
        let source = try Source(65)
        let records = try records(source)
        let dry = try await importer(source, archive, isDry: true).run(records) { _ in }
        #expect(dry.placed == 65)
        #expect(try await archive.store.reader.recordings().count == 1)
        struct Killed: Error {}
        let book = RecordingBook(store: archive.store, folder: archive.folder.recordings, time: archive.time)
        // Once before the second batch is journalled, once behind it, where nobody was told.
        for (batch, isJournalled) in [(2, false), (2, true)] {
            let batches = Mutex(0)
            let broken = try importer(
                source, archive,
                hand: { recordings in
                    let number = batches.withLock {
                        $0 += 1; return $0
                    }
                    if number == batch, !isJournalled { throw Killed() }
                    let taken = try await book.take(recordings)
                    if number == batch { throw Killed() }
                    return taken
                })
            await #expect(throws: Killed.self) { try await broken.run(records) { _ in } }
        }
        let progress = Mutex<[ImportProgress]>([])
        let report = try await importer(source, archive).run(records) { now in progress.withLock { $0.append(now) } }
        #expect(report.placed + report.known == 65)
        #expect(report.known == 65 - 5)
        #expect(report.refused == [])
        #expect(progress.withLock { $0.map(\.done) } == [0, 20, 40, 60, 65])
        let again = try await importer(source, archive).run(records) { _ in }
        #expect(again.known == 65)

        let found = try await archive.store.reader.recordingPage(RecordingFilter(limit: 1000)).recordings
        #expect(found.count == 66)
        let one = try #require(found.first { $0.recording.imported?.recordID == "7" })
        #expect(one.line == "imported")
        #expect(one.recording.id.milliseconds * 1000 == one.recording.startedAt?.microseconds)
        #expect(one.recording.id.description.dropFirst(14).first == "8")
        #expect(one.answeredBy.map(\.text) == ["1001"])
        #expect(one.recording.imported?.file == "2024/r7.wav")
        #expect(one.recording.imported?.recordLine == 9)
        #expect(one.recording.seconds == 1)
        #expect(one.recording.startedAt?.description == "2024-05-12T00:00:07.000000Z")
        var byAgent = RecordingFilter(limit: 1000)
        byAgent.agent = WorkNumber("1001")
        #expect(try await archive.store.reader.recordingCount(byAgent).count == 65)
        let verified = try await archive.store.reader.verifyEvidence()
        #expect(verified.ok, "\(verified.differences)")
        let rows = found.map(\.recording).compactMap { recording -> RecordingVerifier.Row? in
            guard let file = recording.file, let sha256 = recording.sha256, let frames = recording.frames else {
                return nil
            }
            return .init(
                id: recording.id, file: file, sha256: sha256, frames: frames, channels: recording.channels.count)
        }
        let files = try RecordingVerifier(folder: archive.folder.recordings).verify(rows)
        #expect(files.isAllOK, "\(files)")

        // None of it is judged as ours, nor sought with the carrier.
        let (from, to) = (UTCTime(microseconds: 0), Self.now)
        #expect(try await archive.store.reader.carrierCalls(from: from, to: to).isEmpty)
        let check = try await Reconciler(reader: archive.store.reader, folder: archive.folder.recordings)
            .run(ReconciliationQuestion(from: from, to: to, hashing: .all), now: Self.now)
        #expect(check.findings == [])
        #expect(check.calls == 65)
        // But a file that is gone is an alarm like any other.
        try FileManager.default.removeItem(atPath: "\(archive.folder.recordings)/\(one.recording.file ?? "")")
        let gone = try await Reconciler(reader: archive.store.reader, folder: archive.folder.recordings)
            .run(ReconciliationQuestion(from: from, to: to, hashing: .all), now: Self.now)
        #expect(gone.findings.map(\.kind) == [.missingFile])
        await archive.store.close()
    }

    @Test func theSameAudioIsTakenOnce() async throws {
        let archive = try await Archive(calls: 0)
        let source = try Source(3)
        try FileManager.default.copyItem(atPath: "\(source.path)/2024/r0.wav", toPath: "\(source.path)/copy.wav")
        try FileManager.default.removeItem(atPath: "\(source.path)/2024/r2.wav")
        try Data().write(to: URL(fileURLWithPath: "\(source.path)/2024/r2.wav"))
        let long = "r1.wav"
        let mapping = try CallRecordMapping(Self.mapping, file: "map.yaml")
        func rows(_ more: String) throws -> CallRecordFile {
            try CallRecordFile(Array((source.cdr + more).utf8), file: "cdr.csv", mapping: mapping, now: Self.now)
        }
        let first = try rows("copy.wav,13900000002,95598,2024-05-12 09:30:00,1,x,ANSWERED,1001,in\n")
        let report = try await importer(source, archive).run(first) { _ in }
        #expect(report.placed == 2)
        #expect(report.refused.map(\.reason) == [.audio, .duplicate])
        #expect(report.refused.last?.message.contains("line 2") == true)
        // Another record for a file that is there already.
        let other = try CallRecordFile(
            Array((Self.heading + "\(long),13900000002,95598,2024-05-13 08:30:00,1,1,ANSWERED,1001,in\n").utf8),
            file: "cdr.csv", mapping: mapping, now: Self.now)
        let second = try await importer(source, archive).run(other) { _ in }
        #expect(second.placed == 0)
        #expect(second.refused.first { $0.line != nil }?.reason == .duplicate)
        #expect(second.refused.contains { $0.message.contains("cdr.csv line 3") })
        #expect(String(decoding: second.table.bytes, as: UTF8.self).contains("2024/r1.wav,2,duplicate,"))
        // Of another call, by its length.
        let wrong = try CallRecordFile(
            Array((Self.heading + "copy.wav,13900000002,95598,2024-05-13 08:30:00,600,1,ANSWERED,1001,in\n").utf8),
            file: "cdr.csv", mapping: mapping, now: Self.now)
        try Source.wave(77).write(to: URL(fileURLWithPath: "\(source.path)/copy.wav"))
        let third = try await importer(source, archive).run(wrong) { _ in }
        #expect(third.refused.first { $0.line != nil }?.reason == .length)
        await archive.store.close()
    }

    @Test func whatIsHandedOverIsBelievedInNothing() async throws {
        let archive = try await Archive(calls: 0)
        let source = try Source(1)
        let kept = Mutex<[ImportedRecording]>([])
        _ = try await importer(
            source, archive,
            hand: { recordings in
                kept.withLock { $0 = recordings }
                return recordings.map { TakenRecording(recording: $0.imported.recording, state: .new) }
            }
        ).run(try records(source)) { _ in }
        let good = try #require(kept.withLock { $0.first })
        let book = RecordingBook(store: archive.store, folder: archive.folder.recordings, time: archive.time)
        let changes: [(inout ImportedRecording) -> Void] = [
            { $0.imported.file = "../../etc/passwd" }, { $0.imported.file = "2026/11/22/call-0.flac" },
            { $0.imported.sha256 = String(repeating: "0", count: 64) }, { $0.imported.sha256 = "x" },
            { $0.imported.source.sha256 = String(repeating: "1", count: 64) }, { $0.imported.frames += 1 },
            { $0.imported.bytes += 1 }, { $0.imported.record.sha256 = String(repeating: "2", count: 64) },
            { $0.imported.answered += 1_000_000 }, { $0.imported.called = "" }, { $0.imported.caller = "a\u{0}b" },
            { $0.imported.seconds = -1 }, { $0.imported.channels.removeLast() }, { $0.imported.format = "wav" },
            { $0.measured.lengthMilliseconds += 1 }, { $0.imported.source.file = String(repeating: "x", count: 500) },
            { $0.imported.rate = 0 }, { $0.measured.recording = RecordingID(high: 1, low: 1) },
        ]
        for (index, change) in changes.enumerated() {
            var bad = good
            change(&bad)
            let answer = try await book.take([bad])
            #expect(answer.first?.state == .refused, "change \(index): \(answer)")
            #expect(answer.first?.message?.isEmpty == false)
        }
        #expect(try await archive.store.reader.recordings().isEmpty)
        #expect(try await book.take([good, good]).map(\.state) == [.new, .refused])
        #expect(try await book.take([good]).map(\.state) == [.known])
        await #expect(throws: SwitchboardError.self) { try await book.take([]) }
        await archive.store.close()
    }
}
