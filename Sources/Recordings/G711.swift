/// G.711 to 16-bit linear (ITU-T G.711 tables 1a and 2a, scaled to 16 bits).
enum G711 {
    /// 256 values of µ-law.
    static let muLaw: [Int16] = (0..<256).map { index in
        let code = ~UInt8(index)
        let exponent = Int(code >> 4 & 7)
        let magnitude = ((Int(code & 15) << 3) + 132) << exponent - 132
        return Int16(code & 0x80 == 0 ? magnitude : -magnitude)
    }

    /// 256 values of A-law.
    static let aLaw: [Int16] = (0..<256).map { index in
        let code = UInt8(index) ^ 0x55
        let exponent = Int(code >> 4 & 7)
        let mantissa = Int(code & 15) << 4
        let magnitude = exponent == 0 ? mantissa + 8 : (mantissa + 264) << (exponent - 1)
        return Int16(code & 0x80 != 0 ? magnitude : -magnitude)
    }

    /// The table of a payload type number (RFC 3551 table 4); nil where it is not G.711.
    static func table(codec: UInt8) -> [Int16]? {
        switch codec {
        case 0: muLaw
        case 8: aLaw
        default: nil
        }
    }
}
