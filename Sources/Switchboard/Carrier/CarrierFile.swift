import Documents
import Foundation
import Lines
import Storage

/// A carrier's file of call records, read.
public struct CarrierFile: Sendable {
    public let records: [CarrierImported.Record]
    /// Records of the file that stand in it more than once.
    public let repeated: Int

    private static let mostErrors = 50

    /// - Parameters:
    ///   - bytes: UTF-8, or GB 18030 (which GBK files are) where this system can read it.
    ///   - file: its name, for complaints.
    ///   - numbers: how the lines write numbers.
    /// - Throws: what is wrong, each with its line; nothing of a file with a mistake is taken.
    public init(
        _ bytes: [UInt8], file: String, columns: CarrierColumns, numbers: NumberRules = .china
    ) throws(DocumentErrors) {
        var reader = CommaSeparated(
            try Self.unicode(bytes, file: file), separator: columns.separator, file: file)
        let places: Places
        if columns.hasHeadings {
            guard let heading = reader.next() else {
                throw DocumentErrors([
                    reader.error
                        ?? DocumentError(.badValue, file: file, line: 0, column: 0, message: "the file is empty")
                ])
            }
            places = try Places(heading, columns, file: file)
        } else {
            places = Places(columns)
        }
        var errors: [DocumentError] = []
        var seen: Set<CarrierImported.Record> = []
        var records: [CarrierImported.Record] = []
        var repeated = 0
        while let line = reader.next(), errors.count < Self.mostErrors {
            do throws(DocumentError) {
                let record = try places.record(line, zone: columns.zone, numbers: numbers, file: file)
                if seen.insert(record).inserted { records.append(record) } else { repeated += 1 }
            } catch {
                errors.append(error)
            }
        }
        if let error = reader.error { errors.append(error) }
        guard errors.isEmpty else { throw DocumentErrors(errors) }
        self.records = records
        self.repeated = repeated
    }

    private static func unicode(_ bytes: [UInt8], file: String) throws(DocumentErrors) -> [UInt8] {
        if String(validating: bytes, as: UTF8.self) != nil { return bytes }
        // kCFStringEncodingGB_18030_2000 as Foundation numbers it.
        let chinese = String.Encoding(rawValue: 0x8000_0632)
        if let text = String(data: Data(bytes), encoding: chinese) { return Array(text.utf8) }
        throw DocumentErrors([
            DocumentError(
                .unreadable, file: file, line: 0, column: 0, message: "neither UTF-8 nor GB 18030",
                advice: "Convert it first: iconv -f GB18030 -t UTF-8")
        ])
    }

    /// Which field is what.
    private struct Places {
        let caller: Int
        let called: Int
        let begin: Int
        let seconds: Int

        init(_ columns: CarrierColumns) {
            func place(_ column: CarrierColumns.Column) -> Int {
                if case .number(let number) = column { number - 1 } else { 0 }
            }
            caller = place(columns.caller)
            called = place(columns.called)
            begin = place(columns.begin)
            seconds = place(columns.seconds)
        }

        init(_ heading: CommaSeparated.Record, _ columns: CarrierColumns, file: String) throws(DocumentErrors) {
            let names = heading.fields.map { $0.trimmingCharacters(in: .whitespaces) }
            var errors: [DocumentError] = []
            func place(_ column: CarrierColumns.Column) -> Int {
                guard case .heading(let name) = column else { return 0 }
                if let index = names.firstIndex(of: name) { return index }
                errors.append(
                    DocumentError(
                        .missingKey, file: file, line: heading.line, column: 0, message: "no column \"\(name)\"",
                        advice: "There are: \(names.prefix(30).joined(separator: ", "))"))
                return 0
            }
            caller = place(columns.caller)
            called = place(columns.called)
            begin = place(columns.begin)
            seconds = place(columns.seconds)
            guard errors.isEmpty else { throw DocumentErrors(errors) }
        }

        func record(
            _ line: CommaSeparated.Record, zone: TimeZone, numbers: NumberRules, file: String
        ) throws(DocumentError) -> CarrierImported.Record {
            func wrong(_ message: String) -> DocumentError {
                DocumentError(.badValue, file: file, line: line.line, column: 0, message: message)
            }
            func field(_ place: Int) throws(DocumentError) -> String {
                guard line.fields.indices.contains(place) else {
                    throw wrong("\(line.fields.count) fields, and number \(place + 1) is needed")
                }
                return line.fields[place].trimmingCharacters(in: .whitespaces)
            }
            guard let called = numbers.normalise(try field(called)) else {
                throw wrong("no called number: \"\(try field(self.called).prefix(40))\"")
            }
            let written = try field(begin)
            guard let began = CarrierTime.microseconds(written, zone: zone) else {
                throw wrong("no time: \"\(written.prefix(40))\"; 2026-11-22 08:30:00 is one")
            }
            let length = try field(seconds)
            guard let seconds = CarrierTime.seconds(length) else {
                throw wrong("no length: \"\(length.prefix(40))\"; 95 and 0:01:35 are")
            }
            return CarrierImported.Record(
                caller: numbers.normalise(try field(caller)), called: called, began: began, seconds: seconds)
        }
    }
}

/// Times as carriers write them.
enum CarrierTime {
    /// `2026-11-22 08:30:00`, `2026/11/22 8:30`, `20261122083000`, with or without a fraction; local time of a zone, or
    /// with `Z` or an offset.
    static func microseconds(_ text: String, zone: TimeZone) -> Int64? {
        if text.contains("T"), text.hasSuffix("Z") || text.dropFirst(10).contains("+"), let time = UTCTime(text) {
            return time.microseconds
        }
        var numbers = text.split { !$0.isASCII || !$0.isNumber }.map(String.init)
        if numbers.count == 1, numbers[0].count == 14 {
            let digits = Array(numbers[0])
            numbers = [0..<4, 4..<6, 6..<8, 8..<10, 10..<12, 12..<14].map { String(digits[$0]) }
        }
        guard (5...7).contains(numbers.count), numbers[0].count == 4,
            numbers.dropFirst().prefix(5).allSatisfy({ $0.count <= 2 })
        else { return nil }
        func padded(_ index: Int) -> String {
            let digits = index < numbers.count ? numbers[index] : "0"
            return digits.count == 1 ? "0\(digits)" : digits
        }
        let iso = "\(numbers[0])-\(padded(1))-\(padded(2))T\(padded(3)):\(padded(4)):\(padded(5))"
        guard let local = UTCTime(iso) else { return nil }
        let seconds = Double(local.microseconds) / 1_000_000
        // Where the clock is changed, the offset before and after differ by so little that one step finds it.
        let first = zone.secondsFromGMT(for: Date(timeIntervalSince1970: seconds))
        let offset = zone.secondsFromGMT(for: Date(timeIntervalSince1970: seconds - Double(first)))
        return local.microseconds - Int64(offset) * 1_000_000
    }

    /// `95`, `1:35`, `0:01:35`; at most a week.
    static func seconds(_ text: String) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
        guard (1...3).contains(parts.count) else { return nil }
        var sum = 0
        for part in parts {
            guard let part, part >= 0, part <= 604_800 else { return nil }
            sum = sum * 60 + part
        }
        return sum <= 604_800 ? sum : nil
    }
}
