import LoadCaller
import Testing

@Suite struct G711Tests {
    /// Sums of what Python's `audioop` makes of the same samples: an encoder that nobody here wrote.
    @Test func everyALawCodeIsThatOfAnotherEncoder() {
        let all = (Int(Int16.min)...Int(Int16.max)).map { G711.aLaw(Int16($0)) }
        #expect(MD5.hex(hex(all)) == "a696600ead5e9fd2931300d8bbd0fc73")
        let samples = (0..<256).map { String(G711.linear(UInt8($0), .pcma)) }.joined(separator: " ")
        #expect(MD5.hex(samples) == "e44817dfcfb00cb6ddfa0307bba818ed")
    }

    /// µ-law has 14 bits: the encoders differ in how they round what lies below.
    @Test func everyMuLawCodeIsThatOfAnotherEncoder() {
        let all = stride(from: Int(Int16.min), through: Int(Int16.max), by: 4).map { G711.uLaw(Int16($0)) }
        #expect(MD5.hex(hex(all)) == "bf4aafebf96bb2c060eeaed9bf01cc47")
        let samples = (0..<256).map { String(G711.linear(UInt8($0), .pcmu)) }.joined(separator: " ")
        #expect(MD5.hex(samples) == "36d2d0f5fa5ab69a4130484445b49feb")
    }

    private func hex(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef")
        return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }

    @Test func silenceIsIdle() {
        #expect(G711.aLaw(0) == G711.Law.pcma.idle)
        #expect(G711.uLaw(0) == G711.Law.pcmu.idle)
    }

    @Test func aWaveFileIsReadPastOtherChunks() throws {
        let samples: [UInt8] = [0x01, 0x00, 0xFF, 0xFF]
        let bytes: [UInt8] =
            Array("RIFF".utf8) + [0, 0, 0, 0] + Array("WAVELIST".utf8) + [3, 0, 0, 0, 1, 2, 3, 0]
            + Array("fmt ".utf8) + [16, 0, 0, 0, 1, 0, 1, 0, 0x40, 0x1F, 0, 0, 0x80, 0x3E, 0, 0, 2, 0, 16, 0]
            + Array("data".utf8) + [4, 0, 0, 0] + samples
        #expect(try AudioFile.wave(bytes, "x.wav") == .linear([1, -1]))
        for end in 0..<bytes.count - 2 {
            #expect(throws: LoadError.self) { try AudioFile.wave(Array(bytes[..<end]), "x.wav") }
        }
    }
}
