import Audit
import Foundation
import Norms
import Switchboard
import Testing

/// Reports as Excel workbooks, read back by Python's zipfile and ElementTree.
@Suite struct SpreadsheetTests {
    private typealias Document = ReportDocument
    private static let zone = ZoneOffsets.fixed(28_800)
    /// 2026-11-22 11:04:05.020 in Shanghai.
    private static let moment: Int64 = 1_795_316_645_020_000

    private static let document = ReportDocument(
        title: "审计 audit: 大足", asOf: moment,
        facts: [Document.Fact("依据 profile", .text("大足 & <dazu>")), Document.Fact("截至 as of", .instant(moment))],
        sections: [
            Document.Section(
                title: "规定 [rules]", note: "守约率 = 守 / 判定",
                columns: [
                    Document.Column("条款 clause", .identifier), Document.Column("判定 judged", .integer),
                    Document.Column("守约率 kept", .share), Document.Column("中位 median", .duration),
                    Document.Column("结论 verdict"),
                ],
                rows: [
                    [
                        .text("4"), .integer(12), .share(11, of: 12), .milliseconds(93_796_007), .breach("违反 broken"),
                    ],
                    [.integer(16), .integer(0), .share(99_999, of: 100_000), .empty, .text("a\u{1}b\nc")],
                    [.text("001"), .integer(1_000_000_000_000_000), .share(0, of: 0), .milliseconds(-5000), .empty],
                ]),
            Document.Section(
                title: "违反 breaches",
                columns: [
                    Document.Column("电话 phone", .phone, width: 14), Document.Column("工单 order", .identifier),
                    Document.Column("时间 at", .instant), Document.Column("金额 yuan", .yuan),
                    Document.Column("说明 note"),
                ],
                rows: [
                    [
                        .text("013900000001"), .text("20261122-0007"), .instant(moment), .integer(1500),
                        .text("=HYPERLINK(\"x\")"),
                    ],
                    [.text("13900000002"), .text("20261122"), .empty, .integer(50), .text(" <b> ")],
                ]),
        ])

    /// What Python finds in a workbook.
    private struct Found: Decodable {
        struct Sheet: Decodable {
            struct Cell: Decodable, Hashable {
                /// `inlineStr`, `s`, or `n`.
                var type: String
                var format: String
                var value: String
            }
            var name: String
            var cells: [String: Cell]
            var freezes: String?
            var filter: String?
            var paper: String?
            var orientation: String?
            var fits: [String?]
            var ignores: [String]
            var widths: [Double]
        }
        var sheets: [Sheet]
        var repeated: [String]
        var created: String
        var modified: String
        var title: String
        var dates: [[Int]]
    }

