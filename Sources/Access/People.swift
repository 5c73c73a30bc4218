import Calls
import Dispatch
import Evidence
import Storage
import Synchronization

/// The people of the console: who they are, how they come in, and what of their comings is written down. Any thread; passwords are
/// looked at on a queue of its own.
public final class People: Sendable {
    /// Somebody's way in, made anew.
    public struct SignIn: Sendable {
        public var person: Person
        public var session: Session
        /// For the cookie; nowhere else is it kept.
        public var token: String
    }

    public struct Settings: Sendable {
        /// A session ends after so long without a request, in seconds.
        public var idleSeconds: Int
        /// And after so long in any case.
        public var longestSeconds: Int

        public init(idleSeconds: Int = 1800, longestSeconds: Int = 43_200) {
            self.idleSeconds = idleSeconds
            self.longestSeconds = longestSeconds
        }
    }

    struct State {
        var persons: [String: Person] = [:]
        var credentials = Credentials()
        /// By the SHA-256 of their tokens.
        var sessions: [String: Session] = [:]
        var lockOut = LockOut()
        var hashing = 0
        /// When tokens were last used since the start, Unix time in microseconds, by their SHA-256.
        var tokenUses: [String: Int64] = [:]
    }

    /// An invitation holds for three days, in microseconds.
    private static let invitationTerm: Int64 = 3 * 86_400_000_000
    /// Each takes 64 MiB and a processor: more at once would be an attack's.
    private static let mostHashing = 4
    private static let mostSessions = 2000
    private static let queue = DispatchQueue(label: "hotline.passwords", attributes: .concurrent)

    let store: Store
    let file: CredentialFile
    let settings: Settings
    let time: any TimeSource
    private let random: @Sendable () -> UInt64
    let state = Mutex(State())
    /// One change after the other: file and memory are to say the same.
    private let changes = DispatchQueue(label: "hotline.credentials")

    /// - Parameters:
    ///   - path: of the file of credentials.
    ///   - random: 64 bits that nobody can guess.
    public init(
        store: Store, path: String, settings: Settings = Settings(), time: any TimeSource,
        random: @escaping @Sendable () -> UInt64
    ) {
        self.store = store
        file = CredentialFile(path: path)
        self.settings = settings
        self.time = time
        self.random = random
    }

    /// Reads who is there. Once, before anybody is let in.
    /// - Throws: `AccessError` `.file`; `StorageError`.
    public func load() async throws {
        let credentials = try file.read()
        let rows = try await store.reader.people()
        state.withLock { state in
            state.credentials = credentials
            for row in rows { state.persons[row.person] = Person(row) }
        }
    }

    /// Everybody, by name.
    public var all: [Person] { state.withLock { $0.persons.values.sorted { $0.name < $1.name } } }

    public func person(_ name: String) -> Person? { state.withLock { $0.persons[name] } }

    /// The departments set for an agent, by work number.
    public func units(ofAgent number: String) -> Set<String> {
        state.withLock { state in
            Set(state.persons.values.filter { $0.workNumber == number && $0.isActive }.compactMap(\.unit))
        }
    }

    // MARK: coming in

    /// Lets somebody in by name and password.
    /// - Throws: `AccessError`: `.credentials` for a wrong name as for a wrong password, `.locked`, `.busy`; `StorageError`: then
    ///   nobody is let in, since it could not be written down.
    public func signIn(_ name: String, password: String, address: String) async throws -> SignIn {
        let now = time.now()
        if let wait = state.withLock({ $0.lockOut.wait(name, address, now: now.mono) }) {
            throw AccessError(.locked, "too many wrong passwords", retryAfter: wait)
        }
        let (person, hash) = state.withLock { ($0.persons[name], $0.credentials.passwords[name]) }
        // Nobody learns from the time it takes whether there is such a name.
        let isRight = try await hashing { PasswordHash.fits(password, hash ?? Self.nobodys) }
        guard isRight, hash != nil, let person, person.isActive else {
            let isLocked = state.withLock { $0.lockOut.failed(name, address, now: now.mono) }
            try await note(.refused, String(name.unicodeScalars.prefix(64)), address: address)
            if isLocked { try await note(.locked, String(name.unicodeScalars.prefix(64)), address: address) }
            throw AccessError(.credentials, "the name or the password is wrong")
        }
        state.withLock { $0.lockOut.succeeded(name) }
        return try await begin(person, address: address)
    }

