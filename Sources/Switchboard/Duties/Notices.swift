import Calls
import Documents
import Storage
import Synchronization

/// Notices that callers hear in the flow while they hold: each is one of the flow's variables that a person sets and takes back,
/// without a change of the configuration (docs/duties.md). Any thread.
///
/// Every change is a fact, and what holds is read back from them at the start. A call has what held when it began, to its end.
public final class Notices: Sendable {
    /// Those that there are, as people name them: `storm` is the flow's variable `notice.storm`.
    public static let names = ["storm"]
    /// What can be chosen: prompts whose ids begin so, without those that tell of the recording.
    private static let prefix = NoticeRecord.prefix
    private static let notToBeChosen = "notice.recording"
    /// 30 days in microseconds: no notice is set to hold longer.
    private static let longest: Int64 = 30 * 86_400_000_000
    /// The most that a reason holds, in bytes.
    public static let mostReason = 2000

    private let store: Store
    /// What can be said, by id.
    private let texts: [String: String]
    private let reads: @Sendable (_ variable: String) -> Bool
    private let time: any TimeSource
    /// What was set last, by variable.
    private let last = Mutex<[String: NoticeRecord]>([:])

    /// - Parameters:
    ///   - prompts: what the catalog's prompts say, by id.
    ///   - reads: whether the flow of callers makes use of a variable.
    public init(
        store: Store, prompts: [String: String], reads: @escaping @Sendable (_ variable: String) -> Bool,
        time: any TimeSource
    ) {
        self.store = store
        texts = prompts.filter { $0.key.hasPrefix(Self.prefix) && !$0.key.hasPrefix(Self.notToBeChosen) }
        self.reads = reads
        self.time = time
    }

    /// Reads what holds now.
    /// - Returns: the prompts of notices that are on and cannot be said, because the catalog does not have them any more.
    /// - Throws: what the store says.
    public func load() async throws(StorageError) -> [String] {
        let known = try await store.reader.notices(at: UTCTime(time.now()))
        last.withLock { last in
            for record in known { last[record.variable] = record }
        }
        return known.filter { $0.isOn }.compactMap { $0.prompt }.filter { texts[$0] == nil }
    }

    /// The prompts that can be chosen with their words, by id.
    public var choices: [(id: String, words: String)] {
        texts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// What a prompt of a notice says; nil where the catalog does not have it.
    public func words(of prompt: String) -> String? { texts[prompt] }

    /// Whether callers can hear a notice at all: the flow in use makes use of its variable.
    public func isHeard(_ name: String) -> Bool { reads(Self.prefix + name) }

    /// What was set last of each notice that ever was, with whether it holds at a moment; by name.
    public func records(at now: Instant) -> [NoticeRecord] {
        last.withLock { last in
            last.values.map { record in
                var judged = record.judged(at: UTCTime(now))
                if let prompt = judged.prompt, texts[prompt] == nil { judged.isOn = false }
                return judged
            }
        }.sorted { $0.variable < $1.variable }
    }

    /// The flow's variables for a call that begins at a moment: those of the notices that hold.
    package func variables(at now: Instant) -> [String: String] {
        var variables: [String: String] = [:]
        for record in records(at: now) where record.isOn { variables[record.variable] = record.prompt }
        return variables
    }

    /// Switches a notice on, or changes it; the next call hears it. Durable when this returns.
    /// - Parameters:
    ///   - name: `storm`.
    ///   - until: when it ends by itself; nil: when it is taken back.
    ///   - why: for the journal; may be empty.
    /// - Throws: `SwitchboardError` `.notFound` for a notice or a prompt that is not there, with what there is; `.refused` where
    ///   the flow does not say it, the end is not to come or more than 30 days off, or the reason is too long; `StorageError`.
    public func set(
        _ name: String, prompt: String, until: UTCTime?, by: WorkNumber, why: String
    ) async throws {
        let variable = try Self.variable(name)
        guard texts[prompt] != nil else {
            let known = texts.keys.sorted()
            throw SwitchboardError(
                .notFound,
                "there is no prompt \"\(prompt.prefix(60))\" for a notice. "
                    + (known.isEmpty
                        ? "The catalog has none whose id begins with `\(Self.prefix)`"
                        : "There is \(known.joined(separator: ", "))"))
        }
        guard reads(variable) else {
            throw SwitchboardError(.refused, "the flow in use does not say `\(variable)`: nobody would hear it")
        }
        let now = time.now()
        if let until {
            guard until.microseconds > now.wall else {
                throw SwitchboardError(.refused, "the end lies in the past: nobody would hear it")
            }
            guard until.microseconds - now.wall <= Self.longest else {
                throw SwitchboardError(.refused, "a notice holds for 30 days at most")
            }
        }
        try Self.check(why)
        try await record(
            NoticeSet(
                at: now, notice: variable, prompt: prompt, until: until?.microseconds, by: by.text, why: why))
    }

    /// Takes a notice back: calls that begin from now on do not hear it. Durable when this returns.
    /// - Throws: `SwitchboardError` `.notFound` where there is no such notice, or it is not on; `.refused` for a reason that is
    ///   too long; `StorageError`.
    public func clear(_ name: String, by: WorkNumber, why: String) async throws {
        let variable = try Self.variable(name)
        let now = time.now()
        // One whose prompt the catalog has lost is said to nobody, and can be taken back all the same.
        guard last.withLock({ $0[variable]?.judged(at: UTCTime(now)).isOn }) == true else {
            throw SwitchboardError(.notFound, "the notice `\(name)` is not on")
        }
        try Self.check(why)
        try await record(NoticeSet(at: now, notice: variable, prompt: nil, until: nil, by: by.text, why: why))
    }

    private func record(_ fact: NoticeSet) async throws(StorageError) {
        try await store.record([.noticeSet(fact)])
        let record = NoticeRecord(
            variable: fact.notice, prompt: fact.prompt, until: fact.until.map { UTCTime(microseconds: $0) },
            setAt: UTCTime(fact.at), by: fact.by, why: fact.why)
        last.withLock { last in
            // Two at once come back from the store in either order: as after a restart, the later one holds.
            if let known = last[fact.notice], known.setAt > record.setAt { return }
            last[fact.notice] = record
        }
    }

    private static func variable(_ name: String) throws(SwitchboardError) -> String {
        guard names.contains(name) else {
            throw SwitchboardError(
                .notFound,
                "there is no notice \"\(name.prefix(40))\". "
                    + Names.advice(for: name, in: names, otherwise: "There is \(names.joined(separator: ", "))"))
        }
        return prefix + name
    }

    private static func check(_ why: String) throws(SwitchboardError) {
        guard why.utf8.count <= mostReason else {
            throw SwitchboardError(.refused, "the reason is longer than \(mostReason) bytes")
        }
    }
}
