import Calls
import Documents
import Evidence
import Foundation
import Lines
import Storage

/// A call as another system's record tells of it.
public struct CallRecord: Sendable, Hashable {
    /// In the file of records; 1: the first.
    public var line: Int
    /// How it names its recording, as it stands there.
    public var name: String
    /// Normalised number; nil where withheld.
    public var caller: String?
    public var called: String
    public var agent: WorkNumber?
    public var direction: Direction
    /// Unix time in microseconds.
    public var began: Int64
    public var answered: Int64
    /// From the answer.
    public var seconds: Int
    public var id: String?
    public var disposition: String?

    /// SHA-256 of all of the above but the line, lower-case hex: the same record has the same in a longer file.
    public var sha256: String {
        let parts: [String] = [
            "hotline-record/1", name, caller ?? "", called, agent?.text ?? "", direction.rawValue, String(began),
            String(answered), String(seconds), id ?? "", disposition ?? "",
        ]
        var hash = SHA256Stream()
        hash.update(bytes: Array(parts.joined(separator: "\u{1F}").utf8))
        return hash.finish()
    }
}

/// Another system's file of call records, read for its recordings. A line with a mistake is refused by itself: it costs
/// its own recording only.
public struct CallRecordFile: Sendable {
    /// Of calls that may have a recording.
    public private(set) var records: [CallRecord] = []
    public private(set) var refused: [ImportRefusal] = []
    /// Lines of calls that were not answered, or that name no recording.
    public private(set) var passedOver = 0

    private static let longestSeconds = 86_400
    private static let longestText = 128

    /// - Parameters:
    ///   - bytes: UTF-8 or GB 18030.
    ///   - file: its name, for complaints.
    ///   - now: no call is later than a day from now.
    ///   - numbers: how the other system writes numbers.
    /// - Throws: where the file cannot be read as a whole, or lacks a column.
    public init(
        _ bytes: [UInt8], file: String, mapping: CallRecordMapping, now: UTCTime, numbers: NumberRules = .china
    ) throws(DocumentErrors) {
        var table = try MappedTable(bytes, file: file, mapping: mapping.columns)
        while let row = table.next() {
            do throws(DocumentError) {
                if let record = try Self.record(row, mapping, now: now, numbers: numbers) {
                    records.append(record)
                } else {
                    passedOver += 1
                }
            } catch {
                refused.append(ImportRefusal(.record, line: row.line, error.message))
            }
        }
        // Behind a quote that does not end, nothing can be told apart.
        if let error = table.error { throw DocumentErrors([error]) }
    }

    /// Nil where the line's call has no recording.
    private static func record(
        _ row: MappedRow, _ mapping: CallRecordMapping, now: UTCTime, numbers: NumberRules
    ) throws(DocumentError) -> CallRecord? {
        let disposition = try text(row, "disposition")
        if !mapping.answered.isEmpty, !mapping.answered.contains(disposition ?? "") { return nil }
        let name = try row.field("file")
        guard !name.isEmpty else { return nil }
        guard name.utf8.count <= 1000 else { throw row.wrong("the recording's name has \(name.utf8.count) bytes") }
        guard let called = numbers.normalise(try row.field("called")), called.utf8.count <= 64 else {
            throw row.wrong("no called number: \"\(try row.field("called").prefix(40))\"")
        }
        let caller = numbers.normalise(try row.field("caller"))
        guard caller?.utf8.count ?? 0 <= 64 else { throw row.wrong("the caller's number is longer than 64 bytes") }
        let zone = mapping.columns.zone
        let began = try row.time("begin", zone: zone)
        // The years from 1990 on.
        guard began >= 631_152_000_000_000, began <= now.microseconds + 86_400_000_000 else {
            throw row.wrong("it began \(UTCTime(microseconds: began)), which cannot be")
        }
        var answered = began
        if try !row.field("answered").isEmpty { answered = try row.time("answered", zone: zone) }
        guard answered >= began, answered - began <= Int64(longestSeconds) * 1_000_000 else {
            throw row.wrong(
                "answered \(UTCTime(microseconds: answered)), begun \(UTCTime(microseconds: began)): that cannot be")
        }
        let seconds = try row.seconds("seconds")
        // Nobody answered: there is a column for that moment, and nothing in it.
        if mapping.columns.has("answered"), try row.field("answered").isEmpty, seconds == 0 { return nil }
        guard seconds <= longestSeconds else { throw row.wrong("\(seconds) s are more than a day: that cannot be") }
        return CallRecord(
            line: row.line, name: name, caller: caller, called: called, agent: agent(try row.field("agent")),
            direction: try direction(row, mapping), began: began, answered: answered, seconds: seconds,
            id: try text(row, "id"), disposition: disposition)
    }

    private static func text(_ row: MappedRow, _ key: String) throws(DocumentError) -> String? {
        let text = try row.field(key)
        guard text.utf8.count <= longestText else { throw row.wrong("\(key) has more than \(longestText) bytes") }
        return text.isEmpty ? nil : text
    }

    private static func direction(
        _ row: MappedRow, _ mapping: CallRecordMapping
    ) throws(DocumentError) -> Direction {
        guard mapping.columns.has("direction") else { return mapping.direction }
        let word = try row.field("direction")
        if let direction = mapping.directions[word] ?? Direction(rawValue: word) { return direction }
        guard word.isEmpty else {
            throw row.wrong("no direction: \"\(word.prefix(40))\"; name it under `directions` of the mapping")
        }
        return mapping.direction
    }

    /// A work number, or the digits of a channel's name: `PJSIP/1001-0000002a`. Nil for anything else: who spoke is told
    /// where it is known, and nothing hangs on it.
    private static func agent(_ text: String) -> WorkNumber? {
        guard text.contains("/") else { return WorkNumber(text) }
        let name =
            text.split(separator: "/").last.map { $0.prefix { $0.isASCII && ($0.isLetter || $0.isNumber) } } ?? ""
        return name.allSatisfy(\.isNumber) ? WorkNumber(String(name)) : nil
    }
}
