/// What went wrong in the evidence room: a value, a key or a signature that cannot be used.
public struct EvidenceError: Error, Sendable, Hashable, CustomStringConvertible {
    public struct Code: Sendable, Hashable {
        public let name: String
        public init(_ name: String) { self.name = name }
        /// A value has no canonical form (a fraction, an integer beyond 64 bits).
        public static let notCanonical = Code("not_canonical")
        /// Bytes are not canonical JSON.
        public static let syntax = Code("syntax")
        /// A key or signature has the wrong length or form.
        public static let key = Code("key")
        /// A signature does not fit.
        public static let signature = Code("signature")
        /// An anchor's fields contradict each other.
        public static let anchor = Code("anchor")
    }

    public var code: Code
    /// For people: what, where, and what to do.
    public var message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { "\(message) [evidence.\(code.name)]" }
}
