/// Names for the sheets of a workbook by Excel's rules: 1 to 31 characters, none of `[]:*?/\`, no apostrophe at the ends,
/// none twice whatever the case.
package struct SheetNames: Sendable {
    /// Excel keeps `History` for itself.
    private var taken: Set<String> = ["history"]

    package init() {}

    /// The name nearest to a title that is not taken, which then is.
    package mutating func name(_ title: String) -> String {
        let scalars = title.unicodeScalars.map { scalar -> Unicode.Scalar in
            if scalar.value < 32 || (0x7F...0x9F).contains(scalar.value) || (0xFFFE...0xFFFF).contains(scalar.value) {
                return " "
            }
            // An apostrophe would have to be doubled in references, and may not stand at the ends.
            return scalar == "'" ? "’" : "[]:*?/\\".unicodeScalars.contains(scalar) ? "-" : scalar
        }
        var name = String(String.UnicodeScalarView(scalars)).split(separator: " ").joined(separator: " ")
        if name.isEmpty { name = "–" }
        // References to such a sheet read as references to a cell, or to a number, unless they are quoted, which the
        // library does not do.
        let isPlain = name.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2E, 0x5F: true
            default: false
            }
        }
        if isPlain, name.count < 3 || name.contains(where: \.isNumber) { name = "_" + name }
        var numbered = Self.cut(name, to: Self.longest)
        var number = 2
        while !taken.insert(numbered.lowercased()).inserted {
            let end = " (\(number))"
            numbered = Self.cut(name, to: Self.longest - end.utf8.count) + end
            number += 1
        }
        return numbered
    }

    /// UTF-16 units, as Excel counts.
    private static let longest = 31

    private static func cut(_ text: String, to units: Int) -> String {
        var cut = ""
        for character in text {
            guard cut.utf16.count + String(character).utf16.count <= units else { break }
            cut.append(character)
        }
        return cut.hasSuffix(" ") ? String(cut.dropLast()) : cut
    }
}
