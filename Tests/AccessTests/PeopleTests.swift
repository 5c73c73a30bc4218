import Access
import Calls
import Foundation
import Storage
import Synchronization
import Testing

/// A clock that a test sets.
private final class SetClock: TimeSource {
    private let seconds = Mutex<Int64>(0)
    func now() -> Instant {
        let seconds = seconds.withLock { $0 }
        return Instant(wall: 1_795_316_645_000_000 + seconds * 1_000_000, mono: (5 + seconds) * 1_000_000_000)
    }
    func pass(_ more: Int64) { seconds.withLock { $0 += more } }
}

/// People in a store and a file of their own.
private final class World: Sendable {
    let folder: String
    let store: Store
    let time = SetClock()
    let people: People
    private let next = Mutex<UInt64>(1)

    init() async throws {
        folder = NSTemporaryDirectory() + "/hotline-access-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let bits = Mutex<UInt64>(7)
        let random: @Sendable () -> UInt64 = {
            bits.withLock { bits in
                bits = bits &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return bits
            }
        }
        store = try Store.open(
            folder: folder,
            identity: NodeIdentity(name: "node1", number: 1, boot: "b0000000-0000-4000-8000-000000000001"),
            time: time, random: random)
        people = People(
            store: store, path: DataFolder(folder).credentials, settings: .init(idleSeconds: 600, longestSeconds: 3600),
            time: time, random: random)
        try await people.load()
    }

    func again() async throws -> People {
        let people = People(store: store, path: DataFolder(folder).credentials, time: time, random: { 9 })
        try await people.load()
        return people
    }

    static func with(_ body: (World) async throws -> Void) async throws {
        let world = try await World()
        do { try await body(world) } catch {
            await world.close()
            throw error
        }
        await world.close()
    }

    private func close() async {
        await store.close()
        do { try FileManager.default.removeItem(atPath: folder) } catch { print("not removed: \(folder): \(error)") }
    }

    func entered(_ name: String, _ roles: Set<Role>, password: String) async throws {
        try await people.set(Person(name: name, title: "某\(name)", roles: roles), by: nil)
        _ = try await people.accept(try await people.invite(name), password: password, address: "192.0.2.1")
    }

    func refusal(_ body: () async throws -> Void) async -> AccessError.Code? {
        do {
            try await body()
            return nil
        } catch let error as AccessError {
            return error.code
        } catch {
            Issue.record("\(error)")
            return nil
        }
    }
}

