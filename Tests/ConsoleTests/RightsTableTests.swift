import Access
import Calls
import Foundation
import Storage
import Testing

import Console

/// The table of docs/rights.md, cell by cell, over HTTP: each role asks for each address of the API, of its own department's
/// things and of another's.
@Suite(.serialized) struct RightsTableTests {
    /// What lies in the store: a call answered by 1001 of the department `power_station`, its recording and an order of that
    /// department; the same of 1002 and `marketing`.
    struct Things {
        var recording: RecordingID
        var order: String
        var call: CallID
    }

    static func fill(_ bench: Bench) async throws -> (own: Things, other: Things) {
        var made: [Things] = []
        for (index, agent, unit) in [(UInt64(0), "1001", "power_station"), (1, "1002", "marketing")] {
            let past = PastCall(index)
            let order = "20261122-000\(index + 1)"
            try await bench.store.record(
                past.left + past.answered(by: workNumber(agent)) + past.ordered(order, caller: "1390000000\(index)")
                    + [
                        .orderLinked(
                            OrderLinked(
                                order: past.order, at: past.at(9900), recording: past.recording, role: "call")),
                        .orderStepped(
                            OrderStepped(
                                order: past.order, at: past.at(9950), number: 1, step: "accept", by: agent,
                                role: "agent", unit: nil,
                                happened: past.at(9900).wall, why: nil,
                                fields: ["department": unit, "content": "停电"], life: "fault@1", policy: "yongqiang@1",
                                state: "reported", status: "dispatched", owner: "department", ownerUnit: unit)),
                    ])
            made.append(Things(recording: past.recording, order: order, call: past.call))
        }
        return (made[0], made[1])
    }

    /// One of each role, in the department `power_station`, with a program's token.
    static func tokens(_ bench: Bench) async throws -> [Role: String] {
        var tokens: [Role: String] = [:]
        for (index, role) in Role.allCases.enumerated() {
            let name = "p\(index)x"
            let number: String? = role == .agent ? "1001" : nil
            try await bench.people.set(
                Person(name: name, title: "人员\(index)", roles: [role], unit: "power_station", workNumber: number),
                by: nil)
            tokens[role] = try await bench.people.makeToken(name, title: "test", days: 1)
        }
        return tokens
    }

