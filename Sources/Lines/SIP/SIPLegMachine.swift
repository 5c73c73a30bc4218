import Media

/// The dialog of one SIP leg as a value: requests, responses and commands come in, what is to be done goes out. It
/// holds the offer/answer state (RFC 3264) and knows every crossing of messages; it performs nothing.
///
/// The stack below answers BYE, CANCEL, PRACK and INFO, retransmits, acknowledges 200s to our INVITEs and refuses
/// overlapping offers (RFC 3261 §14.2: 500, 491) by itself.
package struct SIPLegMachine: Sendable {
    package enum Event: Sendable, Hashable {
        // Commands.
        case dial
        case ring(Alerting)
        case answer
        case refuse(Refusal)
        case release(ReleaseReason)
        /// The time for an answer to our call is up.
        case timedOut(milliseconds: Int)
        // From the peer or the stack.
        case sent(Int)
        case ack(sdp: String?)
        case cancelled(reason: String)
        case bye(reason: String)
        /// `strange`: a body that is no SDP, or one too long to be read.
        case reinvite(sdp: String?, strange: Bool)
        case update(sdp: String?, strange: Bool)
        case response(status: Int, sdp: String?, reason: String)
        case trouble(status: Int, phrase: String)
        case ending(phrase: String)
        case ended(status: Int, phrase: String)
        /// The media engine refused the session last asked for; what stood behind it in the actions was not done.
        case mediaFailed
    }

    package enum Action: Sendable, Hashable {
        /// To the INVITE, first or later.
        case respond(status: Int, sdp: String?, reason: String?)
        /// To the UPDATE being handled.
        case answerNow(status: Int, sdp: String?)
        case invite(sdp: String)
        case cancel(reason: String)
        case bye(reason: String)
        case configure(MediaSession)
        case tell(Told)
        /// The leg is over and the stack has let go of it.
        case forget
    }

    /// What the line tells: `LineEvent.Kind` without the offer.
    package enum Told: Sendable, Hashable {
        case alerted(Alerting)
        case answered
        case progress(status: Int, early: Bool)
        case established(MediaSession)
        case held(Bool)
        case sessionChanged(MediaSession)
        case released(LineRelease)
    }

    private enum State: Sendable, Hashable {
        // Inbound.
        case offered
        /// Our 200 is ordered; it may wait for a PRACK.
        case answering
        /// Our 200 is on the wire.
        case answered
        // Outbound.
        case idle, calling
        /// We cancelled; a 200 that crosses must be ended by a BYE (RFC 3261 §9.1).
        case cancelling
        case established
        /// Released, but the ACK is still out: the BYE has to wait for it (RFC 3261 §15).
        case owingBye
        case over
    }

    private var state: State
    private var dialog: SDPDialog
    /// The answer to the INVITE's offer, made before the leg was offered; nil for a late offer.
    private let answer: (sdp: String, session: MediaSession)?
    private var isHeld = false
    /// Said with the BYE or CANCEL that ends the leg.
    private var farewell = SIPLegMachine.reasonHeader(ReleaseReason())

    /// An incoming call whose description was read and answered already (nil: it brought none, we shall offer).
    package init(incoming dialog: SDPDialog, answer: (sdp: String, session: MediaSession)?) {
        self.dialog = dialog
        self.answer = answer
        state = .offered
    }

    /// A call of ours, not yet placed.
    package init(outgoing dialog: SDPDialog) {
        self.dialog = dialog
        answer = nil
        state = .idle
    }

    package var isOver: Bool { state == .over || state == .owingBye || state == .cancelling }
    package var isAwaitingAnswer: Bool { state == .calling }

    package mutating func handle(_ event: Event) -> [Action] {
        switch event {
        case .dial, .ring, .answer, .refuse, .release, .timedOut: command(event)
        case .sent(let status): sent(status)
        case .ack(let sdp): acknowledged(sdp)
        case .cancelled(let reason): cancelReceived(reason)
        case .bye(let reason): byeReceived(reason)
        case .reinvite(let sdp, let strange): reinvited(sdp, strange: strange)
        case .update(let sdp, let strange): updated(sdp, strange: strange)
        case .response(let status, let sdp, let reason): responded(status, sdp: sdp, reason: reason)
        case .trouble(let status, let phrase): trouble(status, phrase: phrase)
        case .ending(let phrase): endingByStack(phrase)
        case .ended(let status, let phrase): ended(status, phrase: phrase)
        case .mediaFailed: mediaFailed()
        }
    }
}

