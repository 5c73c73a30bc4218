import Access
import Calls
import Hummingbird
import NIOCore
import Storage

/// Who asks.
enum Asker: Sendable {
    /// Whoever may read the data folder: the command line on this machine.
    case machine
    case person(Person)

    /// Who is written down as the doer; nil for the machine, which says itself who it speaks for.
    var person: Person? {
        if case .person(let person) = self { return person }
        return nil
    }
}

/// What goes along with a request.
struct ConsoleContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The address asked from; empty where it is not known.
    let address: String
    /// Set once it is known who asks.
    var asker: Asker?
    /// Of the browser's session: what forms have to bear.
    var csrf: String?
    /// The session's secret.
    var sessionToken: String?
    var language = Language.chinese
    /// The review that the address names, once it is known that a person may do with it what they ask.
    var review: ReviewDetail?

    init(source: Source) {
        coreContext = .init(source: source)
        address = source.channel.remoteAddress?.ipAddress ?? ""
    }

    /// The person who asks.
    /// - Throws: `Problem` 403 for the machine.
    var person: Person {
        get throws {
            guard let person = asker?.person else { throw Problem(.forbidden, "this is for people who signed in") }
            return person
        }
    }

    /// As `doer`, where the machine need not say it.
    func doerIfSaid(_ said: WorkNumber?, _ known: (WorkNumber) throws -> WorkNumber) throws -> WorkNumber? {
        said == nil && asker?.person == nil ? nil : try doer(said, known)
    }

    /// Who does it: a person is who they are, the machine is believed.
    /// - Parameter said: who the request says.
    func doer(_ said: WorkNumber?, _ known: (WorkNumber) throws -> WorkNumber) throws -> WorkNumber {
        guard let person = asker?.person else {
            guard let said else { throw Problem(.badRequest, "`by` is missing") }
            return try known(said)
        }
        guard let actor = person.actor else { throw Problem(.forbidden, "`\(person.name)` has no work number") }
        guard said == nil || said == actor else {
            throw Problem(.forbidden, "`by` is \(actor), or left out: nobody does things in another's name")
        }
        return actor
    }

    /// In which role something is done to an order: people have theirs, the machine is believed.
    func role(_ said: String) throws -> String {
        guard let person = asker?.person, !person.stepRoles.contains(said) else { return said }
        let known = person.stepRoles.sorted().joined(separator: ", ")
        throw Problem(
            .forbidden, "you do not act as \(quoted(said)): \(known.isEmpty ? "you have no such role" : known)")
    }

    /// The department acted for: a person's own.
    func unit(_ said: String?) -> String? { asker?.person.map(\.unit) ?? said }
}
