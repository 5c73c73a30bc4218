import Lines
import Media
import Testing

/// The dialog of a leg, event by event, without a network.
struct SIPLegMachineTests {
    typealias Event = SIPLegMachine.Event

    static func sdp(_ direction: String = "sendrecv", port: Int = 6000, formats: String = "8") -> String {
        "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
            + "m=audio \(port) RTP/AVP \(formats)\r\na=\(direction)\r\n"
    }

    static func dialog() throws -> SDPDialog {
        let local = try #require(Endpoint("192.0.2.9:20000"))
        return SDPDialog(negotiator: SDPNegotiator(), id: 7, local: local, nat: false)
    }

    static func incoming(late: Bool) throws -> SIPLegMachine {
        var dialog = try dialog()
        let answer = late ? nil : try dialog.answer(to: sdp())
        return SIPLegMachine(incoming: dialog, answer: answer)
    }

    /// Actions as short words, so that a table can be read.
    static func word(_ action: SIPLegMachine.Action) -> String {
        switch action {
        case .respond(let status, let sdp, let reason):
            "\(status)\(sdp == nil ? "" : "+sdp")\(reason == nil ? "" : "+reason")"
        case .answerNow(let status, let sdp): "now \(status)\(sdp == nil ? "" : "+sdp")"
        case .invite: "INVITE"
        case .cancel: "CANCEL"
        case .bye: "BYE"
        case .configure: "configure"
        case .forget: "forget"
        case .tell(let told):
            switch told {
            case .alerted(let alerting): "alerted \(alerting.rawValue)"
            case .answered: "answered"
            case .progress(let status, let early): "progress \(status)\(early ? " early" : "")"
            case .established: "established"
            case .held(let held): held ? "held" : "resumed"
            case .sessionChanged: "changed"
            case .released(let release): "released \(release.cause.rawValue): \(release.message)"
            }
        }
    }

    struct Course: Sendable, CustomTestStringConvertible {
        var name: String
        var kind: Kind = .incoming
        var steps: [(Event, [String])]
        enum Kind: Sendable { case incoming, late, outgoing }
        var testDescription: String { name }
    }

    static let refusal = Refusal(status: 486, cause: 17)
    static let goodbye = ReleaseReason()
    static let answered: [(Event, [String])] = [
        (.ring(.ringing), ["180"]), (.sent(180), ["alerted 180"]), (.answer, ["configure", "200+sdp"]),
        (.sent(200), ["answered"]), (.ack(sdp: nil), ["established"]),
    ]

