import Calls
import Storage

/// Takes the carrier's records into the store; what is there already is not taken twice.
public struct CarrierBook: Sendable {
    /// Records that may be handed over at once: what fits into a request, and into one fact.
    public static let mostAtOnce = 250

    private let store: Store
    private let time: any TimeSource

    public init(store: Store, time: any TimeSource) {
        self.store = store
        self.time = time
    }

    /// - Parameter file: its name, for the journal.
    /// - Returns: how many were new.
    /// - Throws: `SwitchboardError` with code `.argument` for what no carrier says; `StorageError`.
    public func take(_ records: [CarrierImported.Record], file: String) async throws -> Int {
        guard records.count <= Self.mostAtOnce, file.utf8.count <= 255, !file.contains("/") else {
            throw SwitchboardError(.argument, "at most \(Self.mostAtOnce) records at once, with the name of their file")
        }
        let isPlain = { (text: String) in
            text.unicodeScalars.allSatisfy { ![.control, .format].contains($0.properties.generalCategory) }
        }
        guard isPlain(file), records.allSatisfy({ isPlain($0.called) && isPlain($0.caller ?? "") }) else {
            throw SwitchboardError(.argument, "a number or the file's name holds characters that cannot be seen")
        }
        // The years 2000 to 2100.
        let possible: Range<Int64> = 946_684_800_000_000..<4_102_444_800_000_000
        guard
            records.allSatisfy({ record in
                possible.contains(record.began) && (0...604_800).contains(record.seconds)
                    && !record.called.isEmpty && record.called.utf8.count <= 64 && record.caller?.isEmpty != true
                    && record.caller?.utf8.count ?? 0 <= 64
            })
        else { throw SwitchboardError(.argument, "a record's number, time or length is out of its range") }
        var seen: Set<CarrierImported.Record> = []
        let new = try await store.reader.unknownCarrierRecords(records).filter { seen.insert($0).inserted }
        let now = time.now()
        if !new.isEmpty {
            try await store.record([.carrierImported(CarrierImported(at: now, file: file, records: new))])
        }
        return new.count
    }
}
