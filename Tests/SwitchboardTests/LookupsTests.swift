import Calls
import Foundation
import Glibc
import Storage
import Switchboard
import Testing

@Suite struct LookupsTests {
    @Test func aFlatObjectBecomesVariables() throws {
        let json = #"{"found": true, "balance": 12.30, "owed": null, "name": "电表", "count": 7}"#
        let values = try Lookups.variables(from: Data(json.utf8), source: "account")
        #expect(values["found"] == "true")
        #expect(values["balance"].flatMap { Double($0) } == 12.3)
        #expect(values["owed"] == "")
        #expect(values["name"] == "电表")
        #expect(values["count"] == "7")
    }

    @Test(arguments: [
        "", "nonsense", "[]", #""text""#, #"{"found": {"nested": 1}}"#, #"{"found": [1]}"#,
        "{" + (0..<65).map { "\"k\($0)\": 1" }.joined(separator: ",") + "}",
    ])
    func anythingElseIsAFailedLookUp(_ text: String) {
        #expect(throws: SwitchboardError.self) {
            try Lookups.variables(from: Data(text.utf8), source: "account")
        }
    }

    @Test func longTextsAreCut() throws {
        let json = "{\"status\": \"\(String(repeating: "x", count: 5000))\"}"
        let values = try Lookups.variables(from: Data(json.utf8), source: "account")
        #expect(values["status"]?.count == 256)
    }

    @Test func aBackEndIsAskedAndItsFailuresAreErrors() async throws {
        let store = try await openStore()
        let server = try OneAnswer(status: "200 OK", body: #"{"found": true, "balance": "88.50"}"#)
        let broken = try OneAnswer(status: "500 Internal Server Error", body: "{}")
        let lookups = Lookups(
            reader: store.reader,
            sources: [
                LookupSource(name: "account", url: "http://127.0.0.1:\(server.port)/account", token: "secret-token"),
                LookupSource(name: "broken", url: "http://127.0.0.1:\(broken.port)/", token: nil),
                LookupSource(name: "away", url: "http://127.0.0.1:9/", token: nil),
            ], clock: try LocalClock(zone: "Asia/Shanghai"), time: TestTime())
        let values = try await lookups.ask("account", arguments: ["number": "1234"], timeoutMilliseconds: 3000)
        #expect(values == ["found": "true", "balance": "88.50"])
        let request = server.request()
        #expect(request.hasPrefix("POST /account HTTP/1.1\r\n"))
        #expect(request.contains("Authorization: Bearer secret-token\r\n"))
        #expect(request.hasSuffix(#"{"number":"1234"}"#))
        await #expect(throws: SwitchboardError.self) {
            try await lookups.ask("broken", arguments: [:], timeoutMilliseconds: 3000)
        }
        await #expect(throws: (any Error).self) {
            try await lookups.ask("away", arguments: [:], timeoutMilliseconds: 3000)
        }
        await #expect(throws: SwitchboardError.self) {
            try await lookups.ask("unknown", arguments: [:], timeoutMilliseconds: 3000)
        }
        await store.close()
    }

    @Test func aCustomerIsWhoeverTheUtilityKnowsByTheNumber() async throws {
        let store = try await openStore()
        let server = try OneAnswer(status: "200 OK", body: #"{"customer": "王某", "account": "330300001", "area": "东门"}"#)
        let clock = try LocalClock(zone: "Asia/Shanghai")
        let lookups = Lookups(
            reader: store.reader,
            sources: [LookupSource(name: "account", url: "http://127.0.0.1:\(server.port)/account", token: nil)],
            clock: clock, time: TestTime())
        let known = try await lookups.customer("13900000001")
        #expect(known == ["customer": "王某", "account": "330300001", "area": "东门"])
        #expect(server.request().hasSuffix(#"{"caller":"13900000001"}"#))
        // Without such a system nothing is known, and that is no failure.
        let none = Lookups(reader: store.reader, sources: [], clock: clock, time: TestTime())
        #expect(try await none.customer("13900000001") == nil)
        await store.close()
    }

    @Test func anOrderOpensToItsCallerOrToNumberAndCode() async throws {
        let store = try await openStore()
        let now = TestTime().now()
        let offered = CallOffered(
            call: CallID(high: 1, low: 1), leg: LegID(high: 1, low: 2), at: now, line: "trunk1", direction: .inbound,
            caller: "13800001234", callerRaw: nil, callerSource: "from", called: "95598", diversion: nil, peer: "",
            protocolCallID: "x")
        try await store.record([
            .callOffered(offered),
            .orderCreated(
                OrderCreated(
                    order: OrderID(high: 1, low: 3), at: now, number: "20261122-0007", code: "4711", category: "fault",
                    call: offered.call, caller: "13800001234", fields: [:])),
        ])
        let lookups = Lookups(
            reader: store.reader, sources: [], clock: try LocalClock(zone: "Asia/Shanghai"), time: TestTime())
        func found(_ arguments: [String: String]) async throws -> String? {
            try await lookups.ask("orders", arguments: arguments, timeoutMilliseconds: 1000)["found"]
        }
        #expect(try await found(["caller": "13800001234"]) == "true")
        #expect(try await found(["caller": "13900005678"]) == "false")
        // Keyed without the dash; a number alone, or with another code, opens nothing.
        #expect(try await found(["number": "202611220007", "code": "4711"]) == "true")
        #expect(try await found(["number": "202611220007", "code": "4712"]) == "false")
        #expect(try await found(["number": "202611220007", "code": ""]) == "false")
        #expect(try await found(["number": "garbage", "code": "4711"]) == "false")
        #expect(try await found(["caller": ""]) == "false")
        await store.close()
    }

    private struct TestTime: TimeSource {
        func now() -> Instant { Instant(wall: 1_795_000_000_000_000, mono: 1_000_000_000) }
    }

    private func openStore() async throws -> Store {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hotline-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return try Store.open(
            folder: folder.path, identity: NodeIdentity(name: "test", number: 1, boot: "boot"), time: TestTime(),
            random: { UInt64.random(in: .min ... .max) })
    }
}

