import LoadCaller

/// The loopback address with a port.
func loopback(_ port: UInt16) -> Endpoint { Endpoint(address: 0x7F00_0001, port: port) }

/// A message from lines; an empty line before the body.
func message(_ lines: String...) -> SIPMessage? { SIPMessage(Array(lines.joined(separator: "\r\n").utf8)) }

let milliseconds: Int64 = 1_000_000

/// SplitMix64: what failed once fails again.
struct SeededRandom: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}

/// Notes of a stream without faults: a packet every 20 ms.
func steadyNotes(_ count: Int, ssrc: UInt32 = 7, first: UInt16 = 65_500) -> [PacketNote] {
    (0..<count).map { index in
        PacketNote(
            arrival: Int64(index) * 20 * milliseconds,
            timestamp: UInt32(truncatingIfNeeded: index * 160 + 4_294_967_000),
            ssrc: ssrc, sequence: first &+ UInt16(truncatingIfNeeded: index))
    }
}

func figures(_ notes: [PacketNote]) -> StreamFigures { notes.withUnsafeBufferPointer { StreamFigures($0) } }
