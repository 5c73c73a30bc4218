import Calls
import Evidence

/// Identifiers of what is imported: the same audio with the same record has the same, whenever and wherever it is taken
/// in. UUIDs of version 8 (RFC 9562 §5.8): the call's millisecond, and bits of a hash in place of counter and chance.
package struct ImportIdentifiers: Sendable, Hashable {
    package let recording: RecordingID
    package let call: CallID
    /// Of the left and the right channel.
    package let legs: [LegID]

    /// - Parameters:
    ///   - source: SHA-256 of the file as it was found, lower-case hex.
    ///   - record: SHA-256 of the record.
    ///   - wall: Unix time in microseconds.
    package init(source: String, record: String, wall: Int64) {
        func make<Kind>(_ what: String) -> Identifier<Kind> {
            var hash = SHA256Stream()
            hash.update(bytes: Array("hotline-import/1 \(what) \(source) \(record)".utf8))
            let words = hash.finishBytes().prefix(16)
            let high = words.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            let low = words.dropFirst(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            return Identifier(
                high: (UInt64(max(0, wall)) / 1000) << 16 | 0x8000 | high & 0xFFF,
                low: 0x8000_0000_0000_0000 | low & 0x3FFF_FFFF_FFFF_FFFF)
        }
        recording = make("recording")
        call = make("call")
        legs = [make("left"), make("right")]
    }
}