    static let courses: [Course] = [
        Course(
            name: "answered, the peer hangs up",
            steps: answered + [
                (.bye(reason: ""), ["released remote_bye: BYE received"]),
                (.ended(status: 200, phrase: ""), ["forget"]),
            ]),
        Course(
            name: "answered, we hang up; a BYE that crosses says nothing",
            steps: answered + [
                (.release(goodbye), ["BYE", "released local: BYE sent"]), (.bye(reason: ""), []),
                (.release(goodbye), []), (.ended(status: 200, phrase: ""), ["forget"]),
            ]),
        Course(
            name: "answer before ring, ring afterwards is late",
            steps: [
                (.answer, ["configure", "200+sdp"]), (.ring(.ringing), []), (.answer, []), (.sent(200), ["answered"]),
                (.ack(sdp: nil), ["established"]),
            ]),
        Course(
            name: "our own ring-back tone: media stands before the 183",
            steps: [
                (.ring(.earlyMedia), ["configure", "183+sdp"]), (.sent(183), ["alerted 183"]),
                (.answer, ["configure", "200+sdp"]),
            ]),
        Course(
            name: "refused",
            steps: [
                (.refuse(refusal), ["486+reason", "released refused: 486 sent"]), (.answer, []),
                (.ended(status: 486, phrase: ""), ["forget"]),
            ]),
        Course(
            name: "released while ringing",
            steps: [
                (.ring(.ringing), ["180"]), (.release(goodbye), ["480+reason", "released local: 480 sent"]),
                (.sent(180), []), (.ended(status: 480, phrase: ""), ["forget"]),
            ]),
        Course(
            name: "cancelled while ringing; the answer that crosses is lost",
            steps: [
                (.ring(.ringing), ["180"]), (.cancelled(reason: ""), ["released cancelled: CANCEL received"]),
                (.answer, []), (.trouble(status: 500, phrase: "Responding to a Non-Existing Request"), []),
                (.ended(status: 487, phrase: ""), ["forget"]),
            ]),
        Course(
            name: "CANCEL after our 200 was ordered but before it went out",
            steps: [
                (.answer, ["configure", "200+sdp"]),
                (.cancelled(reason: ""), ["released cancelled: CANCEL received"]), (.sent(200), []),
            ]),
        Course(
            name: "CANCEL crosses the 200: the call stands",
            steps: [
                (.answer, ["configure", "200+sdp"]), (.sent(200), ["answered"]), (.cancelled(reason: ""), []),
                (.ack(sdp: nil), ["established"]),
            ]),
        Course(
            name: "BYE before the ACK",
            steps: [
                (.answer, ["configure", "200+sdp"]), (.sent(200), ["answered"]),
                (.bye(reason: ""), ["released remote_bye: BYE received"]), (.ack(sdp: nil), []),
                (.ended(status: 200, phrase: ""), ["forget"]),
            ]),
        Course(
            name: "no ACK",
            steps: [
                (.answer, ["configure", "200+sdp"]), (.sent(200), ["answered"]),
                (.trouble(status: 408, phrase: "ACK Timeout"), ["released no_ack: no ACK received"]),
                (.ending(phrase: "ACK Timeout"), []), (.ended(status: 408, phrase: ""), ["forget"]),
            ]),
        Course(
            name: "released before the ACK: the BYE waits for it",
            steps: [
                (.answer, ["configure", "200+sdp"]), (.sent(200), ["answered"]),
                (.release(goodbye), ["released local: BYE sent"]), (.ack(sdp: nil), ["BYE"]),
                (.ended(status: 200, phrase: ""), ["forget"]),
            ]),
        Course(
            name: "released before an ACK that never comes",
            steps: [
                (.answer, ["configure", "200+sdp"]), (.sent(200), ["answered"]),
                (.release(goodbye), ["released local: BYE sent"]), (.trouble(status: 408, phrase: "ACK Timeout"), []),
                (.ended(status: 408, phrase: ""), ["forget"]),
            ]),
        Course(
            name: "no PRACK",
            steps: [
                (.ring(.earlyMedia), ["configure", "183+sdp"]),
                (.trouble(status: 504, phrase: ""), ["released failed: no PRACK received"]),
                (.ended(status: 504, phrase: ""), ["forget"]),
            ]),
        Course(
            name: "held and resumed",
            steps: answered + [
                (.reinvite(sdp: sdp("sendonly"), strange: false), ["configure", "200+sdp", "held", "changed"]),
                (.ack(sdp: nil), []),
                (.reinvite(sdp: sdp(), strange: false), ["configure", "200+sdp", "resumed", "changed"]),
                (.update(sdp: sdp("inactive"), strange: false), ["configure", "now 200+sdp", "held", "changed"]),
            ]),
        Course(
            name: "the peer moves: a new port is no hold",
            steps: answered + [
                (.reinvite(sdp: sdp(port: 7000), strange: false), ["configure", "200+sdp", "changed"]),
                (.reinvite(sdp: sdp(port: 7000), strange: false), ["configure", "200+sdp"]),
            ]),
        Course(
            name: "changes that cannot be taken leave the call alone",
            steps: answered + [
                (.reinvite(sdp: sdp(formats: "18"), strange: false), ["488"]),
                (.reinvite(sdp: "rubbish", strange: false), ["400"]), (.reinvite(sdp: nil, strange: true), ["415"]),
                (.update(sdp: sdp(formats: "18"), strange: false), ["now 488"]),
                (.update(sdp: nil, strange: true), ["now 415"]), (.update(sdp: nil, strange: false), ["now 200"]),
            ]),
        Course(
            name: "a re-INVITE that asks for our offer; glare with an UPDATE; no answer keeps the session",
            steps: answered + [
                (.reinvite(sdp: nil, strange: false), ["200+sdp"]),
                (.update(sdp: sdp("inactive"), strange: false), ["now 491"]), (.ack(sdp: nil), []),
                (.reinvite(sdp: nil, strange: false), ["200+sdp"]),
                (.ack(sdp: sdp("sendonly")), ["configure", "held", "changed"]),
                (.update(sdp: sdp(), strange: false), ["configure", "now 200+sdp", "resumed", "changed"]),
            ]),
        Course(
            name: "session timer",
            steps: answered + [
                (.ending(phrase: ""), ["released session_timer: session timer expired, BYE sent"]),
                (.ended(status: 200, phrase: ""), ["forget"]),
            ]),
        Course(
            name: "the peer no longer knows the call",
            steps: answered + [
                (
                    .ended(status: 481, phrase: "gone"),
                    ["released session_timer: session refresh failed: 481 gone", "forget"]
                )
            ]),
        Course(
            name: "requests for a call that is over",
            steps: answered + [
                (.release(goodbye), ["BYE", "released local: BYE sent"]),
                (.reinvite(sdp: sdp(), strange: false), ["481"]), (.update(sdp: nil, strange: false), ["now 481"]),
            ]),
        Course(
            name: "the media engine refuses the answer",
            steps: [
                (.answer, ["configure", "200+sdp"]),
                (.mediaFailed, ["500", "released failed: media engine refused the session"]), (.sent(200), []),
            ]),
        Course(
            name: "late offer", kind: .late,
            steps: [
                (.ring(.earlyMedia), ["180"]), (.sent(180), ["alerted 180"]), (.answer, ["200+sdp"]),
                (.sent(200), ["answered"]), (.ack(sdp: sdp()), ["configure", "established"]),
            ]),
        Course(
            name: "late offer, no answer", kind: .late,
            steps: [
                (.answer, ["200+sdp"]), (.sent(200), ["answered"]),
                (.ack(sdp: nil), ["BYE", "released failed: BYE sent, no usable answer to our offer in the ACK"]),
            ]),
        Course(
            name: "late offer, nothing in common in the answer", kind: .late,
            steps: [
                (.answer, ["200+sdp"]), (.sent(200), ["answered"]),
                (
                    .ack(sdp: sdp(formats: "18")),
                    ["BYE", "released failed: BYE sent, no usable answer to our offer in the ACK"]
                ),
            ]),
        Course(
            name: "dialled and answered", kind: .outgoing,
            steps: [
                (.dial, ["INVITE"]), (.response(status: 180, sdp: nil, reason: ""), ["progress 180"]),
                (.response(status: 183, sdp: sdp(), reason: ""), ["configure", "progress 183 early"]),
                (.response(status: 200, sdp: sdp(), reason: ""), ["configure", "established"]),
                (.timedOut(milliseconds: 1), []), (.bye(reason: ""), ["released remote_bye: BYE received"]),
                (.ended(status: 200, phrase: ""), ["forget"]),
            ]),
        Course(
            name: "dialled, busy", kind: .outgoing,
            steps: [
                (.dial, ["INVITE"]),
                (.response(status: 486, sdp: nil, reason: ""), ["released rejected: 486 received"]),
                (.ended(status: 486, phrase: ""), ["forget"]),
            ]),
        Course(
            name: "dialled, given up; the 200 that crosses is ended", kind: .outgoing,
            steps: [
                (.dial, ["INVITE"]), (.release(goodbye), ["CANCEL", "released local: CANCEL sent"]),
                (.response(status: 200, sdp: sdp(), reason: ""), ["BYE"]),
                (.ended(status: 200, phrase: ""), ["forget"]),
            ]),
        Course(
            name: "dialled, not answered in time", kind: .outgoing,
            steps: [
                (.dial, ["INVITE"]), (.response(status: 180, sdp: nil, reason: ""), ["progress 180"]),
                (.timedOut(milliseconds: 500), ["CANCEL", "released rejected: CANCEL sent, no answer within 500 ms"]),
                (.response(status: 487, sdp: nil, reason: ""), []), (.ended(status: 487, phrase: ""), ["forget"]),
            ]),
        Course(
            name: "dialled, answered without a usable description", kind: .outgoing,
            steps: [
                (.dial, ["INVITE"]),
                (
                    .response(status: 200, sdp: nil, reason: ""),
                    ["BYE", "released failed: BYE sent, no usable SDP in the answer"]
                ),
            ]),
        Course(
            name: "dialled, nobody there", kind: .outgoing,
            steps: [
                (.dial, ["INVITE"]),
                (.ended(status: 408, phrase: "Request Timeout"), ["released rejected: 408 Request Timeout", "forget"]),
            ]),
    ]

