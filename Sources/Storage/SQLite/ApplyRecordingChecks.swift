import Calls
import GRDB

// Facts about recordings that are files: measured, replayed, found wanting; and about the carrier's records.

extension FactApplier {
    func apply(_ fact: RecordingMeasured) throws {
        try requireRecording(fact.recording, fact.call)
        try db.run(RecordingCheckSQL.forgetChannelFigures, [fact.recording.blob])
        try db.run(
            RecordingCheckSQL.setFigures,
            [
                fact.recording.blob, fact.lengthMilliseconds, fact.silenceMilliseconds, fact.overtalkMilliseconds,
                fact.thresholdDecibels,
            ])
        for channel in fact.channels {
            try db.run(
                RecordingCheckSQL.insertChannelFigures,
                [
                    fact.recording.blob, channel.index, channel.missingMilliseconds, channel.talkMilliseconds,
                    channel.peak, channel.level, channel.clippedSamples,
                ])
        }
    }

    func apply(_ fact: RecordingReplayed) throws {
        // The timeline is its place.
        try requireRecording(fact.recording, fact.call)
    }

    func apply(_ fact: RecordingAlarmChanged) throws {
        if fact.isOpen {
            try db.run(
                RecordingCheckSQL.openAlarm,
                [
                    chain, sequence, fact.kind.rawValue, fact.subject, fact.call?.blob, fact.recording?.blob,
                    fact.message, fact.at.wall, fact.at.mono,
                ])
        } else if try db.run(
            RecordingCheckSQL.clearAlarm, [fact.at.wall, fact.at.mono, fact.kind.rawValue, fact.subject]) == 0
        {
            throw conflict("there is no open alarm \(fact.kind.rawValue) of \(fact.subject)")
        }
    }

    func apply(_ fact: CarrierImported) throws {
        for record in fact.records {
            try db.run(
                RecordingCheckSQL.insertCarrierRecord,
                [record.began, record.caller ?? "", record.called, record.seconds, chain, sequence])
        }
    }

    private func requireRecording(_ recording: RecordingID, _ call: CallID) throws {
        if try db.row(RecordingCheckSQL.exists, [recording.blob, call.blob]) == nil {
            throw conflict("there is no recording \(recording) of call \(call)")
        }
    }
}
