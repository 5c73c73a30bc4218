import Documents
import Foundation

/// The Chinese of what the API and the rooms behind it say in English: `web/i18n/messages.yaml`, `English: Chinese`.
///
/// `{}` in the English is what varies. The Chinese names these by their order: `{1}` stands there as it is, of `{1:said}` the
/// catalogue is asked too. What knows most of a message wins; of equals, what frames other messages.
package struct SaidInChinese: Sendable {
    private enum Piece: Sendable {
        case text(String)
        /// From 0.
        case hole(Int, isSaid: Bool)
    }

    private struct Entry: Sendable {
        /// What stands around the holes, UTF-8: one more than there are holes. Only the first and the last may be empty.
        var literals: [[UInt8]]
        var chinese: [Piece]
        /// Holes of which the catalogue is asked too.
        var said: [Int]
        /// Bytes of the literals.
        var known: Int
        /// No word stands in the English: it counts where it frames something that is known.
        var isFrame: Bool

        /// Where the holes lie in a text that fits. Each literal is taken where it stands first, the last one at the end: nothing
        /// is tried twice.
        func holes(in text: ArraySlice<UInt8>) -> [Range<Int>]? {
            guard text.count >= known, let first = literals.first, let last = literals.last, text.starts(with: first)
            else { return nil }
            var at = text.startIndex + first.count
            guard literals.count > 1 else { return at == text.endIndex ? [] : nil }
            let end = text.endIndex - last.count
            guard text[end...].elementsEqual(last) else { return nil }
            var holes: [Range<Int>] = []
            for literal in literals.dropFirst().dropLast() {
                guard at <= end, let found = Self.place(of: literal, in: text[at..<end]) else { return nil }
                holes.append(at..<found)
                at = found + literal.count
            }
            guard at <= end else { return nil }
            return holes + [at..<end]
        }

        private static func place(of literal: [UInt8], in text: ArraySlice<UInt8>) -> Int? {
            guard let head = literal.first else { return nil }
            var at = text.startIndex
            while at + literal.count <= text.endIndex {
                if text[at] == head, text[at..<at + literal.count].elementsEqual(literal) { return at }
                at += 1
            }
            return nil
        }
    }

    private struct Found: Sendable {
        var text: String
        /// Bytes of the message that the catalogue knows.
        var known: Int
    }

    /// One message's way through the catalogue.
    private struct Search {
        /// How often the catalogue may still be asked: about the message, and about what stands in holes.
        var looks = 60
        var found: [Range<Int>: Found?] = [:]
    }

    /// Longer messages, in bytes, are not looked for.
    private static let longest = 2000

    /// Those with most text first.
    private var entries: [Entry] = []

    /// Knows nothing.
    init() {}

    /// - Parameter file: a mapping of English messages to Chinese ones.
    /// - Throws: `DocumentErrors` with every entry that is no text, has nothing but holes or two holes without a text between
    ///   them, or whose Chinese leaves a hole out or names one that is not there.
    package init(_ file: Node) throws {
        let diagnostics = Diagnostics()
        if file.entries == nil {
            diagnostics.add(error: file.error(.badValue, "a mapping of messages is expected, not \(file.kindName)"))
        }
        for entry in file.entries ?? [] {
            guard let chinese = entry.value.text else {
                diagnostics.add(error: entry.value.error(.badValue, "the Chinese must be a text"))
                continue
            }
            let literals = entry.key.components(separatedBy: "{}").map { Array($0.utf8) }
            let known = literals.reduce(0) { $0 + $1.count }
            guard known > 0, !literals.dropFirst().dropLast().contains(where: \.isEmpty) else {
                diagnostics.add(error: entry.value.error(.badValue, "\(quoted(entry.key)) has holes without text"))
                continue
            }
            let pieces = Self.pieces(chinese)
            var named: Set<Int> = []
            var said: [Int] = []
            for case .hole(let hole, isSaid: let isSaid) in pieces where named.insert(hole).inserted && isSaid {
                said.append(hole)
            }
            guard named == Set(0..<literals.count - 1) else {
                diagnostics.add(
                    error: entry.value.error(
                        .badValue, "the Chinese of \(quoted(entry.key)) must name each of its holes, and no other"))
                continue
            }
            entries.append(
                Entry(
                    literals: literals, chinese: pieces, said: said, known: known,
                    isFrame: !entry.key.contains(where: \.isLetter)))
        }
        try diagnostics.throwErrors()
        entries.sort { $0.known > $1.known }
    }

    private static func pieces(_ chinese: String) -> [Piece] {
        var pieces: [Piece] = []
        var at = chinese.startIndex
        for match in chinese.matches(of: #/\{([0-9])(:said)?\}/#) {
            pieces.append(.text(String(chinese[at..<match.range.lowerBound])))
            pieces.append(.hole((Int(match.output.1) ?? 0) - 1, isSaid: match.output.2 != nil))
            at = match.range.upperBound
        }
        pieces.append(.text(String(chinese[at...])))
        return pieces
    }

    /// A message in Chinese; itself where the catalogue does not know it.
    package subscript(message: String) -> String {
        guard message.utf8.count <= Self.longest else { return message }
        var search = Search()
        return found(ArraySlice(message.utf8), &search)?.text ?? message
    }

    private func found(_ message: ArraySlice<UInt8>, _ search: inout Search) -> Found? {
        let range = message.startIndex..<message.endIndex
        if let known = search.found[range] { return known }
        guard search.looks > 0 else { return nil }
        search.looks -= 1
        var best: Found?
        for entry in entries {
            guard let holes = entry.holes(in: message) else { continue }
            let least = (best?.known ?? 0) + (entry.isFrame ? 0 : 1)
            guard entry.said.reduce(entry.known, { $0 + holes[$1].count }) >= least else { continue }
            var known = entry.known
            var inner: [Int: String] = [:]
            for hole in entry.said {
                guard let part = found(message[holes[hole]], &search) else { continue }
                inner[hole] = part.text
                known += part.known
            }
            guard known >= least, !entry.isFrame || !inner.isEmpty else { continue }
            best = Found(text: Self.text(entry.chinese, message, holes, inner), known: known)
        }
        search.found[range] = .some(best)
        return best
    }

    private static func text(
        _ chinese: [Piece], _ message: ArraySlice<UInt8>, _ holes: [Range<Int>], _ inner: [Int: String]
    ) -> String {
        chinese.map { piece in
            switch piece {
            case .text(let text): text
            case .hole(let hole, isSaid: let isSaid):
                (isSaid ? inner[hole] : nil) ?? String(decoding: message[holes[hole]], as: UTF8.self)
            }
        }.joined()
    }
}
