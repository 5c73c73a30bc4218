import Audit
import Calls
import Evidence
import Foundation
import Recordings
import Storage
import Switchboard
import Synchronization
import Testing

/// Recordings for other programs.
@Suite struct ExportTests {
    @Test func aTableReadsBack() {
        var table = CommaSeparatedText(["a", "b"])
        table.add(["1,\"2\"", "x\ny"])
        #expect(table.bytes.starts(with: [0xEF, 0xBB, 0xBF]))
        var reader = CommaSeparated(table.bytes, file: "t.csv")
        #expect(reader.next()?.fields == ["a", "b"])
        #expect(reader.next()?.fields == ["1,\"2\"", "x\ny"])
        #expect(String(decoding: table.bytes, as: UTF8.self).hasSuffix("\r\n"))
    }

    @Test(arguments: [
        ("13900000001", "13900000001"), ("../../etc", "------etc"), ("a/b\\c:d*e?f", "a-b-c-d-e-f"), ("故障", "故障"),
        ("", "none"), ("a\u{0}b", "a-b"), ("con.", "con-"),
        (String(repeating: "故", count: 40), String(repeating: "故", count: 13)),
    ]) func namesAreSafe(text: String, name: String) { #expect(ExportRow.safe(text) == name) }

    private func exporter(_ archive: Archive, _ noted: @escaping @Sendable ([RecordingID]) -> Void = { _ in })
        throws -> RecordingExporter
    {
        RecordingExporter(
            reader: archive.store.reader, places: RecordingPlaces(folder: archive.folder.recordings, archive: nil),
            zone: try #require(TimeZone(identifier: "Asia/Shanghai")), note: { ids, _ in noted(ids) })
    }

    /// An order made in the first call, and linked to its recording.
    private func order(_ archive: Archive) async throws {
        let one = archive.calls[0]
        let order = OrderID(high: 5, low: 5)
        try await archive.store.record([
            .orderCreated(
                OrderCreated(
                    order: order, at: one.start.advanced(milliseconds: 5000), number: "20261122-0001", code: "4711",
                    category: "fault", call: one.call, caller: "13900000000", fields: ["district": "东城"])),
            .orderLinked(
                OrderLinked(
                    order: order, at: one.start.advanced(milliseconds: 5000), recording: one.recording, role: "call")
            ),
        ])
    }

    private func folder() throws -> String {
        let path = NSTemporaryDirectory() + "/hotline-export-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }

    @Test func aFolderHasReadableNamesAndATable() async throws {
        let archive = try await Archive(calls: 3)
        try await order(archive)
        let target = try folder()
        defer { try? FileManager.default.removeItem(atPath: target) }  // the system's temporary folder
        let noted = Mutex<[RecordingID]>([])
        let exporter = try exporter(archive) { ids in noted.withLock { $0 += ids } }
        let filter = RecordingFilter()
        // One is not as it was finished; it is not given out.
        var bytes = try Data(contentsOf: URL(fileURLWithPath: archive.path(2)))
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: URL(fileURLWithPath: archive.path(2)))
        let report = try await exporter.copy(filter, limit: .max, to: target)
        #expect(report.recordings == 3)
        #expect(report.written == 2)
        #expect(report.faults.map(\.recording) == [archive.calls[2].recording])
        #expect(noted.withLock { Set($0).count } == 3)
        let end = archive.calls[0].recording.description.suffix(12)
        let name = "20261122-110406_13900000000_none_fault_\(end).flac"
        let names = try FileManager.default.contentsOfDirectory(atPath: target).sorted()
        #expect(names.count == 3)
        #expect(names.contains(name), "\(names)")
        let manifest = String(
            decoding: try Data(contentsOf: URL(fileURLWithPath: target + "/manifest.csv")), as: UTF8.self)
        #expect(manifest.contains("\(name),"))
        #expect(manifest.contains(try Archive.sha256()))
        // Again: nothing is written over.
        let again = try await exporter.copy(filter, limit: .max, to: target)
        #expect(again.written == 0)
        #expect(again.same == 2)
        try Data([1]).write(to: URL(fileURLWithPath: "\(target)/\(name)"))
        let refused = try await exporter.copy(filter, limit: .max, to: target)
        #expect(refused.faults.contains { $0.message.contains("not written over") })
        #expect(try Data(contentsOf: URL(fileURLWithPath: "\(target)/\(name)")) == Data([1]))
        #expect(FileManager.default.fileExists(atPath: "\(target)/manifest-2.csv"))
        let (table, rows) = try await exporter.table(filter, limit: 2)
        #expect(rows == 2)
        #expect(String(decoding: table.bytes, as: UTF8.self).split(separator: "\r\n").count == 3)
        // Where it cannot be written down that they are given out, they are not.
        struct Away: Error {}
        let away = RecordingExporter(
            reader: archive.store.reader, places: RecordingPlaces(folder: archive.folder.recordings, archive: nil),
            zone: .gmt,
            note: { _, _ in throw Away() })
        let other = try folder()
        defer { try? FileManager.default.removeItem(atPath: other) }  // the system's temporary folder
        await #expect(throws: Away.self) { _ = try await away.copy(filter, limit: .max, to: other) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: other).isEmpty)
        await archive.store.close()
    }

    @Test func aVConKeepsTheDraftsRules() async throws {
        let archive = try await Archive(calls: 2)
        try await order(archive)
        let target = try folder()
        defer { try? FileManager.default.removeItem(atPath: target) }  // the system's temporary folder
        let exporter = try exporter(archive)
        let now = UTCTime(microseconds: 1_795_400_000_000_000)
        let report = try await exporter.vCons(RecordingFilter(), limit: .max, to: target, now: now)
        #expect(report.written == 2)
        let files = try FileManager.default.contentsOfDirectory(atPath: target).sorted()
        #expect(files.count == 2)
        let path = "\(target)/\(try #require(files.first))"
        let text = String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
        #expect(!text.contains("4711"))
        let vcon = try VConRules.read(text)
        #expect(vcon["created_at"] as? String == "2026-11-23T02:13:20Z")
        let parties = try #require(vcon["parties"] as? [[String: Any]])
        #expect(
            parties.map { $0["tel"] as? String } == [
                "tel:13900000000;phone-context=+86", "tel:95598;phone-context=+86",
            ])
        let dialog = try #require((vcon["dialog"] as? [[String: Any]])?.first)
        #expect(dialog["duration"] as? Double == 12)
        #expect(dialog["parties"] as? [Int] == [0, 1])
        let body = try #require(dialog["body"] as? String)
        let padding = String(repeating: "=", count: (4 - body.count % 4) % 4)
        let base64: String = body.replacing("-", with: "+").replacing("_", with: "/") + padding
        let wave = try #require(Data(base64Encoded: base64))
        #expect(wave.count == 44 + 96_000 * 4)
        let orders = (vcon["attachments"] as? [[String: Any]])?.filter { $0["purpose"] as? String == "work_order" }
        #expect((orders?.first?["body"] as? [String: Any])?["number"] as? String == "20261122-0001")

        // Made again another day, it is the same; with its audio beside it, it is another.
        let later = UTCTime(microseconds: now.microseconds + 86_400_000_000)
        #expect(try await exporter.vCons(RecordingFilter(), limit: .max, to: target, now: later).same == 2)
        let beside = try folder()
        defer { try? FileManager.default.removeItem(atPath: beside) }  // the system's temporary folder
        let external = try await exporter.vCons(
            RecordingFilter(), limit: .max, to: beside, url: "https://audio.example/calls", now: now)
        #expect(external.written == 2)
        let name = try #require(
            try FileManager.default.contentsOfDirectory(atPath: beside).filter { $0.hasSuffix(".vcon.json") }.min())
        let other = try VConRules.read(
            String(decoding: try Data(contentsOf: URL(fileURLWithPath: "\(beside)/\(name)")), as: UTF8.self))
        let named = try #require((other["dialog"] as? [[String: Any]])?.first)
        #expect(named["body"] == nil)
        let audio = name.replacing(".vcon.json", with: ".wav")
        #expect(named["url"] as? String == "https://audio.example/calls/\(audio)")
        #expect(try Data(contentsOf: URL(fileURLWithPath: "\(beside)/\(audio)")) == wave)
        #expect(other["uuid"] as? String == vcon["uuid"] as? String)
        await archive.store.close()
    }
}

