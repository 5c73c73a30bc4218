import Documents
import Foundation
import Hummingbird

/// A language of the pages.
enum Language: String, Sendable, CaseIterable {
    case chinese = "zh"
    case english = "en"

    static let cookie = "hotline_language"

    /// As `<html lang>` wants it.
    var tag: String { self == .chinese ? "zh-CN" : "en" }
    var other: Language { self == .chinese ? .english : .chinese }

    /// What somebody chose, or else what their browser prefers, or else Chinese.
    init(of request: Request) {
        if let chosen = request.cookies[Self.cookie].flatMap({ Language(rawValue: $0.value) }) {
            self = chosen
            return
        }
        let first = (request.headers[.acceptLanguage] ?? "").split(separator: ",").first ?? ""
        self = first.lowercased().hasPrefix("en") ? .english : .chinese
    }
}

/// The words of the pages, by key, in each language: `web/i18n/console.yaml` and `console-<topic>.yaml`, `key: {en: …, zh: …}`;
/// scripts that have words of their own have files of their own beside them. What errors say has another file, `messages.yaml`
/// (`SaidInChinese`).
struct Words: Sendable {
    private static let pages = "console"
    private static let messages = "messages.yaml"
    private var ofPages: [Language: [String: String]] = [:]
    private var byFile: [String: [Language: [String: String]]] = [:]
    private var inChinese = SaidInChinese()

    /// - Throws: `DocumentErrors` with everything wrong in the first file that is refused; `ConsoleError` for a word that two
    ///   files of the pages have; whatever reading a file throws.
    init(folder: String) throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".yaml") }
            .sorted()
        for name in names {
            let path = "\(folder)/\(name)"
            let text = try String(contentsOfFile: path, encoding: .utf8)
            guard name != Self.messages else {
                inChinese = try SaidInChinese(try Document.parse(text, file: path))
                continue
            }
            let diagnostics = Diagnostics()
            var words: [Language: [String: String]] = [:]
            for entry in try Document.parse(text, file: path).entries ?? [] {
                let reader = MappingReader(entry.value, "word \"\(entry.key)\"", diagnostics)
                words[.english, default: [:]][entry.key] = reader.string("en")
                words[.chinese, default: [:]][entry.key] = reader.string("zh")
                reader.finish()
            }
            try diagnostics.throwErrors()
            let file = String(name.dropLast(5))
            guard file == Self.pages || file.hasPrefix("\(Self.pages)-") else {
                byFile[file] = words
                continue
            }
            for (language, these) in words {
                for (key, word) in these {
                    guard ofPages[language, default: [:]].updateValue(word, forKey: key) == nil else {
                        throw ConsoleError(
                            "\(path): the word \(quoted(key)) stands in another file of the pages already")
                    }
                }
            }
        }
    }

    /// All words of the pages.
    subscript(language: Language) -> [String: String] { ofPages[language] ?? [:] }

    /// All words of a file, by its name without `.yaml`.
    subscript(language: Language, of file: String) -> [String: String] { byFile[file]?[language] ?? [:] }

    /// The pages' word for a key; the key itself where there is none, so that its want is seen.
    subscript(language: Language, key: String) -> String { self[language][key] ?? key }

    /// What an error says, in a language; in English where it is not known in that.
    func said(_ message: String, _ language: Language) -> String { language == .chinese ? inChinese[message] : message }
}
