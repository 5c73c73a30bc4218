import Audit
import Calls
import Foundation
import Recordings
import Storage

/// What came of an export; keys as in docs/json.md.
public struct ExportReport: Sendable, Hashable, Encodable {
    /// A recording that was not given out.
    public struct Fault: Sendable, Hashable, Encodable {
        public var recording: RecordingID
        public var message: String

        enum CodingKeys: String, CodingKey {
            case recording = "recording_id"
            case message
        }
    }

    /// Recordings that fit.
    public var recordings = 0
    /// Files written.
    public var written = 0
    /// Files that were there already, with the same content.
    public var same = 0
    public var faults: [Fault] = []

    public init() {}
}

/// Gives recordings out to other programs: as a table, as a folder of files that people can read, as vCons. Reads the
/// store; what it reads of files is checked against the hashes that they were finished with.
public struct RecordingExporter: Sendable {
    private static let page = 200
    /// A document with more audio in it than this is no document.
    private static let mostInline = 64 * 1_048_576

    private let reader: StoreReader
    private let places: RecordingPlaces
    private let zone: TimeZone
    private let note: @Sendable ([RecordingID], _ format: String) async throws -> Void

    /// - Parameters:
    ///   - places: where recordings' files are.
    ///   - zone: of times in names and tables.
    ///   - note: writes down that these are given out, before a byte of them is; where it throws, nothing is.
    public init(
        reader: StoreReader, places: RecordingPlaces, zone: TimeZone,
        note: @escaping @Sendable ([RecordingID], _ format: String) async throws -> Void
    ) {
        self.reader = reader
        self.places = places
        self.zone = zone
        self.note = note
    }

    /// A table of all that fits.
    /// - Parameter limit: at most so many.
    public func table(_ filter: RecordingFilter, limit: Int) async throws -> (table: CommaSeparatedText, rows: Int) {
        var table = CommaSeparatedText(ExportRow.heading)
        var rows = 0
        try await each(filter, limit: limit) { page in
            for row in page { table.add(row.cells(zone: zone)) }
            rows += page.count
        }
        return (table, rows)
    }

    /// Copies all that fits to a folder, with a table beside it.
    /// - Parameters:
    ///   - folder: is there already.
    ///   - progress: told how many are done.
    /// - Throws: what `note` throws, `StorageError`, `RecordingError` where the table cannot be written.
    public func copy(
        _ filter: RecordingFilter, limit: Int, to folder: String, progress: @Sendable (Int) -> Void = { _ in }
    ) async throws -> ExportReport {
        var report = ExportReport()
        var manifest = CommaSeparatedText(["name", "bytes"] + ExportRow.heading)
        try await each(filter, limit: limit) { page in
            report.recordings += page.count
            let ready = finished(page, &report)
            guard !ready.isEmpty else { return progress(report.recordings) }
            try await note(ready.map(\.row.found.recording.id), "flac")
            let (zone, keys) = (zone, places.keys)
            let results = await DiskWork.run { () -> [Result<RecordingCopy.Outcome, RecordingError>] in
                ready.map { one in
                    Result { () throws(RecordingError) in
                        try RecordingCopy.copy(
                            one.path, sha256: one.sha256, to: "\(folder)/\(one.row.stem(zone: zone)).\(one.ending)",
                            keys: keys)
                    }
                }
            }
            for (one, result) in zip(ready, results) {
                let recording = one.row.found.recording
                if take(result, recording.id, &report) {
                    manifest.add(
                        ["\(one.row.stem(zone: zone)).\(one.ending)", recording.bytes.map { String($0) } ?? ""]
                            + one.row.cells(zone: zone))
                }
            }
            progress(report.recordings)
        }
        let bytes = manifest.bytes
        try await DiskWork.run { Self.writeManifest(bytes, folder) }.get()
        return report
    }

    /// Makes a vCon of every call of which a recording fits: its recordings that fit, and its work orders.
    /// - Parameters:
    ///   - folder: is there already; one file a call.
    ///   - url: where the audio will be found, `https://…`: it is written beside the vCons, and they name it with its hash.
    ///     Nil: the audio stands within them.
    public func vCons(
        _ filter: RecordingFilter, limit: Int, to folder: String, url: String? = nil, now: UTCTime,
        progress: @Sendable (Int) -> Void = { _ in }
    ) async throws -> ExportReport {
        var report = ExportReport()
        var order: [CallID] = []
        var byCall: [CallID: [ExportRow]] = [:]
        try await each(filter, limit: limit) { page in
            report.recordings += page.count
            for one in finished(page, &report) {
                let call = one.row.found.recording.callID
                if byCall[call] == nil { order.append(call) }
                byCall[call, default: []].append(one.row)
            }
        }
        var done = 0
        for call in order {
            let rows = (byCall[call] ?? []).sorted { $0.began < $1.began }
            try await note(rows.map(\.found.recording.id), "vcon")
            try await vCon(call, rows, folder, url, now, &report)
            done += rows.count
            progress(done)
        }
        return report
    }

    // MARK: one call

