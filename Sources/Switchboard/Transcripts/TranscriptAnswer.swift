import Foundation

/// What a recogniser answered for one channel: JSON objects, one a line, as docs/transcripts.md tells. Everything in it
/// is another program's: nothing is taken that does not fit the recording or could harm who reads it.
public struct TranscriptAnswer: Sendable, Hashable {
    public struct Segment: Sendable, Hashable {
        /// Within the recording, `from` not after `to`.
        public var fromMilliseconds: Int64
        public var toMilliseconds: Int64
        /// Without control characters; not empty.
        public var text: String
        /// 0 to 1,000.
        public var confidence: Int?
    }

    /// As the recogniser names itself; nil where it does not.
    public private(set) var engine: String?
    public private(set) var model: String?
    /// In the order of time.
    public private(set) var segments: [Segment] = []
    /// Segments that were not taken: outside the recording, or beyond the bounds.
    public private(set) var dropped = 0

    /// Bytes of an answer that are read.
    public static let mostBytes = 4 << 20
    public static let mostLines = 20_000
    public static let mostSegments = 10_000
    /// UTF-8 bytes of all texts together: five hours of talk.
    public static let mostText = 262_144
    /// Characters (Unicode scalars) of one segment.
    public static let longestText = 2000
    private static let longestName = 100
    /// Recognisers count in blocks, and so a little beyond the end.
    private static let grace: Int64 = 1000
    private static let newline = UInt8(ascii: "\n")

    private struct Line: Decodable {
        var from: Double?
        var to: Double?
        var text: String?
        var confidence: Double?
        var engine: String?
        var model: String?

        enum CodingKeys: String, CodingKey {
            case from = "from_ms"
            case to = "to_ms"
            case text, confidence, engine, model
        }
    }

    /// - Parameters:
    ///   - bytes: the whole answer.
    ///   - lengthMilliseconds: of the recording.
    /// - Throws: `SwitchboardError` with code `.transcript`, which names the line: it is no JSON object, no UTF-8, or lacks
    ///   a key.
    public init(_ bytes: [UInt8], lengthMilliseconds: Int64) throws(SwitchboardError) {
        guard bytes.count <= Self.mostBytes else {
            throw SwitchboardError(.transcript, "the answer has more than \(Self.mostBytes) bytes")
        }
        var room = Self.mostText
        var (rest, number) = (bytes[...], 0)
        while !rest.isEmpty {
            let raw = rest.prefix { $0 != Self.newline }
            rest = rest.dropFirst(raw.count + 1)
            number += 1
            guard number <= Self.mostLines else {
                throw SwitchboardError(.transcript, "the answer has more than \(Self.mostLines) lines")
            }
            if raw.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { continue }
            let line = try Self.line(raw, number: number)
            engine = engine ?? line.engine.flatMap { Self.clean($0, most: Self.longestName) }
            model = model ?? line.model.flatMap { Self.clean($0, most: Self.longestName) }
            guard let text = line.text else {
                // A line that only names the recogniser.
                if line.engine != nil || line.model != nil { continue }
                throw Self.wrong(number, "has neither `text` nor `engine` or `model`")
            }
            guard let from = line.from, let to = line.to else {
                throw Self.wrong(number, "has a `text` without `from_ms` and `to_ms`")
            }
            guard let segment = Self.segment(from, to, text, line.confidence, lengthMilliseconds) else { continue }
            switch segment {
            case .outside: dropped += 1
            case .inside(let segment):
                guard segments.count < Self.mostSegments, segment.text.utf8.count <= room else {
                    dropped += 1
                    continue
                }
                room -= segment.text.utf8.count
                segments.append(segment)
            }
        }
        // Of the same beginning, as they came.
        segments = segments.enumerated()
            .sorted { ($0.element.fromMilliseconds, $0.offset) < ($1.element.fromMilliseconds, $1.offset) }
            .map(\.element)
    }

    private enum Placed {
        case inside(Segment)
        case outside
    }

    /// - Returns: nil where there is no text at all.
    private static func segment(
        _ from: Double, _ to: Double, _ text: String, _ confidence: Double?, _ length: Int64
    ) -> Placed? {
        guard let text = clean(text, most: longestText) else { return nil }
        let last = Double(length + grace)
        // An end that is no time of this recording at all tells of other mistakes; one a block too late does not.
        guard from >= 0, from <= to, from <= last, to <= last * 2 + 60_000 else { return .outside }
        let begin = min(Int64(from.rounded()), length)
        let sure = confidence.flatMap { (0...1).contains($0) ? Int(($0 * 1000).rounded()) : nil }
        return .inside(
            Segment(
                fromMilliseconds: begin, toMilliseconds: max(begin, min(Int64(to.rounded()), length)), text: text,
                confidence: sure))
    }

    private static func line(_ raw: ArraySlice<UInt8>, number: Int) throws(SwitchboardError) -> Line {
        guard let text = String(validating: raw, as: UTF8.self) else { throw wrong(number, "is no UTF-8") }
        do {
            return try JSONDecoder().decode(Line.self, from: Data(text.utf8))
        } catch let error as DecodingError {
            if case .typeMismatch(_, let context) = error, let key = context.codingPath.first {
                throw wrong(number, "has a `\(key.stringValue)` of another type")
            }
            throw wrong(number, "is no JSON object: \(ChildProgram.line(Array(raw.prefix(100))))")
        } catch {
            throw wrong(number, "cannot be read")
        }
    }

    private static func wrong(_ number: Int, _ what: String) -> SwitchboardError {
        SwitchboardError(
            .transcript,
            "line \(number) of the answer \(what). Standard output is for JSON lines alone (docs/transcripts.md)")
    }

    /// One line of text: control and formatting characters (line feeds, escapes, turns of direction), private and
    /// unassigned ones become spaces, and spaces are not repeated.
    /// - Returns: nil where nothing is left.
    static func clean(_ text: String, most: Int) -> String? {
        var kept = String.UnicodeScalarView()
        var count = 0
        var isAfterSpace = true
        for scalar in text.unicodeScalars where count < most {
            switch scalar.properties.generalCategory {
            case .control, .format, .surrogate, .privateUse, .unassigned, .spaceSeparator, .lineSeparator,
                .paragraphSeparator:
                guard !isAfterSpace else { continue }
                kept.append(" ")
                isAfterSpace = true
            default:
                kept.append(scalar)
                isAfterSpace = false
            }
            count += 1
        }
        if kept.last == " " { kept.removeLast() }
        return kept.isEmpty ? nil : String(kept)
    }
}