/// The rules of draft-ietf-vcon-vcon-core-04 that an exported vCon can break.
enum VConRules {
    /// - Throws: where the text is no JSON object.
    static func read(_ text: String) throws -> [String: Any] {
        let vcon = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        check(vcon)
        return vcon
    }

    private static func check(_ vcon: [String: Any]) {
        let known: Set<String> = [
            "vcon", "uuid", "extensions", "created_at", "parties", "dialog", "analysis", "attachments",
        ]
        #expect(Set(vcon.keys).isSubset(of: known))
        // 4.1.1, 4.1.2: the syntax, and a UUID of version 8.
        #expect(vcon["vcon"] as? String == "0.4.0")
        let uuid = vcon["uuid"] as? String ?? ""
        #expect(UUID(uuidString: uuid) != nil)
        #expect(uuid.dropFirst(14).first == "8")
        // Its first 48 bits are a millisecond of this century.
        #expect(Int64(uuid.prefix(13).replacing("-", with: ""), radix: 16).map { $0 > 946_684_800_000 } == true)
        #expect(isDate(vcon["created_at"]))
        let parties = vcon["parties"] as? [[String: Any]] ?? []
        #expect(!parties.isEmpty)
        for party in parties {
            // 4.2.1: a tel URL, RFC 3966.
            if let tel = party["tel"] as? String {
                #expect(tel.wholeMatch(of: /tel:(\+[0-9]+|[0-9*#]+;phone-context=\+[0-9]+)/) != nil, "\(tel)")
            }
            #expect(["person", "bot", "organization"].contains(party["type"] as? String ?? ""))
            if party["role"] != nil { #expect((vcon["extensions"] as? [String])?.contains("CC") == true) }
        }
        let dialogs = vcon["dialog"] as? [[String: Any]] ?? []
        #expect(!dialogs.isEmpty)
        for dialog in dialogs {
            #expect(dialog["type"] as? String == "recording")
            #expect(isDate(dialog["start"]))
            #expect((dialog["duration"] as? Double ?? -1) >= 0)
            let places = dialog["parties"] as? [Int] ?? []
            #expect(!places.isEmpty)
            #expect(places.allSatisfy(parties.indices.contains))
            if let originator = dialog["originator"] as? Int {
                #expect(parties.indices.contains(originator))
                #expect(places.first != originator)
            }
            // 4.3.9: one of the draft's media types; 2.3, 2.4: inline or external, never both.
            #expect(
                ["audio/x-wav", "audio/x-mp3", "audio/x-mp4", "audio/ogg"].contains(
                    dialog["mediatype"] as? String ?? ""))
            if let body = dialog["body"] as? String {
                #expect(dialog["encoding"] as? String == "base64url")
                #expect(body.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") })
                #expect(dialog["url"] == nil && dialog["content_hash"] == nil)
            } else {
                #expect((dialog["url"] as? String)?.hasPrefix("https://") == true)
                // SHA-512 in base64url without padding is 86 characters.
                #expect((dialog["content_hash"] as? String)?.wholeMatch(of: /sha512-[A-Za-z0-9_-]{86}/) != nil)
                #expect(dialog["encoding"] == nil)
            }
        }
        #expect((vcon["analysis"] as? [Any])?.isEmpty == true)
        for attachment in vcon["attachments"] as? [[String: Any]] ?? [] {
            #expect(isDate(attachment["start"]))
            #expect(parties.indices.contains(attachment["party"] as? Int ?? -1))
            #expect(dialogs.indices.contains(attachment["dialog"] as? Int ?? -1))
            #expect(attachment["encoding"] as? String == "json")
            #expect(attachment["body"] is [String: Any])
        }
    }

    /// RFC 3339 as RFC 8620 1.4 narrows it.
    private static func isDate(_ value: Any?) -> Bool {
        guard let text = value as? String else { return false }
        return text.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d*[1-9])?Z/) != nil
    }
}
