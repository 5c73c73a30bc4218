/// ITU-T G.711 in the load caller's own code: what is judged must not be judged by its own encoder.
package enum G711 {
    package enum Law: String, Sendable, Hashable, Codable, CaseIterable {
        case pcma = "PCMA"
        case pcmu = "PCMU"

        /// The static payload type (RFC 3551).
        package var payloadType: UInt8 { self == .pcma ? 8 : 0 }
        /// The code of silence.
        package var idle: UInt8 { self == .pcma ? 0xD5 : 0xFF }
    }

    /// Encodes 16-bit linear samples.
    package static func encode(_ samples: [Int16], _ law: Law) -> [UInt8] {
        samples.map { law == .pcma ? aLaw($0) : uLaw($0) }
    }

    /// A code's 16-bit linear sample.
    package static func linear(_ code: UInt8, _ law: Law) -> Int16 {
        law == .pcma ? aLawTable[Int(code)] : uLawTable[Int(code)]
    }

    /// One sample to A-law (table 1): 13 significant bits, eight segments, even bits inverted.
    package static func aLaw(_ sample: Int16) -> UInt8 {
        // The 13-bit magnitude in one's complement, so that -1 lies beside 0.
        let thirteen = Int(sample) >> 3
        let mask: UInt8 = thirteen >= 0 ? 0xD5 : 0x55
        let magnitude = thirteen >= 0 ? thirteen : -thirteen - 1
        // Upper ends of the segments.
        var segment = 0
        while segment < 8, (0x20 << segment) <= magnitude { segment += 1 }
        guard segment < 8 else { return 0x7F ^ mask }
        let step = segment < 2 ? magnitude >> 1 : magnitude >> segment
        return UInt8(segment << 4 | step & 0x0F) ^ mask
    }

    /// One sample to µ-law (table 2): 14 significant bits, a bias of 33, all bits inverted.
    package static func uLaw(_ sample: Int16) -> UInt8 {
        let fourteen = Int(sample) >> 2
        let mask: UInt8 = sample >= 0 ? 0xFF : 0x7F
        let magnitude = min(sample >= 0 ? fourteen : Int(sample.magnitude) >> 2, 8159) + 33
        var segment = 0
        while segment < 8, (0x40 << segment) <= magnitude { segment += 1 }
        guard segment < 8 else { return 0x7F ^ mask }
        return UInt8(segment << 4 | magnitude >> (segment + 1) & 0x0F) ^ mask
    }

    private static let aLawTable: [Int16] = (0..<256).map { code in
        let value = code ^ 0x55
        let segment = value >> 4 & 7
        let step = (value & 0x0F) << 4
        let magnitude = segment == 0 ? step + 8 : (step + 0x108) << (segment - 1)
        return Int16(value & 0x80 != 0 ? magnitude : -magnitude)
    }

    private static let uLawTable: [Int16] = (0..<256).map { code in
        let value = ~code & 0xFF
        let magnitude = (((value & 0x0F) << 3 + 0x84) << (value >> 4 & 7)) - 0x84
        return Int16(value & 0x80 != 0 ? -magnitude : magnitude)
    }
}