// MARK: - Commands

extension SIPLegMachine {
    private mutating func command(_ event: Event) -> [Action] {
        switch (state, event) {
        case (.idle, .dial): return place()
        case (.offered, .ring(let alerting)): return ring(alerting)
        case (.offered, .answer): return take()
        case (.offered, .refuse(let refusal)):
            let reason = ReleaseReason(cause: refusal.cause, text: "")
            return [.respond(status: refusal.status, sdp: nil, reason: Self.reasonHeader(reason))]
                + over(LineRelease(cause: .refused, status: refusal.status, message: "\(refusal.status) sent"))
        case (.offered, .release(let reason)):
            // The caller is told "not now" (RFC 3261 §21.4.18); a busy line has its own word.
            let status = reason.cause == 17 ? 486 : 480
            return [.respond(status: status, sdp: nil, reason: Self.reasonHeader(reason))]
                + over(LineRelease(cause: .local, status: status, message: "\(status) sent"))
        case (.answering, .release(let reason)), (.answered, .release(let reason)):
            farewell = Self.reasonHeader(reason)
            return over(LineRelease(cause: .local, message: "BYE sent"), into: .owingBye)
        case (.established, .release(let reason)):
            return [.bye(reason: Self.reasonHeader(reason))] + over(LineRelease(cause: .local, message: "BYE sent"))
        case (.calling, .release(let reason)):
            farewell = Self.reasonHeader(reason)
            return [.cancel(reason: farewell)]
                + over(LineRelease(cause: .local, message: "CANCEL sent"), into: .cancelling)
        case (.idle, .release):
            return over(LineRelease(cause: .local, message: "not yet dialled"))
        case (.calling, .timedOut(let milliseconds)):
            farewell = Self.reasonHeader(ReleaseReason(cause: 19, text: "No answer"))
            let message = "CANCEL sent, no answer within \(milliseconds) ms"
            return [.cancel(reason: farewell)]
                + over(LineRelease(cause: .rejected, status: 408, message: message), into: .cancelling)
        default:
            // A command that crossed the call's end, or came twice.
            return []
        }
    }

    private mutating func ring(_ alerting: Alerting) -> [Action] {
        // Without an offer there is nothing to answer in a 183; the caller hears the network's own tone.
        guard alerting == .earlyMedia, let answer else { return [.respond(status: 180, sdp: nil, reason: nil)] }
        return [.configure(answer.session), .respond(status: 183, sdp: answer.sdp, reason: nil)]
    }

    private mutating func take() -> [Action] {
        state = .answering
        if let answer {
            // Media stands ready before the peer hears that it may speak.
            return [
                .configure(dialog.session ?? answer.session),
                .respond(status: 200, sdp: dialog.description ?? answer.sdp, reason: nil),
            ]
        }
        guard let offer = makeOffer() else { return failOwnOffer() }
        return [.respond(status: 200, sdp: offer, reason: nil)]
    }

    private mutating func place() -> [Action] {
        guard let offer = makeOffer() else {
            return over(LineRelease(cause: .failed, message: "no session description could be made")) + [.forget]
        }
        state = .calling
        return [.invite(sdp: offer)]
    }

    private mutating func failOwnOffer() -> [Action] {
        [.respond(status: 500, sdp: nil, reason: nil)]
            + over(LineRelease(cause: .failed, status: 500, message: "no session description could be made"))
    }
}

// MARK: - The call's course

extension SIPLegMachine {
    private mutating func sent(_ status: Int) -> [Action] {
        switch (state, status) {
        case (.offered, 180): return [.tell(.alerted(.ringing))]
        case (.offered, 183): return [.tell(.alerted(.earlyMedia))]
        case (.answering, 200..<300):
            state = .answered
            return [.tell(.answered)]
        default: return []
        }
    }

