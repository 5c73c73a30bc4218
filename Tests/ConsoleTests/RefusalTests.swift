import Calls
import Console
import Foundation
import GRDB
import Media
import Storage
import Testing

/// What every route says to whoever asks wrongly, and what it says when the store is away.
@Suite(.serialized) struct RefusalTests {
    private static let reads = ["agents", "queues", "messages", "callbacks", "blocklist"]
    private static let writes = [
        "agents/1001/state", "agents/1001/call", "agents/1001/supervision", "emergency", "queues/night_service/drain",
        "blocklist", "blocklist/13900000666/removal", "calls", "messages/019aabcd/heard",
        "orders/20261122-0001/steps",
    ]
    /// Those whose body has keys.
    private static let readers = writes.filter { !$0.hasSuffix("drain") }

    @Test func withoutTheTokenNothingIsTold() async throws {
        try await Bench.with { bench async throws in
            let token = Bench.token
            let wrong: [String?] = [
                nil, "", token, "Bearer", "Bearer ", "bearer\(token)", "Basic \(token)",
                "Bearer \(token.dropLast())", "Bearer \(token)0", "Bearer 1\(token.dropFirst())",
                "Bearer \(token.dropLast())0", "Bearer \(token.uppercased())",
            ]
            for authorization in wrong {
                for path in Self.reads {
                    let answer = try await bench.get(path, authorization: authorization)
                    #expect(answer.headers["www-authenticate"] == "Bearer")
                    let problem = try answer.problem()
                    #expect(problem.status == 401, "\(path) with \(authorization ?? "none")")
                    #expect(!answer.text.contains(token))
                }
            }
            for path in Self.writes {
                #expect(try await bench.post(path, "{}", authorization: nil).problem().status == 401)
                // The body is not even looked at.
                let long = String(repeating: " ", count: 100_000)
                #expect(try await bench.post(path, long, authorization: "Bearer x").problem().status == 401)
            }
        }
    }

    @Test func whatIsNowhereIsAProblemToo() async throws {
        try await Bench.with { bench async throws in
            for path in ["", "nothing", "agents/1001", "agents/1001/state/x", "messages/x", "../v1/agents/1001"] {
                #expect(try await bench.get(path).problem().status == 404)
            }
            #expect(try await bench.client.ask("GET", "/healthz").status == 200)
        }
    }

    /// RFC 9110 15.5.6.
    @Test func anotherMethodIsNotAllowed() async throws {
        try await Bench.with { bench async throws in
            for (method, path, allowed) in [
                ("POST", "agents", "GET"), ("GET", "emergency", "POST"), ("DELETE", "blocklist", "GET, POST"),
                ("GET", "notices/storm", "DELETE, PUT"), ("POST", "recordings/x/audio", "GET, HEAD"),
                ("GET", "recordings/imports", "POST"), ("PATCH", "people/x", "POST"),
            ] {
                let answer = try await bench.ask(method, path, nil)
                #expect(try answer.problem().status == 405, "\(method) \(path)")
                #expect(answer.headers["allow"] == allowed, "\(method) \(path)")
                // Whoever is not known is told nothing of it.
                for authorization in [nil, "Bearer x"] {
                    let stranger = try await bench.ask(method, path, nil, authorization: authorization)
                    #expect(try stranger.problem().status == 404 && stranger.headers["allow"] == nil, "\(path)")
                }
            }
        }
    }

