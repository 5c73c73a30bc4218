/// The called side of one call over UDP: an agent's phone that rings for a while, answers, talks and is left or leaves. A
/// value like `CallerMachine`.
package struct PhoneMachine: Sendable {
    package enum State: Sendable, Hashable {
        case ringing
        /// 200 sent, its ACK awaited.
        case answering
        case up
        /// BYE sent.
        case leaving
        case over
    }

    package private(set) var state = State.ringing
    package let callID: String
    private let invite: SIPMessage
    private let source: Endpoint
    private let contact: String
    private let via: Endpoint
    private let tag: String
    private let session: SDP.Session
    private let media: Endpoint
    private var answerAt: Int64
    private var lastResponse: [UInt8]
    private var timer: Retransmission?
    private var request: [UInt8] = []
    private var dialog: Dialog

    /// Rings.
    /// - Parameters:
    ///   - session: of the INVITE's offer.
    ///   - user: the phone's, for Contact.
    ///   - media: where we take RTP.
    ///   - answerAfter: nanoseconds of ringing.
    /// - Returns: nil, and what to answer, where the INVITE cannot be taken.
    package static func ring(
        _ invite: SIPMessage, from source: Endpoint, user: String, local: Endpoint, media: Endpoint,
        session: SDP.Session, answerAfter: Int64, at now: Int64, tag: String = SIPText.word(10)
    ) -> (PhoneMachine, [SIPAction])? {
        guard let target = invite.values("contact").first.flatMap({ NameAddress($0)?.uri }), SIPURI(target) != nil,
            !invite.callID.isEmpty, let remote = invite.header("from"), let to = invite.header("to")
        else { return nil }
        let contact = "<sip:\(user)@\(local)>"
        let route = invite.values("record-route")
        let dialog = Dialog(
            callID: invite.callID, local: to + ";tag=\(tag)", remote: remote, remoteTag: invite.fromTag,
            target: target, route: route, sequence: 1, via: local,
            destination: Dialog.destination(route: route, target: target, fallback: source))
        let ringing = SIPText.response(to: invite, 180, "Ringing", tag: tag, more: [("Contact", contact)])
        let machine = PhoneMachine(
            callID: invite.callID, invite: invite, source: source, contact: contact, via: local, tag: tag,
            session: session, media: media, answerAt: now + answerAfter, lastResponse: ringing, dialog: dialog)
        return (machine, [.send(ringing, to: source)])
    }

    private init(
        callID: String, invite: SIPMessage, source: Endpoint, contact: String, via: Endpoint, tag: String,
        session: SDP.Session, media: Endpoint, answerAt: Int64, lastResponse: [UInt8], dialog: Dialog
    ) {
        self.callID = callID
        self.invite = invite
        self.source = source
        self.contact = contact
        self.via = via
        self.tag = tag
        self.session = session
        self.media = media
        self.answerAt = answerAt
        self.lastResponse = lastResponse
        self.dialog = dialog
    }

    package var next: Int64? { state == .ringing ? answerAt : timer?.next }

    package mutating func tick(at now: Int64) -> [SIPAction] {
        if state == .ringing {
            guard now >= answerAt else { return [] }
            state = .answering
            lastResponse = SIPText.response(
                to: invite, 200, "OK", tag: tag, more: [("Contact", contact), ("Allow", SIPText.allow)],
                body: SDP.answer(local: media, session: session))
            // A 200 is repeated by us until its ACK comes, at T1, doubling to T2 (§13.3.1.4).
            timer = Retransmission(from: now, isInvite: false)
            return [.send(lastResponse, to: source)]
        }
        guard var running = timer else { return [] }
        let due = running.due(at: now)
        timer = running
        switch (due, state) {
        case (.again, .answering): return [.send(lastResponse, to: source)]
        case (.again, .leaving): return [.send(request, to: dialog.destination)]
        case (.giveUp, .answering): return end(.failed("200 got no ACK in 32 s"))
        case (.giveUp, .leaving): return end(.failed("BYE got no answer in 32 s"))
        default: return []
        }
    }

    package mutating func hangUp(at now: Int64) -> [SIPAction] {
        switch state {
        case .ringing:
            let refusal = SIPText.response(to: invite, 480, "Temporarily unavailable", tag: tag)
            lastResponse = refusal
            return [.send(refusal, to: source)] + end(.released)
        case .answering, .up:
            dialog.sequence += 1
            request = dialog.request("BYE", sequence: dialog.sequence, branch: SIPText.branch())
            state = .leaving
            timer = Retransmission(from: now, isInvite: false)
            return [.send(request, to: dialog.destination)]
        case .leaving, .over: return []
        }
    }

    private mutating func end(_ how: CallEnd) -> [SIPAction] {
        guard state != .over else { return [] }
        state = .over
        timer = nil
        return [.over(how)]
    }

    package mutating func take(_ message: SIPMessage, from source: Endpoint, at now: Int64) -> [SIPAction] {
        func answer(_ status: Int, _ phrase: String, _ more: [(String, String)] = [], _ body: String = "") -> SIPAction
        {
            .send(SIPText.response(to: message, status, phrase, tag: tag, more: more, body: body), to: source)
        }
        guard let method = message.method else {
            guard state == .leaving, message.sequence?.method == "BYE", let status = message.status, status >= 200
            else { return [] }
            return end(status < 300 || status == 481 || status == 408 ? .released : .failed("BYE got \(status)"))
        }
        switch method {
        case "INVITE":
            if message.branch == invite.branch { return [.send(lastResponse, to: source)] }
            guard state == .up || state == .answering else { return [answer(481, "No such call")] }
            return [answer(200, "OK", [("Contact", contact)], SDP.answer(local: media, session: session))]
        case "ACK":
            guard state == .answering else { return [] }
            state = .up
            timer = nil
            return [.answered(session)]
        case "CANCEL":
            guard state == .ringing else { return [answer(200, "OK")] }
            lastResponse = SIPText.response(to: invite, 487, "Request terminated", tag: tag)
            return [answer(200, "OK"), .send(lastResponse, to: source)] + end(.releasedByServer)
        case "BYE":
            let wasLeaving = state == .leaving
            return [answer(200, "OK")] + end(wasLeaving ? .released : .releasedByServer)
        case "INFO", "UPDATE", "OPTIONS", "NOTIFY", "MESSAGE":
            return [answer(200, "OK", [("Contact", contact), ("Allow", SIPText.allow)])]
        default: return [answer(501, "Not implemented", [("Allow", SIPText.allow)])]
        }
    }
}
