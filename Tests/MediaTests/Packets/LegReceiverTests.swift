import Calls
import Media
import Testing

/// One leg's receiving side in virtual time.
struct LegUnderTest: ~Copyable {
    static let source = endpoint((192, 0, 2, 10), 4000)
    var receiver = LegReceiver()
    var now: Int64 = 0
    var events: [ReceiveEvent] = []
    var output: [UInt8] = []
    private let tick = UnsafeMutablePointer<UInt8>.allocate(capacity: 160)

    init(_ session: MediaSession = Self.session(), start: Bool = true) {
        receiver.configure(session, at: 0)
        if start { receiver.start(at: 0) }
    }

    deinit { tick.deallocate() }

    static func session(
        codec: Codec = .pcma, events: UInt8? = 101, direction: MediaDirection = .sendReceive, nat: Bool = false
    ) -> MediaSession {
        MediaSession(
            remote: source, remoteRTCP: endpoint((192, 0, 2, 10), 4001), codec: codec, payloadType: codec.rawValue,
            telephoneEventPayloadType: events, direction: direction, nat: nat)
    }

    mutating func receive(_ datagram: Datagram, from source: Endpoint = Self.source) {
        receive(bytes: datagram.bytes, from: source)
    }

    mutating func receive(bytes: [UInt8], from source: Endpoint = Self.source) {
        bytes.withUnsafeBytes { receiver.receive($0, source: source, at: instant(now)) }
    }

    @discardableResult
    mutating func playout() -> PlayoutKind {
        let kind = receiver.playout(into: tick, at: now)
        output += UnsafeBufferPointer(start: tick, count: 160)
        events += receiver.drain()
        now += 20 * milliseconds
        return kind
    }

    var statistics: LegStatistics {
        var statistics = LegStatistics()
        receiver.fill(&statistics)
        return statistics
    }
}

@Suite struct LegReceiverTests {
    func audio(_ index: Int, codec: Codec = .pcma, ssrc: UInt32 = 1) -> Datagram {
        Datagram(
            payloadType: codec.rawValue, sequence: UInt16(truncatingIfNeeded: index),
            timestamp: UInt32(truncatingIfNeeded: index * 160), ssrc: ssrc,
            payload: (0..<160).map { Wire.code(index * 160 + $0) })
    }

    @Test func whatIsSentIsWhatIsRecorded() {
        var leg = LegUnderTest()
        for index in 0..<100 {
            leg.receive(audio(index))
            leg.playout()
        }
        #expect(leg.output.filter { $0 != 0xD5 } == (0..<98 * 160).map(Wire.code))
        #expect(leg.events == [.firstPacket(source: LegUnderTest.source)])
        let statistics = leg.statistics
        #expect(statistics.packetsReceived == 100)
        #expect(statistics.lost + statistics.late + statistics.duplicate + statistics.malformed == 0)
        #expect(statistics.lastPacketAt == instant(99 * 20 * milliseconds))
    }

    @Test func lossIsConcealedAndCounted() {
        var leg = LegUnderTest()
        var tone = Sine(frequency: 440, level: -10)
        var sent: [UInt8] = []
        for index in 0..<100 {
            let payload = (0..<160).map { _ in G711.aLaw(Int16(tone.next())) }
            sent += payload
            var datagram = audio(index)
            datagram.payload = payload
            if index % 20 != 10 { leg.receive(datagram) }
            leg.playout()
        }
        let statistics = leg.statistics
        #expect(statistics.lost == 5)
        #expect(statistics.concealedTicks == 5)
        #expect(statistics.silentTicks == 0)
        // The made-up tick of a steady tone is as loud as its neighbours, in the bytes that are recorded.
        let concealed = leg.output[12 * 160..<13 * 160].map { Int(G711.linear(aLaw: $0)) }
        let power = concealed.reduce(0) { $0 + $1 * $1 } / 160
        let truth = sent[10 * 160..<11 * 160].map { Int(G711.linear(aLaw: $0)) }.reduce(0) { $0 + $1 * $1 } / 160
        #expect(power > truth / 3 && power < truth * 2)
    }

