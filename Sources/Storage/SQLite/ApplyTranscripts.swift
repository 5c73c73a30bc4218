import Calls
import GRDB

// Facts about machines' transcripts.

extension FactApplier {
    func apply(_ fact: TranscriptAsked) throws {
        try requireTranscript(
            fact.recording, fact.call,
            changed: db.run(
                TranscriptSQL.ask, [fact.at.wall, fact.at.mono, fact.recording.blob, fact.call.blob]))
    }

    func apply(_ fact: TranscriptMade) throws {
        try requireTranscript(
            fact.recording, fact.call,
            changed: db.run(
                TranscriptSQL.make,
                [
                    fact.at.wall, fact.at.mono, fact.engine, fact.model, fact.language, fact.recording.blob,
                    fact.call.blob,
                ]))
        try db.run(TranscriptSQL.forgetFlags, [fact.recording.blob])
        try db.run(TranscriptSQL.forgetSegments, [fact.recording.blob])
        for channel in fact.channels {
            for (number, segment) in channel.segments.enumerated() {
                try db.run(
                    TranscriptSQL.insertSegment,
                    [
                        fact.recording.blob, channel.index, number, segment.fromMilliseconds, segment.toMilliseconds,
                        segment.role, segment.text, segment.confidence,
                    ])
            }
        }
    }

    func apply(_ fact: TranscriptFailed) throws {
        let state: TranscriptState = fact.isGivenUp ? .givenUp : .asked
        try requireTranscript(
            fact.recording, fact.call,
            changed: db.run(
                TranscriptSQL.fail,
                [state.rawValue, fact.attempt, fact.message, fact.recording.blob, fact.call.blob]))
    }

    func apply(_ fact: QAFlagged) throws {
        try requireTranscript(
            fact.recording, fact.call,
            changed: db.run(
                TranscriptSQL.flag,
                [
                    chain, sequence, fact.flag.rawValue, fact.word, fact.channel, fact.role, fact.position.units,
                    fact.at.wall, fact.at.mono, fact.recording.blob, fact.call.blob,
                ]))
    }

    /// A recording goes, or may not be known any more: its transcript, flags and words go with it. The journal's bodies
    /// are another's to erase.
    func forgetTranscript(of recording: RecordingID) throws {
        try db.run(TranscriptSQL.forgetFlags, [recording.blob])
        try db.run(TranscriptSQL.forgetSegments, [recording.blob])
        try db.run(TranscriptSQL.forget, [recording.blob])
        stale.mark(recording.blob, texts: true)
        stale.markFlags(recording.blob)
        // At once, while SQLite writes zeros over what is taken out.
        try stale.refresh(db)
    }

    private func requireTranscript(_ recording: RecordingID, _ call: CallID, changed: Int) throws {
        if changed == 0 {
            throw conflict("there is no recording \(recording) of call \(call) whose transcript this could be now")
        }
    }
}
