import Calls
import Lines

/// What the agents' desk, or somebody through it, tells a call.
package enum DeskWord: Sendable {
    /// Ring this agent's phone, as this leg of the call.
    case offer(AgentOffer, leg: LegID)
    /// Take an offer back, whatever became of its leg.
    case withdraw(OfferID)
    /// The offer was answered, and the caller is still there: bring them together.
    case connect(Connection)
    /// The caller stands in the queue.
    case entered
    /// Where the caller stands, 1 first, and how long it may take.
    case position(Int, expectedWaitMilliseconds: Int64?)
    /// The queue let the caller go.
    case ended(QueueExit)
    /// Somebody at the call, or above it, wants something.
    case command(TalkCommand)
}

/// An answered offer, and how it came about.
package struct Connection: Sendable {
    package var offer: AgentOffer
    package var leg: LegID
    /// From asking for a person to the answer.
    package var waitMilliseconds: Int64
    /// Every offer of this hunt, the answered one last.
    package var offers: [OfferRecord]
    /// What both hear now.
    package var announce: [Announcement]
    /// More rings than these, summed over hunting, are apologised for (002 规范 1: 超过4声应道歉).
    package var apologyAfterRings: Int

    package init(
        offer: AgentOffer, leg: LegID, waitMilliseconds: Int64, offers: [OfferRecord], announce: [Announcement],
        apologyAfterRings: Int
    ) {
        self.offer = offer
        self.leg = leg
        self.waitMilliseconds = waitMilliseconds
        self.offers = offers
        self.announce = announce
        self.apologyAfterRings = apologyAfterRings
    }
}

/// Where a call is handed to.
public enum TalkTarget: Sendable, Hashable {
    case agent(WorkNumber)
    /// A telephone outside, by the trunk.
    case number(String)

    /// For facts: the work number, or the telephone's.
    package var text: String {
        switch self {
        case .agent(let number): number.text
        case .number(let number): number
        }
    }
}

/// What can be asked of a running conversation.
public enum TalkCommand: Sendable, Hashable {
    /// The serving agent puts the caller on hold, or takes the caller back.
    case hold(Bool)
    /// Nobody hears the agent, or everybody again.
    case mute(WorkNumber, Bool)
    /// The agent asks somebody while the caller hears music. The leg is new.
    case consult(TalkTarget, leg: LegID)
    case consultEnded(ConsultEnd)
    /// Blind transfer: the target takes over when it answers; where it does not, the agent keeps the call.
    case transfer(TalkTarget, leg: LegID, kind: TransferKind)
    /// Nobody could be found for the transfer that was asked for.
    case transferRefused
    /// Somebody listens in. The leg is new, or the supervisor's present one changes its mode.
    case supervise(WorkNumber, SuperviseMode, leg: LegID)
    /// The supervisor stops listening.
    case unsupervise(WorkNumber)
    case mark(CallMark, by: WorkNumber, degree: Int?, note: String?)
    /// The recording holds silence, until somebody resumes it or for the limit of the settings.
    case pauseRecording(WorkNumber, reason: String?)
    case resumeRecording(WorkNumber)
    /// The serving agent hangs up.
    case hangUp
}

/// How a call is handed over.
public enum TransferKind: String, Sendable, Codable, CaseIterable {
    case blind, attended
    case shiftLeader = "shift_leader"
}

/// What an agent says of a call.
public enum CallMark: String, Sendable, Codable, CaseIterable {
    /// A malicious nuisance call (恶意骚扰): the agent may hang up first after a warning, and it is reported to the shift
    /// leader (002 规范 7).
    case nuisance
    case wrongNumber = "wrong_number"
    /// An angry caller, with a degree (000-G 第十四条); handed to the shift leader in time (002 规范 8).
    case angry
    /// The line broke, or breaks again and again: at the call's end the caller is called back.
    case dropped

    /// How angry a caller is: 1 annoyed, 2 agitated, 3 beside himself.
    public static let degrees = 1...3
}
