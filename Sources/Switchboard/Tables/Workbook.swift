import CXlsxWriter
import Glibc

/// What the library, or the system below it, answered other than 0.
struct WorkbookFailure: Error {
    /// An error of the library where it is above 0, an error number of the system where below.
    let code: Int32

    static let noMemory = WorkbookFailure(code: -ENOMEM)

    static func check(_ code: Int32) throws(WorkbookFailure) { if code != 0 { throw WorkbookFailure(code: code) } }

    /// - Parameter path: of the file that was to be.
    func error(_ path: String) -> SwitchboardError {
        if code > 0 {
            return SwitchboardError(
                .unavailable, "\(path) was not written: \(String(cString: hotline_xlsx_words(code)))")
        }
        let words = "\(path) cannot be written: \(String(cString: strerror(-code)))"
        switch -code {
        case ENOSPC, EDQUOT, EFBIG, EMFILE, ENFILE, ENOMEM, EIO: return SwitchboardError(.unavailable, words)
        default: return SwitchboardError(.argument, words)
        }
    }
}

/// A workbook that is being made, freed with its owner. What is written goes to the sheet that was begun last, in the
/// order of its rows.
struct Workbook: ~Copyable {
    private let handle: OpaquePointer

    /// - Parameters:
    ///   - path: where the file is made.
    ///   - folder: where its parts lie until then.
    ///   - seconds: what it says of its making, Unix time.
    init(path: String, folder: String, title: String, seconds: Int64) throws(WorkbookFailure) {
        // 0 would be the present to the library.
        guard let handle = hotline_xlsx_open(path, folder, title, seconds == 0 ? 1 : seconds) else {
            throw .noMemory
        }
        self.handle = handle
    }

    deinit { hotline_xlsx_discard(handle) }

    /// A look of cells, by its number.
    /// - Parameters:
    ///   - format: of numbers, as Excel has it.
    ///   - flags: `HOTLINE_XLSX_BOLD`, ….
    func style(_ format: String? = nil, _ flags: Int...) throws(WorkbookFailure) -> Int32 {
        let style = hotline_xlsx_style(handle, format, Int32(flags.reduce(0, |)))
        guard style >= 0 else { throw .noMemory }
        return style
    }

    /// - Parameter header: of the printed pages, with Excel's codes.
    func begin(_ sheet: String, header: String, isLandscape: Bool) throws(WorkbookFailure) {
        try check(hotline_xlsx_sheet(handle, sheet, header, isLandscape ? 1 : 0))
    }

    /// - Parameter width: in characters of the alphabet, at most 255.
    func width(_ column: Int, _ width: Int) throws(WorkbookFailure) {
        try check(hotline_xlsx_width(handle, UInt16(column), Double(min(width, 255))))
    }

    func text(_ row: Int, _ column: Int, _ text: String, _ style: Int32) throws(WorkbookFailure) {
        try check(hotline_xlsx_text(handle, UInt32(row), UInt16(column), text, style))
    }

    func number(_ row: Int, _ column: Int, _ number: Double, _ style: Int32) throws(WorkbookFailure) {
        try check(hotline_xlsx_number(handle, UInt32(row), UInt16(column), number, style))
    }

    /// The first row is the heading of a table that ends there.
    func table(lastRow: Int, lastColumn: Int) throws(WorkbookFailure) {
        try check(hotline_xlsx_table(handle, UInt32(lastRow), UInt16(lastColumn)))
    }

    /// How many cells were written.
    var cells: UInt64 { hotline_xlsx_cells(handle) }

    /// Puts the file together.
    consuming func finish() throws(WorkbookFailure) {
        let handle = handle
        discard self
        try WorkbookFailure.check(hotline_xlsx_finish(handle))
    }

    private func check(_ code: Int32) throws(WorkbookFailure) { try WorkbookFailure.check(code) }
}