    /// Each address of the API with each method that it has not.
    @Test func noAddressHasAnUnknownMethod() async throws {
        try await Bench.with { bench async throws in
            var methods: [String: Set<String>] = [:]
            for key in APIRights.table.keys {
                let words = key.split(separator: " ")
                methods[String(words[1].replacing(#/:\w+/#, with: "x")), default: []].insert(String(words[0]))
            }
            for (path, known) in methods.sorted(by: { $0.key < $1.key }) {
                for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] where !known.contains(method) {
                    let answer = try await bench.ask(method, path, nil)
                    #expect(answer.status == 405, "\(method) \(path)")
                    let allowed = answer.headers["allow"]?.components(separatedBy: ", ") ?? []
                    #expect(known.isSubset(of: allowed), "\(method) \(path)")
                }
            }
        }
    }

    /// Content types, and what the emergency route says to them.
    static let types: [(String?, Int)] = [
        (nil, 415), ("text/plain", 415), ("application/x-www-form-urlencoded", 415),
        ("application/json; charset=gbk", 415), ("application/jsonx", 415), ("multipart/form-data; boundary=x", 415),
        ("application/json; charset=utf-8", 204), ("Application/JSON;charset=\"UTF-8\"", 204),
    ]

    @Test(arguments: RefusalTests.types)
    func onlyJSONIsRead(type: String?, status: Int) async throws {
        try await Bench.with { bench async throws in
            let answer = try await bench.post("emergency", #"{"declared": false}"#, type: type)
            #expect(answer.status == status)
            if status >= 400 { #expect(try answer.problem().detail.contains("application/json")) }
        }
    }

    @Test func everyRouteReadsItsBodyStrictly() async throws {
        try await Bench.with { bench async throws in
            func refused(_ path: String, _ body: String, _ words: String) async throws {
                let answer = try await bench.post(path, body)
                let problem = try answer.problem()
                #expect(problem.status == 400, "\(path) \(body.prefix(200))")
                #expect(problem.detail.contains(words), "\(path) \(body.prefix(200)): \(problem.detail)")
            }
            for path in Self.readers {
                try await refused(path, #"{"💥nonsense": 1}"#, "nonsense")
                try await refused(path, #"{"by": "1001", "zz": {"deep": [1]}}"#, "is not known")
                try await refused(path, "{}", "is missing")
                for text in ["[]", "17", "\"text\"", "null", "true"] { try await refused(path, text, "JSON") }
                for text in ["", "{", "{\"by\": }", "{\"by\" \"1001\"}", "\u{0}", "{'by': '1001'}", "nonsense"] {
                    try await refused(path, text, "no JSON")
                }
                let deep = String(repeating: "[", count: 30_000)
                try await refused(path, deep, "no JSON")
                try await refused(path, "{\"by\": \(deep)}", "no JSON")
            }
            try await refused("queues/night_service/drain", #"{"now": true}"#, "there are none here")
        }
    }

    private static let noTexts: [[UInt8]] = [
        [0xFF, 0xFE], Array("{\"by\": \"".utf8) + [0xC3, 0x28, 0x22, 0x7D], [0xED, 0xA0, 0x80], [0xC0, 0x80],
    ]

    @Test func aBodyThatIsTooLongOrNoTextIsRefused() async throws {
        try await Bench.with { bench async throws in
            for path in Self.writes {
                let long = try await bench.post(path, "{\"by\": \"\(String(repeating: "1", count: 70_000))\"}")
                #expect(try long.problem().status == 413)
                for bytes in Self.noTexts {
                    let answer = try await bench.client.ask(
                        "POST", "/api/v1/\(path)", authorization: "Bearer \(Bench.token)", type: "application/json",
                        body: bytes)
                    let problem = try answer.problem()
                    #expect(problem.status == 400)
                    #expect(problem.detail.contains("UTF-8"))
                }
            }
        }
    }

    /// Path, body, status, what the answer names.
    private static let wrong: [(String, String, Int, String)] = [
        ("agents/1001/state", #"{"state": "asleep"}"#, 400, "available, ready, away, logged_out"),
        ("agents/1001/state", #"{"state": 1}"#, 400, "`state` must be a text"),
        ("agents/1001/state", #"{"state": null}"#, 400, "`state` must be a text"),
        ("agents/1001/state", #"{"state": "ready", "by": "nobody"}"#, 400, "command, api"),
        ("agents/1001/state", #"{"state": "away", "reason": ["x"]}"#, 400, "`reason` must be a text"),
        ("agents/1001/state", #"{"state": "away", "reason": "a\u0000b"}"#, 400, "control characters"),
        ("agents/7777/state", #"{"state": "ready"}"#, 404, "no agent 7777"),
        ("agents/no%20number/state", #"{"state": "ready"}"#, 400, "work number"),
        ("agents/%FF%FE/state", #"{"state": "ready"}"#, 400, "UTF-8"),
        ("agents/1001/call", #"{"action": "sing"}"#, 400, "hang_up"),
        ("agents/1001/call", #"{"action": "hold"}"#, 409, "in no call"),
        ("agents/7777/call", #"{"action": "hold"}"#, 404, "no agent 7777"),
        ("agents/1001/call", #"{"action": "mark"}"#, 400, "nuisance"),
        ("agents/1001/call", #"{"action": "mark", "mark": "boring"}"#, 400, "nuisance"),
        ("agents/1001/call", #"{"action": "mark", "mark": "angry", "degree": 6}"#, 400, "1 to 3"),
        ("agents/1001/call", #"{"action": "mark", "mark": "angry"}"#, 400, "needs `degree`"),
        ("agents/1001/call", #"{"action": "mark", "mark": "angry", "degree": "4"}"#, 400, "a whole number"),
        (
            "agents/1001/call", #"{"action": "mark", "mark": "angry", "degree": 4.5}"#, 400,
            "`degree` must be a whole number"
        ),
        (
            "agents/1001/call", #"{"action": "mark", "mark": "angry", "degree": 1e400}"#, 400,
            "`degree` must be a whole number"
        ),
        ("agents/1001/call", #"{"action": "consult"}"#, 400, "`to`"),
        ("agents/1001/call", #"{"action": "transfer", "to": ""}"#, 400, "`to`"),
        ("agents/1001/supervision", #"{"by": "9001", "mode": "spy"}"#, 400, "listen, whisper, barge"),
        ("agents/1001/supervision", #"{"by": "1002", "mode": "listen"}"#, 409, "neither supervisor"),
        ("agents/1001/supervision", #"{"by": "7777", "mode": "listen"}"#, 404, "no agent 7777"),
        ("agents/1001/supervision", #"{"by": "9001", "mode": "listen"}"#, 409, "in no call"),
        ("agents/1001/supervision", #"{"by": "a b", "mode": "listen"}"#, 400, "not a work number"),
        ("emergency", #"{"declared": "yes"}"#, 400, "true or false"),
        ("emergency", #"{"declared": 1}"#, 400, "true or false"),
        ("queues/nowhere/drain", "{}", 404, "no queue `nowhere`"),
        ("blocklist", #"{"number": "139x", "by": "1001", "reason": ""}"#, 400, "3 to 20 digits"),
        ("blocklist", #"{"number": "１３９０", "by": "1001", "reason": ""}"#, 400, "3 to 20 digits"),
        ("blocklist", #"{"number": 13900000666, "by": "1001", "reason": ""}"#, 400, "`number` must be a text"),
        ("blocklist", #"{"number": "13900000666", "hours": 0, "by": "1001", "reason": ""}"#, 400, "8784"),
        (
            "blocklist", #"{"number": "13900000666", "hours": 9223372036854775807, "by": "1001", "reason": ""}"#, 400,
            "8784"
        ),
        (
            "blocklist", #"{"number": "13900000666", "hours": 99999999999999999999, "by": "1001", "reason": ""}"#, 400,
            "`hours` must be a whole number"
        ),
        ("blocklist", #"{"number": "13900000666", "by": "7777", "reason": ""}"#, 404, "no agent 7777"),
        ("blocklist", #"{"number": "13900000666", "by": "1001"}"#, 400, "`reason` is missing"),
        ("blocklist", #"{"number": "13900000666", "by": "1001", "reason": "\u001b[2J"}"#, 400, "control characters"),
        ("blocklist/13900000666/removal", #"{"by": "7777"}"#, 404, "no agent 7777"),
        ("blocklist/13900000666/removal", #"{"by": "1001"}"#, 404, "not on the blocklist"),
        ("calls", #"{"agent": "7777", "number": "13900000009", "role": "contact"}"#, 404, "no agent 7777"),
        ("calls", #"{"agent": "1001", "number": "12", "role": "contact"}"#, 400, "3 to 20 digits"),
        ("calls", #"{"agent": "1001", "number": "1@evil;x", "role": "contact"}"#, 400, "3 to 20 digits"),
        ("calls", #"{"agent": "1001", "role": "contact"}"#, 409, "give `number`"),
        ("calls", #"{"agent": "1001", "number": "13900000009", "role": "chat"}"#, 400, "return_visit"),
        ("calls", #"{"agent": "1001", "order": "20990101-0001", "role": "contact"}"#, 404, "no order"),
        ("calls", #"{"agent": "1001", "order": "20261122-0001", "role": "contact"}"#, 409, "give `number`"),
        ("calls", #"{"agent": "1001", "number": "13900000009", "role": "contact", "asking": "x"}"#, 400, "not a UUID"),
        (
            "calls",
            #"{"agent": "1001", "number": "13900000009", "role": "call_back", "asking": "00000000-0000-7000-8000-000000000000"}"#,
            404, "nobody is to be called back"
        ),
        (
            "calls",
            #"{"agent": "1001", "number": "13900000009", "role": "call_back", "asking": "\#(PastCall(0).call)"}"#,
            409, "called back already"
        ),
        ("messages/019aabcd/heard", #"{"by": "7777"}"#, 404, "no agent 7777"),
        ("messages/019aabcd/heard", #"{"by": 1001}"#, 400, "`by`"),
        ("messages/019aabcd/heard", #"{"by": "坐席"}"#, 400, "work number"),
        ("messages/ffff/heard", #"{"by": "1001"}"#, 404, "no message `ffff`"),
        ("messages/019/heard", #"{"by": "1001"}"#, 400, "4 or more"),
        ("messages/xyzw/heard", #"{"by": "1001"}"#, 400, "neither"),
        ("messages/019aabcd0/heard", #"{"by": "1001"}"#, 400, "neither"),
        ("messages/%27%20OR%201=1/heard", #"{"by": "1001"}"#, 400, "neither"),
    ]

    @Test func everyMistakeIsNamed() async throws {
        try await Bench.with { bench async throws in
            let one = PastCall(0)
            try await bench.store.record(
                one.left + one.asked + one.reached(by: "1001") + one.ordered("20261122-0001", caller: nil))
            for (path, body, status, words) in Self.wrong {
                let answer = try await bench.post(path, body)
                #expect(answer.status == status, "\(path) \(body): \(answer.text)")
                guard answer.status >= 400 else { continue }
                let problem = try answer.problem()
                #expect(problem.detail.contains(words), "\(path) \(body): \(problem.detail)")
            }
            // Nothing of all that was done.
            #expect(try await bench.reader.unheardMessages() == 1)
            #expect(try await bench.get("blocklist").text == "[\n\n]")
            #expect(bench.trunk.dialled.isEmpty)
        }
    }

    /// Those inside keep their quality: a call placed costs as much as one taken.
    @Test func nobodyIsCalledWhileThereIsAsMuchAsIsServedWell() async throws {
        try await Bench.with { bench async throws in
            let wish = #"{"agent": "1001", "number": "13900000009", "role": "contact"}"#
            bench.load.told.withLock { $0 = MediaLoad(share: 1.1, legs: 40, sending: 40) }
            let refused = try await bench.post("calls", wish)
            #expect(refused.status == 409)
            #expect(try refused.problem().detail.contains("rtp.load_limit"))
            #expect(bench.exchange.activeCalls == 0 && bench.trunk.dialled.isEmpty)
            #expect(bench.exchange.counters.snapshot.overloaded == 1)
            bench.load.told.withLock { $0 = MediaLoad(share: 0.5, legs: 40, sending: 40) }
            #expect(try await bench.talking().state == .talking)
            #expect(try await bench.hangsUp("1001"))
        }
    }

    @Test func longTextsAreRefusedAndNeverRepeated() async throws {
        try await Bench.with { bench async throws in
            let long = String(repeating: "长", count: 501)
            // One character for people, thirty thousand bytes.
            let stacked = "e" + String(repeating: "\u{301}", count: 15_000)
            for text in [long, stacked] {
                for (path, body, key) in [
                    ("agents/1001/state", "{\"state\": \"away\", \"reason\": \"\(text)\"}", "reason"),
                    (
                        "agents/1001/call", "{\"action\": \"mark\", \"mark\": \"dropped\", \"note\": \"\(text)\"}",
                        "note"
                    ),
                    ("blocklist", "{\"number\": \"13900000666\", \"by\": \"1001\", \"reason\": \"\(text)\"}", "reason"),
                    ("agents/1001/state", "{\"state\": \"\(text)\"}", "state"),
                    ("blocklist", "{\"number\": \"13900000666\", \"by\": \"\(text)\", \"reason\": \"\"}", "by"),
                    ("emergency", "{\"\(text)\": true}", "known"),
                ] {
                    let answer = try await bench.post(path, body)
                    let problem = try answer.problem()
                    #expect(problem.status == 400)
                    #expect(problem.detail.contains(key))
                    #expect(answer.body.count < 2000, "\(path): \(answer.body.count) bytes")
                }
                let number = try await bench.post(
                    "blocklist", "{\"number\": \"\(text)\", \"by\": \"1001\", \"reason\": \"\"}")
                #expect(try number.problem().status == 400)
                let order = try await bench.post(
                    "calls", "{\"agent\": \"1001\", \"order\": \"\(text)\", \"role\": \"contact\"}")
                #expect(try order.problem().status == 404)
                #expect(order.body.count < 2000)
            }
        }
    }

    @Test(arguments: [
        ("messages?limit=0", "1 and 100000"), ("messages?limit=100001", "1 and 100000"), ("messages?limit=x", "limit"),
        ("messages?limit=99999999999999999999", "limit"), ("messages?from=yesterday", "such as"),
        ("messages?to=2026-13-01", "such as"), ("messages?unheard=1", "true or false"),
        ("messages?unheard", "true or false"),
        ("messages?open=true", "not known"), ("messages?limit=1&limit=2", "twice"), ("messages?queue=a%00b", "control"),
        ("messages?=1&;", "not known"), ("callbacks?unheard=true", "not known"),
        ("callbacks?open=yes", "true or false"),
        ("callbacks?limit=-1", "limit"), ("blocklist?at=now", "such as"), ("blocklist?limit=1e3", "limit"),
        ("blocklist?from=2026-01-01", "at, limit"),
    ])
    func aListsAddressIsReadStrictly(path: String, words: String) async throws {
        try await Bench.with { bench async throws in
            let problem = try await bench.get(path).problem()
            #expect(problem.status == 400)
            #expect(problem.detail.contains(words), "\(problem.detail)")
        }
    }

    @Test func aStoreThatIsAwayIs503() async throws {
        try await Bench.with { bench async throws in
            try await bench.store.record(PastCall(0).left)
            await bench.store.close()
            for path in ["messages", "callbacks", "blocklist"] {
                let answer = try await bench.get(path)
                #expect(try answer.problem().status == 503)
                #expect(!answer.text.contains(bench.folder.path) && !answer.text.contains("SQL"))
            }
            for (path, body) in [
                ("blocklist", #"{"number": "13900000666", "by": "1001", "reason": ""}"#),
                ("messages/\(PastCall(0).message)/heard", #"{"by": "1001"}"#),
            ] {
                #expect(try await bench.post(path, body).problem().status == 503)
            }
            // What was not durable does not hold: the number is not blocked.
            #expect(
                try await bench.post("blocklist/13900000666/removal", #"{"by": "1001"}"#).problem().status == 404)
        }
    }

    @Test func whatNobodyForesawIsA500ThatTellsNothing() async throws {
        try await Bench.with { bench async throws in
            try await bench.store.record(PastCall(0).left)
            // Damaged from outside.
            var configuration = Configuration()
            configuration.busyMode = .timeout(5)
            let raw = try DatabaseQueue(path: bench.folder.path + "/hotline.sqlite", configuration: configuration)
            try await raw.write { db in
                try db.execute(sql: "UPDATE messages SET heard_by = 'no number', heard_wall = 1, heard_mono = 1")
            }
            let answer = try await bench.get("messages")
            let problem = try answer.problem()
            #expect(problem.status == 500)
            #expect(problem.detail.contains("log"))
            for inside in ["heard_by", "column", "no number", bench.folder.path, "StorageError", "storage."] {
                #expect(!answer.text.contains(inside))
            }
            try raw.close()
            #expect(try await bench.get("agents").status == 200)
        }
    }
}
