import Foundation
import Media
import Testing

@Suite struct InbandKeysTests {
    static let rows = [697.0, 770, 852, 941]
    static let columns = [1209.0, 1336, 1477, 1633]
    static let keys = Array("123A456B789C*0#D")

    /// What a press sounds like on the line.
    struct Press {
        var level = -10.0
        /// How much louder the high tone is than the low one, dB.
        var twist = 0.0
        var on = 100
        var off = 100
        /// The tones' deviation, in percent.
        var deviation = 0.0
        /// Noise below the tone, dB; nil: none.
        var noise: Double?
    }

    /// All sixteen keys, one after the other, in A-law.
    func sequence(_ press: Press, _ dice: inout Dice) -> [UInt8] {
        var samples = [Double](repeating: 0, count: 1600)
        for index in 0..<16 {
            let factor = 1 + press.deviation / 100
            var low = Sine(frequency: Self.rows[index / 4] * factor, level: press.level - press.twist / 2)
            var high = Sine(frequency: Self.columns[index % 4] * factor, level: press.level + press.twist / 2)
            for _ in 0..<press.on * 8 { samples.append(low.next() + high.next()) }
            samples += [Double](repeating: 0, count: press.off * 8)
        }
        samples += [Double](repeating: 0, count: 1600)
        if let noise = press.noise {
            // Both tones together have the power of a sine 3 dB louder.
            let peak = Sine.peak(level: press.level + 3 - noise) / 1.414 * 1.732
            for index in samples.indices { samples[index] += Double.random(in: -peak...peak, using: &dice) }
        }
        return samples.map { G711.aLaw(Int16(max(-32_768, min(32_767, $0)))) }
    }

    /// What the receiver makes of codes: keys that began, and how many ended.
    func listen(_ codes: [UInt8], lost: (Int) -> Bool = { _ in false }) -> (keys: String, ends: Int, lengths: [Int]) {
        var receiver = InbandKeys()
        var ring = ReceiveEventRing()
        var keys = ""
        var lengths: [Int] = []
        for tick in 0..<codes.count / 160 {
            let samples = codes[tick * 160..<(tick + 1) * 160].map { G711.linear(aLaw: $0) }
            receiver.receive(samples, count: 160, concealed: lost(tick), into: &ring)
            for event in ring.drain() {
                switch event {
                case .keyDown(let key, .inBand): keys.append(key.character)
                case .keyUp(_, .inBand, let milliseconds): lengths.append(milliseconds)
                default: keys.append("?")
                }
            }
        }
        return (keys, lengths.count, lengths)
    }

    static let found: [(String, Press)] = [
        ("as usual", Press()), ("loud", Press(level: -3)), ("faint", Press(level: -27)),
        ("short", Press(on: 50, off: 50)),
        ("Q.24's shortest", Press(on: 45, off: 45)),
        ("long", Press(on: 700, off: 200)), ("high tone 3.5 dB louder", Press(twist: 3.5)),
        ("low tone 7 dB louder", Press(twist: -7)), ("1.4 % high", Press(deviation: 1.4)),
        ("1.4 % low", Press(deviation: -1.4)), ("noise 18 dB below", Press(noise: 18)),
        ("faint, twisted and noisy", Press(level: -22, twist: -4, noise: 20)),
    ]

    @Test(arguments: found.indices)
    func everyKeyIsFoundOnce(index: Int) {
        let (name, press) = Self.found[index]
        var dice = Dice(UInt64(index))
        let heard = listen(sequence(press, &dice))
        #expect(heard.keys == String(Self.keys), "\(name)")
        #expect(heard.ends == 16, "\(name)")
        // Where tones are off or noisy, their length is a guess.
        let isClean = press.noise == nil && press.deviation == 0
        let shortest = isClean ? press.on - 40 : 20
        #expect(heard.lengths.allSatisfy { $0 >= shortest && $0 <= press.on + 40 }, "\(name): \(heard.lengths)")
    }

    @Test func whatIsNoKeyIsNotFound() {
        var dice = Dice(1)
        for press in [
            Press(level: -50), Press(on: 15, off: 100), Press(deviation: 4), Press(twist: 14), Press(twist: -12),
        ] {
            let heard = listen(sequence(press, &dice))
            #expect(heard.keys.isEmpty, "\(press)")
        }
        // One tone alone.
        var tone = Sine(frequency: 1336, level: -6)
        let alone = (0..<16_000).map { _ in G711.aLaw(Int16(tone.next())) }
        #expect(listen(alone).keys.isEmpty)
    }

