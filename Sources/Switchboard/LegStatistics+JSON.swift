import Foundation
import Media

extension LegStatistics {
    /// The counters as one JSON object, keys sorted: the form in which they stand in the journal.
    var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        do {
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        } catch {
            // Only a jitter or a round trip that is no number can fail here; the rest is still told.
            return "{\"error\":\"statistics are not encodable\"}"
        }
    }
}