    @Test(arguments: courses)
    func takesItsCourse(_ course: Course) throws {
        var machine =
            switch course.kind {
            case .incoming: try Self.incoming(late: false)
            case .late: try Self.incoming(late: true)
            case .outgoing: SIPLegMachine(outgoing: try Self.dialog())
            }
        for (index, (event, expected)) in course.steps.enumerated() {
            #expect(machine.handle(event).map(Self.word) == expected, "step \(index + 1): \(event)")
        }
    }

    /// Whatever comes in whatever order: one release, nothing told after it, `forget` at the end of the stack's call.
    @Test func isReleasedExactlyOnceInEveryOrder() throws {
        let events: [Event] = [
            .ring(.ringing), .ring(.earlyMedia), .answer, .refuse(Self.refusal), .release(Self.goodbye), .sent(180),
            .sent(200), .ack(sdp: nil), .ack(sdp: Self.sdp()), .cancelled(reason: "x"), .bye(reason: ""),
            .reinvite(sdp: nil, strange: false), .reinvite(sdp: Self.sdp("sendonly"), strange: false),
            .update(sdp: Self.sdp(), strange: false), .trouble(status: 408, phrase: ""), .ending(phrase: ""),
            .timedOut(milliseconds: 1), .mediaFailed, .dial, .response(status: 180, sdp: Self.sdp(), reason: ""),
            .response(status: 200, sdp: Self.sdp(), reason: ""), .response(status: 404, sdp: nil, reason: ""),
        ]
        // A fixed sequence of pseudo-random numbers (PCG's multiplier), so that a failure can be repeated.
        var state: UInt64 = 42
        for round in 0..<3000 {
            var machine =
                round % 3 == 0
                ? SIPLegMachine(outgoing: try Self.dialog()) : try Self.incoming(late: round % 3 == 1)
            var released = 0
            for _ in 0..<12 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let event = events[Int(state >> 33) % events.count]
                for action in machine.handle(event) {
                    guard case .tell(let told) = action else { continue }
                    #expect(released == 0, "told \(told) after the release")
                    if case .released = told { released += 1 }
                }
            }
            for action in machine.handle(.ended(status: 500, phrase: "")) {
                if case .tell(.released) = action { released += 1 }
            }
            #expect(released == 1)
        }
    }
}
