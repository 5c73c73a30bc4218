/// What a modem line is and has done since its start; every counter is named after a decision.
public struct ModemLineStatistics: Sendable, Hashable, Codable {
    /// `closed`, `opening`, `probing`, `identifying`, `sim`, `preparing`, `ready`, `resetting`, `stopped`.
    public var state = "closed"
    /// As the modem calls itself.
    public var model: String?
    /// The network's name.
    public var networkOperator: String?
    /// Received signal strength, dBm (-113…-51); nil where it is not known.
    public var signalDBm: Int?
    /// `registered`, `roaming`, `searching`, `denied`, `none`.
    public var registration = "none"
    /// RINGs that the modem said.
    public var rings: UInt64 = 0
    /// Calls offered to the switchboard, without those that knocked while another one stood.
    public var calls: UInt64 = 0
    public var answered: UInt64 = 0
    /// Calls whose caller gave up before the answer.
    public var missed: UInt64 = 0
    /// Calls hung up by the line itself: no sound card, draining.
    public var turnedAway: UInt64 = 0
    /// Calls that knocked while another one stood, and how many of them were refused.
    public var waiting: UInt64 = 0
    public var waitingRefused: UInt64 = 0
    /// Calls placed by us.
    public var dialled: UInt64 = 0
    public var keysReceived: UInt64 = 0
    public var keysSent: UInt64 = 0
    /// Commands sent, and those without an answer in time.
    public var commands: UInt64 = 0
    public var timeouts: UInt64 = 0
    /// Results and prompts that no command waited for, commands dropped from a full queue.
    public var strays: UInt64 = 0
    /// Lines from the modem that were too long and cut.
    public var cutLines: UInt64 = 0
    public var resets: UInt64 = 0
    /// The port was lost, or could not be opened.
    public var portFailures: UInt64 = 0
    /// The port was opened after the first time.
    public var reopened: UInt64 = 0
    public var cardOpened: UInt64 = 0
    public var cardLost: UInt64 = 0
    /// Legs that are not yet over.
    public var legs = 0

    public init() {}
}