    private mutating func acknowledged(_ sdp: String?) -> [Action] {
        switch state {
        case .owingBye:
            state = .over
            return [.bye(reason: farewell)]
        case .answering, .answered:
            let told: [Action] = state == .answering ? [.tell(.answered)] : []
            guard dialog.pendingOffer != nil else {
                state = .established
                guard let session = dialog.session else { return told }
                return told + [.tell(.established(session))]
            }
            guard let sdp, let session = accept(sdp) else {
                return told + [
                    .bye(reason: Self.reasonHeader(ReleaseReason(cause: 88, text: "Incompatible destination")))
                ]
                    + over(LineRelease(cause: .failed, message: "BYE sent, no usable answer to our offer in the ACK"))
            }
            state = .established
            return told + [.configure(session), .tell(.established(session))]
        case .established:
            guard dialog.pendingOffer != nil else { return [] }
            // The answer to the offer in our 200 to a re-INVITE; without one, all stays as it was.
            guard let sdp else {
                dialog.withdraw()
                return []
            }
            let before = dialog.session
            guard let session = accept(sdp) else {
                dialog.withdraw()
                return []
            }
            return [.configure(session)] + changes(from: before)
        default: return []
        }
    }

    private mutating func cancelReceived(_ reason: String) -> [Action] {
        guard state == .offered || state == .answering else { return [] }
        return over(remote(.cancelled, "CANCEL received", reason))
    }

    private mutating func byeReceived(_ reason: String) -> [Action] {
        switch state {
        case .over: return []
        case .owingBye, .cancelling:
            state = .over
            return []
        default: return over(remote(.remoteBye, "BYE received", reason))
        }
    }

    private mutating func responded(_ status: Int, sdp: String?, reason: String) -> [Action] {
        switch (state, status) {
        case (.calling, 101..<200):
            var early: MediaSession?
            if let sdp {
                // A copy: the final answer still has to come (RFC 3261 §13.2.1), and counts.
                var trial = dialog
                if case .success(let session) = Result(catching: { () throws(MediaError) in
                    try trial.accept(answer: sdp)
                }) {
                    early = session
                }
            }
            return (early.map { [.configure($0)] } ?? []) + [.tell(.progress(status: status, early: early != nil))]
        case (.calling, 200..<300):
            guard let sdp, let session = accept(sdp) else {
                return [.bye(reason: Self.reasonHeader(ReleaseReason(cause: 88, text: "Incompatible destination")))]
                    + over(
                        LineRelease(cause: .failed, status: status, message: "BYE sent, no usable SDP in the answer"))
            }
            state = .established
            return [.configure(session), .tell(.established(session))]
        case (.cancelling, 200..<300):
            state = .over
            return [.bye(reason: farewell)]
        case (.calling, 300...):
            var release = remote(.rejected, "\(status) received", reason)
            release.status = status
            return over(release)
        default: return []
        }
    }

    private mutating func trouble(_ status: Int, phrase: String) -> [Action] {
        // 500s speak of responses that crossed a CANCEL; only what is missing from the peer ends the leg.
        guard status == 408 || status == 504 else { return [] }
        switch state {
        case .answered:
            return over(LineRelease(cause: .noAck, status: 408, message: "no ACK received"))
        case .owingBye:
            // The stack sends the BYE itself when it gives up waiting.
            state = .over
            return []
        case .offered, .answering:
            return over(LineRelease(cause: .failed, status: 504, message: "no PRACK received"))
        default: return []
        }
    }

    private mutating func endingByStack(_ phrase: String) -> [Action] {
        switch state {
        case .established: return over(LineRelease(cause: .sessionTimer, message: "session timer expired, BYE sent"))
        case .answered: return over(LineRelease(cause: .noAck, message: "no ACK received"))
        default: return []
        }
    }

    private mutating func mediaFailed() -> [Action] {
        let release = LineRelease(cause: .failed, status: 500, message: "media engine refused the session")
        switch state {
        case .offered, .answering: return [.respond(status: 500, sdp: nil, reason: nil)] + over(release)
        case .established, .answered:
            // A re-INVITE waits for its answer, or nothing does: then the stack passes the answer over.
            return [
                .respond(status: 500, sdp: nil, reason: nil),
                .bye(reason: Self.reasonHeader(ReleaseReason(cause: 41, text: "Temporary failure"))),
            ] + over(release)
        case .calling:
            farewell = Self.reasonHeader(ReleaseReason(cause: 41, text: "Temporary failure"))
            return [.cancel(reason: farewell)] + over(release, into: .cancelling)
        default: return []
        }
    }

