import Calls
import Storage

/// What the pages of the operation show of the server beside the other sources; read at each request.
public struct OperationSources: Sendable {
    /// Something that wants a person's attention now.
    public struct OpenAlarm: Sendable, Hashable {
        /// `disk`, `recordings`, `sim1.registration`.
        public var kind: String
        /// What is wrong, mostly with the next step.
        public var message: String
        public var since: UTCTime

        public init(kind: String, message: String, since: UTCTime) {
            self.kind = kind
            self.message = message
            self.since = since
        }
    }

    /// How far the machine's clock can be trusted.
    public struct Clock: Sendable, Hashable {
        public var isSynchronised: Bool
        /// At most so many milliseconds wrong, as the kernel says.
        public var maximumErrorMilliseconds: Int

        public init(isSynchronised: Bool, maximumErrorMilliseconds: Int) {
            self.isSynchronised = isSynchronised
            self.maximumErrorMilliseconds = maximumErrorMilliseconds
        }
    }

    /// This machine, as journal and reports name it.
    public var node: String
    public var version: String
    /// Nil where it is not known.
    public var startedAt: Instant?
    /// By kind.
    public var alarms: @Sendable () -> [OpenAlarm]
    /// Nil where it cannot be asked.
    public var clock: @Sendable () -> Clock?
    /// In the order of the example's file.
    public var settings: [SettingView]
    /// The doctor's checks, done beside the running server without touching it; nil: there is no doctor here.
    public var examine: (@Sendable () async throws -> [Finding])?

    public init(
        node: String = "", version: String = "", startedAt: Instant? = nil,
        alarms: @escaping @Sendable () -> [OpenAlarm] = { [] }, clock: @escaping @Sendable () -> Clock? = { nil },
        settings: [SettingView] = [], examine: (@Sendable () async throws -> [Finding])? = nil
    ) {
        self.node = node
        self.version = version
        self.startedAt = startedAt
        self.alarms = alarms
        self.clock = clock
        self.settings = settings
        self.examine = examine
    }
}
