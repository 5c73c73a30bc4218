import CSndFile
import CSpanDSP
import Media
import Testing

@Suite struct G711Tests {
    static let samples = Array(Int16.min...Int16.max)
    static let codes = Array(UInt8.min...UInt8.max)

    /// spandsp's encoder and decoder as references that were written elsewhere.
    func spandsp(_ mode: Int32, encode samples: [Int16]) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: samples.count)
        let state = g711_init(nil, mode)
        g711_encode(state, &result, samples, Int32(samples.count))
        g711_free(state)
        return result
    }

    func spandsp(_ mode: Int32, decode codes: [UInt8]) -> [Int16] {
        var result = [Int16](repeating: 0, count: codes.count)
        let state = g711_init(nil, mode)
        g711_decode(state, &result, codes, Int32(codes.count))
        g711_free(state)
        return result
    }

    @Test func decodesAsSpandspDoes() {
        #expect(Self.codes.map(G711.linear(aLaw:)) == spandsp(0, decode: Self.codes))
        #expect(Self.codes.map(G711.linear(uLaw:)) == spandsp(1, decode: Self.codes))
    }

    @Test func encodesEverySampleAsSpandspDoes() {
        #expect(Self.samples.map(G711.aLaw) == spandsp(0, encode: Self.samples))
        #expect(Self.samples.map(G711.uLaw) == spandsp(1, encode: Self.samples))
    }

    @Test func decodesAsSndfileDoes() {
        for (format, decode) in [(SF_FORMAT_ALAW, G711.linear(aLaw:)), (SF_FORMAT_ULAW, G711.linear(uLaw:))] {
            #expect(throughSndfile(format) == Self.codes.map(decode))
        }
    }

    /// All codes as a headerless file in memory, read as samples.
    func throughSndfile(_ format: Int, codes: [UInt8] = codes) -> [Int16] {
        struct Memory {
            var bytes: [UInt8]
            var position = 0
        }
        var memory = Memory(bytes: codes)
        var calls = SF_VIRTUAL_IO()
        calls.get_filelen = { user in
            sf_count_t(user?.assumingMemoryBound(to: Memory.self).pointee.bytes.count ?? 0)
        }
        calls.tell = { user in sf_count_t(user?.assumingMemoryBound(to: Memory.self).pointee.position ?? 0) }
        calls.seek = { offset, whence, user in
            guard let memory = user?.assumingMemoryBound(to: Memory.self) else { return -1 }
            let base = whence == 0 ? 0 : whence == 1 ? memory.pointee.position : memory.pointee.bytes.count
            memory.pointee.position = base + Int(offset)
            return sf_count_t(memory.pointee.position)
        }
        calls.read = { target, count, user in
            guard let memory = user?.assumingMemoryBound(to: Memory.self), let target else { return 0 }
            let run = min(Int(count), memory.pointee.bytes.count - memory.pointee.position)
            for index in 0..<max(0, run) {
                target.storeBytes(
                    of: memory.pointee.bytes[memory.pointee.position + index], toByteOffset: index, as: UInt8.self)
            }
            memory.pointee.position += max(0, run)
            return sf_count_t(max(0, run))
        }
        calls.write = { _, _, _ in 0 }
        var info = SF_INFO()
        info.samplerate = 8000
        info.channels = 1
        info.format = Int32(SF_FORMAT_RAW) | Int32(format)
        var samples = [Int16](repeating: 0, count: codes.count)
        return withUnsafeMutablePointer(to: &memory) { user in
            guard let file = sf_open_virtual(&calls, Int32(SFM_READ), &info, user) else { return [] }
            defer { sf_close(file) }
            let count = sf_read_short(file, &samples, sf_count_t(codes.count))
            return Array(samples.prefix(Int(count)))
        }
    }

    @Test func aCodeComesBackAsItself() {
        for code in Self.codes {
            #expect(G711.aLaw(G711.linear(aLaw: code)) == code)
            // µ-law has two zeros; the negative one comes back as the positive.
            #expect(G711.uLaw(G711.linear(uLaw: code)) == (code == 0x7F ? 0xFF : code))
        }
    }

    @Test func lawsAreMonotonicAndSymmetric() {
        let aLaw = Self.samples.map { G711.linear(aLaw: G711.aLaw($0)) }
        let uLaw = Self.samples.map { G711.linear(uLaw: G711.uLaw($0)) }
        #expect(zip(aLaw, aLaw.dropFirst()).allSatisfy { $0 <= $1 })
        #expect(zip(uLaw, uLaw.dropFirst()).allSatisfy { $0 <= $1 })
        for sample in Int16(0)...Int16.max {
            #expect(G711.linear(uLaw: G711.uLaw(-sample)) == -G711.linear(uLaw: G711.uLaw(sample)))
            #expect(G711.linear(aLaw: G711.aLaw(~sample)) == -G711.linear(aLaw: G711.aLaw(sample)))
        }
        // G.711 tables 1 and 2: the greatest decoder output, 4,032 of 12 bits and 8,031 of 13.
        #expect(aLaw.max() == Int16(4032 * 8))
        #expect(uLaw.max() == Int16(8031 * 4))
    }

    /// G.712's kind of demand: a tone keeps a ratio of about 37 dB over 30 dB of level.
    @Test(arguments: [-3.0, -10, -20, -30])
    func noiseOfQuantisingStaysBelow(level: Double) {
        for codec in Codec.allCases {
            var tone = Sine(frequency: 1020, level: level)
            var signal = 0.0
            var noise = 0.0
            for _ in 0..<8000 {
                let sample = Int16(tone.next())
                let back = codec == .pcma ? G711.linear(aLaw: G711.aLaw(sample)) : G711.linear(uLaw: G711.uLaw(sample))
                signal += Double(sample) * Double(sample)
                noise += (Double(sample) - Double(back)) * (Double(sample) - Double(back))
            }
            #expect(signal / noise > 2000, "\(codec) at \(level) dBm0: 33 dB at least")
        }
    }

    @Test func bulkIsTheSameAsOneByOne() {
        var decoded = [Int16](repeating: 0, count: 256)
        var encoded = [UInt8](repeating: 0, count: Self.samples.count)
        var other = [UInt8](repeating: 0, count: 256)
        G711.decode(.pcmu, Self.codes, count: 256, into: &decoded)
        #expect(decoded == Self.codes.map(G711.linear(uLaw:)))
        G711.encode(.pcma, Self.samples, count: Self.samples.count, into: &encoded)
        #expect(encoded == Self.samples.map(G711.aLaw))
        G711.transcode(Self.codes, count: 256, from: .pcma, to: .pcmu, into: &other)
        #expect(other == Self.codes.map { G711.uLaw(G711.linear(aLaw: $0)) })
        G711.transcode(Self.codes, count: 256, from: .pcmu, to: .pcma, into: &other)
        #expect(other == Self.codes.map { G711.aLaw(G711.linear(uLaw: $0)) })
        G711.transcode(Self.codes, count: 256, from: .pcma, to: .pcma, into: &other)
        #expect(other == Self.codes)
        #expect(G711.linear(aLaw: G711.idle(.pcma)) == 8)
        #expect(G711.linear(uLaw: G711.idle(.pcmu)) == 0)
    }
}
