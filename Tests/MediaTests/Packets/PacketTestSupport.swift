import Calls
import Media

/// A datagram for the receiving side, built field by field so that it can be wrong in any of them.
struct Datagram {
    var version: UInt8 = 2
    var padding: UInt8?
    var csrcs: [UInt32] = []
    var `extension`: (profile: UInt16, words: [UInt32])?
    var marker = false
    var payloadType: UInt8 = 8
    var sequence: UInt16 = 1
    var timestamp: UInt32 = 160
    var ssrc: UInt32 = 0x1234_5678
    var payload: [UInt8] = []

    var bytes: [UInt8] {
        var bytes: [UInt8] = [
            version << 6 | (padding == nil ? 0 : 0x20) | (`extension` == nil ? 0 : 0x10) | UInt8(csrcs.count & 15),
            payloadType | (marker ? 0x80 : 0), UInt8(sequence >> 8), UInt8(sequence & 255),
        ]
        for word in [timestamp, ssrc] + csrcs { bytes += word.networkBytes }
        if let (profile, words) = `extension` {
            bytes += [UInt8(profile >> 8), UInt8(profile & 255), UInt8(words.count >> 8), UInt8(words.count & 255)]
            for word in words { bytes += word.networkBytes }
        }
        bytes += payload
        if let padding { bytes += [UInt8](repeating: 0, count: max(0, Int(padding) - 1)) + [padding] }
        return bytes
    }
}

extension UInt32 {
    var networkBytes: [UInt8] {
        [UInt8(self >> 24), UInt8(self >> 16 & 255), UInt8(self >> 8 & 255), UInt8(self & 255)]
    }
}

/// A small deterministic generator (SplitMix64), so that every run sees the same "chance".
struct Dice: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
    mutating func chance(_ probability: Double) -> Bool { Double.random(in: 0..<1, using: &self) < probability }
}

func endpoint(_ octets: (UInt32, UInt32, UInt32, UInt32), _ port: UInt16) -> Endpoint {
    Endpoint(address: IPAddress(v4: octets.0 << 24 | octets.1 << 16 | octets.2 << 8 | octets.3), port: port)
}

let milliseconds: Int64 = 1_000_000

func instant(_ at: Int64) -> Instant { Instant(wall: 1_700_000_000_000_000 + at / 1000, mono: at) }

extension ReceiveEventRing {
    /// Everything noticed so far.
    mutating func drain() -> [ReceiveEvent] {
        var all: [ReceiveEvent] = []
        while let event = next() { all.append(event) }
        return all
    }
}

extension LegReceiver {
    mutating func drain() -> [ReceiveEvent] {
        var all: [ReceiveEvent] = []
        while let event = nextEvent() { all.append(event) }
        return all
    }
}
