import CSofiaSIP
import Glibc
import Media

/// The C stack, seen from the event handler: valid only on the stack's thread, during an event. Texts are copied by
/// the shim before a call returns.
struct SIPStack {
    let pointer: OpaquePointer

    /// What a response or request carries besides what the stack puts in.
    struct Content {
        var contact: String?
        var sdp: String?
        var reason: String?
        var challenge: String?
        var retryAfterSeconds: Int?
        /// Seconds, with 423.
        var minimumExpires: Int?
        /// Seconds for this call; nil: no timer; 0: as configured.
        var sessionExpires: Int? = 0
        /// From this message on the peer may ask for transfers in this call (REFER); otherwise it gets 405.
        var takesRefer = false
    }

    func respond(_ call: UInt32, status: Int, _ content: Content) {
        with(content) { _ = hotline_sip_respond(pointer, call, Int32(status), $0) }
    }

    /// To the request whose event is being handled.
    func answerNow(status: Int, _ content: Content) {
        with(content) { _ = hotline_sip_answer_now(pointer, Int32(status), $0) }
    }

    /// - Returns: the call's number, nil where there is no room.
    func invite(listener: Int, target: String, from: String, _ content: Content) -> UInt32? {
        var call: UInt32 = 0
        with(content) { call = hotline_sip_invite(pointer, UInt32(listener), target, from, $0) }
        return call == 0 ? nil : call
    }

    func authenticate(_ call: UInt32, scheme: String, realm: String, user: String, password: String) {
        _ = hotline_sip_authenticate(pointer, call, "\(scheme):\"\(realm)\":\(user):\(password)")
    }

    func pin(_ call: UInt32, to url: String) { _ = hotline_sip_pin(pointer, call, url) }
    /// Tells how a transfer stands: a status line in a NOTIFY with this Event and Subscription-State.
    func notify(_ call: UInt32, event: String, state: String, status: Int) {
        _ = hotline_sip_notify(pointer, call, event, state, Int32(status))
    }

    func cancel(_ call: UInt32, reason: String?) { _ = hotline_sip_cancel(pointer, call, reason) }
    func bye(_ call: UInt32, reason: String?) { _ = hotline_sip_bye(pointer, call, reason) }
    func drop(_ call: UInt32) { _ = hotline_sip_drop(pointer, call) }

    func register(listener: Int, registrar: String, addressOfRecord: String, contact: String, expires: Int) -> UInt32? {
        let call = hotline_sip_register(
            pointer, UInt32(listener), registrar, addressOfRecord, contact, UInt32(clamping: expires))
        return call == 0 ? nil : call
    }

    func unregister(_ call: UInt32) { _ = hotline_sip_unregister(pointer, call) }

    func port(listener: Int) -> UInt16 { hotline_sip_port(pointer, UInt32(listener)) }

    var counters: hotline_sip_counters {
        var counters = hotline_sip_counters()
        hotline_sip_count(pointer, &counters)
        return counters
    }

    private func with(_ content: Content, _ body: (UnsafePointer<hotline_sip_message>) -> Void) {
        content.contact.withOptionalCString { contact in
            content.sdp.withOptionalCString { sdp in
                content.reason.withOptionalCString { reason in
                    content.challenge.withOptionalCString { challenge in
                        (content.retryAfterSeconds.map { "\($0)" }).withOptionalCString { retry in
                            (content.minimumExpires.map { "\($0)" }).withOptionalCString { minimum in
                                var message = hotline_sip_message(
                                    contact: contact, sdp: sdp, reason: reason, www_authenticate: challenge,
                                    retry_after: retry, min_expires: minimum,
                                    session_expires: content.sessionExpires.map { Int32(clamping: $0) } ?? -1,
                                    takes_refer: content.takesRefer ? 1 : 0)
                                body(&message)
                            }
                        }
                    }
                }
            }
        }
    }
}

extension Optional<String> {
    fileprivate func withOptionalCString(_ body: (UnsafePointer<CChar>?) -> Void) {
        if let self { self.withCString(body) } else { body(nil) }
    }
}

extension SIPMessage {
    private static let kinds: [hotline_sip_kind: Kind] = [
        HOTLINE_SIP_WAKE: .wake, HOTLINE_SIP_TICK: .tick, HOTLINE_SIP_INVITE: .invite,
        HOTLINE_SIP_REINVITE: .reinvite, HOTLINE_SIP_UPDATE: .update, HOTLINE_SIP_ACK: .ack,
        HOTLINE_SIP_PRACK: .prack, HOTLINE_SIP_CANCEL: .cancel, HOTLINE_SIP_BYE: .bye, HOTLINE_SIP_INFO: .info,
        HOTLINE_SIP_OPTIONS: .options, HOTLINE_SIP_SENT: .sent, HOTLINE_SIP_RESPONSE: .response,
        HOTLINE_SIP_REGISTERED: .registered, HOTLINE_SIP_TROUBLE: .trouble, HOTLINE_SIP_ENDING: .ending,
        HOTLINE_SIP_ENDED: .ended, HOTLINE_SIP_REGISTER: .register, HOTLINE_SIP_REFER: .refer,
    ]