    @Test func everyCellIsAllowedOrRefused() async throws {
        try await Bench.with { bench async throws in
            let (own, other) = try await Self.fill(bench)
            let tokens = try await Self.tokens(bench)
            var cells = 0
            var refusals = 0
            for (address, rule) in APIRights.table.sorted(by: { $0.key < $1.key }) {
                let words = address.split(separator: " ")
                for (things, isOwn) in [(own, true), (other, false)] {
                    let path = words[1].replacingOccurrences(
                        of: ":id",
                        with: rule.subject == .recording
                            ? "\(things.recording)" : "00000000-0000-7000-8000-000000000000"
                    )
                    .replacingOccurrences(
                        of: ":number",
                        with: rule.subject == .order
                            ? things.order : rule.subject == .agent ? (isOwn ? "1001" : "1002") : "13900000000"
                    )
                    .replacingOccurrences(of: ":call", with: "\(things.call)")
                    .replacingOccurrences(of: ":message", with: "zzzz").replacingOccurrences(
                        of: ":outage", with: "zzzz"
                    )
                    .replacingOccurrences(of: ":review", with: "00000000-0000-7000-8000-000000000000")
                    .replacingOccurrences(of: ":scorecard", with: "conduct")
                    .replacingOccurrences(of: ":store", with: "erp").replacingOccurrences(of: ":penalty", with: "none")
                    .replacingOccurrences(of: ":notice", with: "storm")
                    .replacingOccurrences(of: ":rule", with: "none").replacingOccurrences(of: ":name", with: "zz")
                    for role in Role.allCases {
                        let bearer = "Bearer \(try #require(tokens[role]))"
                        // A body that no route takes: what is allowed is refused for it, and changes nothing.
                        let answer =
                            words[0] == "GET"
                            ? try await bench.get(path, authorization: bearer)
                            : try await bench.ask(
                                String(words[0]), path, #"{"no such key": 1}"#, authorization: bearer)
                        let mayDo = Self.may(role, rule, isOwn)
                        cells += 1
                        if mayDo {
                            let isForReason = answer.status == 403 && answer.text.contains("`reason`")
                            #expect(
                                answer.status != 401 && (answer.status != 403 || isForReason),
                                "\(role) \(address) own=\(isOwn): \(answer.status) \(answer.text)")
                        } else {
                            refusals += 1
                            #expect(
                                answer.status == 403, "\(role) \(address) own=\(isOwn): \(answer.status) \(answer.text)"
                            )
                        }
                    }
                }
                // Nobody without a token, whatever is asked.
                let stranger =
                    words[0] == "GET"
                    ? try await bench.get(String(words[1]), authorization: nil)
                    : try await bench.ask(String(words[0]), String(words[1]), "{}", authorization: nil)
                #expect(stranger.status == 401, "\(address)")
            }
            #expect(cells > 600 && refusals > 300, "\(cells) cells, \(refusals) refusals")
        }
    }

    /// By the table of docs/rights.md alone, said here in other words than the program's.
    private static func may(_ role: Role, _ rule: APIRights.Rule, _ isOwn: Bool) -> Bool {
        let reach = Rights.reach(of: role, rule.right)
        switch rule.subject {
        case .none: return reach >= rule.reach
        // There is none in this store: whoever has the right learns that.
        case .review: return reach > .none
        case .recording, .order: return reach == .all || (reach > .none && isOwn)
        case .agent, .call: return reach > .none && (isOwn && role == .agent || role == .shiftLeader)
        }
    }

    @Test func aGuessedAddressOpensNothing() async throws {
        try await Bench.with { bench async throws in
            let (own, other) = try await Self.fill(bench)
            let tokens = try await Self.tokens(bench)
            let agent = "Bearer \(try #require(tokens[.agent]))"
            for tail in ["", "/audio?reason=x", "/peaks", "/events", "/silence", "/transcript", "/notes"] {
                #expect(try await bench.get("recordings/\(other.recording)\(tail)", authorization: agent).status == 403)
                let mine = try await bench.get("recordings/\(own.recording)\(tail)", authorization: agent)
                #expect(mine.status != 403, "\(tail): \(mine.text)")
            }
            // The list holds what may be heard, and no more.
            let list = try await bench.get("recordings", authorization: agent).text
            #expect(list.contains("\(own.recording)") && !list.contains("\(other.recording)"))
            let leader = "Bearer \(try #require(tokens[.shiftLeader]))"
            let led = try await bench.get("recordings", authorization: leader).text
            #expect(led.contains("\(own.recording)") && !led.contains("\(other.recording)"))
            // Nor is it counted.
            for (who, count) in [(agent, 1), (leader, 1), ("Bearer \(Bench.token)", 2)] {
                let counted = try await bench.get("recordings?count=true&limit=1", authorization: who).text
                #expect(counted.contains("\"count\" : \(count)"), "\(counted)")
            }
            // Pages want a session: a token, or nothing, leads to the sign-in.
            for path in [
                "/", "/recordings/\(own.recording)", "/orders", "/audit", "/people", "/desk", "/desk/calls/\(own.call)",
            ] {
                let answer = try await bench.client.ask("GET", path)
                #expect(
                    answer.status == 303 && answer.headers["location"]?.hasPrefix("/sign-in?next=") == true, "\(path)")
            }
        }
    }

    @Test func callersNumbersAndCodesAreNotForEveryListener() async throws {
        try await Bench.with { bench async throws in
            let (own, _) = try await Self.fill(bench)
            let tokens = try await Self.tokens(bench)
            for (role, seesNumbers) in [(Role.qa, false), (.auditor, false), (.agent, true)] {
                let bearer = "Bearer \(try #require(tokens[role]))"
                for path in ["recordings", "recordings/\(own.recording)", "recordings/\(own.recording)/events"] {
                    let text = try await bench.get(path, authorization: bearer).text
                    #expect(text.contains("13900000001") == seesNumbers, "\(role) \(path)")
                    #expect(!text.contains("4711"), "\(role) \(path): an order's code")
                }
            }
            // The command line on the server itself has both.
            let all = try await bench.get("recordings/\(own.recording)/events").text
            #expect(all.contains("4711") && all.contains("13900000001"))
        }
    }

    @Test func nobodyDoesThingsInAnothersName() async throws {
        try await Bench.with { bench async throws in
            let (own, _) = try await Self.fill(bench)
            let tokens = try await Self.tokens(bench)
            let leader = "Bearer \(try #require(tokens[.shiftLeader]))"
            let note = { (by: String) in
                try await bench.post(
                    "recordings/\(own.recording)/notes", #"{\#(by)"text": "好"}"#, authorization: leader)
            }
            #expect(try await note(#""by": "1001", "#).status == 403)
            #expect(try await note("").status == 204)
            #expect(try await bench.reader.recordingDetail(own.recording)?.notes.map(\.by.text) == ["p1x"])
            let step = try await bench.post(
                "orders/\(own.order)/steps", #"{"step": "triage", "role": "crew"}"#, authorization: leader)
            #expect(step.status == 403 && step.text.contains("crew"))
        }
    }

    /// Each address that the router knows has a rule, and each rule an address.
    @Test func everyAddressHasARule() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Sources/Console")
        var routes: Set<String> = []
        for file in try FileManager.default.contentsOfDirectory(atPath: folder.path) where file.hasSuffix(".swift") {
            let text = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
            for match in text.matches(of: #/(?:group|api)\.(get|post|put|delete)\("([^"]+)"\)/#) {
                routes.insert("\(match.1.uppercased()) \(match.2)")
            }
        }
        #expect(routes == Set(APIRights.table.keys))
    }
}