    @Test func keysComeThroughAmongAudio() {
        var leg = LegUnderTest()
        var sequence = 0
        for tick in 0..<60 {
            let pressed = TelephoneEventRows.press(5, at: 200, timestamp: 1600)
            if (10..<18).contains(tick) {
                let packet = pressed[tick - 10]
                for _ in 0..<2 {
                    leg.receive(
                        Datagram(
                            marker: packet.flags == "m", payloadType: 101, sequence: UInt16(sequence), timestamp: 1600,
                            ssrc: 1, payload: packet.payload))
                }
            } else {
                var datagram = audio(tick)
                datagram.sequence = UInt16(sequence)
                leg.receive(datagram)
            }
            sequence += 1
            leg.playout()
        }
        let keys = leg.events.filter { if case .firstPacket = $0 { false } else { true } }
        #expect(TelephoneEventTests.show(keys) == "5+ 5-100")
        #expect(leg.statistics.lost == 0)
        #expect(leg.statistics.concealedTicks == 0)
        #expect(leg.statistics.duplicate == 8)
    }

    @Test func inBandKeysOnlyWithoutTelephoneEvent() {
        for (events, expected) in [(nil, 1), (101, 0)] as [(UInt8?, Int)] {
            var leg = LegUnderTest(LegUnderTest.session(events: events))
            var sender = InbandKeySender()
            if let key = Key("7") { _ = sender.append(key) }
            var samples = [Int16](repeating: 0, count: 160)
            for index in 0..<50 {
                samples.withUnsafeMutableBufferPointer {
                    if let base = $0.baseAddress { sender.fill(base, count: 160) }
                }
                var datagram = audio(index)
                datagram.payload = samples.map(G711.aLaw)
                leg.receive(datagram)
                leg.playout()
            }
            let downs = leg.events.filter { if case .keyDown(_, .inBand) = $0 { true } else { false } }
            #expect(downs.count == expected)
        }
    }

    @Test func whatIsNotNegotiatedIsMalformedAndWhatIsForeignIsForeign() {
        var leg = LegUnderTest()
        leg.receive(audio(0))
        leg.receive(Datagram(payloadType: 0, sequence: 1, ssrc: 1, payload: [1, 2, 3]))
        leg.receive(Datagram(payloadType: 8, sequence: 2, ssrc: 1))
        leg.receive(Datagram(payloadType: 101, sequence: 3, ssrc: 1, payload: [1, 2, 3]))
        leg.receive(bytes: [])
        leg.receive(bytes: [UInt8](repeating: 0x80, count: 11))
        leg.receive(audio(4), from: endpoint((203, 0, 113, 1), 4000))
        leg.receive(Datagram(payloadType: 13, sequence: 4, timestamp: 640, ssrc: 1, payload: [60]))
        leg.playout()
        let statistics = leg.statistics
        #expect(statistics.packetsReceived == 8)
        #expect(statistics.malformed == 5)
        #expect(statistics.foreignSource == 1)
        #expect(leg.events == [.firstPacket(source: LegUnderTest.source)])
    }

    @Test func nothingIsPlayedBeforeTheStart() {
        var leg = LegUnderTest(start: false)
        for index in 0..<50 {
            leg.receive(audio(index))
            #expect(leg.playout() == .silence)
        }
        #expect(leg.output.allSatisfy { $0 == 0xD5 })
        #expect(leg.statistics.packetsReceived == 50)
        leg.receiver.start(at: leg.now)
        for index in 50..<100 {
            leg.receive(audio(index))
            leg.playout()
        }
        #expect(leg.output.filter { $0 != 0xD5 } == (50 * 160..<98 * 160).map(Wire.code))
    }

