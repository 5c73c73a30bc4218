import Calls
import Documents
import Evidence
import Foundation
import Lines
import Recordings
import Storage
import Synchronization

/// The agents' file of the running server: read anew, and changed in its lines, while calls go on. Any thread; the disk
/// is waited for off the cooperative pool, one change at a time.
///
/// The file stays the one truth: each change reads it as it stands now, whoever changed it last, keeps its comments, and
/// is checked whole before anything is written. Passwords and PINs that are made here stand in files of their own beside
/// it, readable to the service alone. What changed, and by whom, is journalled (`server_noted` of the kind
/// `roster_changed`, and `roster_loaded`); no secret is.
public final class RosterKeeper: Sendable {
    /// Where the agents' file is.
    public struct Place: Sendable, Hashable {
        public var path: String
        /// The server may change it.
        public var isWritable: Bool
        /// Which state of the file is in force, 64 hex digits: what a form shows, and what it is to change.
        public var version: String
    }

    private let path: String
    private let numbers: NumberRules
    private let desk: AgentDesk
    private let store: Store
    private let time: any TimeSource
    private let random: @Sendable () -> UInt64
    private let phones: @Sendable ([SIPUser]) -> Void
    private let mayWrite: @Sendable (_ folder: String) -> Bool
    /// One change at a time; the hash of the file that is in force.
    private let inForce: Mutex<String>

    /// - Parameters:
    ///   - file: what the desk's roster was read from.
    ///   - numbers: how the lines write callers' numbers.
    ///   - random: for passwords and PINs.
    ///   - phones: told who may register from now on.
    ///   - mayWrite: whether the server may change what is in a folder.
    public init(
        file: RosterFile, numbers: NumberRules = .china, desk: AgentDesk, store: Store, time: any TimeSource,
        random: @escaping @Sendable () -> UInt64, phones: @escaping @Sendable ([SIPUser]) -> Void,
        mayWrite: @escaping @Sendable (_ folder: String) -> Bool = { access($0, W_OK) == 0 }
    ) {
        path = file.path
        inForce = Mutex(file.sha256)
        self.numbers = numbers
        self.desk = desk
        self.store = store
        self.time = time
        self.random = random
        self.phones = phones
        self.mayWrite = mayWrite
    }

    /// A change that is being written is waited for.
    public func place() async -> Place {
        await DiskWork.run { [self] in
            inForce.withLock { version in
                Place(path: path, isWritable: mayWrite(RosterDraft.folder(of: path)), version: version)
            }
        }
    }

    /// Reads the file anew and takes it over.
    /// - Parameter by: nil: the command line, for nobody in particular.
    /// - Returns: what should be mended in it, one each, with its place.
    /// - Throws: `SwitchboardError` `.argument` with what is wrong in the file, `.refused` where a queue is gone; the roster
    ///   stays as it was.
    public func reload(by: WorkNumber?) async throws(SwitchboardError) -> [String] {
        try await change("reloaded", [:], by: by, isWritten: false) { _, warnings in warnings.map(\.description) }
    }

