import Calls
import Documents
import Foundation
import Storage
import Switchboard
import Testing

@Suite struct CarrierTests {
    private static let mapping = """
        columns: {caller: 主叫号码, called: 被叫号码, begin: 开始时间, seconds: 通话时长}
        """

    private func read(_ text: String, _ mapping: String = mapping) throws -> CarrierFile {
        try CarrierFile(
            Array(text.utf8), file: "a.csv", columns: try CarrierColumns(mapping, file: "map.yaml"))
    }

    private func complaints(_ body: () throws -> Void) -> [String] {
        do {
            try body()
            return []
        } catch let errors as DocumentErrors {
            return errors.errors.map(\.description)
        } catch {
            return ["\(error)"]
        }
    }

    // MARK: the file

    @Test func quotedFieldsAndLineEndsAreRead() {
        var reader = CommaSeparated(
            Array("\u{FEFF}a,\"b,\"\"c\"\"\",\r\n\n\"d\ne\",f\rg".utf8), file: "a.csv")
        #expect(reader.next() == .init(line: 1, fields: ["a", "b,\"c\"", ""]))
        #expect(reader.next() == .init(line: 3, fields: ["d\ne", "f"]))
        #expect(reader.next() == .init(line: 5, fields: ["g"]))
        #expect(reader.next() == nil)
        #expect(reader.error == nil)
    }

    @Test(arguments: [
        ("a\n\"b", "a.csv:2"), ("\"a\"b,c", "a.csv:1"),
        ("\"" + String(repeating: "x", count: 70_000) + "\"", "a.csv:1"),
    ]) func brokenLinesAreToldWithTheirPlace(text: String, place: String) {
        var reader = CommaSeparated(Array(text.utf8), file: "a.csv")
        while reader.next() != nil {}
        #expect(reader.error?.description.hasPrefix(place) == true, "\(String(describing: reader.error))")
    }

