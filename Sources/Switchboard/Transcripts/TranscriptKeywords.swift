import Documents
import Foundation
import Storage

/// Words that are watched for in transcripts, by what they may mean. Read from a YAML file
/// (transcripts/keywords.yaml is the shipped one).
public struct TranscriptKeywords: Sendable {
    public struct Word: Sendable, Hashable {
        public var flag: QAFlagKind
        /// As the file has it.
        public var word: String
        /// As transcripts are searched: ` 投 诉 `.
        let phrase: String
    }

    public let words: [Word]

    /// Of one recording at most: the first of each word and channel.
    public static let mostFlags = 100
    private static let mostWords = 1000
    private static let largest = 1 << 20

    /// - Throws: everything that is wrong, with its place.
    public init(path: String) throws(DocumentErrors) {
        let data: Data
        do {
            let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
            guard size <= Self.largest else {
                throw SwitchboardError(.configuration, "it is larger than \(Self.largest) bytes")
            }
            data = try Data(contentsOf: URL(fileURLWithPath: path))
        } catch {
            let why = (error as? SwitchboardError)?.message ?? error.localizedDescription
            throw DocumentErrors([
                DocumentError(
                    .unreadable, file: path, line: 0, column: 0, message: "cannot be read: \(why)",
                    advice: "Name a file of words to watch for (docs/transcripts.md)")
            ])
        }
        try self.init(String(decoding: data, as: UTF8.self), file: path)
    }

    /// - Parameters:
    ///   - text: YAML: a list of words for `complaint`, `threat`, `injury`.
    ///   - file: its name, for complaints.
    /// - Throws: everything that is wrong, with its place.
    public init(_ text: String, file: String) throws(DocumentErrors) {
        let root: Node
        do {
            root = try Document.parse(text, file: file)
        } catch {
            throw DocumentErrors([error])
        }
        let diagnostics = Diagnostics()
        let reader = MappingReader(root, "the list of words", diagnostics)
        var words: [Word] = []
        for flag in QAFlagKind.allCases {
            var seen: Set<String> = []
            for word in reader.strings(flag.rawValue) {
                let found = SearchText.words(word)
                if found.isEmpty {
                    reader.complain(
                        about: flag.rawValue, "\(flag.rawValue) has a word without a letter, a digit or a character")
                } else if word.utf8.count > 100 {
                    reader.complain(about: flag.rawValue, "\(flag.rawValue) has a word of more than 100 bytes")
                } else if seen.insert(found.joined(separator: " ")).inserted {
                    words.append(Word(flag: flag, word: word, phrase: " \(found.joined(separator: " ")) "))
                }
            }
        }
        reader.finish()
        if words.count > Self.mostWords {
            reader.complain(about: QAFlagKind.complaint.rawValue, "there are more than \(Self.mostWords) words")
        }
        try diagnostics.throwErrors()
        self.words = words
    }

    /// Where in a transcript a watched word stands.
    package struct Hit: Hashable {
        package var flag: QAFlagKind
        package var word: String
        package var channel: Int
        package var role: String
        package var fromMilliseconds: Int64
    }

    /// The first place of each word in each channel, in the order of time.
    package func hits(in channels: [TranscriptMade.Channel]) -> [Hit] {
        var hits: [Hit] = []
        for channel in channels {
            let bodies = channel.segments.map { SearchText.body([$0.text]) ?? "" }
            for word in words {
                guard let index = bodies.firstIndex(where: { $0.contains(word.phrase) }) else { continue }
                let segment = channel.segments[index]
                hits.append(
                    Hit(
                        flag: word.flag, word: word.word, channel: channel.index, role: segment.role,
                        fromMilliseconds: segment.fromMilliseconds))
            }
        }
        hits.sort { ($0.fromMilliseconds, $0.channel, $0.word) < ($1.fromMilliseconds, $1.channel, $1.word) }
        return Array(hits.prefix(Self.mostFlags))
    }
}