    /// A hash that no password fits, of the cost of all others.
    private static let nobodys =
        "$argon2id$v=19$m=65536,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

    /// Sets a password by an invitation's link, and lets in whom it is for.
    /// - Throws: `AccessError`: `.notFound` where the link was used or is too old, `.argument` for a weak password.
    public func accept(_ link: String, password: String, address: String) async throws -> SignIn {
        let key = Self.hash(link)
        guard let person = invited(link) else {
            throw AccessError(.notFound, "this link was used already, or is too old: ask for another")
        }
        try await setPassword(person.name, password) { $0.invitations[key] = nil }
        return try await begin(person, address: address)
    }

    /// Whom a link is for; nil where it was used, or is too old.
    public func invited(_ link: String) -> Person? {
        let (key, now) = (Self.hash(link), time.now().wall)
        return state.withLock { state in
            guard let invitation = state.credentials.invitations[key], invitation.until > now else { return nil }
            return state.persons[invitation.person].flatMap { $0.isActive ? $0 : nil }
        }
    }

    /// Changes somebody's own password; their other sessions end.
    /// - Throws: as `signIn`, and `.argument` for a weak password.
    public func changePassword(_ name: String, from old: String, to new: String, address: String) async throws -> SignIn
    {
        let signIn = try await signIn(name, password: old, address: address)
        try await setPassword(name, new) { _ in }
        state.withLock { state in
            state.sessions = state.sessions.filter { $1.person != name || $0 == Self.hash(signIn.token) }
        }
        return signIn
    }

    private func setPassword(
        _ name: String, _ password: String, _ also: @escaping @Sendable (inout Credentials) -> Void
    )
        async throws
    {
        if let complaint = PasswordHash.complaint(about: password, of: name) { throw AccessError(.argument, complaint) }
        let hash = try await hashing { () throws(AccessError) in try PasswordHash.make(password) }.get()
        try await change { credentials in
            credentials.passwords[name] = hash
            also(&credentials)
        }
        try await note(.passwordSet, name)
    }

    private func begin(_ person: Person, address: String) async throws -> SignIn {
        try await note(.signedIn, person.name, address: address)
        let (token, csrf, now) = (secret(), secret(), time.now().mono)
        let session = Session(person: person.name, csrf: csrf, began: now, seen: now)
        state.withLock { state in
            if state.sessions.count >= Self.mostSessions {
                state.sessions = state.sessions.filter { isAlive($1, now) }
                // The longest idle one makes room.
                if state.sessions.count >= Self.mostSessions,
                    let oldest = state.sessions.min(by: { $0.value.seen < $1.value.seen })?.key
                {
                    state.sessions[oldest] = nil
                }
            }
            state.sessions[Self.hash(token)] = session
        }
        return SignIn(person: person, session: session, token: token)
    }

    private func isAlive(_ session: Session, _ now: Int64) -> Bool {
        now - session.seen < Int64(settings.idleSeconds) * 1_000_000_000
            && now - session.began < Int64(settings.longestSeconds) * 1_000_000_000
    }

    /// Whose session a cookie is; nil where it has ended.
    /// - Parameter counts: false: what a page asks by itself does not keep a session alive.
    public func session(_ token: String, counts: Bool = true) -> (person: Person, session: Session)? {
        let (key, now) = (Self.hash(token), time.now().mono)
        return state.withLock { state in
            guard var session = state.sessions[key] else { return nil }
            guard isAlive(session, now), let person = state.persons[session.person], person.isActive else {
                state.sessions[key] = nil
                return nil
            }
            if counts { session.seen = now }
            state.sessions[key] = session
            return (person, session)
        }
    }

