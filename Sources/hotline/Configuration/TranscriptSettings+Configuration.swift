import Documents
import Foundation
import Switchboard

extension TranscriptSettings {
    /// Nil where neither a program nor a URL is set: then no transcripts are made. Complaints go to the reader.
    /// - Throws: what is wrong with the list of words.
    init?(_ reader: inout ConfigurationValues, share: ShareFolder) throws(DocumentErrors) {
        let command = reader.list("transcripts.command").filter { !$0.isEmpty }
        let text = reader.text("transcripts.url")
        guard !command.isEmpty || !text.isEmpty else { return nil }
        if !command.isEmpty, !text.isEmpty {
            reader.complain("transcripts.url", "stands beside `transcripts.command`: set one of the two")
        }
        if !text.isEmpty {
            let url = URL(string: text)
            if !["http", "https"].contains(url?.scheme?.lowercased() ?? "") || (url?.host ?? "").isEmpty {
                reader.complain("transcripts.url", "takes an http or https URL, not `\(text)`")
            }
        }
        let language = reader.text("transcripts.language")
        // It goes out in a header and in the environment.
        let isPlain = language.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
        if !isPlain || !(1...35).contains(language.utf8.count) {
            reader.complain("transcripts.language", "takes a language tag such as zh or zh-CN, not `\(language)`")
        }
        self.init(
            engine: command.isEmpty ? .url(text) : .command(command), language: language,
            timeoutSeconds: max(1, reader.integer("transcripts.timeout") / 1000),
            queueLimit: reader.integer("transcripts.queue_limit"),
            keywords: try TranscriptKeywords(
                path: share.resolve(reader.text("transcripts.keywords"), in: "transcripts")))
    }
}
