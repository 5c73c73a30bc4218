import Foundation
import GRDB

/// Recordings whose rows in the index no longer say what the tables do. Facts mark them; once a group of facts is in the
/// tables, each is derived anew once, however many of the facts were about it.
///
/// Of one transaction, and of the thread that runs it.
final class StaleRecordings {
    /// In the order in which they were marked first: places in the index go by it.
    private var order: [Data] = []
    /// Whether the texts are stale, too.
    private var texts: [Data: Bool] = [:]
    private var calls: Set<Data> = []
    private var callsWithAgents: Set<Data> = []
    private var flags: Set<Data> = []
    private var callsWithFlags: Set<Data> = []

    /// - Parameter texts: notes, orders or the transcript changed.
    func mark(_ recording: Data, texts: Bool = false) {
        if self.texts[recording] == nil { order.append(recording) }
        self.texts[recording, default: false] = self.texts[recording, default: false] || texts
    }

    /// What is known of a call changed.
    func mark(call: Data) { calls.insert(call) }

    /// An agent answered.
    func markAgents(call: Data) { callsWithAgents.insert(call) }

    /// Which flags a recording has, to be found by.
    func markFlags(_ recording: Data) { flags.insert(recording) }

    /// The same of all of a call's.
    func markFlags(call: Data) { callsWithFlags.insert(call) }

    /// Nothing was marked: what marked is undone.
    func forget() {
        order.removeAll(keepingCapacity: true)
        texts.removeAll(keepingCapacity: true)
        calls.removeAll(keepingCapacity: true)
        callsWithAgents.removeAll(keepingCapacity: true)
        flags.removeAll(keepingCapacity: true)
        callsWithFlags.removeAll(keepingCapacity: true)
    }

    /// Brings the index up to date, within the transaction of the facts.
    func refresh(_ db: Database) throws {
        defer { forget() }
        let indexer = RecordingIndexer(db: db)
        for recording in order { try indexer.update(recording, texts: texts[recording] ?? false) }
        for call in calls {
            for recording in try indexer.recordings(of: call) where texts[recording] == nil {
                try indexer.update(recording)
            }
        }
        for call in callsWithAgents { try indexer.addAgents(call: call) }
        for call in callsWithFlags { flags.formUnion(try indexer.recordings(of: call)) }
        for recording in flags { try indexer.updateFlags(of: recording) }
    }
}