    @Test func theSameKeyTwiceIsTwo() {
        var sender = InbandKeySender()
        for key in "11112##".compactMap(Key.init) {
            let taken = sender.append(key)
            #expect(taken)
        }
        var samples = [Int16](repeating: 0, count: 14_400)
        samples.withUnsafeMutableBufferPointer { if let base = $0.baseAddress { sender.fill(base, count: 14_400) } }
        let isIdle = sender.isIdle
        #expect(isIdle)
        #expect(listen(samples.map(G711.aLaw)).keys == "11112##")
    }

    @Test func aLostTickWithinAPressDoesNotDoubleIt() {
        var dice = Dice(1)
        let codes = sequence(Press(on: 200, off: 100), &dice)
        // The tick in the middle of each press: 200 ms silence, then a press every 300 ms.
        let heard = listen(codes) { tick in tick >= 10 && (tick - 10) % 15 == 5 }
        #expect(heard.keys == String(Self.keys))
        #expect(heard.ends == 16)
    }

    /// Talk-off: an hour of talk may not press a key more than a few times; here two minutes of voiced sound whose
    /// pitch and formants wander, and none.
    @Test func voicedSoundPressesNoKey() {
        var dice = Dice(77)
        var codes: [UInt8] = []
        for _ in 0..<600 {
            let pitch = Double.random(in: 85...260, using: &dice)
            let formants = [
                Double.random(in: 300...950, using: &dice), Double.random(in: 900...2200, using: &dice),
                Double.random(in: 2200...3200, using: &dice),
            ]
            var harmonics = (1...Int(3600 / pitch)).map { number -> Sine in
                let frequency = pitch * Double(number)
                let nearest = formants.map { abs($0 - frequency) }.min() ?? 0
                return Sine(frequency: frequency, level: -12 - nearest / 25 - Double(number) / 2)
            }
            for _ in 0..<1600 {
                var sum = 0.0
                for index in harmonics.indices { sum += harmonics[index].next() }
                codes.append(G711.aLaw(Int16(max(-32_768, min(32_767, sum)))))
            }
        }
        #expect(codes.count == 120 * 8000)
        #expect(listen(codes).keys.count <= 1)
    }

    /// The speech fixtures that callers use in the tests, as they come over the line.
    @Test func recordedSpeechPressesNoKey() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../audio-fixtures").standardized
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { $0.hasPrefix("caller-") && $0.hasSuffix(".wav") }
        try #require(!names.isEmpty, "audio-fixtures/caller-*.wav belong to the repository")
        for name in names {
            let bytes = try Data(contentsOf: folder.appending(path: name))
            // PCM of 16 bits, 8 kHz, mono behind a header; the header's own bytes are 2.75 ms of noise.
            let samples = stride(from: 44, to: bytes.count - 1, by: 2).map {
                Int16(bitPattern: UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8)
            }
            #expect(samples.count > 8000, "\(name)")
            #expect(listen(samples.map(G711.aLaw)).keys.isEmpty, "\(name)")
        }
    }

    @Test func noisePressesNoKey() {
        var dice = Dice(5)
        let codes = (0..<480_000).map { _ in G711.aLaw(Int16.random(in: -8000...8000, using: &dice)) }
        #expect(listen(codes).keys.isEmpty)
    }

    @Test func resetForgets() {
        var receiver = InbandKeys()
        var ring = ReceiveEventRing()
        var sender = InbandKeySender()
        if let key = Key("5") { _ = sender.append(key) }
        var samples = [Int16](repeating: 0, count: 160)
        for _ in 0..<4 {
            samples.withUnsafeMutableBufferPointer { if let base = $0.baseAddress { sender.fill(base, count: 160) } }
            receiver.receive(samples, count: 160, concealed: false, into: &ring)
        }
        #expect(ring.drain().count == 1)
        receiver.reset()
        for _ in 0..<10 {
            receiver.receive([Int16](repeating: 0, count: 160), count: 160, concealed: false, into: &ring)
        }
        #expect(ring.drain().isEmpty)
    }
}
