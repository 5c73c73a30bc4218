import Calls
import GRDB

// Facts about recordings. A recording goes planned → started → stopped → finished or failed; after a crash it may
// come to its end from any state.

extension FactApplier {
    func apply(_ fact: RecordingPlanned) throws {
        try db.run(
            RecordingSQL.insert, [fact.recording.blob, fact.call.blob, node, fact.at.wall, fact.at.mono, fact.purpose])
        for channel in fact.channels {
            try db.run(
                RecordingSQL.insertChannel,
                [fact.recording.blob, channel.index, channel.leg.blob, channel.role, channel.tap])
        }
    }

    func apply(_ fact: RecordingStarted) throws {
        try require(
            fact.recording, fact.call,
            changed: db.run(
                RecordingSQL.start, [fact.at.wall, fact.at.mono, fact.recording.blob, fact.call.blob]))
    }

    func apply(_ fact: RecordingStopped) throws {
        try require(
            fact.recording, fact.call,
            changed: db.run(
                RecordingSQL.stop,
                [fact.at.wall, fact.at.mono, fact.length.units, fact.recording.blob, fact.call.blob]))
    }

    func apply(_ fact: RecordingFinished) throws {
        try require(
            fact.recording, fact.call,
            changed: db.run(
                RecordingSQL.finish,
                [
                    fact.at.wall, fact.at.mono, fact.file, fact.format, fact.rate, fact.frames, fact.bytes,
                    fact.sha256, try canonicalText(fact.gaps), fact.recovered ? 1 : 0, fact.recording.blob,
                    fact.call.blob,
                ]))
    }

    func apply(_ fact: RecordingFailed) throws {
        try require(
            fact.recording, fact.call,
            changed: db.run(
                RecordingSQL.fail,
                [fact.at.wall, fact.at.mono, fact.message, fact.recording.blob, fact.call.blob]))
    }

    func apply(_ fact: RecordingNoted) throws {
        let changed = try db.run(
            RecordingSQL.note,
            [
                chain, sequence, fact.by.text, fact.position?.units, fact.text, fact.at.wall, fact.at.mono,
                fact.recording.blob, fact.call.blob,
            ])
        try require(fact.recording, fact.call, changed: changed)
    }

    private func require(_ recording: RecordingID, _ call: CallID, changed: Int) throws {
        if changed == 0 {
            throw conflict("there is no recording \(recording) of call \(call) that this could happen to now")
        }
    }
}
