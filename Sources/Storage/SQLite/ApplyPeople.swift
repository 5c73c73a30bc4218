import Calls
import GRDB

// People, and what they saw.

extension FactApplier {
    func apply(_ fact: PersonSet) throws {
        try db.run(
            PeopleSQL.set,
            [
                fact.person, fact.title, try canonicalText(fact.roles), try canonicalText(fact.orderRoles), fact.unit,
                fact.workNumber, fact.isActive ? 1 : 0, fact.at.wall, fact.at.mono, fact.by,
            ])
    }

    func apply(_ fact: AccessNoted) throws {
        try db.run(
            PeopleSQL.note,
            [
                chain, sequence, fact.at.wall, fact.at.mono, fact.kind.rawValue, fact.person, fact.subject,
                fact.address,
            ])
    }
}
