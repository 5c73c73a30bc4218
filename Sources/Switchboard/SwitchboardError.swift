/// What went wrong in the exchange itself.
public struct SwitchboardError: Error, Sendable, CustomStringConvertible {
    public struct Code: Sendable, Hashable {
        public let name: String
        public init(_ name: String) { self.name = name }
        /// A look-up's back end did not answer, or answered with something unusable.
        public static let lookup = Code("lookup")
        /// A name in the configuration leads nowhere.
        public static let configuration = Code("configuration")
        /// An agent, queue or call that is not there.
        public static let notFound = Code("not_found")
        /// What was asked for is malformed.
        public static let argument = Code("argument")
        /// It cannot be done as things stand.
        public static let refused = Code("refused")
        /// Nobody is called at this hour.
        public static let outsideHours = Code("outside_hours")
        /// A message could not be delivered.
        public static let webhook = Code("webhook")
        /// A recogniser's answer that cannot be used.
        public static let transcript = Code("transcript")
        /// A recording's file is gone, or not as it was finished.
        public static let damaged = Code("damaged")
        /// Another ticket store is away, or says what cannot be used.
        public static let tickets = Code("tickets")
        /// There is no room or time for it now.
        public static let unavailable = Code("unavailable")
        /// The time zone is not known on this machine.
        public static let timeZone = Code("time_zone")
    }
    public var code: Code
    public var message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { "\(message) [switchboard.\(code.name)]" }
}
