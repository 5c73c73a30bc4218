import Foundation

/// The agents' side of a running server, asked as another program would: by its API.
extension RunningServer {
    struct AgentRow: Decodable {
        var number: String
        var state: String
        var reachable: Bool
        var call: String?
        var formPending: [String]
        var unheardReports: Int?
    }

    struct QueueRow: Decodable {
        struct Waiter: Decodable {
            var call: String
            var position: Int
            var since: String
            var callBack: Bool
            var offeredTo: String?
        }
        var name: String
        var waiting: [Waiter]
    }

    /// Asks the API.
    /// - Returns: status and body.
    func api(_ path: String, _ body: String? = nil) async throws -> (status: Int, body: String) {
        let token = Child.text(data.appendingPathComponent("api.token")).trimmingCharacters(in: .whitespacesAndNewlines)
        var arguments = [
            "-s", "-m", "10", "-w", "\n%{http_code}", "-H", "Authorization: Bearer \(token)",
            "http://\(http)/api/v1/\(path)",
        ]
        if let body { arguments += ["-H", "Content-Type: application/json", "-d", body] }
        let (code, child) = try await Child.run(
            "curl-\(UUID().uuidString.prefix(4))", program: "curl", arguments: arguments, folder: scratch.folder,
            seconds: 15)
        let lines = child.output.split(separator: "\n", omittingEmptySubsequences: false)
        guard code == 0, let status = lines.last.flatMap({ Int($0) }) else {
            throw HarnessError("curl \(path) exit \(code)\n\(child.tail())")
        }
        return (status, lines.dropLast().joined(separator: "\n"))
    }

    func agents() async throws -> [AgentRow] {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode([AgentRow].self, from: Data(try await api("agents").body.utf8))
    }

    func queues() async throws -> [QueueRow] {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode([QueueRow].self, from: Data(try await api("queues").body.utf8))
    }

    func state(of agent: String) async throws -> String? {
        try await agents().first { $0.number == agent }?.state
    }

    /// Waits until these agents' phones are registered, then logs them in, in this order: the first is the longest idle.
    func logIn(_ numbers: [String], within seconds: Double = 20) async throws {
        let isThere = try await eventually(within: seconds, every: 200) {
            let agents = try await self.agents()
            return numbers.allSatisfy { number in agents.contains { $0.number == number && $0.reachable } }
        }
        guard isThere else { throw HarnessError("phones of \(numbers) did not register\n\(log)") }
        for number in numbers {
            let (status, body) = try await api("agents/\(number)/state", #"{"state":"available"}"#)
            guard status == 200 else { throw HarnessError("log-in of \(number): \(status) \(body)") }
        }
    }

    /// Waits for an agent's state.
    func waits(for agent: String, toBe state: String, within seconds: Double = 15) async throws -> Bool {
        try await eventually(within: seconds, every: 100) { try await self.state(of: agent) == state }
    }
}

/// An agents' file of so many agents 1001…, one queue `service` and one supervisor.
enum DeskFile {
    static func text(
        agents: Int, queue: String = "rings_per_agent: 4, announce: none", more: String = ""
    ) -> String {
        let rows = (1...agents).map { number in
            "  - {number: \"\(1000 + number)\", name: 坐席\(number), department: 客服, skills: [service], "
                + "password: \(password(1000 + number)), pin: \"\(pin(1000 + number))\"}"
        }
        return """
            skills: [service]
            departments: [客服]
            agents:
            \(rows.joined(separator: "\n"))
              - {number: "8001", name: 值长, role: shift_leader, department: 客服, password: \(password(8001)), pin: "8001"}
              - {number: "9001", name: 主管, role: supervisor, department: 客服, password: \(password(9001)), pin: "9001"}
            queues:
              - {name: service, skill: service, \(queue)}
            \(more)

            """
    }

    static func password(_ number: Int) -> String { "test-only-\(number)" }
    static func pin(_ number: Int) -> String { "4\(number)" }
}
