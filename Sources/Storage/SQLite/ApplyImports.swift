import Calls
import GRDB

// Recordings of other telephone systems. They become rows as our own do, so that they are found and heard alike; what
// marks them is their row of `recording_imports` and their line.

extension FactApplier {
    func apply(_ fact: RecordingImported) throws {
        // No boot of this machine saw the call: its monotonic times count from its beginning, and only among themselves.
        func instant(_ wall: Int64) -> Instant { Instant(wall: wall, mono: (wall - fact.began) * 1000) }
        let answered = instant(fact.answered)
        let released = answered.advanced(milliseconds: Int64(fact.seconds) * 1000)
        try db.run(
            CallSQL.insert,
            [
                fact.call.blob, node, RecordingImported.line, RecordingImported.line, fact.direction.rawValue,
                fact.caller, nil, "record", fact.called, nil, fact.system, fact.record.id ?? "", fact.began, 0,
            ])
        try insertLegs(fact)
        try db.run(CallSQL.answer, [answered.wall, answered.mono, nil, nil, nil, nil, nil, fact.call.blob])
        let evidence = ReleaseEvidence(message: "imported from \(fact.system): \(fact.record.disposition ?? "no word")")
        try db.run(
            CallSQL.release,
            [
                released.wall, released.mono, ReleasedBy.unknown.rawValue, try canonicalText(evidence),
                Outcome.completed.rawValue, try canonicalText([String: String]()), nil, fact.call.blob,
            ])

        let id = fact.recording.blob
        try db.run(
            RecordingSQL.insert,
            [id, fact.call.blob, node, answered.wall, answered.mono, RecordingPlanned.usualPurpose])
        for channel in fact.channels {
            try db.run(
                RecordingSQL.insertChannel, [id, channel.index, channel.leg.blob, channel.role, channel.tap])
        }
        try db.run(RecordingSQL.start, [answered.wall, answered.mono, id, fact.call.blob])
        let stopped = answered.advanced(milliseconds: fact.length.milliseconds)
        try db.run(RecordingSQL.stop, [stopped.wall, stopped.mono, fact.length.units, id, fact.call.blob])
        try db.run(
            RecordingSQL.finish,
            [
                fact.at.wall, fact.at.mono, fact.file, fact.format, fact.rate, fact.frames, fact.bytes, fact.sha256,
                try canonicalText([[Int64]]()), 0, id, fact.call.blob,
            ])
        try db.run(
            ImportSQL.insert,
            [
                id, fact.call.blob, fact.system, fact.agent?.text, fact.source.file, fact.source.sha256,
                fact.source.bytes, fact.source.format, fact.record.file, fact.record.line, fact.record.sha256,
                fact.record.id, fact.record.disposition, fact.at.wall, fact.at.mono,
            ])
    }

    private func insertLegs(_ fact: RecordingImported) throws {
        let party: LegRole = fact.direction == .outbound ? .customer : .caller
        var seen: Set<LegID> = []
        for channel in fact.channels where seen.insert(channel.leg).inserted {
            // A mixed channel carries both; it stands with the caller.
            let role = LegRole(rawValue: channel.role) ?? party
            try db.run(
                CallSQL.insertLeg, [channel.leg.blob, fact.call.blob, role.rawValue, RecordingImported.line])
        }
    }
}
