import Audit
import Norms

/// A report with a cell of every kind, and with what people wrote that formats could trip over.
enum ReportSample {
    static let shanghai = ZoneOffsets.fixed(28_800)
    /// 2026-11-22 11:04:05.020 in Shanghai.
    static let moment: Int64 = 1_795_316_645_020_000

    static let document = ReportDocument(
        title: "审计 audit", asOf: moment,
        facts: [
            ReportDocument.Fact("依据 profile", .text("大足 & <dazu>")),
            ReportDocument.Fact("截至 as of", .instant(moment)),
        ],
        sections: [
            ReportDocument.Section(
                title: "规定 rules", note: "守约率 = 守 / 判定\nkept of judged",
                columns: [
                    ReportDocument.Column("条款 clause", .identifier), ReportDocument.Column("规定 rule"),
                    ReportDocument.Column("判定 judged", .integer), ReportDocument.Column("守约率 kept", .share),
                    ReportDocument.Column("中位 median", .duration), ReportDocument.Column("结论 verdict"),
                ],
                rows: [
                    [
                        .identifier("000-G 16"), .text("四声内接听"), .integer(12), .share(11, of: 12),
                        .milliseconds(16_000), .breach("违反 broken"),
                    ],
                    [.identifier("001 3"), .text("回访"), .integer(0), .share(0, of: 0), .empty],
                ]),
            ReportDocument.Section(
                title: "违反 breaches",
                columns: [
                    ReportDocument.Column("电话 phone", .phone, width: 14),
                    ReportDocument.Column("工单 order", .identifier),
                    ReportDocument.Column("时间 at", .instant), ReportDocument.Column("金额 yuan", .yuan),
                    ReportDocument.Column("说明 note", width: 30),
                ],
                rows: [
                    [
                        .text("013900000001"), .text("20261122-0007"), .instant(moment), .integer(1500),
                        .text("=HYPERLINK(\"x\")<script>\u{1}'"),
                    ]
                ]),
        ])
}

extension ReportDocument.Cell {
    static func identifier(_ text: String) -> Self { .text(text) }
}