    private func vCon(
        _ call: CallID, _ rows: [ExportRow], _ folder: String, _ url: String?, _ now: UTCTime,
        _ report: inout ExportReport
    ) async throws {
        guard let detail = try await reader.call(call) else { return }
        var orders: [OrderSummary] = []
        for number in Set(rows.flatMap(\.found.recording.orders) + detail.summary.orders).sorted() {
            if let order = try await reader.order(number) { orders.append(order) }
        }
        let (places, zone) = (places, zone)
        let media = await DiskWork.run { () -> [Result<VCon.Part, RecordingError>] in
            rows.map { row in
                Result { () throws(RecordingError) in
                    let name = "\(row.stem(zone: zone)).wav"
                    return VCon.Part(
                        row: row, filename: name,
                        media: try Self.media(row, places, folder, name, url))
                }
            }
        }
        var parts: [VCon.Part] = []
        for (row, result) in zip(rows, media) {
            switch result {
            case .success(let part): parts.append(part)
            case .failure(let error):
                report.faults.append(.init(recording: row.found.recording.id, message: error.message))
            }
        }
        guard let first = parts.first else { return }
        let target = "\(folder)/\(first.row.stem(zone: zone)).vcon.json"
        let whole = parts
        let kept = orders
        let result = await DiskWork.run { () -> Result<RecordingCopy.Outcome, RecordingError> in
            Result { () throws(RecordingError) in
                let made = Self.creation(of: target) ?? ExportTime.date(now)
                let bytes: [UInt8]
                do {
                    bytes = try VCon(detail, parts: whole, orders: kept, createdAt: made).encoded()
                } catch {
                    throw RecordingError(.read, "the vCon cannot be encoded: \(error)")
                }
                return try RecordingCopy.write(bytes, to: target)
            }
        }
        _ = take(result, first.row.found.recording.id, &report)
    }

    private static func media(
        _ row: ExportRow, _ places: RecordingPlaces, _ folder: String, _ name: String, _ url: String?
    ) throws(RecordingError) -> VCon.Media {
        let recording = row.found.recording
        let (file, frames) = (recording.file ?? "", recording.frames ?? 0)
        let finding = RecordingVerifier(folder: places.folder, archive: places.archive, keys: places.keys).check(
            RecordingVerifier.Row(
                id: recording.id, file: file, sha256: recording.sha256 ?? "", frames: frames,
                channels: recording.channels.count))
        switch finding {
        case .ok: break
        case .missing: throw RecordingError(.missing, "\(file) is gone")
        case .altered(let what): throw RecordingError(.altered, "\(file) is not as it was finished: \(what)")
        }
        let path = places.path(of: file)
        guard let url else {
            let scratch = "\(folder)/.\(name).tmp"
            return .inline(
                try RecordingCopy.waveBytes(
                    of: path, frames: frames, scratch: scratch, limit: mostInline, keys: places.keys))
        }
        _ = try RecordingCopy.wave(of: path, frames: frames, to: "\(folder)/\(name)", keys: places.keys)
        let escaped = name.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? name
        return .external(
            url: url.hasSuffix("/") ? url + escaped : "\(url)/\(escaped)",
            sha512: try RecordingCopy.sha512(of: "\(folder)/\(name)"))
    }

    /// When a vCon that is there was made: one that is made again with the same content is the same.
    private static func creation(of path: String) -> String? {
        struct Head: Decodable {
            var createdAt: String

            enum CodingKeys: String, CodingKey { case createdAt = "created_at" }
        }
        guard let data = FileManager.default.contents(atPath: path), data.count <= 256 * 1_048_576 else { return nil }
        return try? JSONDecoder().decode(Head.self, from: data).createdAt  // else it is another file, and stays
    }

    // MARK: pages and rows

    private struct Ready: Sendable {
        var row: ExportRow
        var path: String
        var sha256: String
        var ending: String
    }

    /// Those whose file can be given out; the others are faults.
    private func finished(_ page: [ExportRow], _ report: inout ExportReport) -> [Ready] {
        page.compactMap { row in
            let recording = row.found.recording
            guard recording.state == .finished, let file = recording.file, let sha256 = recording.sha256 else {
                report.faults.append(
                    .init(
                        recording: recording.id,
                        message: recording.failure ?? "it is not finished: \(recording.state.rawValue)"))
                return nil
            }
            guard RecordingVerifier.isInside(file) else {
                report.faults.append(.init(recording: recording.id, message: "its name leads out of the folder"))
                return nil
            }
            return Ready(
                row: row, path: places.path(of: file), sha256: sha256,
                ending: recording.format == "wav" ? "wav" : "flac")
        }
    }

    /// - Returns: whether it is there now.
    private func take(
        _ result: Result<RecordingCopy.Outcome, RecordingError>, _ recording: RecordingID,
        _ report: inout ExportReport
    ) -> Bool {
        switch result {
        case .success(.written): report.written += 1
        case .success(.same): report.same += 1
        case .failure(let error):
            report.faults.append(.init(recording: recording, message: error.message))
            return false
        }
        return true
    }

    private func each(
        _ filter: RecordingFilter, limit: Int, _ body: ([ExportRow]) async throws -> Void
    ) async throws {
        var filter = filter
        var left = limit
        while left > 0 {
            try Task.checkCancellation()
            filter.limit = min(Self.page, left)
            let page = try await reader.recordingPage(filter)
            let heads = try await reader.callHeads(page.recordings.map(\.recording.callID))
            try await body(page.recordings.map { ExportRow(found: $0, head: heads[$0.recording.callID]) })
            left -= page.recordings.count
            guard let next = page.next else { return }
            filter.cursor = next
            filter.before = nil
        }
    }

    /// `manifest.csv`, or, where another export left one, `manifest-2.csv`, …
    private static func writeManifest(_ bytes: [UInt8], _ folder: String) -> Result<Void, RecordingError> {
        for number in 1...1000 {
            do throws(RecordingError) {
                _ = try RecordingCopy.write(
                    bytes, to: "\(folder)/manifest\(number == 1 ? "" : "-\(number)").csv")
                return .success(())
            } catch {
                if error.code != .exists { return .failure(error) }
            }
        }
        return .failure(RecordingError(.exists, "\(folder) has a thousand manifests; give another folder"))
    }
}
