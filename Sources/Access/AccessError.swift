/// What went wrong with somebody's coming in, or with the people of the console.
public struct AccessError: Error, Sendable, CustomStringConvertible {
    public struct Code: Sendable, Hashable {
        public let name: String
        public init(_ name: String) { self.name = name }
        /// A person, token or invitation that is not there.
        public static let notFound = Code("not_found")
        /// What was given is malformed.
        public static let argument = Code("argument")
        /// It cannot be done as things stand.
        public static let refused = Code("refused")
        /// A wrong name or password.
        public static let credentials = Code("credentials")
        /// So many wrong passwords that none is looked at for a while.
        public static let locked = Code("locked")
        /// The file of credentials cannot be read or written.
        public static let file = Code("file")
        /// A password cannot be hashed for want of memory, or too many are at it.
        public static let busy = Code("busy")
    }

    public var code: Code
    public var message: String
    /// Of `.locked`: seconds until it may be tried again.
    public var retryAfter: Int?

    public init(_ code: Code, _ message: String, retryAfter: Int? = nil) {
        self.code = code
        self.message = message
        self.retryAfter = retryAfter
    }

    public var description: String { "\(message) [access.\(code.name)]" }
}
