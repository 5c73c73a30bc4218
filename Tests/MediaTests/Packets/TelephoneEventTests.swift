import Media
import Testing

/// Whatever happens to its packets, a press is told once.
@Suite struct TelephoneEventTests {
    typealias P = TelephoneEventRows.P

    static func show(_ events: [ReceiveEvent]) -> String {
        events.map { event in
            switch event {
            case .keyDown(let key, .telephoneEvent): "\(key.character)+"
            case .keyUp(let key, .telephoneEvent, let milliseconds): "\(key.character)-\(milliseconds)"
            default: "?"
            }
        }.joined(separator: " ")
    }

    @Test(arguments: TelephoneEventRows.all)
    func isTold(_ row: TelephoneEventRows.Row) {
        var receiver = TelephoneEventReceiver()
        var ring = ReceiveEventRing()
        var events: [ReceiveEvent] = []
        var now: Int64 = 0
        for packet in row.packets {
            // Ticks go on between packets.
            while now + 20 <= packet.at {
                now += 20
                receiver.tick(at: now * milliseconds, into: &ring)
            }
            let accepted = packet.payload.withUnsafeBytes {
                receiver.receive(
                    $0, timestamp: packet.timestamp, marker: packet.flags.contains("m"), sequence: packet.sequence,
                    at: packet.at * milliseconds, into: &ring)
            }
            #expect(accepted)
            events += ring.drain()
        }
        for _ in 0..<20 {
            now += 20
            receiver.tick(at: now * milliseconds, into: &ring)
        }
        events += ring.drain()
        #expect(Self.show(events) == row.expected)
    }

    @Test(arguments: [0, 1, 2, 3, 5, 6, 7, 9])
    func payloadsOfAnotherLengthAreRefused(count: Int) {
        var receiver = TelephoneEventReceiver()
        var ring = ReceiveEventRing()
        let accepted = [UInt8](repeating: 5, count: count).withUnsafeBytes {
            receiver.receive($0, timestamp: 1, marker: true, sequence: 1, at: 0, into: &ring)
        }
        #expect(!accepted)
        #expect(ring.drain().isEmpty)
    }

    @Test func reportsPackedIntoOnePacketAreOnePressEach() {
        var receiver = TelephoneEventReceiver()
        var ring = ReceiveEventRing()
        // 1 for 50 ms, a silence cannot be packed, 2 for 60 ms.
        let payload: [UInt8] = [1, 0x8A, 0x01, 0x90, 2, 0x8A, 0x01, 0xE0]
        for sequence in 1...3 {
            let accepted = payload.withUnsafeBytes {
                receiver.receive(
                    $0, timestamp: 4000, marker: sequence == 1, sequence: Int64(sequence), at: 0, into: &ring)
            }
            #expect(accepted)
        }
        #expect(Self.show(ring.drain()) == "1+ 1-50 2+ 2-60")
    }

    @Test func aPressGoesOnAcrossANewStream() {
        var receiver = TelephoneEventReceiver()
        var ring = ReceiveEventRing()
        func send(_ packets: [P]) {
            for packet in packets {
                _ = packet.payload.withUnsafeBytes {
                    receiver.receive(
                        $0, timestamp: packet.timestamp, marker: packet.flags.contains("m"), sequence: packet.sequence,
                        at: packet.at * milliseconds, into: &ring)
                }
            }
        }
        send(Array(TelephoneEventRows.press(8).prefix(3)))
        receiver.restart()
        send([P(80, 900, 77_000, 8, 160), P(100, 901, 77_000, 8, 320, "e")])
        #expect(Self.show(ring.drain()) == "8+ 8-100")
        receiver.restart()
        send([P(120, 5, 77_000, 8, 160, "m")])
        #expect(Self.show(ring.drain()) == "8+")
    }

    /// Loss, repetition and reordering by chance, as long as one packet of each press comes: every key once, in order.
    @Test func chanceNeitherAddsNorTakesKeys() {
        var dice = Dice(11)
        for round in 0..<200 {
            var wire: [P] = []
            var keys: [UInt8] = []
            for index in 0..<12 {
                let key = UInt8.random(in: 0...11, using: &dice)
                keys.append(key)
                let whole = TelephoneEventRows.press(
                    key, at: Int64(index) * 240, sequence: Int64(index) * 20, timestamp: UInt32(index) * 1920)
                var kept = whole.filter { _ in !dice.chance(0.5) }
                if kept.isEmpty { kept = [whole[Int.random(in: 0..<8, using: &dice)]] }
                kept += kept.filter { _ in dice.chance(0.3) }
                kept.sort { $0.at < $1.at }
                for position in kept.indices.dropFirst() where dice.chance(0.3) { kept.swapAt(position, position - 1) }
                wire += kept
            }
            var receiver = TelephoneEventReceiver()
            var ring = ReceiveEventRing()
            var events: [ReceiveEvent] = []
            for packet in wire {
                receiver.tick(at: packet.at * milliseconds, into: &ring)
                _ = packet.payload.withUnsafeBytes {
                    receiver.receive(
                        $0, timestamp: packet.timestamp, marker: packet.flags.contains("m"), sequence: packet.sequence,
                        at: packet.at * milliseconds, into: &ring)
                }
                events += ring.drain()
            }
            let downs = events.compactMap { event -> UInt8? in
                if case .keyDown(let key, _) = event { key.rawValue } else { nil }
            }
            #expect(downs == keys, "round \(round)")
        }
    }

    @Test func whatWeSendIsWhatWeReceive() throws {
        var sender = TelephoneEventSender()
        var receiver = TelephoneEventReceiver()
        var ring = ReceiveEventRing()
        let keys = try "159*#0D".map { try #require(Key($0)) }
        for key in keys {
            let taken = sender.append(key)
            #expect(taken)
        }
        var packets = 0
        var marked = 0
        var ends = 0
        var sequence: Int64 = 0
        for tick in 0..<80 {
            let timestamp = UInt32(0xFFFF_F000) &+ UInt32(tick * 160)
            guard let packet = sender.tick(timestamp: timestamp) else { continue }
            packets += 1
            if packet.marker { marked += 1 }
            if packet.payload & 0x80_0000 != 0 { ends += 1 }
            sequence += 1
            var bytes = [UInt8](repeating: 0, count: TelephoneEventPacket.length)
            bytes.withUnsafeMutableBytes { if let base = $0.baseAddress { packet.write(to: base) } }
            let accepted = bytes.withUnsafeBytes {
                receiver.receive(
                    $0, timestamp: packet.timestamp, marker: packet.marker, sequence: sequence,
                    at: Int64(tick) * 20 * milliseconds, into: &ring)
            }
            #expect(accepted)
        }
        #expect(Self.show(ring.drain()) == keys.map { "\($0.character)+ \($0.character)-100" }.joined(separator: " "))
        #expect(packets == keys.count * 7)
        #expect(marked == keys.count)
        #expect(ends == keys.count * 3)
        let isIdle = sender.isIdle
        #expect(isIdle)
    }

    @Test func theSendersQueueIsBounded() throws {
        var sender = TelephoneEventSender()
        let key = try #require(Key("1"))
        var taken = 0
        for _ in 0..<100 where sender.append(key) { taken += 1 }
        #expect(taken == TelephoneEventSender.capacity)
        sender.removeAll()
        let packet = sender.tick(timestamp: 0)
        #expect(packet == nil)
    }
}
