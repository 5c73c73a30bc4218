import Calls
import Media
import Testing

/// What goes out besides plays: keys and reports.
@Suite struct EngineSendTests {
    @Test func keysGoOutAsEvents() throws {
        let rig = try EngineRig()
        let leg = try rig.leg()
        rig.tick(2)
        try rig.engine.sendKeys(leg: leg.id, [try #require(Key("4")), try #require(Key("#"))])
        rig.tick(22)
        let packets = try leg.peer.packets(24)
        let events = packets.filter { $0.header.payloadType == 101 }
        #expect(events.map { $0.payload[0] } == [4, 4, 4, 4, 4, 4, 4, 11, 11, 11, 11, 11, 11, 11])
        #expect(
            events.map { $0.payload[1] & 0x80 != 0 } == ([0, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1].map { $0 == 1 }))
        #expect(
            events.map { Int($0.payload[2]) << 8 | Int($0.payload[3]) }.prefix(7) == [
                160, 320, 480, 640, 800, 800, 800,
            ])
        #expect(events.map(\.header.marker) == (0..<14).map { $0 % 7 == 0 })
        #expect(Set(events.prefix(7).map(\.header.timestamp)) == [packets[2].header.timestamp])
        // One series of numbers over audio and events; in the pauses silence goes out, the first with the marker.
        for (before, after) in zip(packets, packets.dropFirst()) {
            #expect(after.header.sequence == before.header.sequence &+ 1)
        }
        #expect(packets.filter { $0.header.payloadType == 8 }.count == 10)
        #expect(rig.heard.names(of: leg.id) == ["keysSent"])
    }

    @Test func keysGoOutAsTonesWhereEventsWereNotAgreedOn() throws {
        let rig = try EngineRig()
        let leg = try rig.leg(events: nil)
        try rig.engine.sendKeys(leg: leg.id, [try #require(Key("5"))])
        rig.tick(12)
        let samples = try leg.peer.packets(12).flatMap(\.payload).map { G711.linear(aLaw: $0) }
        let on = Array(samples[..<800])
        #expect(PromptsFolder.share(of: 770, in: on) > 0.15)
        #expect(PromptsFolder.share(of: 1336, in: on) > 0.15)
        #expect(samples[800...].allSatisfy { abs($0) <= 8 })
        #expect(rig.heard.names(of: leg.id) == ["keysSent"])
    }

    @Test func moreKeysThanAnybodyDialsAreRefused() throws {
        let rig = try EngineRig()
        let leg = try rig.leg()
        let keys = [Key](repeating: try #require(Key("1")), count: 65)
        #expect(throws: MediaError.self) { try rig.engine.sendKeys(leg: leg.id, keys) }
        try rig.engine.sendKeys(leg: leg.id, Array(keys.prefix(64)))
    }

    @Test(arguments: ["127.0.0.1", "::1"]) func reportsAreSentAndABye(text: String) throws {
        let address = try #require(IPAddress(text))
        let rig = try EngineRig()
        let leg = try rig.leg(address: address)
        for _ in 0..<20 {
            try leg.say([UInt8](repeating: 0x55, count: 160))
            rig.tick()
        }
        rig.tick(800)
        rig.engine.close(leg: leg.id)
        rig.tick()
        var reports: [[UInt8]] = []
        while !leg.control.isQuiet { reports.append(try leg.control.receive()) }
        // Sixteen seconds hold two to five reports, and the BYE.
        #expect((3...8).contains(reports.count))
        #expect(reports.allSatisfy { $0[1] == 200 && $0[0] == 0x81 }, "sender reports with one block")
        #expect(reports.map { word($0, 32) & 0xFF_FFFF }.last == 0, "nothing was lost")
        let last = try #require(reports.last)
        #expect(word(last, 20) == 820, "packets sent")
        #expect(word(last, 24) == 820 * 160, "octets sent")
        #expect(Array(last.suffix(8).prefix(2)) == [0x81, 203], "BYE")
        let ssrc = try leg.peer.packet().header.ssrc
        #expect(word(last, 4) == ssrc)
        #expect(word(last, 28) == 0x5EED)
        #expect(rig.heard.closed(leg.id)?.packetsSent == 820)
        #expect(rig.engine.statistics.controlSent == UInt64(reports.count))
    }

    private func word(_ bytes: [UInt8], _ offset: Int) -> UInt32 {
        bytes[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }

    @Test func thePeersReportIsToldAtTheEnd() throws {
        let rig = try EngineRig()
        let leg = try rig.leg()
        try leg.say([UInt8](repeating: 0x55, count: 160))
        rig.tick(2)
        let ssrc = try leg.peer.packet().header.ssrc
        var bytes = [UInt8](repeating: 0, count: 32)
        bytes[0] = 0x81
        bytes[1] = 201
        bytes[3] = 7
        for index in 0..<4 { bytes[8 + index] = UInt8(truncatingIfNeeded: ssrc >> UInt32(24 - 8 * index)) }
        bytes[12] = 64
        try leg.control.send(bytes, to: Endpoint(address: leg.endpoint.address, port: leg.endpoint.port + 1))
        rig.tick()
        rig.engine.close(leg: leg.id)
        rig.tick()
        #expect(rig.heard.closed(leg.id)?.remoteFractionLost == 0.25)
    }

    @Test func silenceAndInactivityAreTold() throws {
        let rig = try EngineRig(configure: { $0.inactivityMilliseconds = 1000 })
        let leg = try rig.leg()
        try rig.engine.watchSilence(leg: leg.id, afterMilliseconds: 600)
        let tone = EngineRecordingTests.tone(400, ticks: 25)
        for tick in 0..<25 {
            try leg.say(Array(tone[tick * 160..<(tick + 1) * 160]))
            rig.tick()
        }
        rig.tick(70)
        try leg.say([UInt8](repeating: 0x55, count: 160))
        rig.tick(2)
        #expect(
            rig.heard.names(of: leg.id) == ["firstPacket", "talkStarted", "silent", "inactive", "active"])
    }
}
