import Audit
import Testing

/// Reports for a terminal.
@Suite struct ReportTableTests {
    @Test func aReportOnATerminal() {
        #expect(
            ReportTable.text(ReportSample.document, zone: ReportSample.shanghai) == """
                审计 audit

                依据 profile  大足 & <dazu>
                截至 as of    2026-11-22 11:04:05.020

                规定 rules
                守约率 = 守 / 判定
                kept of judged
                条款 clause  规定 rule   判定 judged  守约率 kept  中位 median  结论 verdict
                000-G 16     四声内接听           12       91.67%  0:00:16.000  违反 broken
                001 3        回访                  0            –            –  –

                违反 breaches
                电话 phone    工单 order     时间 at                  金额 yuan  说明 note
                013900000001  20261122-0007  2026-11-22 11:04:05.020       1500  =HYPERLINK("x")<script>\u{FFFD}'

                """)
    }

    @Test func columnsStandBelowEachOtherWhateverTheScript() {
        var table = TextTable(["a", "b", "c"], trailing: [1, 2])
        table.add(["故障", "１", "x"])
        table.add(["1", "22", "故障"])
        let lines = table.text.split(separator: "\n").map(String.init)
        #expect(lines == ["a      b     c", "故障  １     x", "1     22  故障"])
        #expect(Set(lines.map(TextTable.width)) == [14])
    }

    /// A row that is too short is filled up, and what is beyond the columns is left out.
    @Test func rowsHaveTheColumnsOfTheirTable() {
        let document = ReportDocument(
            title: "t", asOf: 1,
            sections: [
                ReportDocument.Section(
                    title: "s", columns: [ReportDocument.Column("a"), ReportDocument.Column("b")],
                    rows: [[.text("1")], [.text("1"), .text("2"), .text("3")]])
            ])
        #expect(ReportTable.text(document, zone: ReportSample.shanghai) == "t\n\ns\na  b\n1  –\n1  2\n")
    }

    /// At spaces, between Chinese characters, or in the middle of what has neither.
    @Test(arguments: [
        (8, "one two three", ["one two", "three"]), (8, "one  two", ["one  two"]), (5, "one   two", ["one", "two"]),
        (8, "响4声内接听", ["响4声内", "接听"]), (7, "响4声内接听", ["响4声内", "接听"]), (6, "响4声内接听", ["响4声", "内接听"]),
        (8, "a 响声内接听", ["a 响声内", "接听"]), (4, "abcdefghij", ["abcd", "efgh", "ij"]),
        (6, "ab cdefghij", ["ab", "cdefgh", "ij"]),
        (1, "故障", ["故", "障"]), (8, "", ["–"]),
    ]) func longWordsGoOnInFurtherLines(width: Int, words: String, lines: [String]) {
        let document = ReportDocument(
            title: "t", asOf: 1,
            sections: [
                ReportDocument.Section(
                    title: "s",
                    columns: [ReportDocument.Column("a", .integer), ReportDocument.Column("b", width: width)],
                    rows: [[.integer(1), .text(words)]])
            ])
        let expected = lines.enumerated().map { ($0.offset == 0 ? "1  " : "   ") + $0.element }
        #expect(
            ReportTable.text(document, zone: ReportSample.shanghai)
                == (["t", "", "s", "a  b"] + expected).map { $0 + "\n" }.joined())
    }
}