    @Test func inactivityIsToldOnceAndItsEndToo() {
        var leg = LegUnderTest()
        for index in 0..<10 {
            leg.receive(audio(index))
            leg.playout()
        }
        for _ in 0..<600 { leg.playout() }
        leg.receive(audio(610))
        leg.playout()
        #expect(
            leg.events == [
                .firstPacket(source: LegUnderTest.source), .inactive(milliseconds: 5000), .active,
            ])
        // A leg that does not receive (on hold) is not inactive.
        var held = LegUnderTest(LegUnderTest.session(direction: .sendOnly))
        for _ in 0..<600 { held.playout() }
        #expect(held.events.isEmpty)
    }

    @Test func aSourceThatMovesIsTold() {
        var leg = LegUnderTest()
        let moved = endpoint((192, 0, 2, 10), 5000)
        for index in 0..<10 {
            leg.receive(audio(index))
            leg.playout()
        }
        for _ in 0..<120 { leg.playout() }
        for index in 130..<140 {
            leg.receive(audio(index), from: moved)
            leg.playout()
        }
        #expect(leg.events == [.firstPacket(source: LegUnderTest.source), .latched(source: moved)])
        #expect(leg.statistics.foreignSource == 2)
    }

    @Test func silenceAndTalkAreWatched() {
        var leg = LegUnderTest()
        leg.receiver.watchSilence(afterMilliseconds: 1000)
        for index in 0..<300 {
            var datagram = audio(index)
            // A second and a half of silence, two of talk, silence.
            if !(75..<175).contains(index) { datagram.payload = [UInt8](repeating: 0xD5, count: 160) }
            leg.receive(datagram)
            leg.playout()
        }
        #expect(
            leg.events == [
                .firstPacket(source: LegUnderTest.source), .silent(milliseconds: 1000), .talkStarted,
                .silent(milliseconds: 1000),
            ])
    }

    @Test func anotherStreamOfTheSameSourceIsFollowed() {
        var leg = LegUnderTest()
        for index in 0..<50 {
            leg.receive(audio(index))
            leg.playout()
        }
        for index in 0..<50 {
            leg.receive(audio(index, ssrc: 99))
            leg.playout()
        }
        #expect(leg.output.filter { $0 != 0xD5 }.count >= 90 * 160)
        #expect(leg.statistics.lost == 0)
        let block = leg.receiver.reportBlock(at: leg.now)
        #expect(block?.ssrc == 99)
    }

    @Test func controlIsBelievedFromThePeerOnly() {
        var leg = LegUnderTest()
        leg.receive(audio(0))
        var bytes = [UInt8](repeating: 0, count: RTCPBuilder.capacity)
        var block = RTCPReportBlock(ssrc: 42)
        block.fractionLost = 64
        let length = bytes.withUnsafeMutableBytes {
            RTCPBuilder.write(
                ssrc: 1, sender: RTCPSenderInfo(packets: 1, octets: 160, timestamp: 0), block: block,
                cname: UnsafeRawBufferPointer(start: nil, count: 0), bye: false, wall: 1_700_000_000_000_000, into: $0)
        }
        let stranger = bytes.prefix(length).withUnsafeBytes {
            leg.receiver.receiveControl($0, source: endpoint((203, 0, 113, 1), 4001), ourSSRC: 42, at: instant(0))
        }
        let peer = bytes.prefix(length).withUnsafeBytes {
            leg.receiver.receiveControl($0, source: endpoint((192, 0, 2, 10), 4001), ourSSRC: 42, at: instant(0))
        }
        #expect(!stranger)
        #expect(peer)
        #expect(leg.statistics.remoteFractionLost == 0.25)
        #expect(leg.statistics.foreignSource == 1)
    }

    @Test func resetServesTheNextLeg() {
        var leg = LegUnderTest()
        for index in 0..<50 {
            leg.receive(audio(index))
            leg.playout()
        }
        leg.receiver.reset()
        leg.events = []
        leg.output = []
        #expect(leg.statistics == LegStatistics())
        leg.receiver.configure(LegUnderTest.session(codec: .pcmu), at: leg.now)
        leg.receiver.start(at: leg.now)
        for index in 1000..<1050 {
            leg.receive(audio(index, codec: .pcmu, ssrc: 9))
            leg.playout()
        }
        #expect(leg.output.filter { $0 != 0xFF }.count == 48 * 160)
        #expect(leg.events == [.firstPacket(source: LegUnderTest.source)])
        #expect(leg.statistics.packetsReceived == 50)
    }

    @Test func mutatedDatagramsAreCountedAndTheCallGoesOn() {
        var leg = LegUnderTest(LegUnderTest.session(events: nil, nat: true))
        var dice = Dice(21)
        for index in 0..<10_000 {
            var bytes = audio(index).bytes
            for _ in 0..<Int.random(in: 1...8, using: &dice) {
                bytes[Int.random(in: 0..<16, using: &dice)] = UInt8.random(in: 0...255, using: &dice)
            }
            bytes = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &dice)))
            leg.receive(bytes: bytes)
            if index % 2 == 0 {
                leg.receive(audio(index / 2))
                leg.playout()
            }
            leg.output.removeAll(keepingCapacity: true)
        }
        for index in 5000..<5200 {
            leg.receive(audio(index))
            leg.playout()
        }
        #expect(Wire.isUnbroken(leg.output.suffix(100 * 160)))
        #expect(leg.statistics.malformed > 1000)
    }
}
