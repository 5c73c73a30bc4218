import Audit
import CXlsxWriter
import Foundation
import Norms

/// A report as an Excel workbook: a sheet of facts with the list of the others, then a sheet a section, its first row the
/// columns' titles. Telephone numbers and identifiers are text; durations and shares are numbers with a format.
///
/// One document makes the same bytes at any time: what the file says of its making is the document's moment.
public enum Spreadsheet {
    public enum Outcome: Sendable, Hashable {
        case written
        /// The same content was there already.
        case same
    }

    /// Writes a workbook, whole or not at all, and over nothing that is there. Blocks. While it is made its parts lie in
    /// the same folder under names that begin with a dot.
    /// - Parameters:
    ///   - zone: of the instants.
    ///   - rows: how many a sheet holds below its heading; a longer section goes on in a further sheet.
    /// - Throws: `.argument` where the path cannot be written, `.refused` where another file is there, `.unavailable`
    ///   where there is no room.
    @discardableResult
    public static func write(
        _ document: ReportDocument, to path: String, zone: ZoneOffsets, rowsASheet rows: Int = mostRows
    ) throws(SwitchboardError) -> Outcome {
        let slash = path.lastIndex(of: "/")
        let name = slash.map { String(path[path.index(after: $0)...]) } ?? path
        let folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        guard !name.isEmpty, !path.unicodeScalars.contains("\0") else {
            throw SwitchboardError(.argument, "`\(path)` is no file's name")
        }
        let draft = "\(folder)/.\(name).tmp"
        do throws(WorkbookFailure) {
            try WorkbookFailure.check(hotline_xlsx_make(draft))
        } catch {
            throw error.error(path)
        }
        do throws(SwitchboardError) {
            let cells = try make(draft, of: document, ReportText(zone: zone), folder: folder, rows: rows, target: path)
            guard isWhole(draft, cells: cells) else {
                throw SwitchboardError(
                    .unavailable, "\(path) was not written: not all of it could be read back; is \(folder) full?")
            }
            return try place(draft, at: path)
        } catch {
            unlink(draft)
            throw error
        }
    }

    /// The same workbook as bytes, for a browser. Blocks. While it is made it lies in a folder of its own among the
    /// temporary files, which the server's user alone can open.
    /// - Throws: `.unavailable` where there is no room for it.
    public static func bytes(_ document: ReportDocument, zone: ZoneOffsets) throws(SwitchboardError) -> [UInt8] {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hotline-\(UUID().uuidString)")
        do {
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw SwitchboardError(.unavailable, "no folder for a workbook can be made: \(error.localizedDescription)")
        }
        defer {
            // A folder that stays is emptied with the other temporary files; the workbook is given out all the same.
            do { try FileManager.default.removeItem(at: folder) } catch {}
        }
        let path = folder.appendingPathComponent("report.xlsx").path
        try write(document, to: path, zone: zone)
        guard let data = FileManager.default.contents(atPath: path) else {
            throw SwitchboardError(.unavailable, "the workbook that was made cannot be read")
        }
        return Array(data)
    }

    /// What Excel has below a heading.
    public static let mostRows = 1_048_575

    /// Whether a workbook's parts are whole, and have so many cells.
    package static func isWhole(_ path: String, cells: UInt64) -> Bool { hotline_xlsx_is_whole(path, cells) == 1 }

    /// - Returns: how many cells were written.
    private static func make(
        _ draft: String, of document: ReportDocument, _ text: ReportText, folder: String, rows: Int, target: String
    ) throws(SwitchboardError) -> UInt64 {
        do throws(WorkbookFailure) {
            let book = try Workbook(
                path: draft, folder: folder, title: SheetWriter.cleaned(document.title, longest: 255),
                seconds: document.asOf / 1_000_000)
            try SheetWriter(book, text).write(document, to: book, rowsASheet: max(1, min(rows, mostRows)))
            let cells = book.cells
            try book.finish()
            try WorkbookFailure.check(hotline_xlsx_sync(draft))
            return cells
        } catch {
            throw error.error(target)
        }
    }

    private static func place(_ draft: String, at path: String) throws(SwitchboardError) -> Outcome {
        var status = stat()
        if lstat(path, &status) == 0 || errno != ENOENT {
            guard FileManager.default.contentsEqual(atPath: draft, andPath: path) else {
                throw SwitchboardError(
                    .refused, "\(path) is there already and is another file: it is not written over")
            }
            unlink(draft)
            return .same
        }
        guard rename(draft, path) == 0 else { throw WorkbookFailure(code: -errno).error(path) }
        return .written
    }
}
