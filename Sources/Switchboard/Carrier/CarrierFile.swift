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
        var table = try MappedTable(bytes, file: file, mapping: columns.mapping)
        var errors: [DocumentError] = []
        var seen: Set<CarrierImported.Record> = []
        var records: [CarrierImported.Record] = []
        var repeated = 0
        while let row = table.next(), errors.count < Self.mostErrors {
            do throws(DocumentError) {
                let record = try Self.record(row, zone: columns.mapping.zone, numbers: numbers)
                if seen.insert(record).inserted { records.append(record) } else { repeated += 1 }
            } catch {
                errors.append(error)
            }
        }
        if let error = table.error { errors.append(error) }
        guard errors.isEmpty else { throw DocumentErrors(errors) }
        self.records = records
        self.repeated = repeated
    }

    private static func record(
        _ row: MappedRow, zone: TimeZone, numbers: NumberRules
    ) throws(DocumentError) -> CarrierImported.Record {
        guard let called = numbers.normalise(try row.field("called")) else {
            throw row.wrong("no called number: \"\(try row.field("called").prefix(40))\"")
        }
        return CarrierImported.Record(
            caller: numbers.normalise(try row.field("caller")), called: called,
            began: try row.time("begin", zone: zone), seconds: try row.seconds("seconds"))
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
