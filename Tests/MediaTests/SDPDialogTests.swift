import Media
import Testing

/// One dialog's descriptions over time: versions, hold and resume, late offers, changed addresses.
@Suite struct SDPDialogTests {
    func dialog() throws -> SDPDialog {
        SDPDialog(
            negotiator: SDPNegotiator(), id: 99, local: try #require(Endpoint("192.0.2.1:40000")), nat: false)
    }

    static func version(_ sdp: String) -> String? {
        sdp.split(separator: "\r\n").first { $0.hasPrefix("o=") }?.split(separator: " ")[2].description
    }

    static func mediaLines(_ sdp: String) -> [String] {
        sdp.split(separator: "\r\n").filter { $0.hasPrefix("m=") }.map(String.init)
    }

    @Test func theVersionRisesOnlyWithChange() throws {
        var dialog = try dialog()
        let plain = SDPNegotiatorTests.audio()
        let first = try dialog.answer(to: plain)
        #expect(Self.version(first.sdp) == "1")
        // A session timer's refresh repeats the offer.
        #expect(try dialog.answer(to: plain).sdp == first.sdp)
        let held = try dialog.answer(to: SDPNegotiatorTests.audio("8 0", ["a=sendonly"]))
        #expect(Self.version(held.sdp) == "2" && held.session.direction == .receiveOnly)
        let resumed = try dialog.answer(to: plain)
        #expect(Self.version(resumed.sdp) == "3" && resumed.session.direction == .sendReceive)
        #expect(dialog.session == resumed.session)
    }

    @Test func aBadOfferLeavesWhatStands() throws {
        var dialog = try dialog()
        let first = try dialog.answer(to: SDPNegotiatorTests.audio())
        #expect(throws: MediaError.self) { try dialog.answer(to: SDPNegotiatorTests.audio("18", [])) }
        #expect(throws: MediaError.self) { try dialog.answer(to: "garbage") }
        #expect(dialog.session == first.session && dialog.description == first.sdp)
    }

    @Test func weHoldAndResumeWithTheMediaInTheirPlaces() throws {
        var dialog = try dialog()
        let offer = """
            v=0
            o=- 1 1 IN IP4 198.51.100.7
            c=IN IP4 198.51.100.7
            m=video 9 RTP/AVP 99
            m=audio 20000 RTP/AVP 8 96
            a=rtpmap:96 telephone-event/8000
            """
        _ = try dialog.answer(to: offer)
        let hold = try dialog.offer(direction: .sendOnly)
        #expect(Self.mediaLines(hold) == ["m=video 0 RTP/AVP 99", "m=audio 40000 RTP/AVP 8 96"])
        #expect(hold.contains("a=sendonly\r\n") && !hold.contains("a=sendrecv"))
        #expect(Self.version(hold) == "2")
        let answer = """
            v=0
            o=- 1 2 IN IP4 198.51.100.7
            c=IN IP4 198.51.100.7
            m=video 0 RTP/AVP 99
            m=audio 20000 RTP/AVP 8 96
            a=rtpmap:96 telephone-event/8000
            a=recvonly
            """
        let held = try dialog.accept(answer: answer)
        #expect(held.direction == .sendOnly && held.telephoneEventPayloadType == 96)
        let resume = try dialog.offer()
        #expect(Self.version(resume) == "3" && resume.contains("a=sendrecv\r\n"))
        dialog.withdraw()
        #expect(dialog.session == held)
        #expect(throws: MediaError.self) { try dialog.accept(answer: answer) }
    }

    @Test func aLateOfferIsAcceptedOnce() throws {
        var dialog = try dialog()
        let offer = try dialog.offer()
        #expect(Self.version(offer) == "1" && dialog.pendingOffer == offer && dialog.session == nil)
        let session = try dialog.accept(answer: SDPNegotiatorTests.audio("8 101"))
        #expect(session.codec == .pcma && dialog.session == session && dialog.pendingOffer == nil)
    }

    @Test func aChangedAddressOfOursShows() throws {
        var dialog = try dialog()
        _ = try dialog.answer(to: SDPNegotiatorTests.audio())
        dialog.local = try #require(Endpoint("192.0.2.77:41000"))
        let offer = try dialog.offer()
        #expect(offer.contains("c=IN IP4 192.0.2.77\r\n") && offer.contains("m=audio 41000 RTP/AVP 8 101\r\n"))
        #expect(Self.version(offer) == "2")
    }
}
