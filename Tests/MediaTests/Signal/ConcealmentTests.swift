import Media
import Testing

@Suite struct ConcealmentTests {
    /// A voiced sound: a 125 Hz pitch with its harmonics, falling off.
    func vowel(_ index: Int) -> Int16 {
        let phase = Double(index) / 64 * 2 * Double.pi
        var sum = 0.0
        for harmonic in 1...12 { sum += approximateSine(phase * Double(harmonic)) / Double(harmonic) }
        return Int16(sum * 4000)
    }

    func approximateSine(_ phase: Double) -> Double {
        let turns = phase / (2 * Double.pi)
        let x = (turns - turns.rounded()) * 2 * Double.pi
        return x * (1 - x * x / 6 * (1 - x * x / 20 * (1 - x * x / 42 * (1 - x * x / 72))))
    }

    func power(_ samples: some Sequence<Int16>) -> Double {
        var sum = 0.0
        var count = 0.0
        for sample in samples {
            sum += Double(sample) * Double(sample)
            count += 1
        }
        return sum / count
    }

    /// Runs ticks of the vowel of which some are lost; what comes out, linear and encoded.
    func run(_ lost: [Int: Pulled], ticks: Int = 30, codec: Codec = .pcma) -> (
        linear: [Int16], encoded: [UInt8], kinds: [PlayoutKind]
    ) {
        var concealment = Concealment()
        var linear: [Int16] = []
        var encoded: [UInt8] = []
        var kinds: [PlayoutKind] = []
        for tick in 0..<ticks {
            let pulled = lost[tick] ?? .audio
            var samples = [Int16](repeating: 0, count: 160)
            var codes = (0..<160).map { index -> UInt8 in
                let half = index < 80 ? pulled.first : pulled.second
                guard half == .audio else { return G711.idle(codec) }
                let sample = vowel(tick * 160 + index)
                return codec == .pcma ? G711.aLaw(sample) : G711.uLaw(sample)
            }
            kinds.append(concealment.run(pulled, codec: codec, encoded: &codes, linear: &samples))
            linear += samples
            encoded += codes
        }
        return (linear, encoded, kinds)
    }

    @Test func withoutLossNothingIsTouched() {
        let sent = (0..<30 * 160).map { G711.aLaw(vowel($0)) }
        let result = run([:])
        #expect(result.encoded == sent)
        #expect(result.linear == sent.map(G711.linear(aLaw:)))
        #expect(result.kinds.allSatisfy { $0 == .audio })
    }

    @Test(arguments: Codec.allCases)
    func aLostTickOfAVowelIsNearlyTheVowel(codec: Codec) {
        let result = run([10: .lost], codec: codec)
        #expect(result.kinds[10] == .concealed)
        let truth = (1600..<1760).map(vowel)
        let made = Array(result.linear[1600..<1760])
        let error = power(zip(truth, made).map { $0 &- $1 })
        #expect(error < power(truth) / 2, "nearer to what was said than silence, whose error has its whole power")
        // What is recorded is what was heard.
        let recorded = result.encoded[1600..<1760].map {
            codec == .pcma ? G711.linear(aLaw: $0) : G711.linear(uLaw: $0)
        }
        #expect(power(zip(recorded, made).map { $0 &- $1 }) < power(made) / 1000)
        // Two ticks later all is as it was sent.
        #expect(
            result.linear[12 * 160..<13 * 160].elementsEqual(
                (12 * 160..<13 * 160).map {
                    codec == .pcma
                        ? G711.linear(aLaw: G711.aLaw(vowel($0))) : G711.linear(uLaw: G711.uLaw(vowel($0)))
                }))
    }

    @Test func aLongLossFadesToSilence() {
        let result = run([10: .lost, 11: .lost, 12: .lost, 13: .lost])
        let levels = (10..<14).map { power(result.linear[$0 * 160..<($0 + 1) * 160]) }
        #expect(levels[0] > levels[1])
        #expect(levels[1] > levels[2])
        #expect(levels[3] == 0)
    }

    @Test func halfATickIsConcealedByItself() {
        let result = run([10: Pulled(.audio, .lost), 15: Pulled(.lost, .audio)])
        #expect(result.kinds[10] == .concealed)
        #expect(result.kinds[15] == .concealed)
        let truth = (10 * 160..<10 * 160 + 80).map { G711.linear(aLaw: G711.aLaw(vowel($0))) }
        #expect(result.linear[10 * 160..<10 * 160 + 80].elementsEqual(truth))
        #expect(power(result.linear[10 * 160 + 80..<11 * 160]) > power(truth) / 4)
    }

    @Test func silenceIsNotMadeUp() {
        let result = run([10: .silence, 11: .silence])
        #expect(result.kinds[10] == .silence)
        #expect(result.encoded[1600..<1920].allSatisfy { $0 == 0xD5 })
    }
}
