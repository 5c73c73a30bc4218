/// ITU-T G.711: A-law and µ-law against 16-bit linear samples (13 and 14 significant bits, left-aligned).
///
/// Decoding reads a table of 256 entries, encoding computes: a table of 65,536 entries would push the legs out of the
/// cache. All functions are pure and may run on any thread; `prepare()` once beforehand keeps the tables' making off
/// the media thread.
package enum G711 {
    /// One sample to A-law, even bits inverted (G.711 table 1).
    package static func aLaw(_ sample: Int16) -> UInt8 {
        let negative = sample < 0
        // One's complement keeps -32,768 in range and puts -1 beside 0.
        let magnitude = UInt32(UInt16(bitPattern: negative ? ~sample : sample))
        let segment = UInt32(24 - min(24, (magnitude | 0xFF).leadingZeroBitCount))
        let shift = segment == 0 ? 4 : segment + 3
        let code = UInt8(truncatingIfNeeded: segment << 4 | (magnitude >> shift & 0x0F))
        return code ^ (negative ? 0x55 : 0xD5)
    }

    /// One sample to µ-law, all bits inverted (G.711 table 2); code 0 is used (no zero-code suppression).
    package static func uLaw(_ sample: Int16) -> UInt8 {
        let negative = sample < 0
        let magnitude = min(UInt32(sample.magnitude) + 0x84, 0x7FFF)
        let segment = UInt32(24 - min(24, (magnitude | 0xFF).leadingZeroBitCount))
        let code = UInt8(truncatingIfNeeded: segment << 4 | (magnitude >> (segment + 3) & 0x0F))
        return ~code & 0x7F | (negative ? 0 : 0x80)
    }

    /// An A-law code's sample.
    package static func linear(aLaw code: UInt8) -> Int16 { aLawTable[Int(code)] }

    /// A µ-law code's sample.
    package static func linear(uLaw code: UInt8) -> Int16 { uLawTable[Int(code)] }

    /// The code of silence: the smallest positive value in A-law, zero in µ-law.
    package static func idle(_ codec: Codec) -> UInt8 { codec == .pcma ? 0xD5 : 0xFF }

    /// Makes the tables, so that the first use on the media thread finds them ready.
    package static func prepare() { _ = (aLawTable, uLawTable, toALaw, toULaw) }

    /// Decodes `count` codes.
    package static func decode(
        _ codec: Codec, _ codes: UnsafePointer<UInt8>, count: Int, into samples: UnsafeMutablePointer<Int16>
    ) {
        let table = table(codec)
        for index in 0..<count { samples[index] = table[Int(codes[index])] }
    }

    /// Encodes `count` samples.
    package static func encode(
        _ codec: Codec, _ samples: UnsafePointer<Int16>, count: Int, into codes: UnsafeMutablePointer<UInt8>
    ) {
        switch codec {
        case .pcma: for index in 0..<count { codes[index] = aLaw(samples[index]) }
        case .pcmu: for index in 0..<count { codes[index] = uLaw(samples[index]) }
        }
    }

    /// Re-encodes `count` codes from one law to the other by a table, as through linear; a copy where both are the
    /// same. It may be done in place.
    package static func transcode(
        _ codes: UnsafePointer<UInt8>, count: Int, from: Codec, to: Codec, into result: UnsafeMutablePointer<UInt8>
    ) {
        guard from != to else { return result.update(from: codes, count: count) }
        let table = to == .pcma ? toALaw : toULaw
        for index in 0..<count { result[index] = table[Int(codes[index])] }
    }

    static func table(_ codec: Codec) -> UnsafePointer<Int16> { codec == .pcma ? aLawTable : uLawTable }

    // Written once before anything reads them, never freed: safe to share.
    nonisolated(unsafe) private static let aLawTable = makeTable { code in
        let code = code ^ 0x55
        let segment = Int32(code >> 4 & 7)
        let mantissa = Int32(code & 0x0F) << 4
        let magnitude = segment == 0 ? mantissa + 8 : (mantissa + 0x108) << (segment - 1)
        return Int16(truncatingIfNeeded: code & 0x80 != 0 ? magnitude : -magnitude)
    }

    nonisolated(unsafe) private static let uLawTable = makeTable { code in
        let code = ~code
        let magnitude = ((Int32(code & 0x0F) << 3 + 0x84) << Int32(code >> 4 & 7)) - 0x84
        return Int16(truncatingIfNeeded: code & 0x80 != 0 ? -magnitude : magnitude)
    }

    /// From the other law.
    nonisolated(unsafe) private static let toALaw = makeTable { aLaw(linear(uLaw: $0)) }
    nonisolated(unsafe) private static let toULaw = makeTable { uLaw(linear(aLaw: $0)) }

    private static func makeTable<Entry: BitwiseCopyable>(_ value: (UInt8) -> Entry) -> UnsafePointer<Entry> {
        let table = UnsafeMutablePointer<Entry>.allocate(capacity: 256)
        for code in 0..<256 { (table + code).initialize(to: value(UInt8(code))) }
        return UnsafePointer(table)
    }
}
