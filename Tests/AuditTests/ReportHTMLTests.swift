import Audit
import Foundation
import FoundationXML
import Testing

/// Reports as pages.
@Suite struct ReportHTMLTests {
    private let page = ReportHTML.text(ReportSample.document, zone: ReportSample.shanghai)

    @Test func cellsAreTextWhateverStandsInThem() throws {
        let root = try #require(try XMLDocument(xmlString: page).rootElement())
        func texts(_ path: String) throws -> [String] { try root.nodes(forXPath: path).map { $0.stringValue ?? "" } }
        #expect(root.attribute(forName: "lang")?.stringValue == "zh-CN")
        #expect(try texts("//title") == ["审计 audit"])
        #expect(try texts("//h2") == ["规定 rules", "违反 breaches"])
        #expect(
            try texts("//table[@class='facts']//tr") == [
                "依据 profile大足 & <dazu>", "截至 as of2026-11-22 11:04:05.020",
            ])
        #expect(
            try texts("//section[1]//tbody/tr[1]/td") == [
                "000-G 16", "四声内接听", "12", "91.67%", "0:00:16.000", "违反 broken",
            ])
        #expect(try texts("//section[1]//tbody/tr[2]/td") == ["001 3", "回访", "0", "–", "–", "–"])
        #expect(try texts("//section[2]//td[5]") == ["=HYPERLINK(\"x\")<script>\u{FFFD}'"])
        // What stands out is a word as well.
        #expect(try texts("//strong") == ["违反 broken"])
    }

    @Test func sharesHaveABarAndNumbersEndBelowEachOther() throws {
        let root = try #require(try XMLDocument(xmlString: page).rootElement())
        let bars = try root.nodes(forXPath: "//i/@style").map { $0.stringValue ?? "" }
        #expect(bars == ["width:91.67%"])
        let heads = try root.nodes(forXPath: "//section[1]//thead//th").map {
            ($0 as? XMLElement)?.attribute(forName: "class")?.stringValue
        }
        #expect(heads == ["i", nil, "n", "n", "n", nil])
    }

    @Test func aPageNeedsNothingBesideItAndPrintsOnA4() {
        for reference in ["<script", "<link", "<img", "http:", "https:", "src=", "href=", "url(", "@import"] {
            #expect(!page.contains(reference), "\(reference)")
        }
        for rule in [
            "@page { size: A4 portrait; }", "thead { display: table-header-group; }", "tr { break-inside: avoid; }",
        ] {
            #expect(page.contains(rule), "\(rule)")
        }
        #expect(page.contains("default-src 'none'"))
    }

    private static func page(_ columns: [ReportDocument.Column], _ row: [ReportDocument.Cell]) -> String {
        let section = ReportDocument.Section(title: "s", columns: columns, rows: [row])
        return ReportHTML.text(
            ReportDocument(title: "t", asOf: 1, sections: [section]), zone: ReportSample.shanghai)
    }

    /// Sheets lie where a table is too wide to stand; one that is too wide to lie shares the sheet's width out.
    @Test(arguments: [(2, "portrait", false), (4, "landscape", false), (6, "landscape", true)])
    func wideTablesLieOnTheirSide(count: Int, side: String, isFitted: Bool) {
        let page = Self.page(
            (0..<count).map { ReportDocument.Column("\($0)", width: 36) }, Array(repeating: .text("故障"), count: count))
        #expect(page.contains("@page { size: A4 \(side); }"))
        #expect(page.contains("<table class=\"fit\"") == isFitted)
    }

    /// What cannot be broken keeps its room, long words give way, and letters are small only where nothing else helps.
    @Test func columnsOfAFullSheetShareIt() throws {
        let words = ReportDocument.Cell.text(String(repeating: "投诉处理", count: 30))
        let number = ReportDocument.Cell.milliseconds(360_061_000)
        func layout(_ durations: Int) throws -> (size: String, parts: [Double]) {
            let page = Self.page(
                [ReportDocument.Column("words"), ReportDocument.Column("more")]
                    + Array(repeating: ReportDocument.Column("p", .duration), count: durations),
                [words, words] + Array(repeating: number, count: durations))
            let size = try #require(page.firstMatch(of: /--size:(\d+%)/)).1
            return (String(size), page.matches(of: /--part:([0-9.]+)%/).compactMap { Double($0.1) })
        }
        let few = try layout(4)
        #expect(few.size == "100%")
        #expect(few.parts.count == 6)
        #expect((99...100).contains(few.parts.reduce(0, +)))
        // 100:01:01.000 has 13 characters, three of them narrow, and 2 around it, of 161.
        #expect(few.parts.suffix(4).allSatisfy { (8.6...9.4).contains($0) })
        let many = try layout(12)
        // 161 of 2 · 24 + 12 · 14.
        #expect(many.size == "74%")
        #expect(many.parts.prefix(2).allSatisfy { (10...12).contains($0) })
        #expect(try layout(40).size == "60%")
    }
}
