import Foundation
import Testing

/// What `hotline calls list --json` says of a call: the contract's keys, read by name.
struct CallRow: Decodable {
    struct Leg: Decodable {
        var id: String
        var role: String
        var codec: String?
        var rate: Int?
    }
    struct Recording: Decodable {
        struct Channel: Decodable {
            var index: Int
            var leg: String
            var role: String
        }
        var id: String
        var file: String?
        var seconds: Double?
        var channels: [Channel]
        var sha256: String?
        /// `call`, `consultation`.
        var purpose: String
        /// `planned`, `started`, `stopped`, `finished`, `failed`.
        var state: String
    }
    var callId: String
    var node: String
    var line: String
    var direction: String
    var caller: String?
    var called: String
    var offeredAt: String
    var ringingAt: String?
    var answeredAt: String?
    var rings: Int?
    var ringsBasis: String?
    var rawRings: Int?
    var ringMs: Int?
    var answerMs: Int?
    var firstPromptAt: String?
    var releasedAt: String?
    var releasedBy: String?
    var outcome: String?
    var flowVersion: String?
    var digits: String
    var legs: [Leg]
    var orders: [String]
    var recordings: [Recording]

    /// Released, and every recording is a finished file, or was given up before it began.
    var isFinished: Bool {
        releasedAt != nil && recordings.allSatisfy { $0.sha256 != nil || $0.state == "failed" }
    }
}

/// `hotline calls show --json`, as far as the tests read it.
struct CallShown: Decodable {
    struct Entry: Decodable {
        var kind: String
        var at: String
        var positionMs: Int?
        var data: [String: String]?
    }
    var timeline: [Entry]
}

/// What `hotline callbacks list --json` says.
struct CallBackRow: Decodable {
    var callId: String
    var number: String
    var state: String
    var reason: String
    var forAgent: String?
    var dueAt: String?
    var made: String?
    var attempts: Int
}

/// What `hotline messages list --json` says of a report.
struct MessageRow: Decodable {
    var messageId: String
    var callId: String
    var kind: String
    var caller: String?
    var role: String?
    var agent: String?
    var mark: String?
    var note: String?
    var heardAt: String?
    var heardBy: String?
}

/// What `hotline orders list --json` says.
struct OrderRow: Decodable {
    struct Recording: Decodable {
        var id: String
        var role: String
    }
    var number: String
    var recordings: [Recording]
}

struct Verified: Decodable {
    var checked: Int
    var ok: Int
    var missing: [Named]
    var altered: [Named]
    var unlinked: [Named]

    /// A list's entry, or only how many there are: the tests want the count.
    struct Named: Decodable {
        init(from decoder: any Decoder) throws {}
    }
}

extension RunningServer {
    /// Runs a query command on the data folder as an auditor would, while the server runs or not.
    func ask(_ arguments: [String]) async throws -> (code: Int32, output: String) {
        let (code, child) = try await Child.run(
            "ask-\(UUID().uuidString.prefix(6))", program: Repository.program,
            arguments: arguments + ["--data", data.path], folder: scratch.folder, seconds: 60)
        if code != 0 { print("hotline \(arguments.joined(separator: " ")): exit \(code)\n\(child.tail())") }
        return (code, child.output)
    }

    private func decoded<Value: Decodable>(_: Value.Type, _ text: String) throws -> Value {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        do { return try decoder.decode(Value.self, from: Data(text.utf8)) } catch {
            throw HarnessError("not the JSON that the contract names: \(error)\n\(text.prefix(3000))")
        }
    }

    /// Newest first.
    func calls(limit: Int = 1000) async throws -> [CallRow] {
        let (code, text) = try await ask(["calls", "list", "--json", "--limit", "\(limit)"])
        guard code == 0 else { throw HarnessError("calls list: exit \(code)") }
        return try decoded([CallRow].self, text)
    }

    func show(_ call: String) async throws -> CallShown {
        let (code, text) = try await ask(["calls", "show", call, "--json"])
        guard code == 0 else { throw HarnessError("calls show: exit \(code)") }
        return try decoded(CallShown.self, text)
    }

    /// Runs a query command and decodes its JSON.
    func rows<Row: Decodable>(_ arguments: [String], of _: Row.Type = Row.self) async throws -> [Row] {
        let (code, text) = try await ask(arguments + ["--json"])
        guard code == 0 else { throw HarnessError("\(arguments.joined(separator: " ")): exit \(code)") }
        return try decoded([Row].self, text)
    }

    /// Waits until so many calls are over and their recordings are files.
    func finishedCalls(_ count: Int, within seconds: Double = 30) async throws -> [CallRow] {
        var rows: [CallRow] = []
        let done = try await eventually(within: seconds, every: 300) {
            rows = try await self.calls()
            return rows.count >= count && rows.allSatisfy(\.isFinished)
        }
        guard done else {
            let open = rows.filter { !$0.isFinished }
            throw HarnessError("\(rows.count) calls of \(count), \(open.count) not finished: \(open.prefix(3))")
        }
        return rows
    }

    /// The call placed with this calling number, once it is finished.
    func finishedCall(from caller: String, within seconds: Double = 30) async throws -> CallRow {
        var row: CallRow?
        let done = try await eventually(within: seconds, every: 300) {
            row = try await self.calls().first { $0.caller == caller }
            return row?.isFinished ?? false
        }
        guard done, let row else {
            throw HarnessError("the call from \(caller) is not finished: \(String(describing: row))")
        }
        return row
    }

    /// Both proofs must hold: every recording's file, and the chain of events.
    func expectVerified(recordings: Int) async throws {
        let (code, text) = try await ask(["recordings", "verify", "--json"])
        #expect(code == 0, "recordings verify: \(text)")
        let verified = try decoded(Verified.self, text)
        #expect(verified.checked == recordings)
        #expect(verified.ok == recordings)
        let (evidence, said) = try await ask(["evidence", "verify"])
        #expect(evidence == 0, "evidence verify: \(said)")
    }
}
