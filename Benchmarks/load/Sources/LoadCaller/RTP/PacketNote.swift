/// What is kept of one received packet; its payload lies in the leg's audio, in the order of arrival. 24 bytes.
package struct PacketNote: Sendable, Hashable {
    /// The kernel's time of arrival, nanoseconds since the run began.
    package var arrival: Int64
    package var timestamp: UInt32
    package var ssrc: UInt32
    package var sequence: UInt16
    /// Bytes of payload.
    package var length: UInt16
    package var marker: Bool
    /// The payload was kept: there was room for it.
    package var isKept: Bool

    package init(
        arrival: Int64, timestamp: UInt32, ssrc: UInt32, sequence: UInt16, length: UInt16 = 160, marker: Bool = false,
        isKept: Bool = true
    ) {
        self.arrival = arrival
        self.timestamp = timestamp
        self.ssrc = ssrc
        self.sequence = sequence
        self.length = length
        self.marker = marker
        self.isKept = isKept
    }
}
