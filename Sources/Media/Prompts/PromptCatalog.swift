/// One locale's prompts: `prompts/<locale>/catalog.yaml` and the folder of WAV files beside it.
public struct PromptCatalog: Sendable {
    /// What a prompt's audio is.
    public enum Kind: String, Sendable, Codable, CaseIterable {
        case speech
        /// Played over and over while a caller waits: quieter than speech, and without silence at its ends. Never
        /// rendered by a voice.
        case music
    }

    /// One prompt.
    public struct Entry: Sendable, Hashable {
        /// What flows call it: `greeting`, `digit.7`, …
        public var id: String
        public var kind: Kind
        /// What it says, as shown to people; of music, what it is.
        public var text: String
        /// What the voice is given to say, where that is written otherwise than `text` (a misread word respelled).
        public var spoken: String?
        /// Below the catalog's folder.
        public var file: String
        /// Whose voice: a person's name, or model and voice.
        public var voice: String?
        /// SPDX identifier of what the audio may be used under, or `proprietary`.
        public var licence: String?
        /// Of the file: 64 lower-case hex digits.
        public var sha256: String?
        /// Of the words that the file was made from (UTF-8): when they are changed later, the file is seen to be stale.
        public var textSHA256: String?
        /// `<catalog>:<line>`, for messages.
        public var place: String
        /// The entry's first line in the catalog, from 1.
        public var line: Int
        /// Where that line's first key begins, from 1.
        public var column: Int

        public init(
            id: String, kind: Kind = .speech, text: String, spoken: String? = nil, file: String, voice: String? = nil,
            licence: String? = nil, sha256: String? = nil, textSHA256: String? = nil, place: String = "catalog",
            line: Int = 0, column: Int = 0
        ) {
            self.id = id
            self.kind = kind
            self.text = text
            self.spoken = spoken
            self.file = file
            self.voice = voice
            self.licence = licence
            self.sha256 = sha256
            self.textSHA256 = textSHA256
            self.place = place
            self.line = line
            self.column = column
        }

        /// What the voice is to say.
        public var words: String { spoken ?? text }
    }

    /// The folder that holds `catalog.yaml` and the files.
    public var folder: String
    /// `zh-CN`, …
    public var locale: String
    /// In the catalog's order.
    public var entries: [Entry]

    /// Where the catalog itself is.
    public var path: String { folder + "/catalog.yaml" }

    /// Where an entry's file is.
    public func path(of entry: Entry) -> String { folder + "/" + entry.file }

    public init(folder: String, locale: String, entries: [Entry]) {
        self.folder = folder
        self.locale = locale
        self.entries = entries
    }
}