    private mutating func ended(_ status: Int, phrase: String) -> [Action] {
        let release: LineRelease?
        switch state {
        case .over, .owingBye, .cancelling: release = nil
        case .established:
            // The stack ends a standing call by itself for one reason only (RFC 4028 §10): the session was not
            // refreshed, our refresh was not answered, or the peer no longer knows the call.
            let isExpiry = status < 300
            release = LineRelease(
                cause: .sessionTimer, status: isExpiry ? nil : status,
                message: isExpiry ? "session timer expired, BYE sent" : "session refresh failed: \(status) \(phrase)")
        case .calling:
            release = LineRelease(cause: .rejected, status: status, message: "\(status) \(phrase)")
        default:
            release = LineRelease(cause: .failed, status: status > 0 ? status : nil, message: "\(status) \(phrase)")
        }
        return (release.map { over($0) } ?? []) + [.forget]
    }
}

// MARK: - Changes within the call

extension SIPLegMachine {
    private mutating func reinvited(_ sdp: String?, strange: Bool) -> [Action] {
        guard state == .established else { return [.respond(status: 481, sdp: nil, reason: nil)] }
        guard !strange else { return [.respond(status: 415, sdp: nil, reason: nil)] }
        guard let sdp else {
            guard let offer = makeOffer() else { return [.respond(status: 500, sdp: nil, reason: nil)] }
            return [.respond(status: 200, sdp: offer, reason: nil)]
        }
        let before = dialog.session
        switch answered(sdp) {
        case .success(let answer):
            return [.configure(answer.session), .respond(status: 200, sdp: answer.sdp, reason: nil)]
                + changes(from: before)
        case .failure(let error):
            return [.respond(status: Self.status(for: error), sdp: nil, reason: nil)]
        }
    }

    private mutating func updated(_ sdp: String?, strange: Bool) -> [Action] {
        switch state {
        case .over, .owingBye, .cancelling, .idle: return [.answerNow(status: 481, sdp: nil)]
        default: break
        }
        guard !strange else { return [.answerNow(status: 415, sdp: nil)] }
        // Without a description: a refresh of the session timer or of the target.
        guard let sdp else { return [.answerNow(status: 200, sdp: nil)] }
        guard dialog.pendingOffer == nil else { return [.answerNow(status: 491, sdp: nil)] }
        let before = dialog.session
        switch answered(sdp) {
        case .success(let answer):
            return [.configure(answer.session), .answerNow(status: 200, sdp: answer.sdp)]
                + (state == .established ? changes(from: before) : [])
        case .failure(let error): return [.answerNow(status: Self.status(for: error), sdp: nil)]
        }
    }

    /// Tells what a new session changed: hold and resume first, then the session itself.
    private mutating func changes(from before: MediaSession?) -> [Action] {
        guard let session = dialog.session, session != before else { return [] }
        var actions: [Action] = []
        let held = !session.direction.sends
        if held != isHeld {
            isHeld = held
            actions.append(.tell(.held(held)))
        }
        return actions + [.tell(.sessionChanged(session))]
    }

    private mutating func answered(_ offer: String) -> Result<(sdp: String, session: MediaSession), MediaError> {
        Result { () throws(MediaError) in try dialog.answer(to: offer) }
    }

    private mutating func accept(_ answer: String) -> MediaSession? {
        guard
            case .success(let session) = Result(catching: { () throws(MediaError) in
                try dialog.accept(answer: answer)
            })
        else { return nil }
        return session
    }

    private mutating func makeOffer() -> String? {
        guard case .success(let offer) = Result(catching: { () throws(MediaError) in try dialog.offer() }) else {
            return nil
        }
        return offer
    }

    private mutating func over(_ release: LineRelease, into state: State = .over) -> [Action] {
        self.state = state
        return [.tell(.released(release))]
    }

    private func remote(_ cause: LineRelease.Cause, _ message: String, _ reason: String) -> LineRelease {
        LineRelease(
            cause: cause, reason: reason.isEmpty ? nil : String(reason.prefix(200)), q850: SIPParameters.q850(reason),
            message: message)
    }

    /// 488 where nothing is in common, 400 where the description cannot be read.
    static func status(for error: MediaError) -> Int { error.code == .noCodec ? 488 : 400 }

    /// RFC 3326; the text is ours, so that it needs no more than quotes.
    static func reasonHeader(_ reason: ReleaseReason) -> String {
        let text = reason.text.filter { $0 != "\"" && $0 != "\\" && $0.isASCII && !$0.isNewline }
        return "Q.850;cause=\(min(max(reason.cause, 1), 127))" + (text.isEmpty ? "" : ";text=\"\(text)\"")
    }
}