    /// The entry of a queue as it is written, by key; lists with one item a line.
    /// - Throws: `SwitchboardError` `.notFound`, `.argument` where the file cannot be read.
    public func queue(_ name: String) async throws(SwitchboardError) -> [String: String] {
        let result = await DiskWork.run { [path] () -> Result<[String: String], SwitchboardError> in
            do throws(SwitchboardError) {
                return .success(try RosterDraft(path).queue(name))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    // MARK: - Changes

    /// Enters an agent, or changes one.
    /// - Parameter version: nil: whatever the file's state is.
    /// - Returns: what was made anew, to be shown this once.
    /// - Throws: `SwitchboardError`: `.refused` where the number is taken or the file is of another state, `.notFound` where there
    ///   is no such agent, `.argument` with what the file would not allow, `.unavailable` where it cannot be written.
    public func set(
        _ agent: AgentWish, version: String? = nil, by: WorkNumber
    ) async throws(SwitchboardError) -> AgentSecrets {
        let secrets = AgentSecrets(
            password: agent.isNew || agent.newPassword ? Secret(password()) : nil,
            pin: agent.pin == .new ? Secret(pin()) : nil)
        let note = [
            "agent": agent.number.text, "new_password": secrets.password == nil ? "no" : "yes",
            "pin": agent.pin.rawValue,
        ]
        return try await change(agent.isNew ? "agent_entered" : "agent_changed", note, by: by, version: version) {
            draft, _ throws(SwitchboardError) in
            try draft.set(agent, secrets)
            return secrets
        }
    }

    /// Takes an agent off; a call that the agent is in goes on.
    /// - Throws: as `set`, but `.refused` where the file would not be sound without the agent.
    public func remove(agent: WorkNumber, by: WorkNumber) async throws(SwitchboardError) {
        do throws(SwitchboardError) {
            try await change("agent_removed", ["agent": agent.text], by: by) { draft, _ throws(SwitchboardError) in
                try draft.remove(agent: agent)
            }
        } catch {
            throw SwitchboardError(error.code == .argument ? .refused : error.code, error.message)
        }
    }

    /// Changes what a queue's entry says.
    /// - Parameter fields: as in `queue`; an empty text takes the key away, one that is missing is left as it is.
    /// - Throws: as `set`.
    public func set(
        queue name: String, _ fields: [String: String], version: String? = nil, by: WorkNumber
    ) async throws(SwitchboardError) {
        try await change("queue_changed", ["queue": name], by: by, version: version) {
            draft, _ throws(SwitchboardError) in
            try draft.set(queue: name, fields)
        }
    }

    /// Puts a telephone number among the key customers (重要客户), or changes its remark.
    /// - Throws: as `set`.
    public func set(
        customer number: String, remark: String, by: WorkNumber
    ) async throws(SwitchboardError) {
        try await change("key_customer_set", ["number": number, "remark": remark], by: by) {
            [numbers] draft, _ throws(SwitchboardError) in try draft.set(customer: number, remark: remark, numbers)
        }
    }

    /// - Throws: as `set`; `.notFound` where it is no key customer's.
    public func remove(customer number: String, by: WorkNumber) async throws(SwitchboardError) {
        try await change("key_customer_removed", ["number": number], by: by) {
            [numbers] draft, _ throws(SwitchboardError) in try draft.remove(customer: number, numbers)
        }
    }

    // MARK: - Ways

    private typealias Change<Value> =
        @Sendable (inout RosterDraft, _ warnings: [DocumentError]) throws(SwitchboardError) -> Value

    /// - Parameters:
    ///   - isWritten: the change is to the file; otherwise it is only read, and `change` is given its warnings.
    private func change<Value: Sendable>(
        _ what: String, _ note: [String: String], by: WorkNumber?, isWritten: Bool = true, version: String? = nil,
        _ change: @escaping Change<Value>
    ) async throws(SwitchboardError) -> Value {
        let result = await DiskWork.run { [self] () -> Result<(Value, RosterFile), SwitchboardError> in
            inForce.withLock { inForce in
                do throws(SwitchboardError) {
                    if isWritten, !mayWrite(RosterDraft.folder(of: path)) { throw readOnly }
                    var draft = try RosterDraft(path)
                    if let version, version != draft.version || version != inForce { throw changedMeanwhile }
                    let early = isWritten ? try change(&draft, []) : nil
                    let proven = try draft.check(numbers: numbers)
                    try checkQueues(proven.roster)
                    if isWritten { try draft.write() }
                    let value: Value
                    if let early { value = early } else { value = try change(&draft, proven.warnings) }
                    // Now, not when it was asked for: queues count from it.
                    desk.adopt(proven.roster, at: time.now())
                    inForce = proven.sha256
                    phones(proven.roster.phoneUsers)
                    return .success((value, proven))
                } catch {
                    return .failure(error)
                }
            }
        }
        let (value, file) = try result.get()
        let now = time.now()
        var data = note
        data["change"] = what
        data["by"] = by?.text ?? "command"
        do {
            try await store.record([
                .rosterLoaded(
                    RosterLoaded(
                        at: now, file: file.path, sha256: file.sha256, agents: file.roster.agents.count,
                        queues: file.roster.queues.count)),
                .serverNoted(ServerNoted(at: now, kind: "roster_changed", data: data)),
            ])
        } catch {
            throw SwitchboardError(
                .unavailable,
                "the agents' file is changed and in force, but the journal could not take it: \(error.message)")
        }
        return value
    }

    /// A flow that is in use may lead to any queue that was there at the start.
    private func checkQueues(_ roster: Roster) throws(SwitchboardError) {
        for queue in desk.rosterQueues where roster.queue(queue.rules.name) == nil {
            throw SwitchboardError(
                .refused,
                "the queue `\(queue.rules.name)` is gone from \(path), and flows may lead there: bring it back, or start "
                    + "the server anew")
        }
    }

    private var changedMeanwhile: SwitchboardError {
        SwitchboardError(
            .refused,
            "the agents' file was changed since this form was opened: have it read anew, and open the form again")
    }

    private var readOnly: SwitchboardError {
        SwitchboardError(
            .refused,
            "the server may not write to \(RosterDraft.folder(of: path)): keep the agents' file where it may, name that "
                + "place in `agents.file`, and start the server again")
    }

    /// Nothing that is mistaken for something else when it is typed into a phone.
    private static let letters = Array("abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789")

    private func password() -> String { String((0..<20).map { _ in Self.letters[below(Self.letters.count)] }) }

    private func pin() -> String { (0..<6).map { _ in String(below(10)) }.joined() }

    private func below(_ limit: Int) -> Int { Int(UInt64(limit).multipliedFullWidth(by: random()).high) }
}

/// What an agent is to be.
public struct AgentWish: Sendable, Hashable {
    /// What becomes of the PIN.
    public enum PIN: String, Sendable, CaseIterable {
        case keep, new, none
    }

    public var number: WorkNumber
    /// Not there yet: gets a password.
    public var isNew: Bool
    public var name: String
    public var role: AgentRole
    /// Empty: none. One that the file does not have yet is added to it.
    public var department: String
    /// As above.
    public var skills: [String]
    public var newPassword: Bool
    public var pin: PIN

    public init(
        number: WorkNumber, isNew: Bool, name: String, role: AgentRole = .agent, department: String = "",
        skills: [String] = [], newPassword: Bool = false, pin: PIN = .keep
    ) {
        self.number = number
        self.isNew = isNew
        self.name = name
        self.role = role
        self.department = department
        self.skills = skills
        self.newPassword = newPassword
        self.pin = pin
    }
}

/// What was made for an agent; nil: stays as it was.
public struct AgentSecrets: Sendable, Hashable {
    /// Of the phone.
    public var password: Secret?
    public var pin: Secret?
}
