/// The words that texts are searched by. A Chinese, Japanese or Korean character is a word of its own, so that a part of a
/// Chinese text is found as a phrase of characters, without a dictionary; everything else is cut where letters and digits
/// end. Case and width do not count.
///
/// SQLite's `unicode61` finds the same words in what `body` makes: they are separated by spaces and hold nothing that it
/// would cut at.
package enum SearchText {
    /// Stands between two texts, so that no phrase reaches from one into the next. A private-use character, which
    /// `unicode61` takes for a word and `words` never gives.
    static let border = "\u{E000}"

    /// The words of a text, in order.
    package static func words(_ text: String) -> [String] {
        var words: [String] = []
        var word = ""
        func end() {
            if !word.isEmpty { words.append(word) }
            word = ""
        }
        for scalar in text.unicodeScalars {
            let scalar = narrow(scalar)
            guard isPart(scalar) else {
                end()
                continue
            }
            if isIdeograph(scalar) {
                end()
                words.append(String(Character(scalar)))
            } else {
                word.unicodeScalars.append(lower(scalar))
            }
        }
        end()
        return words
    }

    /// Several texts as one: every word between two single spaces.
    /// - Returns: nil where there is no word at all.
    package static func body(_ texts: [String]) -> String? {
        let parts = texts.map(words).filter { !$0.isEmpty }
        guard !parts.isEmpty else { return nil }
        return " " + parts.map { $0.joined(separator: " ") }.joined(separator: " \(border) ") + " "
    }

    /// What is asked for: each part between white space is a phrase, and all of them must occur.
    package static func phrases(_ query: String) -> [String] {
        query.split(whereSeparator: \.isWhitespace).map { words(String($0)).joined(separator: " ") }
            .filter { !$0.isEmpty }
    }

    /// Full-width forms (FF01…FF5E) as those of ASCII.
    private static func narrow(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        guard (0xFF01...0xFF5E).contains(scalar.value) else { return scalar }
        return Unicode.Scalar(scalar.value - 0xFEE0) ?? scalar
    }

    /// Where the small letter is one scalar; as SQLite folds them.
    private static func lower(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        if scalar == "ſ" { return "s" }
        if scalar == "ς" { return "σ" }
        let mapping = scalar.properties.lowercaseMapping.unicodeScalars
        guard mapping.count == 1, let first = mapping.first else { return scalar }
        return first
    }

    /// Letters and digits of ASCII, ideographs, and letters of other scripts that `unicode61` of every version knows.
    private static func isPart(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case 0xC0...0x24F: scalar.value != 0xD7 && scalar.value != 0xF7
        case 0x391...0x3A1, 0x3A3...0x3A9, 0x3B1...0x3C9, 0x410...0x44F: true
        default: isIdeograph(scalar)
        }
    }

    /// Unified ideographs with their extensions, kana, hangul syllables.
    private static func isIdeograph(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x3041...0x3096, 0x30A1...0x30FA, 0x3400...0x4DB5, 0x4E00...0x9FA5, 0xAC00...0xD7A3, 0x20000...0x2A6D6:
            true
        default: false
        }
    }
}
