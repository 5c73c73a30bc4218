import LoadCaller
import Testing

@Suite struct DialogTests {
    private let server = loopback(5060)
    private let laws: [G711.Law] = [.pcma, .pcmu]

    private func caller() -> CallerMachine {
        CallerMachine(
            .init(
                server: server, target: SIPURI(user: "95598", host: "127.0.0.1", port: 5060), user: "139",
                local: loopback(6000), offer: SDP.offer(local: loopback(4000), laws: laws), laws: laws, callID: "c1"),
            tag: "ours", branch: "z9hG4bKinvite")
    }

    private func reply(
        _ status: Int, _ method: String = "INVITE", sequence: Int = 1, branch: String = "z9hG4bKinvite",
        tag: String = "theirs", sdp: Bool = false, more: [(String, String)] = []
    ) -> SIPMessage? {
        SIPMessage(
            SIPText.message(
                "SIP/2.0 \(status) X",
                [
                    ("Via", "SIP/2.0/UDP 127.0.0.1:6000;branch=\(branch)"), ("From", "<sip:139@x>;tag=ours"),
                    ("To", "<sip:95598@x>;tag=\(tag)"), ("Call-ID", "c1"), ("CSeq", "\(sequence) \(method)"),
                    ("Contact", "<sip:hotline@127.0.0.1:5070>"),
                ] + more, body: sdp ? SDP.offer(local: loopback(16_384), laws: laws) : ""))
    }

    private func sent(_ actions: [SIPAction]) -> [String] {
        actions.compactMap { action in
            if case .send(let bytes, _) = action { return SIPMessage(bytes).map { $0.method ?? "\($0.status ?? 0)" } }
            return nil
        }
    }

    private func end(_ actions: [SIPAction]) -> CallEnd? {
        for case .over(let end) in actions { return end }
        return nil
    }

    private func branch(of actions: [SIPAction]) -> String {
        for case .send(let bytes, _) in actions { return SIPMessage(bytes)?.branch ?? "" }
        return ""
    }

