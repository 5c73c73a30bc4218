import Audit
import Testing

/// Reports for other programs.
@Suite struct ReportCSVTests {
    @Test func aReportAsCommaSeparatedValues() {
        let bytes = ReportCSV.bytes(ReportSample.document, zone: ReportSample.shanghai)
        #expect(bytes.starts(with: [0xEF, 0xBB, 0xBF]))
        let lines = [
            "审计 audit", "依据 profile,大足 & <dazu>", "截至 as of,2026-11-22T11:04:05.020+08:00", "", "规定 rules",
            "\"守约率 = 守 / 判定\nkept of judged\"",
            "条款 clause,规定 rule,判定 judged,守约率 kept,中位 median,结论 verdict",
            "000-G 16,四声内接听,12,0.916667,16.000,违反 broken", "001 3,回访,0,,,", "", "违反 breaches",
            "电话 phone,工单 order,时间 at,金额 yuan,说明 note",
            "013900000001,20261122-0007,2026-11-22T11:04:05.020+08:00,1500,"
                + "\"'=HYPERLINK(\"\"x\"\")<script>\u{1}'\"",
        ]
        #expect(String(decoding: bytes.dropFirst(3), as: UTF8.self) == lines.map { $0 + "\r\n" }.joined())
    }

    @Test(arguments: [
        ("plain", "plain"), ("=SUM(A1)", "'=SUM(A1)"), ("+8613900000001", "'+8613900000001"), ("-1", "'-1"),
        ("@x", "'@x"), ("＝1", "'＝1"), ("a,b", "\"a,b\""), ("a\"b", "\"a\"\"b\""), ("=a,\"b", "\"'=a,\"\"b\""),
        ("\tx", "'\tx"), ("\rx", "\"'\rx\""), ("a\r\nb", "\"a\r\nb\""), (" a", "\" a\""), ("", ""), ("东城", "东城"),
    ]) func cellsAreNoFormulas(text: String, cell: String) {
        #expect(CommaSeparatedText.cell(text) == cell)
    }
}
