import Foundation

/// Makes pcap files for sipp's `play_pcap_audio`: Ethernet, IPv4, UDP, RTP. sipp takes the RTP and its times from the
/// file and puts its own addresses in.
struct Pcap {
    private var packets: [(microseconds: UInt32, payload: [UInt8])] = []
    private var sequence: UInt16 = 1000
    private var timestamp: UInt32 = 160_000
    private var clock: UInt32 = 0

    private static let audioType: UInt8 = 8
    private static let eventType: UInt8 = 101

    /// A tone in PCMA, in packets of 20 ms.
    mutating func tone(_ frequency: Double, milliseconds: Int, level: Double = 0.25) {
        for packet in 0..<milliseconds / 20 {
            let samples = (0..<160).map { index in
                level * sin(2 * Double.pi * frequency * Double(packet * 160 + index) / 8000)
            }
            append(type: Self.audioType, marker: packet == 0, payload: samples.map(ALaw.encode), timestamp: timestamp)
            advance(milliseconds: 20)
        }
    }

    mutating func silence(milliseconds: Int) {
        for _ in 0..<milliseconds / 20 {
            append(
                type: Self.audioType, marker: false, payload: [UInt8](repeating: 0xD5, count: 160), timestamp: timestamp
            )
            advance(milliseconds: 20)
        }
    }

    /// One key as RFC 4733 events: rising durations under one timestamp, the end told three times.
    mutating func key(_ event: UInt8, milliseconds: Int = 100) {
        let start = timestamp
        let steps = max(1, milliseconds / 20)
        for step in 1...steps {
            event4733(event, end: false, duration: UInt16(step * 160), marker: step == 1, timestamp: start)
            advance(milliseconds: 20)
        }
        for _ in 0..<3 { event4733(event, end: true, duration: UInt16(steps * 160), marker: false, timestamp: start) }
    }

    private mutating func event4733(_ event: UInt8, end: Bool, duration: UInt16, marker: Bool, timestamp: UInt32) {
        append(
            type: Self.eventType, marker: marker,
            payload: [event, (end ? 0x80 : 0) | 10, UInt8(duration >> 8), UInt8(duration & 255)], timestamp: timestamp)
    }

    private mutating func append(type: UInt8, marker: Bool, payload: [UInt8], timestamp: UInt32) {
        let header: [UInt8] =
            [0x80, (marker ? 0x80 : 0) | type] + big(sequence) + big(timestamp) + big(UInt32(0x4854_4C31))
        packets.append((clock, header + payload))
        sequence &+= 1
    }

    private mutating func advance(milliseconds: UInt32) {
        timestamp &+= milliseconds * 8
        clock += milliseconds * 1000
    }

    /// The file's bytes (libpcap 2.4, microseconds, link type Ethernet).
    var bytes: [UInt8] {
        var file: [UInt8] = little(UInt32(0xA1B2_C3D4)) + little(UInt16(2)) + little(UInt16(4))
        file += little(UInt32(0)) + little(UInt32(0)) + little(UInt32(65535)) + little(UInt32(1))
        for packet in packets {
            let udp = big(UInt16(20000)) + big(UInt16(20000)) + big(UInt16(8 + packet.payload.count)) + big(UInt16(0))
            let ip: [UInt8] =
                [0x45, 0] + big(UInt16(28 + packet.payload.count)) + [0, 0, 0x40, 0, 64, 17, 0, 0]
                + [127, 0, 0, 1, 127, 0, 0, 1]
            let ethernet = [UInt8](repeating: 0, count: 12) + big(UInt16(0x0800))
            let frame = ethernet + ip + udp + packet.payload
            file += little(packet.microseconds / 1_000_000) + little(packet.microseconds % 1_000_000)
            file += little(UInt32(frame.count)) + little(UInt32(frame.count)) + frame
        }
        return file
    }

    func write(to file: URL) throws { try Data(bytes).write(to: file) }

    private func big<Number: FixedWidthInteger>(_ value: Number) -> [UInt8] { little(value).reversed() }

    private func little<Number: FixedWidthInteger>(_ value: Number) -> [UInt8] {
        (0..<Number.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }
}

/// G.711 A-law, written down a second time here so that the tests do not trust the codec under test.
enum ALaw {
    /// −1…1 to one byte.
    static func encode(_ sample: Double) -> UInt8 {
        let value = Int(max(-1, min(1, sample)) * 32767) >> 3
        let magnitude = value >= 0 ? value : -value - 1
        var exponent = 0
        while magnitude >> (exponent + 5) != 0 { exponent += 1 }
        let mantissa = (exponent == 0 ? magnitude >> 1 : magnitude >> exponent) & 0x0F
        return ((value >= 0 ? 0x80 : 0) | UInt8(exponent << 4 | mantissa)) ^ 0x55
    }
}