    /// Copies an event; nil for a kind that this program does not know.
    init?(_ event: hotline_sip_event) {
        guard let kind = Self.kinds[hotline_sip_kind(UInt32(bitPattern: event.kind))] else { return nil }
        self.init(kind)
        guard kind != .wake, kind != .tick else { return }
        status = Int(event.status)
        phrase = String(cString: event.phrase)
        call = event.call
        listener = Int(event.endpoint)
        transport = event.protocol == 6 ? .tcp : .udp
        if let address = withUnsafeBytes(
            of: event.address, { IPAddress(bytes: $0.prefix(event.family == 4 ? 4 : 16)) }),
            event.family != 0
        {
            source = Endpoint(address: address, port: event.port)
        }
        callID = String(cString: event.call_id)
        fromUser = String(cString: event.from_user)
        toUser = String(cString: event.to_user)
        requestUser = String(cString: event.request_user)
        requestURI = String(cString: event.request_uri)
        hosts = String(cString: event.hosts).split(separator: " ")
        hasContact = event.has_contact != 0
        asserted = String(cString: event.asserted)
        diversion = String(cString: event.diversion)
        history = String(cString: event.history)
        privacy = String(cString: event.privacy)
        reason = String(cString: event.reason)
        authorization = String(cString: event.authorization)
        scheme = String(cString: event.scheme)
        realm = String(cString: event.realm)
        supportsTimer = event.supports_timer != 0
        allowsUpdate = event.allows_update != 0
        asksUsToRefresh = event.refresher == 2
        expires = Int(event.session_expires)
        sequence = event.sequence
        if event.has_expires != 0 { expiresHeader = Int(event.expires) }
        contactCount = Int(event.contact_count)
        for index in 0..<min(contactCount, Int(HOTLINE_SIP_CONTACTS)) {
            guard let contact = event.contacts?[index] else { break }
            contacts.append(PhoneContact.Received(contact))
        }
        referUser = String(cString: event.refer_user)
        referHeaders = String(cString: event.refer_headers)
        referEvent = String(cString: event.refer_event)
        contentType = String(cString: event.content_type)
        if event.body_length > 0 { body = String(cString: event.body) }
        cut = event.cut != 0
        bodyRefused = event.body_refused != 0
    }
}

extension PhoneContact.Received {
    init(_ contact: hotline_sip_contact) {
        self.init(
            scheme: String(cString: contact.scheme), user: String(cString: contact.user),
            host: String(cString: contact.host), port: String(cString: contact.port),
            parameters: String(cString: contact.parameters), expires: String(cString: contact.expires),
            q: String(cString: contact.q))
    }
}

extension hotline_sip_kind: @retroactive Hashable {}

/// MD5 in lower-case hexadecimal digits: what digest authentication is computed with (RFC 2617 §3.2.2.1).
package func md5Hex(_ text: String) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 33) { digest in
        guard let base = digest.baseAddress else { return "" }
        var text = text
        text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { hotline_sip_md5($0.baseAddress, $0.count, base) }
        }
        return String(cString: base)
    }
}

extension SIPStack {
    /// Starts the stack with its thread.
    /// - Parameters:
    ///   - phones: whether REGISTER comes as an event; otherwise it gets 405.
    ///   - context: a retained `SIPLineContext`, given to the handler.
    /// - Returns: nil with a text in `error` where it cannot listen.
    static func start(
        urls: [String], userAgent: String, timer: SIPSessionTimer, phones: Bool, context: UnsafeMutableRawPointer,
        error: inout [CChar]
    ) -> OpaquePointer? {
        // The shim copies the texts; they live until it returns.
        let texts = urls.map { strdup($0) }
        defer { for text in texts { free(text) } }
        return userAgent.withCString { userAgent in
            var options = hotline_sip_options()
            withUnsafeMutableBytes(of: &options.urls) { slots in
                let slots = slots.bindMemory(to: UnsafePointer<CChar>?.self)
                for (index, text) in texts.enumerated() where index < slots.count { slots[index] = UnsafePointer(text) }
            }
            options.url_count = UInt32(texts.count)
            options.user_agent = userAgent
            options.session_expires = UInt32(clamping: timer.expiresSeconds)
            options.phones = phones ? 1 : 0
            options.minimum_expires = UInt32(clamping: timer.minimumSeconds)
            return hotline_sip_start(&options, sipEvent, context, &error, error.count)
        }
    }
}

/// On the stack's thread. A function, not a closure: a closure would take on the isolation of where it stands.
private func sipEvent(
    context: UnsafeMutableRawPointer?, sip: OpaquePointer?, event: UnsafePointer<hotline_sip_event>?
) {
    guard let context, let sip, let event, let message = SIPMessage(event.pointee) else { return }
    Unmanaged<SIPLineContext>.fromOpaque(context).takeUnretainedValue().handle(message, stack: SIPStack(pointer: sip))
}