    @Test func recordsAreReadByTheirHeadings() throws {
        let file = try read(
            """
            序号,主叫号码,被叫号码,开始时间,通话时长
            1,+86 139-0000-0001,95598,2026-11-22 08:30:00,95
            2,,0571-86865598,2026/11/22 8:31,0:01:35
            3,13900000002,95598,20261122083200,1:05
            3,13900000002,95598,20261122083200,65
            """)
        // 08:30 in Shanghai is 00:30 UTC.
        let begin: Int64 = 1_795_307_400_000_000
        #expect(
            file.records == [
                .init(caller: "13900000001", called: "95598", began: begin, seconds: 95),
                .init(caller: nil, called: "057186865598", began: begin + 60_000_000, seconds: 95),
                .init(caller: "13900000002", called: "95598", began: begin + 120_000_000, seconds: 65),
            ])
        #expect(file.repeated == 1)
    }

    @Test func aFileWithoutHeadingsIsReadByNumbers() throws {
        let file = try read(
            "13900000001|2026-11-22T00:30:00Z|95598|10\n",
            """
            separator: "|"
            headings: false
            time_zone: UTC
            columns: {caller: 1, called: 3, begin: 2, seconds: 4}
            """)
        #expect(file.records.map(\.began) == [1_795_307_400_000_000])
    }

    @Test func theCarriersOwnEncodingIsRead() throws {
        // 主叫,被叫,开始,秒 in GB 18030.
        let heading: [UInt8] = [
            0xD6, 0xF7, 0xBD, 0xD0, 0x2C, 0xB1, 0xBB, 0xBD, 0xD0, 0x2C, 0xBF, 0xAA, 0xCA, 0xBC, 0x2C, 0xC3, 0xEB, 0x0A,
        ]
        let bytes = heading + Array("13900000001,95598,2026-11-22 08:30:00,7\n".utf8)
        let columns = try CarrierColumns("columns: {caller: 主叫, called: 被叫, begin: 开始, seconds: 秒}", file: "m.yaml")
        #expect(try CarrierFile(bytes, file: "a.csv", columns: columns).records.map(\.seconds) == [7])
    }

    @Test func everyMistakeIsToldWithItsLine() {
        let said = complaints {
            _ = try read(
                """
                主叫号码,被叫号码,开始时间,通话时长
                13900000001,95598,2026-11-22 08:30:00,95
                13900000001,,2026-11-22 08:30:00,95
                13900000001,95598,yesterday,95
                13900000001,95598,2026-13-22 08:30:00,95
                13900000001,95598,2026-11-22 08:30:00,-5
                13900000001,95598
                """)
        }
        #expect(
            said.map { $0.prefix { $0 != " " } } == [
                "a.csv:3:0:", "a.csv:4:0:", "a.csv:5:0:", "a.csv:6:0:", "a.csv:7:0:",
            ])
        #expect(said[1].contains("yesterday"))
    }

    @Test func aMissingColumnIsNamedWithThoseThatAreThere() {
        let said = complaints { _ = try read("主叫号码,被叫,开始时间,通话时长\n") }
        #expect(said.count == 1)
        #expect(said.first?.contains("被叫号码") == true && said.first?.contains("被叫, 开始时间") == true)
    }

    @Test(arguments: [
        ("columns: {caller: a, called: b, begin: c}", "seconds"),
        ("columns: {caller: a, called: b, begin: c, seconds: d, end: e}", "end"),
        ("headings: false\ncolumns: {caller: a, called: 2, begin: 3, seconds: 4}", "caller"),
        ("separator: \";;\"\ncolumns: {caller: a, called: b, begin: c, seconds: d}", "separator"),
        ("time_zone: Nowhere/Town\ncolumns: {caller: a, called: b, begin: c, seconds: d}", "time_zone"),
        ("[1, 2]", "mapping"),
    ]) func aWrongMappingIsToldWithItsPlace(text: String, word: String) {
        let said = complaints { _ = try CarrierColumns(text, file: "map.yaml") }
        #expect(said.contains { $0.hasPrefix("map.yaml:") && $0.contains(word) }, "\(said)")
    }

    @Test func theShippedMappingIsRead() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("packaging/carrier-columns.yaml").path
        let columns = try CarrierColumns(String(contentsOfFile: file, encoding: .utf8), file: file)
        let text = "主叫号码,被叫号码,开始时间,通话时长\n13900000001,95598,2026-11-22 08:30:00,95\n"
        #expect(try CarrierFile(Array(text.utf8), file: "a.csv", columns: columns).records.count == 1)
    }

    // MARK: the comparison

    private func record(_ seconds: Int64, _ caller: String? = "13900000001", called: String = "95598")
        -> CarrierImported.Record
    {
        .init(caller: caller, called: called, began: zero.wall + seconds * 1_000_000, seconds: 60)
    }

    private func call(
        _ number: UInt64, _ seconds: Int64, _ caller: String? = "13900000001", answered: Int64? = 2
    ) -> CarrierCall {
        CarrierCall(
            id: CallID(high: 1, low: number), caller: caller, called: "95598", offeredAt: UTCTime(at(seconds * 1000)),
            answeredAt: answered.map { UTCTime(at((seconds + $0) * 1000)) }, releasedAt: nil)
    }

    private func compare(
        _ records: [CarrierImported.Record], _ calls: [CarrierCall], listsUnanswered: Bool = false
    ) -> CarrierComparison {
        CarrierComparison(
            from: UTCTime(at(0)), to: UTCTime(at(86_400_000)), records: records, calls: calls,
            listsUnanswered: listsUnanswered)
    }

    @Test func clocksMayDifferByAMinute() {
        for apart in [-60, -1, 0, 59, 62] as [Int64] {
            // The answer came 2 s after the offer, and a record may begin with either.
            #expect(compare([record(1000 + apart)], [call(1, 1000)]).matched == 1, "\(apart)")
        }
        for apart in [-61, 63] as [Int64] {
            let comparison = compare([record(1000 + apart)], [call(1, 1000)])
            #expect(comparison.matched == 0)
            #expect(comparison.neverReached.map(\.seconds) == [60])
            #expect(comparison.unknownToCarrier.map(\.id) == [CallID(high: 1, low: 1)])
        }
        // It rang for nine minutes; the record begins with the answer.
        #expect(compare([record(1540)], [call(1, 1000, answered: 540)]).matched == 1)
    }

    @Test func eachMeetsOneTheNearestFirst() {
        // The same caller three times within a minute; the carrier has two of them.
        let comparison = compare([record(1002), record(1041)], [call(1, 1000), call(2, 1020), call(3, 1040)])
        #expect(comparison.matched == 2)
        #expect(comparison.unknownToCarrier.map(\.id.low) == [2])
        #expect(comparison.neverReached.isEmpty)
    }

    @Test func numbersMayLackTheirAreaCode() {
        #expect(compare([record(1000, "057188880000")], [call(1, 1000, "88880000")]).matched == 1)
        #expect(compare([record(1000, "13900000002")], [call(1, 1000)]).matched == 0)
        #expect(compare([record(1000, "1")], [call(1, 1000)]).matched == 0)
        // Withheld from us, or from the carrier's file; a caller who shows the number is preferred.
        #expect(compare([record(1000)], [call(1, 1000, nil)]).matched == 1)
        #expect(compare([record(1000, nil)], [call(1, 1000)]).matched == 1)
        #expect(compare([record(1000, nil, called: "12345")], [call(1, 1000)]).matched == 0)
        let comparison = compare([record(1000)], [call(1, 1000, nil), call(2, 1030)])
        #expect(comparison.unknownToCarrier.map(\.id.low) == [1])
    }

    @Test func unansweredCallsAreSoughtOnlyWhereTheCarrierListsThem() {
        let calls = [call(1, 1000, answered: nil)]
        #expect(compare([], calls).unknownToCarrier.isEmpty)
        #expect(compare([], calls, listsUnanswered: true).unknownToCarrier.count == 1)
        // Calls of the margin are no part of the question.
        #expect(compare([], [call(1, -30)]).unknownToCarrier.isEmpty)
        #expect(compare([record(10)], [call(1, -30)]).matched == 1)
    }

    @Test func aMonthIsComparedInAMoment() {
        let numbers: [String] = (0..<4000).map { (index: Int) -> String in
            let last: Int = index * 7919 % 50_000
            return "139\(10_000_000 + last)"
        }
        let records = numbers.enumerated().map { record(Int64($0.offset * 2), $0.element) }
        let calls = numbers.enumerated().map { call(UInt64($0.offset), Int64($0.offset * 2 + 5), $0.element) }
        let comparison = compare(records, calls)
        #expect(comparison.matched == 4000)
    }
}