    @Test func aCallIsSetUpAndReleased() throws {
        var call = caller()
        #expect(sent(call.begin(at: 0)) == ["INVITE"])
        #expect(call.take(try #require(reply(100, tag: "")), from: server, at: 1) == [])
        #expect(call.take(try #require(reply(180)), from: server, at: 2) == [.ringing])
        #expect(call.take(try #require(reply(180)), from: server, at: 3) == [])
        let answered = call.take(try #require(reply(200, sdp: true)), from: server, at: 4)
        #expect(sent(answered) == ["ACK"])
        let session = SDP.Session(remote: loopback(16_384), law: .pcma, eventType: 101)
        #expect(answered.last == .answered(session))
        guard case .send(_, let destination) = answered[0] else {
            Issue.record("no ACK")
            return
        }
        #expect(destination == loopback(5070))
        // The ACK was lost.
        #expect(sent(call.take(try #require(reply(200, sdp: true)), from: server, at: 5)) == ["ACK"])
        #expect(call.repeats == 1)
        let bye = call.hangUp(at: 6)
        #expect(sent(bye) == ["BYE"])
        let over = call.take(
            try #require(reply(200, "BYE", sequence: 2, branch: branch(of: bye))), from: server, at: 7)
        #expect(over == [.over(.released)])
        #expect(call.next == nil)
    }

    /// Timer A doubles, timer B ends after 32 s.
    @Test func anInviteIsRepeatedAndGivenUp() {
        var call = caller()
        _ = call.begin(at: 0)
        var times: [Int64] = []
        var end: CallEnd?
        while end == nil, let next = call.next {
            let actions = call.tick(at: next)
            if !sent(actions).isEmpty { times.append(next / milliseconds) }
            end = self.end(actions)
        }
        #expect(times == [500, 1500, 3500, 7500, 15_500, 31_500])
        #expect(end == .failed("INVITE got no answer in 32 s"))
        #expect(call.repeats == 6)
    }

    @Test func byeIsRepeatedUpToFourSecondsApart() throws {
        var call = caller()
        _ = call.begin(at: 0)
        _ = call.take(try #require(reply(200, sdp: true)), from: server, at: 0)
        _ = call.hangUp(at: 0)
        var times: [Int64] = []
        while let next = call.next {
            if !sent(call.tick(at: next)).isEmpty { times.append(next / milliseconds) }
        }
        #expect(times == [500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500])
        #expect(call.state == .over)
    }

    @Test func aRefusalIsAcknowledgedOnTheSameBranch() throws {
        var call = caller()
        _ = call.begin(at: 0)
        let actions = call.take(try #require(reply(486)), from: server, at: 1)
        #expect(sent(actions) == ["ACK"])
        #expect(branch(of: actions) == "z9hG4bKinvite")
        #expect(end(actions) == .refused(status: 486, phrase: "X"))
        #expect(sent(call.take(try #require(reply(486)), from: server, at: 2)) == ["ACK"])
    }

    @Test func hangingUpBeforeTheAnswerCancelsOnceThatIsAllowed() throws {
        var call = caller()
        _ = call.begin(at: 0)
        #expect(call.hangUp(at: 1) == [])
        #expect(sent(call.take(try #require(reply(180)), from: server, at: 2)) == ["CANCEL"])
        #expect(call.take(try #require(reply(200, "CANCEL")), from: server, at: 3) == [])
        let over = call.take(try #require(reply(487)), from: server, at: 4)
        #expect(sent(over) == ["ACK"])
        #expect(end(over) == .released)
    }

    @Test func anAnswerThatCrossesTheCancelIsTakenAndLeft() throws {
        var call = caller()
        _ = call.begin(at: 0)
        _ = call.take(try #require(reply(180)), from: server, at: 1)
        _ = call.hangUp(at: 2)
        #expect(sent(call.take(try #require(reply(200, sdp: true)), from: server, at: 3)) == ["ACK", "BYE"])
        #expect(call.state == .leaving)
    }

    @Test func answersThatCannotBeUsedEndTheCall() throws {
        var call = caller()
        _ = call.begin(at: 0)
        let actions = call.take(try #require(reply(200)), from: server, at: 1)
        #expect(sent(actions) == ["ACK", "BYE"])
        #expect(end(actions) == .failed("200 without an answer in SDP that can be used"))
        var other = caller()
        _ = other.begin(at: 0)
        #expect(end(other.take(try #require(reply(200, tag: "", sdp: true)), from: server, at: 1)) != nil)
        // Of another branch, or without CSeq: not for us.
        var third = caller()
        _ = third.begin(at: 0)
        #expect(third.take(try #require(reply(200, branch: "z9hG4bKx", sdp: true)), from: server, at: 1) == [])
        #expect(third.take(try #require(message("SIP/2.0 200 OK", "Call-ID: c1", "", "")), from: server, at: 1) == [])
    }

    @Test func theServerMayHangUpAndAskOtherThings() throws {
        var call = caller()
        _ = call.begin(at: 0)
        _ = call.take(try #require(reply(200, sdp: true)), from: server, at: 1)
        func ask(_ method: String) throws -> SIPMessage {
            try #require(
                message(
                    "\(method) sip:139@127.0.0.1:6000 SIP/2.0", "Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bKs",
                    "From: <sip:95598@x>;tag=theirs", "To: <sip:139@x>;tag=ours", "Call-ID: c1", "CSeq: 9 \(method)",
                    "",
                    ""))
        }
        #expect(sent(call.take(try ask("OPTIONS"), from: server, at: 2)) == ["200"])
        #expect(sent(call.take(try ask("INVITE"), from: server, at: 2)) == ["200"])
        #expect(sent(call.take(try ask("FROB"), from: server, at: 2)) == ["501"])
        let bye = call.take(try ask("BYE"), from: server, at: 3)
        #expect(sent(bye) == ["200"])
        #expect(end(bye) == .releasedByServer)
        #expect(sent(call.take(try ask("BYE"), from: server, at: 4)) == ["200"])
    }

    @Test func recordedRoutesAreGoneBack() throws {
        var call = caller()
        _ = call.begin(at: 0)
        let routes = [("Record-Route", "<sip:127.0.0.1:7001;lr>, <sip:127.0.0.1:7002;lr>")]
        let actions = call.take(try #require(reply(200, sdp: true, more: routes)), from: server, at: 1)
        guard case .send(let bytes, let destination) = actions[0] else {
            Issue.record("no ACK")
            return
        }
        #expect(destination == loopback(7002))
        #expect(SIPMessage(bytes)?.values("route") == ["<sip:127.0.0.1:7002;lr>", "<sip:127.0.0.1:7001;lr>"])
    }

    // MARK: A phone

    private func invite(_ branch: String = "z9hG4bKs", method: String = "INVITE") throws -> SIPMessage {
        try #require(
            SIPMessage(
                SIPText.message(
                    "\(method) sip:1001@127.0.0.1:6000 SIP/2.0",
                    [
                        ("Via", "SIP/2.0/UDP 127.0.0.1:5060;branch=\(branch)"), ("From", "<sip:139@x>;tag=s"),
                        ("To", "<sip:1001@x>"), ("Call-ID", "p1"), ("CSeq", "1 \(method)"),
                        ("Contact", "<sip:hotline@127.0.0.1:5060>"),
                    ], body: SDP.offer(local: loopback(16_400), laws: laws))))
    }

    private func phone() throws -> PhoneMachine {
        let call = try invite()
        let session = try #require(SDP.session(call.body, laws: laws))
        let (machine, actions) = try #require(
            PhoneMachine.ring(
                call, from: server, user: "1001", local: loopback(6000), media: loopback(4002), session: session,
                answerAfter: 500 * milliseconds, at: 0, tag: "p"))
        #expect(sent(actions) == ["180"])
        return machine
    }

    @Test func aPhoneRingsAnswersAndIsLeft() throws {
        var call = try phone()
        #expect(sent(call.take(try invite(), from: server, at: 1)) == ["180"])
        #expect(call.next == 500 * milliseconds)
        let answer = call.tick(at: 500 * milliseconds)
        #expect(sent(answer) == ["200"])
        // Without an ACK the answer comes again.
        #expect(sent(call.tick(at: 1000 * milliseconds)) == ["200"])
        let up = call.take(try invite("z9hG4bKack", method: "ACK"), from: server, at: 1001 * milliseconds)
        #expect(up == [.answered(SDP.Session(remote: loopback(16_400), law: .pcma, eventType: 101))])
        #expect(end(call.take(try invite("z9hG4bKbye", method: "BYE"), from: server, at: 2)) == .releasedByServer)
    }

    @Test func aPhoneIsCancelledOrHangsUp() throws {
        var call = try phone()
        let cancelled = call.take(try invite(method: "CANCEL"), from: server, at: 1)
        #expect(sent(cancelled) == ["200", "487"])
        #expect(end(cancelled) == .releasedByServer)
        var other = try phone()
        _ = other.tick(at: 500 * milliseconds)
        _ = other.take(try invite("z9hG4bKack", method: "ACK"), from: server, at: 501 * milliseconds)
        #expect(sent(other.hangUp(at: 600 * milliseconds)) == ["BYE"])
        var lost = try phone()
        _ = lost.tick(at: 500 * milliseconds)
        #expect(end(lost.tick(at: 33_000 * milliseconds)) == .failed("200 got no ACK in 32 s"))
    }

    @Test func aPhoneRegistersRefreshesAndLeaves() throws {
        var phone = RegistrationMachine(
            .init(server: server, domain: "127.0.0.1", user: "1001", password: "secret-1001", local: loopback(6000)))
        func answer(_ status: Int, to actions: [SIPAction], _ more: [(String, String)] = []) throws -> SIPMessage {
            try #require(reply(status, "REGISTER", branch: branch(of: actions), more: more))
        }
        let challenge = [("WWW-Authenticate", "Digest realm=\"hotline\", nonce=\"n1\", algorithm=MD5, qop=\"auth\"")]
        let first = phone.begin(at: 0)
        let second = phone.take(try answer(401, to: first, challenge), at: 1)
        guard case .send(let bytes, _) = second[0] else {
            Issue.record("no second REGISTER")
            return
        }
        let request = try #require(SIPMessage(bytes))
        #expect(request.sequence?.number == 2)
        #expect(request.header("authorization")?.contains("username=\"1001\"") == true)
        _ = phone.take(
            try answer(200, to: second, [("Contact", "<sip:1001@127.0.0.1:6000>;expires=120")]), at: 2)
        #expect(phone.state == .registered)
        #expect(phone.next == 60_000 * milliseconds + 2)
        #expect(sent(phone.tick(at: 60_001 * milliseconds)) == ["REGISTER"])
        let leaving = phone.remove(at: 70_000 * milliseconds)
        _ = phone.take(try answer(200, to: leaving), at: 70_001 * milliseconds)
        #expect(phone.state == .removed)
        // A wrong password is not tried again.
        var wrong = RegistrationMachine(
            .init(server: server, domain: "x", user: "1001", password: "no", local: loopback(6000)))
        let again = wrong.take(try answer(401, to: wrong.begin(at: 0), challenge), at: 1)
        _ = wrong.take(try answer(401, to: again, challenge), at: 2)
        #expect(wrong.state == .failed("401: wrong user or password"))
    }
}
