import Calls
import Media

/// A console line as a value: a person at this machine who calls, presses keys and hangs up, and the exchange at the
/// other end. One call at a time.
package struct ConsoleMachine: Sendable {
    package enum Event: Sendable, Hashable {
        // The person.
        case call(CallID, LegID)
        case press(Key)
        case hangUp
        // The exchange.
        case ring(LegID)
        case answer(LegID)
        case refuse(LegID)
        case release(LegID)
        case drain
        /// The audio devices cannot be opened, or were lost.
        case audioLost(String)
        /// The media engine refused the leg.
        case mediaRefused(String)
    }

    package enum Action: Sendable {
        case openAudio, closeAudio
        /// Opens and configures media of the leg; feeds `.mediaRefused` where it cannot be.
        case openMedia
        case tell(LineEvent.Kind)
        case notice(ConsoleNotice)
    }

    private enum State: Sendable, Hashable {
        case idle
        case offered
        case ringing
        case talking
    }

    private var state = State.idle
    private var isDraining = false
    /// The person's number (nil: none) and the number they are taken to have dialled.
    private let caller: String?
    private let called: String
    package private(set) var call: CallID?
    package private(set) var leg: LegID?

    package init(caller: String?, called: String) {
        self.caller = caller
        self.called = called
    }

    static let session = MediaSession.sound(keysInBand: false)

    package mutating func handle(_ event: Event) -> [Action] {
        switch event {
        case .call(let call, let leg):
            guard state == .idle else { return [.notice(.busy)] }
            guard !isDraining else { return [.notice(.draining)] }
            state = .offered
            self.call = call
            self.leg = leg
            return [
                .openAudio, .notice(.calling),
                .tell(
                    .offered(
                        Offer(
                            caller: caller, callerRaw: caller, callerSource: "console", called: called, diversion: nil,
                            peer: "console", protocolCallID: ""))),
            ]
        case .press(let key):
            guard state == .talking else { return [.notice(.noCall)] }
            return [.tell(.key(key, .keyboard, milliseconds: 100))]
        case .hangUp:
            guard state != .idle else { return [.notice(.noCall)] }
            // Nobody but this person can have pressed it: the cause says so.
            let cause: LineRelease.Cause = state == .talking ? .remoteBye : .cancelled
            return over(LineRelease(cause: cause, q850: 16, message: "hung up at the console"), .youHungUp)
        case .ring(let id):
            guard state == .offered, id == leg else { return [] }
            state = .ringing
            // The ring-back tone is ours: the person hears it.
            return [.openMedia, .tell(.alerted(.emitted183))]
        case .answer(let id):
            guard state == .ringing, id == leg else { return [] }
            state = .talking
            return [.tell(.answered), .tell(.established(Self.session)), .notice(.answered)]
        case .refuse(let id):
            guard state != .idle, id == leg else { return [] }
            return over(LineRelease(cause: .refused, message: "refused"), .refused)
        case .release(let id):
            guard state != .idle, id == leg else { return [] }
            return over(LineRelease(cause: .local, message: "released"), .hotlineHungUp)
        case .drain:
            isDraining = true
            return []
        case .audioLost(let reason), .mediaRefused(let reason):
            guard state != .idle else { return [] }
            return over(LineRelease(cause: .failed, message: reason), .failed(reason))
        }
    }

    private mutating func over(_ release: LineRelease, _ notice: ConsoleNotice) -> [Action] {
        state = .idle
        return [.tell(.released(by: release)), .closeAudio, .notice(notice)]
    }
}

/// What a console tells the person at it.
public enum ConsoleNotice: Sendable, Hashable {
    case calling, answered
    case youHungUp, hotlineHungUp, refused
    /// A call is going on already; none is; the server takes no new ones.
    case busy, noCall, draining
    case failed(String)
}
