import Foundation

/// A sipp scenario, written step by step.
struct Scenario {
    enum Step {
        case send(String, retransmit: Bool)
        /// `check`: a regular expression that the whole message must match; `optional`: may be left out by the peer.
        case response(Int, optional: Bool, check: String?, authenticate: Bool)
        /// A provisional response that must carry an RSeq (RFC 3262), kept for `[$rseq]`.
        case reliable(Int)
        case request(String, check: String?)
        /// A 200 whose To is kept as `[$callee]`, for requests after one of the line's own.
        case keepingTo(check: String)
        /// An INVITE whose From and Contact are kept, for a BYE of sipp's own.
        case invited
        /// A request whose digest must fit; otherwise it gets 403 and the scenario goes its way.
        case authenticated(String, user: String, password: String)
        case pause(Int)
    }

    var steps: [Step]

    init(_ steps: [Step]) { self.steps = steps }

    var xml: String {
        var checks = 0
        func action(_ check: String?) -> String {
            guard let check else { return "" }
            checks += 1
            return
                "<action><ereg regexp=\"\(check)\" search_in=\"msg\" check_it=\"true\" assign_to=\"\(checks)\"/></action>"
        }
        var text = "<?xml version=\"1.0\" encoding=\"ISO-8859-1\" ?>\n<scenario name=\"hotline\">\n"
        for step in steps {
            switch step {
            case .send(let message, let retransmit):
                text += "<send\(retransmit ? " retrans=\"500\"" : "")><![CDATA[\n\(message)\n]]></send>\n"
            case .response(let status, let optional, let check, let authenticate):
                let dialog = status >= 180 && status < 300 ? " rrs=\"true\"" : ""
                text +=
                    "<recv response=\"\(status)\"\(optional ? " optional=\"true\"" : "")\(dialog)"
                    + "\(authenticate ? " auth=\"true\"" : "")>\(action(check))</recv>\n"
            case .reliable(let status):
                text +=
                    "<recv response=\"\(status)\" rrs=\"true\"><action><ereg regexp=\"[0-9]+\" search_in=\"hdr\" "
                    + "header=\"RSeq:\" check_it=\"true\" assign_to=\"rseq\"/></action></recv>\n"
            case .request(let method, let check): text += "<recv request=\"\(method)\">\(action(check))</recv>\n"
            case .keepingTo(let check):
                checks += 1
                text +=
                    "<recv response=\"200\" rrs=\"true\"><action><ereg regexp=\"\(check)\" search_in=\"msg\" "
                    + "check_it=\"true\" assign_to=\"\(checks)\"/><ereg regexp=\"&lt;.*\" search_in=\"hdr\" "
                    + "header=\"To:\" check_it=\"true\" assign_to=\"callee\"/></action></recv>\n"
            case .invited:
                text +=
                    "<recv request=\"INVITE\" rrs=\"true\"><action><ereg regexp=\"&lt;.*\" search_in=\"hdr\" "
                    + "header=\"From:\" check_it=\"true\" assign_to=\"caller\"/></action></recv>\n"
            case .authenticated(let method, let user, let password):
                text +=
                    "<recv request=\"\(method)\"><action><verifyauth assign_to=\"ok\" username=\"\(user)\" "
                    + "password=\"\(password)\"/></action></recv>\n<nop hide=\"true\" test=\"ok\" next=\"1\"/>\n"
                if case .send(let refusal, _) = Self.reply("403 Forbidden", tag: true) {
                    text += "<send><![CDATA[\n\(refusal)\n]]></send>\n"
                }
                text += "<label id=\"1\"/>\n"
            case .pause(let milliseconds): text += "<pause milliseconds=\"\(milliseconds)\"/>\n"
            }
        }
        if checks > 0 { text += "<Reference variables=\"\((1...checks).map(String.init).joined(separator: ","))\"/>\n" }
        return text + "</scenario>\n"
    }

    // MARK: Messages

    static func sdp(_ direction: String = "sendrecv", formats: String = "8 0 101", version: Int = 1) -> String {
        """
        v=0
        o=caller 1 \(version) IN IP[media_ip_type] [media_ip]
        s=-
        c=IN IP[media_ip_type] [media_ip]
        t=0 0
        m=audio 6000 RTP/AVP \(formats)
        a=rtpmap:101 telephone-event/8000
        a=\(direction)
        """
    }

    private static func head(_ method: String, uri: String, to: String, cseq: Int, from: String) -> String {
        """
        \(method) \(uri) SIP/2.0
        Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
        From: <sip:\(from)@[local_ip]:[local_port]>;tag=[pid]T[call_number]
        \(to)
        Call-ID: [call_id]
        CSeq: \(cseq) \(method == "ACK" ? "ACK" : method)
        Contact: <sip:\(from)@[local_ip]:[local_port];transport=[transport]>
        Max-Forwards: 70

        """
    }

    private static func finish(_ head: String, _ headers: [String], _ body: String?, _ type: String) -> String {
        var text = head
        for header in headers { text += header + "\n" }
        if let body {
            text += "Content-Type: \(type)\nContent-Length: [len]\n\n\(body)"
        } else {
            text += "Content-Length: 0\n"
        }
        return text
    }

    static func invite(
        cseq: Int = 1, from: String = "13800138000", headers: [String] = [], body: String? = Scenario.sdp(),
        type: String = "application/sdp"
    ) -> Step {
        let head = head(
            "INVITE", uri: "sip:95598@[remote_ip]:[remote_port]", to: "To: <sip:95598@[remote_ip]:[remote_port]>",
            cseq: cseq, from: from)
        return .send(finish(head, headers, body, type), retransmit: true)
    }

    /// A request within the dialog; ACK is not retransmitted.
    static func within(
        _ method: String, cseq: Int, from: String = "13800138000", to: String = "[last_To:]", headers: [String] = [],
        body: String? = nil, type: String = "application/sdp"
    ) -> Step {
        let head = head(method, uri: "[next_url]", to: to, cseq: cseq, from: from)
        return .send(finish(head, headers, body, type), retransmit: method != "ACK")
    }

    /// The ACK to a refusal (same transaction as the INVITE).
    static func acknowledgeRefusal(cseq: Int = 1, from: String = "13800138000") -> Step {
        .send(
            """
            ACK sip:95598@[remote_ip]:[remote_port] SIP/2.0
            [last_Via:]
            From: <sip:\(from)@[local_ip]:[local_port]>;tag=[pid]T[call_number]
            [last_To:]
            Call-ID: [call_id]
            CSeq: \(cseq) ACK
            Max-Forwards: 70
            Content-Length: 0

            """, retransmit: false)
    }

    static func cancel(headers: [String] = []) -> Step {
        let head = """
            CANCEL sip:95598@[remote_ip]:[remote_port] SIP/2.0
            [last_Via:]
            From: <sip:13800138000@[local_ip]:[local_port]>;tag=[pid]T[call_number]
            To: <sip:95598@[remote_ip]:[remote_port]>
            Call-ID: [call_id]
            CSeq: 1 CANCEL
            Max-Forwards: 70

            """
        return .send(finish(head, headers, nil, ""), retransmit: true)
    }

    /// A response of sipp's own to the request received last.
    static func reply(_ status: String, headers: [String] = [], body: String? = nil, tag: Bool = false) -> Step {
        let head = """
            SIP/2.0 \(status)
            [last_Via:]
            [last_From:]
            [last_To:]\(tag ? ";tag=[pid]S[call_number]" : "")
            [last_Call-ID:]
            [last_CSeq:]
            Contact: <sip:agent@[local_ip]:[local_port];transport=[transport]>

            """
        return .send(finish(head, headers, body, "application/sdp"), retransmit: false)
    }

    /// The 487 that ends a cancelled INVITE: the CANCEL came last and has the INVITE's number and Via.
    static let cancelled = Step.send(
        """
        SIP/2.0 487 Request Terminated
        [last_Via:]
        [last_From:]
        [last_To:];tag=[pid]S[call_number]
        [last_Call-ID:]
        CSeq: [last_cseq_number] INVITE
        Content-Length: 0

        """, retransmit: true)

    /// The called party's BYE, after `.invited`.
    static let calledBye = Step.send(
        """
        BYE [next_url] SIP/2.0
        Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
        From: <sip:1001@127.0.0.1:[local_port]>;tag=[pid]S[call_number]
        To: [$caller]
        Call-ID: [call_id]
        CSeq: 1 BYE
        Max-Forwards: 70
        Content-Length: 0

        """, retransmit: true)

    static func response(_ status: Int, check: String? = nil, authenticate: Bool = false) -> Step {
        .response(status, optional: false, check: check, authenticate: authenticate)
    }

    static func reliable(_ status: Int) -> Step { .reliable(status) }

    static func maybe(_ status: Int) -> Step { .response(status, optional: true, check: nil, authenticate: false) }

    /// INVITE to ACK with an answering line.
    static let answered: [Step] = [
        invite(), maybe(100), response(180), response(200, check: "m=audio 2[0-9]+ RTP/AVP 8 101"),
        within("ACK", cseq: 1),
    ]
}