    public func signOut(_ token: String, address: String) async throws {
        let key = Self.hash(token)
        guard let session = state.withLock({ $0.sessions.removeValue(forKey: key) }) else { return }
        try await note(.signedOut, session.person, address: address)
    }

    // MARK: tokens of programs

    /// Whose a program's token is; nil where it is not there or too old.
    public func person(withToken token: String) -> Person? {
        let (key, now) = (Self.hash(token), time.now().wall)
        return state.withLock { state in
            guard let token = state.credentials.tokens[key], token.until > now else { return nil }
            guard let person = state.persons[token.person], person.isActive else { return nil }
            state.tokenUses[key] = now
            return person
        }
    }

    /// A program's token, without its secret.
    public struct TokenSummary: Sendable, Hashable {
        /// What it is for.
        public var title: String
        public var madeAt: UTCTime
        /// It opens nothing from then on.
        public var until: UTCTime
        /// Nil: not since the server's start.
        public var usedAt: UTCTime?
    }

    /// A person's tokens, the newest first; those that are too old among them, until they are removed.
    public func tokens(of name: String) -> [TokenSummary] {
        state.withLock { state in
            state.credentials.tokens.filter { $1.person == name }.map { key, token in
                TokenSummary(
                    title: token.title, madeAt: UTCTime(microseconds: token.made),
                    until: UTCTime(microseconds: token.until),
                    usedAt: state.tokenUses[key].map { UTCTime(microseconds: $0) })
            }
        }.sorted { ($1.madeAt, $0.title) < ($0.madeAt, $1.title) }
    }

    /// Makes a token with a person's rights; it is shown once.
    /// - Parameter days: how long it holds, 1 to 400.
    public func makeToken(_ name: String, title: String, days: Int) async throws -> String {
        guard person(name) != nil else { throw AccessError(.notFound, "there is nobody named `\(name.prefix(40))`") }
        guard (1...400).contains(days) else { throw AccessError(.argument, "a token holds for 1 to 400 days") }
        let (token, now) = ("hl_\(secret())", time.now().wall)
        try await change { credentials in
            credentials.tokens[Self.hash(token)] = Credentials.Token(
                person: name, title: title, made: now, until: now + Int64(days) * 86_400_000_000)
        }
        try await note(.tokenMade, name, subject: title)
        return token
    }

    /// Ends every token of a person with this title.
    public func removeToken(_ name: String, title: String) async throws {
        let isThere = state.withLock {
            $0.credentials.tokens.values.contains { $0.person == name && $0.title == title }
        }
        guard isThere else { throw AccessError(.notFound, "`\(name.prefix(40))` has no such token") }
        try await change { credentials in
            credentials.tokens = credentials.tokens.filter { $1.person != name || $1.title != title }
        }
        try await note(.tokenRemoved, name, subject: title)
    }

    // MARK: who there is

    /// Enters somebody, or changes them; durable when this returns.
    /// - Parameter by: who says so; nil: the command line.
    /// - Throws: `AccessError` `.argument`; `.refused` where nobody would be left to say who may do what.
    public func set(_ person: Person, by: String?) async throws {
        if let complaint = Person.complaint(aboutName: person.name) { throw AccessError(.argument, complaint) }
        let title = person.title.unicodeScalars
        guard (1...40).contains(title.count), title.allSatisfy({ !$0.properties.isDefaultIgnorableCodePoint }),
            title.allSatisfy({ $0.properties.generalCategory != .control && $0.properties.generalCategory != .format })
        else { throw AccessError(.argument, "a person's title has 1 to 40 visible characters") }
        guard person.workNumber == nil || person.actor != nil else {
            throw AccessError(.argument, "a work number has 1 to 12 letters and digits")
        }
        guard !person.roles.isEmpty else { throw AccessError(.argument, "a person has one role at least") }
        let isLast = state.withLock { state in
            let others = state.persons.values.filter { $0.name != person.name }
            let wasOne = state.persons[person.name].map(Self.isAdministrator) ?? false
            return wasOne && !Self.isAdministrator(person) && !others.contains(where: Self.isAdministrator)
        }
        guard !isLast else {
            throw AccessError(.refused, "`\(person.name)` is the last administrator: make another one first")
        }
        try await store.record([
            .personSet(
                PersonSet(
                    at: time.now(), person: person.name, title: person.title,
                    roles: person.roles.map(\.rawValue).sorted(),
                    orderRoles: person.orderRoles.sorted(), unit: person.unit, workNumber: person.workNumber,
                    isActive: person.isActive, by: by))
        ])
        state.withLock { state in
            state.persons[person.name] = person
            if !person.isActive { state.sessions = state.sessions.filter { $1.person != person.name } }
        }
    }

