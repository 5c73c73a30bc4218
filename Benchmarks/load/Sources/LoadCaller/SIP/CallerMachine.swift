/// A caller's side of one call over UDP (RFC 3261): INVITE, its answers, ACK, BYE either way, CANCEL, retransmissions. A
/// value: messages and time (CLOCK_MONOTONIC, nanoseconds) come in, actions go out.
package struct CallerMachine: Sendable {
    package struct Parameters: Sendable {
        package var server: Endpoint
        /// What is called.
        package var target: SIPURI
        package var user: String
        package var local: Endpoint
        package var offer: String
        package var laws: [G711.Law]
        package var callID: String

        package init(
            server: Endpoint, target: SIPURI, user: String, local: Endpoint, offer: String, laws: [G711.Law],
            callID: String
        ) {
            self.server = server
            self.target = target
            self.user = user
            self.local = local
            self.offer = offer
            self.laws = laws
            self.callID = callID
        }
    }

    package enum State: Sendable, Hashable {
        case idle
        /// INVITE sent, nothing heard.
        case calling
        /// A provisional answer came.
        case proceeding
        case up
        /// BYE sent.
        case leaving
        case over
    }

    package private(set) var state = State.idle
    /// INVITEs sent again, and answers that came again.
    package private(set) var repeats = 0
    private let parameters: Parameters
    private let tag: String
    private let branch: String
    private var invite: [UInt8] = []
    private var dialog: Dialog?
    private var session: SDP.Session?
    private var request: [UInt8] = []
    private var acknowledgement: [UInt8] = []
    private var timer: Retransmission?
    private var wantsCancel = false
    private var hasCancelled = false
    private var hasRung = false
    /// An answer of the server that never came: cancelled calls are waited for no longer.
    private var limit: Int64?

    package init(_ parameters: Parameters, tag: String = SIPText.word(10), branch: String = SIPText.branch()) {
        self.parameters = parameters
        self.tag = tag
        self.branch = branch
    }

    /// The moment at which `tick` wants to be called; nil: none.
    package var next: Int64? {
        switch (timer?.next, limit) {
        case (let timer?, let limit?): min(timer, limit)
        case (let timer?, nil): timer
        case (nil, let limit): limit
        }
    }

    private var contact: String { "<sip:\(parameters.user)@\(parameters.local)>" }
    private var from: String { "<sip:\(parameters.user)@\(Endpoint.text(parameters.local.address))>;tag=\(tag)" }
    private var to: String { "<\(parameters.target)>" }

    package mutating func begin(at now: Int64) -> [SIPAction] {
        guard state == .idle else { return [] }
        invite = SIPText.message(
            "INVITE \(parameters.target) SIP/2.0",
            [
                ("Via", "SIP/2.0/UDP \(parameters.local);branch=\(branch);rport"), ("Max-Forwards", "70"),
                ("From", from), ("To", to), ("Call-ID", parameters.callID), ("CSeq", "1 INVITE"),
                ("Contact", contact), ("Allow", SIPText.allow), ("User-Agent", SIPText.agent),
            ], body: parameters.offer)
        state = .calling
        timer = Retransmission(from: now, isInvite: true)
        return [.send(invite, to: parameters.server)]
    }

    /// Hangs up: BYE where the call is up, else CANCEL as soon as it may be sent.
    package mutating func hangUp(at now: Int64) -> [SIPAction] {
        switch state {
        case .idle:
            state = .over
            return [.over(.released)]
        case .calling:
            // Nothing may be cancelled before a provisional answer (§9.1).
            wantsCancel = true
            return []
        case .proceeding: return cancel(at: now)
        case .up: return bye(at: now)
        case .leaving, .over: return []
        }
    }

    private mutating func cancel(at now: Int64) -> [SIPAction] {
        guard !hasCancelled else { return [] }
        hasCancelled = true
        let message = SIPText.message(
            "CANCEL \(parameters.target) SIP/2.0",
            [
                ("Via", "SIP/2.0/UDP \(parameters.local);branch=\(branch);rport"), ("Max-Forwards", "70"),
                ("From", from), ("To", to), ("Call-ID", parameters.callID), ("CSeq", "1 CANCEL"),
            ])
        request = message
        timer = Retransmission(from: now, isInvite: false)
        limit = now + 64 * Retransmission.t1
        return [.send(message, to: parameters.server)]
    }

    private mutating func bye(at now: Int64) -> [SIPAction] {
        guard var dialog else { return [] }
        dialog.sequence += 1
        self.dialog = dialog
        request = dialog.request("BYE", sequence: dialog.sequence, branch: SIPText.branch())
        state = .leaving
        limit = nil
        timer = Retransmission(from: now, isInvite: false)
        return [.send(request, to: dialog.destination)]
    }

    private mutating func end(_ how: CallEnd) -> [SIPAction] {
        guard state != .over else { return [] }
        state = .over
        timer = nil
        limit = nil
        return [.over(how)]
    }

    // MARK: Time

    package mutating func tick(at now: Int64) -> [SIPAction] {
        if let limit, now >= limit, state != .over {
            return end(.failed(hasCancelled ? "CANCEL and INVITE got no final answer" : "no answer"))
        }
        guard var running = timer else { return [] }
        let due = running.due(at: now)
        timer = running
        switch (due, state) {
        case (.nothing, _): return []
        case (.again, .calling):
            repeats += 1
            return [.send(invite, to: parameters.server)]
        case (.again, .proceeding) where hasCancelled: return [.send(request, to: parameters.server)]
        case (.again, .leaving): return [.send(request, to: dialog?.destination ?? parameters.server)]
        case (.giveUp, .calling): return end(.failed("INVITE got no answer in 32 s"))
        case (.giveUp, .proceeding): return end(.failed("CANCEL got no answer in 32 s"))
        case (.giveUp, .leaving): return end(.failed("BYE got no answer in 32 s"))
        case (.again, _), (.giveUp, _):
            timer = nil
            return []
        }
    }

    // MARK: Messages

    /// A message with our Call-ID.
    /// - Parameter source: where it came from: answers to requests go there.
    package mutating func take(_ message: SIPMessage, from source: Endpoint, at now: Int64) -> [SIPAction] {
        switch message.start {
        case .response(let status, let phrase): respond(message, status, phrase, at: now)
        case .request(let method, _): serve(message, method, source, at: now)
        }
    }

    private mutating func respond(_ message: SIPMessage, _ status: Int, _ phrase: String, at now: Int64) -> [SIPAction]
    {
        guard let (_, method) = message.sequence else { return [] }
        switch method {
        case "INVITE":
            guard message.branch == branch, state != .idle else { return [] }
            switch status {
            case 100..<200: return provisional(message, status, at: now)
            case 200..<300: return accepted(message, at: now)
            default: return refused(message, status, phrase)
            }
        case "BYE" where state == .leaving:
            guard status >= 200 else { return [] }
            // 481: it has forgotten the call, which is over all the same.
            return end(status < 300 || status == 481 || status == 408 ? .released : .failed("BYE got \(status)"))
        case "CANCEL" where state == .proceeding:
            if status >= 200 { timer = nil }
            return []
        default: return []
        }
    }

    private mutating func provisional(_ message: SIPMessage, _ status: Int, at now: Int64) -> [SIPAction] {
        guard state == .calling || state == .proceeding else { return [] }
        var actions: [SIPAction] = []
        if state == .calling {
            state = .proceeding
            timer = nil
        }
        if status == 180 || status == 183, !hasRung {
            hasRung = true
            actions.append(.ringing)
        }
        if status > 100, let early = SDP.session(message.body, laws: parameters.laws), session == nil {
            session = early
            actions.append(.early(early))
        }
        if wantsCancel { actions += cancel(at: now) }
        return actions
    }

    private mutating func accepted(_ message: SIPMessage, at now: Int64) -> [SIPAction] {
        if let dialog {
            // Again, since our ACK was lost; or another phone's answer, which is taken and let go.
            guard message.toTag != dialog.remoteTag else {
                repeats += 1
                return [.send(acknowledgement, to: dialog.destination)]
            }
            guard let other = makeDialog(message) else { return [] }
            return [
                .send(other.request("ACK", sequence: 1, branch: SIPText.branch()), to: other.destination),
                .send(other.request("BYE", sequence: 2, branch: SIPText.branch()), to: other.destination),
            ]
        }
        guard state == .calling || state == .proceeding else { return [] }
        guard let made = makeDialog(message) else { return end(.failed("200 without Contact or To tag")) }
        dialog = made
        state = .up
        timer = nil
        limit = nil
        acknowledgement = made.request("ACK", sequence: 1, branch: SIPText.branch())
        var actions: [SIPAction] = [.send(acknowledgement, to: made.destination)]
        // The answer may stand in the 183 alone (RFC 6337 §3.1.1).
        guard let agreed = SDP.session(message.body, laws: parameters.laws) ?? session else {
            actions += bye(at: now)
            state = .over
            timer = nil
            return actions + [.over(.failed("200 without an answer in SDP that can be used"))]
        }
        session = agreed
        if wantsCancel || hasCancelled { return actions + bye(at: now) }
        return actions + [.answered(agreed)]
    }

    private func makeDialog(_ message: SIPMessage) -> Dialog? {
        guard let remote = message.header("to"), !message.toTag.isEmpty,
            let target = message.values("contact").first.flatMap({ NameAddress($0)?.uri }), SIPURI(target) != nil
        else { return nil }
        let route = Array(message.values("record-route").reversed())
        return Dialog(
            callID: parameters.callID, local: from, remote: remote, remoteTag: message.toTag, target: target,
            route: route, sequence: 1, via: parameters.local,
            destination: Dialog.destination(route: route, target: target, fallback: parameters.server))
    }

    private mutating func refused(_ message: SIPMessage, _ status: Int, _ phrase: String) -> [SIPAction] {
        // The ACK of an INVITE's transaction: its own branch (§17.1.1.3).
        let ack = SIPText.message(
            "ACK \(parameters.target) SIP/2.0",
            [
                ("Via", "SIP/2.0/UDP \(parameters.local);branch=\(branch);rport"), ("Max-Forwards", "70"),
                ("From", from), ("To", message.header("to") ?? to), ("Call-ID", parameters.callID),
                ("CSeq", "1 ACK"),
            ])
        let actions: [SIPAction] = [.send(ack, to: parameters.server)]
        guard state == .calling || state == .proceeding else {
            repeats += 1
            return actions
        }
        if hasCancelled, status == 487 { return actions + end(.released) }
        return actions + end(.refused(status: status, phrase: phrase))
    }

    private mutating func serve(
        _ message: SIPMessage, _ method: String, _ source: Endpoint, at now: Int64
    ) -> [SIPAction] {
        func answer(_ status: Int, _ phrase: String, _ more: [(String, String)] = [], _ body: String = "") -> SIPAction
        {
            .send(SIPText.response(to: message, status, phrase, tag: tag, more: more, body: body), to: source)
        }
        switch method {
        case "ACK": return []
        case "BYE":
            guard dialog != nil || state == .over else { return [answer(481, "No such call")] }
            let wasLeaving = state == .leaving
            return [answer(200, "OK")] + end(wasLeaving ? .released : .releasedByServer)
        case "INVITE":
            // A refresh or a hold: what was agreed on is said again.
            guard state == .up, let session else { return [answer(481, "No such call")] }
            let local = SDP.session(Array(parameters.offer.utf8), laws: parameters.laws)?.remote ?? parameters.local
            return [answer(200, "OK", [("Contact", contact)], SDP.answer(local: local, session: session))]
        case "INFO", "UPDATE", "OPTIONS", "NOTIFY", "MESSAGE":
            return [answer(200, "OK", [("Contact", contact), ("Allow", SIPText.allow)])]
        default: return [answer(501, "Not implemented", [("Allow", SIPText.allow)])]
        }
    }
}
