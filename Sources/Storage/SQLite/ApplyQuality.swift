import Calls
import GRDB

// Conversations drawn and scored.

extension FactApplier {
    func apply(_ fact: SampleDrawn) throws {
        try db.run(
            QualitySQL.draw,
            [
                fact.sample.blob, fact.at.wall, fact.at.mono, fact.by, fact.kind.rawValue, fact.scorecard, fact.from,
                fact.to, fact.count, fact.agent, fact.seed, fact.candidates,
            ])
        for part in fact.parts {
            try db.run(
                QualitySQL.part,
                [fact.sample.blob, part.recording.blob, part.call.blob, part.agent, part.reviewer])
        }
    }

    func apply(_ fact: ReviewSubmitted) throws {
        if fact.revision == 1 {
            try db.run(
                QualitySQL.submit,
                [
                    fact.review.blob, fact.recording.blob, fact.call.blob, fact.agent, fact.scorecard, fact.version,
                    fact.sample?.blob, fact.isCalibration ? 1 : 0, fact.by, fact.at.wall, fact.at.mono, fact.score,
                    fact.isFailed ? 1 : 0, fact.isCritical ? 1 : 0, fact.appealUntil,
                ])
        } else {
            let changed = try db.run(
                QualitySQL.revise,
                [
                    fact.revision, fact.score, fact.isFailed ? 1 : 0, fact.isCritical ? 1 : 0, fact.review.blob,
                    fact.revision - 1,
                ])
            if changed == 0 {
                throw conflict("review \(fact.review) has no revision \(fact.revision - 1) that this could follow")
            }
        }
        try db.run(
            QualitySQL.revision,
            [
                fact.review.blob, fact.revision, fact.call.blob, fact.at.wall, fact.at.mono, fact.by, fact.why,
                fact.score, fact.isFailed ? 1 : 0,
            ])
        for (place, answer) in fact.answers.enumerated() {
            try db.run(
                QualitySQL.answer,
                [
                    fact.review.blob, fact.revision, answer.item, fact.call.blob, place, answer.value, answer.points,
                    answer.scale, answer.note, answer.position, answer.verdict?.rawValue, answer.amount,
                    answer.unit?.rawValue, answer.why,
                ])
        }
    }

    func apply(_ fact: ReviewAppealed) throws {
        let changed = try db.run(
            QualitySQL.appeal, [fact.at.wall, fact.at.mono, fact.by, fact.why, fact.review.blob])
        if changed == 0 { throw conflict("review \(fact.review) is none that could be appealed") }
    }

    func apply(_ fact: AppealDecided) throws {
        let changed = try db.run(
            QualitySQL.decide,
            [fact.outcome.rawValue, fact.at.wall, fact.at.mono, fact.by, fact.why, fact.review.blob])
        if changed == 0 { throw conflict("review \(fact.review) has no appeal to decide") }
    }
}
