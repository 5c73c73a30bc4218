import Calls
import Foundation
import Storage
import Testing

/// Requests that were honest once, with bits and pieces changed. The seed is fixed: a failure comes again.
@Suite(.serialized) struct HostileTests {
    private struct Honest {
        var method: String
        var path: String
        var body: String?
    }

    private static let honest: [Honest] = [
        Honest(method: "GET", path: "/api/v1/agents"), Honest(method: "GET", path: "/api/v1/queues"),
        Honest(
            method: "GET", path: "/api/v1/messages?from=2026-11-22T03:04:05Z&queue=night_service&unheard=true&limit=7"),
        Honest(method: "GET", path: "/api/v1/callbacks?open=true&number=13900000001&to=2027-01-01T00:00%2B08:00"),
        Honest(method: "GET", path: "/api/v1/blocklist?at=2026-11-22&limit=9"),
        Honest(
            method: "POST", path: "/api/v1/agents/1001/state",
            body: #"{"state": "away", "reason": "午饭", "by": "command"}"#),
        Honest(
            method: "POST", path: "/api/v1/agents/1001/call",
            body: #"{"action": "mark", "mark": "angry", "degree": 3, "note": "停电三天"}"#),
        Honest(method: "POST", path: "/api/v1/agents/1001/call", body: #"{"action": "consult", "to": "1002"}"#),
        // In no call.
        Honest(method: "POST", path: "/api/v1/agents/8001/call", body: #"{"action": "hold"}"#),
        Honest(
            method: "POST", path: "/api/v1/agents/1001/supervision", body: #"{"by": "9001", "mode": "whisper"}"#),
        Honest(method: "POST", path: "/api/v1/emergency", body: #"{"declared": true}"#),
        Honest(method: "POST", path: "/api/v1/queues/night%5Fservice/drain", body: "{}"),
        Honest(
            method: "POST", path: "/api/v1/blocklist",
            body: #"{"number": "13900000666", "hours": 24, "by": "1001", "reason": "骚扰"}"#),
        Honest(method: "POST", path: "/api/v1/blocklist/13900000666/removal", body: #"{"by": "9001"}"#),
        Honest(
            method: "POST", path: "/api/v1/calls",
            body: #"{"agent": "1001", "number": "13900000009", "order": "20261122-0001", "role": "return_visit"}"#),
        Honest(method: "POST", path: "/api/v1/messages/019aabcd/heard", body: #"{"by": "1001"}"#),
    ]

    /// What is put in somewhere.
    private static let texts: [String] = [
        "\"", "\\", "{", "}", "[", "]", ":", ",", "\u{0}", "\r\n", "\r\n\r\n", "\\u0000", "\\ud800", "null", "true",
        "-1", "1e999", "9223372036854775808", "0.1", "%", "%00", "%FF", "&", "=", "?", "#", "//", "../", ";", "+",
        "\u{FEFF}", "\u{301}", "💥", " HTTP/1.1", "Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n",
        "Expect: 100-continue\r\n", "Connection: upgrade\r\nUpgrade: websocket\r\n",
        String(repeating: "[", count: 2000), String(repeating: "1", count: 400),
    ]
    private static let noTexts: [[UInt8]] = [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5]]
    private static let pieces: [[UInt8]] = texts.map { Array($0.utf8) } + noTexts

    /// Values that are JSON, put in a key's place.
    private static let values: [String] = [
        "null", "true", "-1", "0", "5", "1e400", "4.5", "9223372036854775807", "\"\"", "\"1001\"", "\"1002\"",
        "\"8001\"", "\"9001\"", "\"7777\"", "\"13900000009\"", "\"listen\"", "\"hold\"", "\"consult\"",
        "\"nuisance\"", "\"ready\"", "\"logged_out\"", "\"call_back\"", "[]", "{}", "[[\"x\"]]", "\"\\u0000\"",
        "\"\\u001b[2J\"", "\"坐席\"", "\"\(PastCall(0).call)\"", "\"\(String(repeating: "长", count: 600))\"",
    ]

    /// The same object with one value exchanged, left out or added: it gets as far as what a key means.
    private static func exchanged(_ body: String, _ bits: inout Bits) throws -> String {
        let fields = try JSONDecoder().decode([String: Field].self, from: Data(body.utf8))
        var texts = fields.mapValues(\.text)
        let key = texts.keys.sorted().randomElement(using: &bits) ?? "by"
        switch Int.random(in: 0..<8, using: &bits) {
        case 0: texts[key] = nil
        case 1: texts["mode"] = values.randomElement(using: &bits)
        default: texts[key] = values.randomElement(using: &bits)
        }
        return "{" + texts.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \($0.value)" }.joined(separator: ", ") + "}"
    }

    /// A value of an honest body, as JSON.
    private struct Field: Decodable {
        let text: String

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let number = try? container.decode(Int.self) {  // not a number: one of the other two
                text = String(number)
            } else if let truth = try? container.decode(Bool.self) {  // not a truth value: a text
                text = String(truth)
            } else {
                text = "\"\(try container.decode(String.self))\""
            }
        }
    }

    private static func mutated(_ bytes: [UInt8], _ bits: inout Bits) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &bits) {
            let place = Int.random(in: 0...bytes.count, using: &bits)
            let end = min(bytes.count, place + Int.random(in: 0...16, using: &bits))
            switch Int.random(in: 0..<6, using: &bits) {
            case 0 where place < bytes.count: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &bits)
            case 1 where place < bytes.count: bytes[place] = UInt8.random(in: .min ... .max, using: &bits)
            case 2: bytes.removeSubrange(place..<end)
            case 3: bytes.insert(contentsOf: bytes[place..<end], at: place)
            case 4: bytes.removeSubrange(place...)
            default: bytes.insert(contentsOf: pieces.randomElement(using: &bits) ?? [], at: place)
            }
        }
        return bytes
    }

    @Test func twoThousandMutatedRequestsEndNothing() async throws {
        try await Bench.with { bench async throws in
            let one = PastCall(0)
            try await bench.store.record(one.left + one.asked + one.ordered("20261122-0001", caller: "13900000001"))
            _ = try await bench.talking()
            var bits = Bits(seed: 20_261_127)
            var statuses: [Int: Int] = [:]
            for round in 0..<2000 {
                let honest = try #require(Self.honest.randomElement(using: &bits))
                var (path, body) = (Array(honest.path.utf8), honest.body.map { Array($0.utf8) })
                let isWhole = round % 4 == 2
                if !isWhole {
                    // Only what the routes read, so that HTTP itself stays sound.
                    if let given = honest.body, round % 4 != 1 {
                        body =
                            round % 4 == 0
                            ? Self.mutated(Array(given.utf8), &bits)
                            : Array(try Self.exchanged(given, &bits).utf8)
                    } else {
                        path = Self.mutated(path, &bits).filter { $0 > 32 && $0 < 127 }
                        if path.first != UInt8(ascii: "/") { path.insert(UInt8(ascii: "/"), at: 0) }
                    }
                }
                var request = HTTPClient.request(
                    honest.method, String(decoding: path, as: UTF8.self), authorization: "Bearer \(Bench.token)",
                    type: body == nil ? nil : "application/json", body: body)
                if isWhole { request = Self.mutated(request, &bits) }
                let bytes = try await bench.client.exchange(request)
                let shown = String(decoding: request.prefix(1500), as: UTF8.self)
                guard let answer = Answer(bytes) else {
                    #expect(isWhole, "no answer to \(shown)")
                    statuses[0, default: 0] += 1
                    continue
                }
                statuses[answer.status, default: 0] += 1
                #expect(answer.status < 500, "round \(round): \(answer.text) to \(shown)")
                if !isWhole, answer.status >= 400, path.starts(with: Array("/api/".utf8)) { _ = try answer.problem() }
            }
            // The mutations reach the routes, and not all of them fail at the same gate.
            for status in [200, 202, 204, 400, 401, 404, 409] {
                #expect(statuses[status, default: 0] > 0, "\(statuses)")
            }
            #expect(try await bench.client.ask("GET", "/healthz").status == 200)
            #expect(try await bench.get("agents").status == 200)
            #expect(bench.store.statistics.unapplied == 0)
            #expect(try await bench.reader.verifyEvidence().ok)
        }
    }

    @Test func aConnectionThatSaysLittleHoldsUpNobody() async throws {
        try await Bench.with { bench async throws in
            // Heads without an end, a body that never comes: the client shuts its side, and is let go.
            for text in [
                "", "G", "GET /api/v1/agents", "GET /api/v1/agents HTTP/1.1\r\n", "POST /api/v1/emergency HTTP/1.1\r\n",
                "\r\n\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", String(repeating: "A", count: 200_000),
                "GET /api/v1/agents HTTP/1.1\r\nX: \(String(repeating: "x", count: 200_000))\r\n\r\n",
                "POST /api/v1/emergency HTTP/1.1\r\nAuthorization: Bearer \(Bench.token)\r\n"
                    + "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"declared\"",
                "POST /api/v1/emergency HTTP/1.1\r\nAuthorization: Bearer \(Bench.token)\r\n"
                    + "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n{",
            ] {
                let bytes = try await bench.client.exchange(Array(text.utf8))
                if let answer = Answer(bytes) { #expect((400..<500).contains(answer.status), "\(text.prefix(100))") }
            }
            let desk = try #require(bench.desk)
            #expect(!desk.status.isEmergency)
            #expect(try await bench.get("agents").status == 200)
        }
    }
}