@Suite struct PeopleTests {
    @Test func theFirstAdministratorComesInByALinkThatWorksOnce() async throws {
        try await World.with { world in
            let people = world.people
            let link = try #require(try await people.firstInvitation())
            #expect(people.invited(link)?.name == "admin")
            #expect(people.invited(String(link.dropLast()) + "x") == nil)
            #expect(
                await world.refusal { _ = try await people.accept(link, password: "short", address: "") } == .argument)
            let signIn = try await people.accept(link, password: "correct horse", address: "192.0.2.1")
            #expect(people.session(signIn.token)?.person.roles == [.administrator])
            let again = await world.refusal {
                _ = try await people.accept(link, password: "correct horse", address: "")
            }
            #expect(again == .notFound)
            #expect(try await people.firstInvitation() == nil)
            // After a restart the person and the password are there, the session is not.
            let later = try await world.again()
            #expect(try await later.firstInvitation() == nil)
            #expect(later.session(signIn.token) == nil)
            #expect(try await later.signIn("admin", password: "correct horse", address: "").person.name == "admin")
            #expect(try await world.store.reader.verifyEvidence().ok)
        }
    }

    @Test func aLinkIsTooOldAfterThreeDays() async throws {
        try await World.with { world in
            try await world.people.set(Person(name: "li", title: "李", roles: [.qa]), by: nil)
            let link = try await world.people.invite("li")
            world.time.pass(3 * 86_400 - 1)
            #expect(world.people.invited(link) != nil)
            world.time.pass(1)
            #expect(world.people.invited(link) == nil)
        }
    }

    @Test func nothingOfAPasswordOrTokenCanBeRead() async throws {
        try await World.with { world in
            try await world.entered("li", [.qa], password: "Zebra-fish-77")
            let token = try await world.people.makeToken("li", title: "reports", days: 1)
            let path = DataFolder(world.folder).credentials
            let text = try String(contentsOfFile: path, encoding: .utf8)
            #expect(text.contains("$argon2id$v=19$m=65536,t=2,p=1$"))
            #expect(!text.contains("Zebra") && !text.contains(token.dropFirst(3)))
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            for file in try FileManager.default.contentsOfDirectory(atPath: world.folder) {
                guard let bytes = FileManager.default.contents(atPath: "\(world.folder)/\(file)") else { continue }
                #expect(bytes.range(of: Data("Zebra-fish-77".utf8)) == nil, "\(file)")
                #expect(bytes.range(of: Data(token.utf8)) == nil, "\(file)")
            }
        }
    }

    @Test func wrongPasswordsLockAndAreWrittenDown() async throws {
        try await World.with { world in
            try await world.entered("li", [.qa], password: "Zebra-fish-77")
            for _ in 0..<5 {
                let code = await world.refusal {
                    _ = try await world.people.signIn("li", password: "wrong", address: "192.0.2.7")
                }
                #expect(code == .credentials)
            }
            // The right one is not looked at either.
            let locked = await world.refusal {
                _ = try await world.people.signIn("li", password: "Zebra-fish-77", address: "192.0.2.8")
            }
            #expect(locked == .locked)
            world.time.pass(301)
            _ = try await world.people.signIn("li", password: "Zebra-fish-77", address: "192.0.2.8")
            let kinds = try await world.store.reader.accesses().map(\.kind)
            #expect(kinds.filter { $0 == "refused" }.count == 5 && kinds.filter { $0 == "locked" }.count == 1)
            #expect(kinds.first == "signed_in")
            let nobody = await world.refusal { _ = try await world.people.signIn("nobody", password: "x", address: "") }
            #expect(nobody == .credentials)
        }
    }

    @Test func aSessionEndsIdleTooLongOrSignedOutOrWithThePerson() async throws {
        try await World.with { world in
            let people = world.people
            try await world.entered("boss", [.administrator], password: "Zebra-fish-77")
            try await world.entered("li", [.qa], password: "Zebra-fish-78")
            func enter() async throws -> String {
                try await people.signIn("li", password: "Zebra-fish-78", address: "").token
            }
            let idle = try await enter()
            world.time.pass(599)
            // What a page asks by itself does not count.
            #expect(people.session(idle, counts: false) != nil)
            world.time.pass(1)
            #expect(people.session(idle) == nil)
            let long = try await enter()
            for _ in 0..<7 {
                world.time.pass(500)
                #expect(people.session(long) != nil)
            }
            world.time.pass(100)
            #expect(people.session(long) == nil)
            let out = try await enter()
            try await people.signOut(out, address: "")
            #expect(people.session(out) == nil)
            let changed = try await enter()
            let other = try await enter()
            let own = try await people.changePassword(
                "li", from: "Zebra-fish-78", to: "Quagga-horse-9", address: "")
            #expect(people.session(changed) == nil && people.session(other) == nil)
            #expect(people.session(own.token) != nil)
            let token = try await people.makeToken("li", title: "t", days: 1)
            #expect(people.person(withToken: token)?.name == "li")
            try await people.set(Person(name: "li", title: "李", roles: [.qa], isActive: false), by: "boss")
            #expect(people.session(own.token) == nil && people.person(withToken: token) == nil)
            let gone = await world.refusal {
                _ = try await people.signIn("li", password: "Quagga-horse-9", address: "")
            }
            #expect(gone == .credentials)
        }
    }

    @Test func onesTokensAreListedWithTheirUse() async throws {
        try await World.with { world in
            try await world.entered("li", [.apiUser], password: "Zebra-fish-77")
            try await world.entered("wang", [.apiUser], password: "Zebra-fish-78")
            let report = try await world.people.makeToken("li", title: "reports", days: 2)
            world.time.pass(60)
            _ = try await world.people.makeToken("li", title: "wall", days: 1)
            _ = try await world.people.makeToken("wang", title: "reports", days: 1)
            var tokens = world.people.tokens(of: "li")
            #expect(tokens.map(\.title) == ["wall", "reports"] && tokens.allSatisfy { $0.usedAt == nil })
            world.time.pass(60)
            #expect(world.people.person(withToken: report)?.name == "li")
            tokens = world.people.tokens(of: "li")
            #expect(tokens.map { $0.usedAt == nil } == [true, false])
            #expect(tokens[1].usedAt?.microseconds == world.time.now().wall)
            // Too old: shown until it is removed.
            world.time.pass(86_400)
            #expect(world.people.tokens(of: "li").count == 2)
            try await world.people.removeToken("li", title: "reports")
            #expect(world.people.tokens(of: "li").map(\.title) == ["wall"])
            #expect(world.people.tokens(of: "wang").map(\.title) == ["reports"])
            // What was used is not known after a restart; who has what is.
            #expect(try await world.again().tokens(of: "wang").map(\.usedAt) == [nil])
        }
    }

    @Test func tokensEnd() async throws {
        try await World.with { world in
            try await world.entered("li", [.qa], password: "Zebra-fish-77")
            let token = try await world.people.makeToken("li", title: "reports", days: 2)
            world.time.pass(2 * 86_400)
            #expect(world.people.person(withToken: token) == nil)
            let other = try await world.people.makeToken("li", title: "other", days: 2)
            try await world.people.removeToken("li", title: "other")
            #expect(world.people.person(withToken: other) == nil)
            #expect(await world.refusal { try await world.people.removeToken("li", title: "other") } == .notFound)
        }
    }

    @Test func theLastAdministratorStaysAndNamesAreChecked() async throws {
        try await World.with { world in
            try await world.entered("boss", [.administrator], password: "Zebra-fish-77")
            let last = await world.refusal {
                try await world.people.set(Person(name: "boss", title: "王", roles: [.qa]), by: "boss")
            }
            #expect(last == .refused)
            for name in ["", "x", "Li", "1li", "a b", "li<script>", "../li", String(repeating: "a", count: 13)] {
                let code = await world.refusal {
                    try await world.people.set(Person(name: name, title: "李", roles: [.qa]), by: "boss")
                }
                #expect(code == .argument, "\(name)")
            }
            for title in ["", "\u{202e}abc", "a\u{0}b", String(repeating: "长", count: 41)] {
                let code = await world.refusal {
                    try await world.people.set(Person(name: "li", title: title, roles: [.qa]), by: "boss")
                }
                #expect(code == .argument, "\(title)")
            }
        }
    }
}
