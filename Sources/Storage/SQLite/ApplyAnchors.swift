import Evidence
import GRDB

// Facts about anchors.

extension FactApplier {
    func apply(_ fact: AnchorMade) throws {
        let anchor: Anchor
        do {
            anchor = try Anchor(bytes: Array(fact.anchor.utf8))
        } catch {
            throw conflict("the anchor cannot be read: \(error.message)")
        }
        guard let day = anchor.day else { throw conflict("the anchor is of no day") }
        try db.run(
            AnchorSQL.insert,
            [
                anchor.fingerprint, chain, sequence, day.date, day.zone, day.from, day.to, day.count,
                Hexadecimal.text(day.root), fact.anchor, fact.at.wall, fact.at.mono,
            ])
    }

    func apply(_ fact: AnchorSent) throws {
        try db.run(
            AnchorSQL.insertDelivery,
            [
                chain, sequence, fact.fingerprint, fact.way.rawValue, fact.attempt, fact.delivered ? 1 : 0,
                fact.message, fact.at.wall, fact.at.mono,
            ])
    }
}
