import AudioLog
import Calls
import Media
import Testing

@Suite struct EngineLatchTests {
    @Test(arguments: [false, true]) func aThirdPartyIsNotHeard(nat: Bool) throws {
        let rig = try EngineRig()
        let leg = try rig.leg(nat: nat)
        let recording: RecordingID = rig.identifier()
        try rig.engine.startRecording(recording, call: leg.call, channels: [leg.bothWays[0]])
        let intruder = try EnginePeer(leg.endpoint.address)
        let spoken = EngineRecordingTests.tone(500, ticks: 30)
        let noise = EnginePlayTests.noise(160, seed: 66).map { G711.aLaw($0) }
        for tick in 0..<30 {
            try leg.say(Array(spoken[tick * 160..<(tick + 1) * 160]))
            // With the stream's own SSRC and plausible numbers, from another port of the same address.
            try forge(noise, tick: tick, by: intruder, to: leg)
            rig.tick()
        }
        rig.tick(6)
        rig.engine.close(leg: leg.id)
        rig.tick()
        let left = try #require(try rig.log().recordings[recording]).bytes(0)
        let begin = try #require(left.firstIndex { $0 != G711.idle(.pcma) }) / 160 * 160
        #expect(Array(left[begin..<begin + spoken.count]) == spoken)
        let statistics = try #require(rig.heard.closed(leg.id))
        #expect(statistics.foreignSource == 30)
        #expect(statistics.packetsReceived == 60)
        #expect(rig.engine.statistics.foreignSource == 30)
        #expect(!rig.heard.names(of: leg.id).contains("latched"))
    }

    private func forge(_ payload: [UInt8], tick: Int, by peer: EnginePeer, to leg: EngineLeg) throws {
        var bytes = [UInt8](repeating: 0, count: 12)
        let header = RTPPacket(
            payloadType: 8, sequence: UInt16(truncatingIfNeeded: 65_010 + tick),
            timestamp: 0xFFFF_FE00 &+ UInt32(tick * 160), ssrc: 0x5EED)
        bytes.withUnsafeMutableBytes { if let base = $0.baseAddress { header.write(to: base) } }
        try peer.send(bytes + payload, to: leg.endpoint)
    }

    @Test func behindNatThePeerIsReachedWhereItSendsFrom() throws {
        let rig = try EngineRig()
        let leg = try rig.leg(nat: true)
        let inside = leg.peer
        let outside = try EnginePeer(leg.endpoint.address)
        // The SDP names an address from which nothing ever comes.
        for _ in 0..<6 {
            try leg.say([UInt8](repeating: 0x55, count: 160), from: outside)
            rig.tick()
        }
        let first = rig.heard.of(leg.id).first
        guard case .firstPacket(let source) = first?.kind else {
            Issue.record("no first packet")
            return
        }
        #expect(source == outside.endpoint)
        #expect(try outside.packet().payload.count == 160)
        _ = try inside.packet()
    }

    @Test func withoutNatItIsReachedWhereItsSDPSays() throws {
        let rig = try EngineRig()
        let leg = try rig.leg()
        let stranger = try EnginePeer(leg.endpoint.address)
        for _ in 0..<6 {
            try leg.say([UInt8](repeating: 0x55, count: 160), from: stranger)
            rig.tick()
        }
        #expect(rig.heard.names(of: leg.id).isEmpty)
        #expect(stranger.isQuiet)
        #expect(try leg.peer.packets(6).count == 6)
    }

    /// Sizes and bytes that nobody agreed on: counted, never played, never the engine's end.
    @Test func anythingMayArrive() throws {
        let rig = try EngineRig()
        let leg = try rig.leg()
        var dice = Dice(11)
        for _ in 0..<10 {
            for length in [0, 1, 11, 12, 172, 1400, 1537, 3000] {
                try leg.peer.send((0..<length).map { _ in UInt8.random(in: 0...255, using: &dice) }, to: leg.endpoint)
            }
            let control = Endpoint(address: leg.endpoint.address, port: leg.endpoint.port + 1)
            for length in [0, 3, 8, 28, 200, 1600] {
                let noise = (0..<length).map { _ in UInt8.random(in: 0...255, using: &dice) }
                try leg.control.send(noise, to: control)
            }
            rig.tick()
        }
        rig.tick(40)
        rig.engine.close(leg: leg.id)
        rig.tick()
        let statistics = try #require(rig.heard.closed(leg.id))
        #expect(statistics.packetsReceived == 10 * 6)
        #expect(statistics.malformed + statistics.foreignSource <= statistics.packetsReceived)
        #expect(rig.engine.statistics.oversized == 20)
        #expect(rig.engine.statistics.datagramsReceived == 80)
        #expect(rig.engine.statistics.controlReceived > 30)
    }
}