    private static let reader = #"""
        import json, sys, zipfile
        import xml.etree.ElementTree as tree
        ns = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
              "t": "http://purl.org/dc/terms/", "d": "http://purl.org/dc/elements/1.1/"}
        book = zipfile.ZipFile(sys.argv[1])
        assert book.testzip() is None
        part = lambda name: tree.fromstring(book.read(name))
        styles = part("xl/styles.xml")
        codes = {"0": "General", "1": "0", "3": "#,##0", "10": "0.00%", "49": "@"}
        codes.update((f.get("numFmtId"), f.get("formatCode")) for f in styles.findall("m:numFmts/m:numFmt", ns))
        formats = [codes[x.get("numFmtId")] for x in styles.findall("m:cellXfs/m:xf", ns)]
        workbook = part("xl/workbook.xml")
        strings = []
        if "xl/sharedStrings.xml" in book.namelist():
            strings = ["".join(t.itertext()) for t in part("xl/sharedStrings.xml")]
        sheets = []
        for number, sheet in enumerate(workbook.findall("m:sheets/m:sheet", ns)):
            root = part("xl/worksheets/sheet%d.xml" % (number + 1))
            cells = {}
            for cell in root.iter("{%s}c" % ns["m"]):
                kind, text = cell.get("t", "n"), "".join(cell.itertext())
                if kind == "s": text = strings[int(text)]
                cells[cell.get("r")] = dict(type=kind, format=formats[int(cell.get("s", "0"))], value=text)
            get = lambda path, key: (lambda e: None if e is None else e.get(key))(root.find(path, ns))
            sheets.append(dict(
                name=sheet.get("name"), cells=cells, freezes=get(".//m:pane[@state='frozen']", "topLeftCell"),
                filter=get("m:autoFilter", "ref"), paper=get("m:pageSetup", "paperSize"),
                orientation=get("m:pageSetup", "orientation"),
                fits=[get("m:sheetPr/m:pageSetUpPr", "fitToPage"), get("m:pageSetup", "fitToWidth"),
                      get("m:pageSetup", "fitToHeight")],
                ignores=[e.get("numberStoredAsText") for e in root.findall("m:ignoredErrors/m:ignoredError", ns)],
                widths=[float(c.get("width")) for c in root.findall("m:cols/m:col", ns)]))
        core = part("docProps/core.xml")
        print(json.dumps(dict(
            sheets=sheets, created=core.find("t:created", ns).text, modified=core.find("t:modified", ns).text,
            title=core.find("d:title", ns).text, dates=[list(i.date_time) for i in book.infolist()],
            repeated=[n.text for n in workbook.findall("m:definedNames/m:definedName[@name='_xlnm.Print_Titles']", ns)])))
        """#

    /// Runs Python; what it prints.
    private func python(_ script: String, _ arguments: String...) throws -> Data {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = ["-c", script] + arguments
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let said = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return said
    }

    private func read(_ path: String) throws -> Found {
        try JSONDecoder().decode(Found.self, from: python(Self.reader, path))
    }

    /// A folder that is there while the test runs.
    private func inFolder(_ body: (String) throws -> Void) throws {
        let folder = NSTemporaryDirectory() + "/hotline-sheets-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }  // the system's temporary folder
        try body(folder)
    }

    private func cell(_ type: String, _ format: String, _ value: String) -> Found.Sheet.Cell {
        Found.Sheet.Cell(type: type, format: format, value: value)
    }

    private func number(_ cell: Found.Sheet.Cell?) -> Double? { cell.flatMap { Double($0.value) } }

    @Test func everyCellIsWhatItsColumnMeans() throws {
        try inFolder { folder in
            #expect(try Spreadsheet.write(Self.document, to: folder + "/a.xlsx", zone: Self.zone) == .written)
            let found = try read(folder + "/a.xlsx")
            #expect(found.sheets.map(\.name) == ["审计 audit- 大足", "规定 -rules-", "违反 breaches"])
            #expect(found.title == "审计 audit: 大足")

            let facts = found.sheets[0].cells.mapValues(\.value)
            #expect(
                facts == [
                    "A1": "审计 audit: 大足", "A3": "依据 profile", "B3": "大足 & <dazu>", "A4": "截至 as of",
                    "B4": "2026-11-22 11:04:05.020", "A6": "规定 -rules-", "B6": "规定 [rules]",
                    "C6": "守约率 = 守 / 判定", "A7": "违反 breaches", "B7": "违反 breaches",
                ])

            let rules = found.sheets[1]
            #expect(rules.cells["A1"] == cell("inlineStr", "General", "条款 clause"))
            // What names something is text, also where it came as a number.
            #expect(rules.cells["A2"] == cell("inlineStr", "@", "4"))
            #expect(rules.cells["A3"] == cell("inlineStr", "@", "16"))
            #expect(rules.cells["A4"] == cell("inlineStr", "@", "001"))
            #expect(rules.cells["B2"] == cell("n", "0", "12"))
            #expect(rules.cells["B3"] == cell("n", "0", "0"))
            // Excel would round it.
            #expect(rules.cells["B4"] == cell("inlineStr", "@", "1000000000000000"))
            #expect(rules.cells["C2"]?.format == "0.00%")
            let share = try #require(number(rules.cells["C2"]))
            #expect(abs(share - 11 / 12) < 1e-14)
            #expect(rules.cells["C3"] == cell("n", "0.000%", "0.99999"))
            #expect(rules.cells["C4"] == nil)
            #expect(rules.cells["D2"]?.format == "[h]:mm:ss.000")
            let days = try #require(number(rules.cells["D2"]))
            #expect(abs(days * 86_400_000 - 93_796_007) < 0.001)
            #expect(rules.cells["D3"] == nil)
            #expect(rules.cells["D4"] == cell("inlineStr", "@", "-0:00:05.000"))
            #expect(rules.cells["E2"]?.value == "违反 broken")
            #expect(rules.cells["E3"]?.value == "a\u{FFFD}b\nc")

            let breaches = found.sheets[2]
            #expect(breaches.cells["A2"] == cell("inlineStr", "@", "013900000001"))
            #expect(breaches.cells["A3"] == cell("inlineStr", "@", "13900000002"))
            #expect(breaches.cells["B3"] == cell("inlineStr", "@", "20261122"))
            #expect(breaches.cells["C2"] == cell("inlineStr", "@", "2026-11-22 11:04:05.020"))
            #expect(breaches.cells["D2"] == cell("n", "#,##0", "1500"))
            // Text, not a formula.
            #expect(breaches.cells["E2"] == cell("inlineStr", "General", "=HYPERLINK(\"x\")"))
            #expect(breaches.cells["E3"]?.value == " <b> ")
        }
    }

    @Test func sheetsAreSetUpForReadingAndPrinting() throws {
        try inFolder { folder in
            try Spreadsheet.write(Self.document, to: folder + "/a.xlsx", zone: Self.zone)
            let found = try read(folder + "/a.xlsx")
            for (sheet, filter) in zip(found.sheets.dropFirst(), ["A1:E4", "A1:E3"]) {
                #expect(sheet.freezes == "A2")
                #expect(sheet.filter == filter)
                #expect(sheet.paper == "9")
                #expect(sheet.orientation == "landscape")
                #expect(sheet.fits[0] == "1")
                // 1 is what is taken where it is not said.
                #expect(sheet.fits[1] == nil || sheet.fits[1] == "1")
                #expect(sheet.fits[2] == "0")
                #expect(sheet.ignores == ["1"])
            }
            #expect(found.repeated == ["'规定 -rules-'!$1:$1", "'违反 breaches'!$1:$1"])
            #expect(found.sheets[2].widths.count == 5)
            // Excel adds the cell's margin of 5 pixels.
            #expect(abs((found.sheets[2].widths.first ?? 0) - 14.7109375) < 0.0001)
        }
    }

    /// What the file says of its making is the document's moment, so that a report can be made again and compared.
    @Test func oneDocumentMakesTheSameBytes() throws {
        try inFolder { folder in
            let (first, second) = (folder + "/a.xlsx", folder + "/b.xlsx")
            try Spreadsheet.write(Self.document, to: first, zone: Self.zone)
            try Spreadsheet.write(Self.document, to: second, zone: Self.zone)
            let bytes = try Data(contentsOf: URL(fileURLWithPath: first))
            #expect(try Data(contentsOf: URL(fileURLWithPath: second)) == bytes)
            let found = try read(first)
            #expect(found.created == "2026-11-22T03:04:05Z")
            #expect(found.modified == "2026-11-22T03:04:05Z")
            #expect(found.dates.allSatisfy { $0 == [1980, 1, 1, 0, 0, 0] })

            // Done again in its place it finds itself; another report is not written over it.
            #expect(try Spreadsheet.write(Self.document, to: first, zone: Self.zone) == .same)
            var other = Self.document
            other.asOf += 1_000_000
            let error = #expect(throws: SwitchboardError.self) {
                try Spreadsheet.write(other, to: first, zone: Self.zone)
            }
            #expect(error?.code == .refused)
            #expect(try Data(contentsOf: URL(fileURLWithPath: first)) == bytes)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["a.xlsx", "b.xlsx"])
        }
    }

    /// What a browser gets is what the command writes.
    @Test func theBytesAreThoseOfTheFile() throws {
        try inFolder { folder in
            try Spreadsheet.write(Self.document, to: folder + "/a.xlsx", zone: Self.zone)
            let bytes = try Spreadsheet.bytes(Self.document, zone: Self.zone)
            #expect(bytes == Array(try Data(contentsOf: URL(fileURLWithPath: folder + "/a.xlsx"))))
            #expect(bytes.starts(with: Array("PK".utf8)))
        }
    }

    @Test func aLongSectionGoesOnInAFurtherSheet() throws {
        try inFolder { folder in
            let document = ReportDocument(
                title: "t", asOf: 1_000_000,
                sections: [
                    Document.Section(
                        title: "rows", columns: [Document.Column("n", .integer)], rows: (1...5).map { [.integer($0)] }),
                    Document.Section(title: "rows", columns: [Document.Column("n")]),
                    Document.Section(title: "nothing", columns: []),
                ])
            try Spreadsheet.write(document, to: folder + "/a.xlsx", zone: Self.zone, rowsASheet: 2)
            let found = try read(folder + "/a.xlsx")
            #expect(found.sheets.map(\.name) == ["_t", "rows", "rows (2)", "rows (3)", "rows (4)", "nothing"])
            let numbers = found.sheets.dropFirst().map { sheet in ["A1", "A2", "A3"].map { sheet.cells[$0]?.value } }
            #expect(
                numbers == [
                    ["n", "1", "2"], ["n", "3", "4"], ["n", "5", nil], ["n", nil, nil], [nil, nil, nil],
                ])
        }
    }

    @Test func whereItCannotBeWrittenTheErrorSaysWhy() throws {
        try inFolder { folder in
            func failure(_ path: String) -> SwitchboardError? {
                #expect(throws: SwitchboardError.self) {
                    try Spreadsheet.write(Self.document, to: path, zone: Self.zone)
                }
            }
            let missing = folder + "/missing/a.xlsx"
            #expect(failure(missing)?.code == .argument)
            #expect(failure(missing)?.message == "\(missing) cannot be written: No such file or directory")
            try Data("x".utf8).write(to: URL(fileURLWithPath: folder + "/file"))
            #expect(failure(folder + "/file/a.xlsx")?.message.hasSuffix("Not a directory") == true)
            #expect(failure(folder + "/")?.code == .argument)
            #expect(failure("")?.code == .argument)
            // A folder of that name is there.
            try FileManager.default.createDirectory(atPath: folder + "/b", withIntermediateDirectories: false)
            #expect(failure(folder + "/b")?.code == .refused)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["b", "file"])
        }
    }

    /// Makes a copy of a workbook for each change of a part.
    private static let spoiler = #"""
        import json, sys, zipfile
        source = zipfile.ZipFile(sys.argv[1])
        for number, (name, change) in enumerate(json.loads(sys.argv[2])):
            with zipfile.ZipFile(sys.argv[1] + str(number), "w") as out:
                for part in source.namelist():
                    data = source.read(part)
                    half = len(data) // 2
                    if part == name and change == "left out": continue
                    if part == name:
                        data = {"as it is": data, "empty": b"", "cut": data[:half],
                                "with a hole": data[:half] + data[half + 300:]}[change]
                    out.writestr(part, data)
        """#

    /// The library does not see it when a full disk does not take a part; it is seen when the file is read back.
    @Test func aWorkbookThatIsNotWholeIsFound() throws {
        let sheet = "xl/worksheets/sheet2.xml"
        let changes = [
            [sheet, "as it is"], [sheet, "cut"], [sheet, "empty"], [sheet, "with a hole"], [sheet, "left out"],
            ["xl/styles.xml", "cut"], ["docProps/core.xml", "cut"], ["[Content_Types].xml", "empty"],
        ]
        try inFolder { folder in
            let path = folder + "/a.xlsx"
            try Spreadsheet.write(Self.document, to: path, zone: Self.zone)
            _ = try python(Self.spoiler, path, String(decoding: JSONEncoder().encode(changes), as: UTF8.self))
            let cells = try UInt64(read(path).sheets.map(\.cells.count).reduce(0, +))
            #expect(Spreadsheet.isWhole(path, cells: cells))
            #expect(!Spreadsheet.isWhole(path, cells: cells + 1))
            for (number, change) in changes.enumerated() {
                #expect(Spreadsheet.isWhole(path + String(number), cells: cells) == (number == 0), "\(change)")
            }
        }
    }

    @Test func whatIsNoArchiveIsNotWhole() throws {
        try inFolder { folder in
            try Spreadsheet.write(Self.document, to: folder + "/a.xlsx", zone: Self.zone)
            let bytes = try Data(contentsOf: URL(fileURLWithPath: folder + "/a.xlsx"))
            try bytes.prefix(bytes.count / 2).write(to: URL(fileURLWithPath: folder + "/b.xlsx"))
            #expect(!Spreadsheet.isWhole(folder + "/b.xlsx", cells: 1))
            #expect(!Spreadsheet.isWhole(folder + "/none.xlsx", cells: 1))
        }
    }
}

/// Excel's rules for the names of sheets.
@Suite struct SheetNamesTests {
    @Test(arguments: [
        ("规定 rules", "规定 rules"), ("[a]:b*c?d/e\\f", "-a--b-c-d-e-f"), ("'quoted'", "’quoted’"), ("", "–"),
        ("  a\n b ", "a b"), ("History", "History (2)"), ("2026", "_2026"), ("A1", "_A1"), ("rc", "_rc"),
        (String(repeating: "规", count: 40), String(repeating: "规", count: 31)),
        // Two units each; the last would be cut in two.
        (String(repeating: "𠀀", count: 20), String(repeating: "𠀀", count: 15)),
    ]) func namesAreExcels(title: String, name: String) {
        var names = SheetNames()
        #expect(names.name(title) == name)
    }

    @Test func noNameIsThereTwice() {
        var names = SheetNames()
        let long = String(repeating: "x", count: 40)
        let given = ["Rules", "rules", "RULES", long, long].map { names.name($0) }
        #expect(
            given == [
                "Rules", "rules (2)", "RULES (3)", String(repeating: "x", count: 31),
                String(repeating: "x", count: 27) + " (2)",
            ])
    }
}