    private static func isAdministrator(_ person: Person) -> Bool {
        person.isActive && person.roles.contains(.administrator)
    }

    /// A link's last part, by which somebody sets their password once, within three days.
    public func invite(_ name: String) async throws -> String {
        guard let person = person(name), person.isActive else {
            throw AccessError(.notFound, "there is nobody named `\(name.prefix(40))` who may come in")
        }
        let (link, now) = (secret(), time.now().wall)
        try await change { credentials in
            credentials.invitations = credentials.invitations.filter { $1.person != person.name && $1.until > now }
            credentials.invitations[Self.hash(link)] = Credentials.Invitation(
                person: person.name, until: now + Self.invitationTerm)
        }
        try await note(.invited, person.name)
        return link
    }

    /// Where no administrator has a password yet: makes one, and the link for whoever starts the server.
    /// - Returns: nil where there is one.
    public func firstInvitation() async throws -> String? {
        let isThere = state.withLock { state in
            state.persons.values.contains { Self.isAdministrator($0) && state.credentials.passwords[$0.name] != nil }
        }
        guard !isThere else { return nil }
        let first = all.first(where: Self.isAdministrator)
        if first == nil {
            try await set(Person(name: "admin", title: "管理员", roles: [.administrator]), by: nil)
        }
        return try await invite(first?.name ?? "admin")
    }

    // MARK: writing down

    /// Writes down that somebody came, went, or saw something; durable when this returns.
    public func note(
        _ kind: AccessNoted.Kind, _ person: String, subject: String? = nil, address: String? = nil
    ) async throws(StorageError) {
        try await store.record([
            .accessNoted(
                AccessNoted(at: time.now(), kind: kind, person: person, subject: subject, address: address))
        ])
    }

    private func change(_ change: @escaping @Sendable (inout Credentials) -> Void) async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            changes.async { [self] in
                var credentials = state.withLock { $0.credentials }
                change(&credentials)
                do throws(AccessError) {
                    try file.write(credentials)
                    state.withLock { $0.credentials = credentials }
                    continuation.resume()
                } catch {
                    continuation.resume(throwing: error)
                }
            }
        }
    }

    private func hashing<Value: Sendable>(
        _ work: @escaping @Sendable () throws(AccessError) -> Value
    ) async throws(AccessError) -> Result<Value, AccessError> {
        let isFree = state.withLock { state in
            guard state.hashing < Self.mostHashing else { return false }
            state.hashing += 1
            return true
        }
        guard isFree else { throw AccessError(.busy, "many are signing in at this moment: try again") }
        defer { state.withLock { $0.hashing -= 1 } }
        return await withCheckedContinuation { continuation in
            Self.queue.async { continuation.resume(returning: Result(catching: work)) }
        }
    }

    private func hashing(_ work: @escaping @Sendable () -> Bool) async throws(AccessError) -> Bool {
        let result: Result<Bool, AccessError> = try await hashing { () throws(AccessError) in work() }
        return try result.get()
    }

    private func secret() -> String {
        Hexadecimal.text((0..<4).flatMap { _ in withUnsafeBytes(of: random()) { Array($0) } })
    }

    static func hash(_ text: String) -> String {
        var stream = SHA256Stream()
        stream.update(bytes: Array(text.utf8))
        return stream.finish()
    }
}