/// A web server on loopback that reads one request, gives one answer and ends.
private final class OneAnswer: Sendable {
    let port: UInt16
    private let box = Box()

    init(status: String, body: String) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(listener, pointer, length) == 0 && listen(listener, 1) == 0
                    && getsockname(listener, pointer, &length) == 0
            }
        }
        try #require(bound)
        port = UInt16(bigEndian: address.sin_port)
        let answer = "HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)"
        DispatchQueue(label: "one-answer").async { [box] in
            let connection = accept(listener, nil, nil)
            var bytes = [UInt8](repeating: 0, count: 65_536)
            var request = ""
            while !Self.isWhole(request) {
                let count = read(connection, &bytes, bytes.count)
                guard count > 0 else { break }
                request += String(decoding: bytes[..<count], as: UTF8.self)
            }
            _ = Array(answer.utf8).withUnsafeBytes { write(connection, $0.baseAddress, $0.count) }
            close(connection)
            close(listener)
            box.set(request)
        }
    }

    /// What was asked; waits for it.
    func request() -> String { box.get() }

    private static func isWhole(_ request: String) -> Bool {
        guard let end = request.range(of: "\r\n\r\n") else { return false }
        let head = request[..<end.lowerBound].lowercased()
        guard let field = head.range(of: "content-length: ") else { return true }
        let length = Int(head[field.upperBound...].prefix { $0.isNumber }) ?? 0
        return request[end.upperBound...].utf8.count >= length
    }

    private final class Box: Sendable {
        private let ready = DispatchSemaphore(value: 0)
        private let lock = NSLock()
        nonisolated(unsafe) private var text = ""  // guarded by `lock`

        func set(_ text: String) {
            lock.withLock { self.text = text }
            ready.signal()
        }

        func get() -> String {
            guard ready.wait(timeout: .now() + 10) == .success else { return "" }
            return lock.withLock { text }
        }
    }
}
