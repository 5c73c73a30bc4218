import Access
import Calls
import Foundation
import Media
import Storage
import Switchboard
import Testing

/// Prompts in the browser and by the API: looked through, heard, replaced, brought back, and kept from everybody else.
@Suite(.serialized) struct PromptRouteTests {
    /// Somebody signed in.
    private struct Browser {
        let bench: Bench
        var cookie = ""
        var csrf = ""

        init(_ bench: Bench, _ name: String, _ role: Role) async throws {
            self.bench = bench
            try await bench.people.set(
                Person(name: name, title: "人员", roles: [role], unit: "power_station", workNumber: nil), by: nil)
            let link = try await bench.people.invite(name)
            let answer = try await post(
                "/welcome/\(link)", "password=Quagga+horse+77&again=Quagga+horse+77")
            cookie = String(try #require(answer.headers["set-cookie"]).prefix { $0 != ";" })
            csrf = String(
                try #require(try await get("/account").text.firstMatch(of: #/name="csrf" content="([0-9a-f]{64})"/#)).1)
        }

        func get(_ path: String, _ headers: [String: String] = [:]) async throws -> Answer {
            try await ask("GET", path, headers, [])
        }

        func post(_ path: String, _ body: String) async throws -> Answer {
            try await ask("POST", path, ["Content-Type": "application/x-www-form-urlencoded"], Array(body.utf8))
        }

        func ask(
            _ method: String, _ path: String, _ headers: [String: String], _ body: [UInt8]
        ) async throws -> Answer {
            var text = "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
            if !cookie.isEmpty { text += "Cookie: \(cookie); hotline_language=en\r\n" }
            for (name, value) in headers { text += "\(name): \(value)\r\n" }
            if method != "GET" { text += "Content-Length: \(body.count)\r\n" }
            let bytes = try await bench.client.exchange(Array((text + "\r\n").utf8) + body)
            return try #require(Answer(bytes), "\(method) \(path)")
        }

        func put(_ path: String, _ body: [UInt8], csrf: String? = nil) async throws -> Answer {
            try await ask(
                "PUT", "/api/v1/prompts/\(path)",
                ["Content-Type": "application/octet-stream", "X-CSRF-Token": csrf ?? self.csrf], body)
        }
    }

    private struct Finding: Decodable {
        var kind: String
        var severity: String
    }

    private struct Verdict: Decodable {
        var accepted: Bool
        var lengthMs: Int?
        var levelDbfs: Double?
        var findings: [Finding]
    }

    private struct Replaced: Decodable {
        var sha256: String
        var formerSha256: String?
        var played: Bool
    }

    private func read<Value: Decodable>(_ answer: Answer, as _: Value.Type = Value.self) throws -> Value {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(Value.self, from: Data(answer.body))
    }

    private func put(_ bench: Bench, _ path: String, _ body: [UInt8], type: String = "audio/wav") async throws -> Answer
    {
        try await bench.client.ask(
            "PUT", "/api/v1/prompts/\(path)", authorization: "Bearer \(Bench.token)", type: type, body: body)
    }

    @Test func theListIsThatOfTheCatalog() async throws {
        try await Bench.with { bench async throws in
            struct Row: Decodable {
                var id: String
                var text: String
                var lengthMs: Int?
                var voice: String?
                var played: Bool
                var findings: [Finding]
            }
            let answer = try await bench.get("prompts")
            let rows: [Row] = try read(answer)
            #expect(rows.map(\.id) == ["greeting.hello", "menu.main", "music.hold"])
            #expect(rows[0].lengthMs == 1000 && rows.allSatisfy(\.played) && rows[1].voice == nil)
            #expect(rows[1].findings.map(\.kind) == ["length", "unhashed", "uncredited"])
            // Never absent.
            #expect(answer.text.contains("\"spoken\" : null"))
            #expect(try await bench.get("prompts?x=1").status == 400)
        }
    }

    @Test func aRecordingIsLookedAtThenTakenAndBroughtBack() async throws {
        try await Bench.with { bench async throws in
            let browser = try await Browser(bench, "ops", .operator)
            let before = try await browser.get("/prompts/greeting.hello/audio")
            #expect(before.status == 200 && before.headers["content-type"] == "audio/wav")
            let sent = try BenchPrompts.bytes(BenchPrompts.tone(seconds: 1.2, peak: 0.05, rate: 48_000, frequency: 800))
            let verdict: Verdict = try read(try await browser.put("greeting.hello/audio?check=true", sent))
            #expect(verdict.accepted && verdict.findings.isEmpty && abs((verdict.levelDbfs ?? 0) + 29) < 1)
            #expect(try await browser.get("/prompts/greeting.hello/audio").body == before.body)

            // A browser's change bears the session's token, and says whose voice it is.
            let credit = "voice=%E6%9D%8E%20%3Cb%3E&licence=proprietary"
            #expect(try await browser.put("greeting.hello/audio?\(credit)", sent, csrf: "").status == 403)
            #expect(try await browser.put("greeting.hello/audio?voice=x", sent).status == 400)
            #expect(try await browser.put("greeting.hello/audio?\(credit)&by=1001", sent).status == 403)
            let replaced: Replaced = try read(try await browser.put("greeting.hello/audio?\(credit)", sent))
            #expect(replaced.played && replaced.formerSha256 != nil)
            let after = try await browser.get("/prompts/greeting.hello/audio")
            #expect(after.body != before.body && after.headers["etag"] != before.headers["etag"])
            let index = try #require(bench.prompts.store.index(of: "greeting.hello"))
            #expect(abs(bench.prompts.store.milliseconds(of: index) - (try #require(verdict.lengthMs))) <= 1)

            let page = try await browser.get("/prompts/greeting.hello?done=prompt_replaced").text
            #expect(page.contains("whoever calls next hears it") && page.contains("李 &lt;b&gt;"))
            #expect(page.contains(replaced.sha256) && page.contains("id=\"replace\"") && page.contains("prompts.js"))
            let name = String(
                try #require(page.firstMatch(of: #/name="version" value="([^"]+)"/#)).1)
            let kept = try await browser.get("/prompts/greeting.hello/audio?version=\(name)")
            #expect(kept.status == 200 && kept.body == before.body)
            let back = try await browser.post(
                "/prompts/greeting.hello/version", "csrf=\(browser.csrf)&version=\(name)")
            #expect(back.status == 303 && back.headers["location"]?.hasSuffix("?done=prompt_back") == true)
            #expect(try await browser.get("/prompts/greeting.hello/audio").body == before.body)
            #expect(try await browser.post("/prompts/greeting.hello/version", "version=\(name)").status == 403)
            #expect(
                try await browser.post("/prompts/greeting.hello/version", "csrf=\(browser.csrf)&version=..%2Fx").status
                    == 404)
            #expect(try await bench.reader.verifyEvidence().ok)
        }
    }

    @Test func aPartOfTheAudioIsGivenAndWhatIsKnownIsNot() async throws {
        try await Bench.with { bench async throws in
            let browser = try await Browser(bench, "ops", .operator)
            let path = "/prompts/menu.main/audio"
            let whole = try await browser.get(path)
            let tag = try #require(whole.headers["etag"])
            let part = try await browser.get(path, ["Range": "bytes=10-19"])
            #expect(part.status == 206 && part.body == Array(whole.body[10..<20]))
            #expect(part.headers["content-range"] == "bytes 10-19/\(whole.body.count)")
            #expect(try await browser.get(path, ["Range": "bytes=9999999-"]).status == 416)
            #expect(try await browser.get(path, ["Range": "bytes=0-1", "If-Range": "\"x\""]).status == 200)
            #expect(try await browser.get(path, ["Range": "bytes=0-1", "If-Range": tag]).status == 206)
            #expect(try await browser.get(path, ["If-None-Match": tag]).status == 304)
        }
    }

    @Test func onlyThoseWhoOperateSeeOrChangePrompts() async throws {
        try await Bench.with { bench async throws in
            let sent = try BenchPrompts.bytes(BenchPrompts.tone(seconds: 1))
            for (index, role) in Role.allCases.enumerated() where role != .operator {
                let browser = try await Browser(bench, "p\(index)x", role)
                for path in ["/prompts", "/prompts/menu.main", "/prompts/menu.main/audio"] {
                    #expect(try await browser.get(path).status == 403, "\(role) \(path)")
                }
                #expect(try await browser.get("/api/v1/prompts").status == 403, "\(role)")
                for query in ["check=true", "voice=v&licence=l"] {
                    #expect(try await browser.put("menu.main/audio?\(query)", sent).status == 403, "\(role)")
                }
                let back = try await browser.post("/prompts/menu.main/version", "csrf=\(browser.csrf)&version=x")
                #expect(back.status == 403, "\(role)")
                #expect(!(try await browser.get("/account").text.contains("href=\"/prompts\"")), "\(role)")
            }
            #expect(try await bench.client.ask("GET", "/prompts").status == 303)
            #expect(try await bench.client.ask("GET", "/prompts/menu.main/audio").status == 303)
            #expect(
                try await bench.client.ask("PUT", "/api/v1/prompts/menu.main/audio?check=true", body: sent).status
                    == 401
            )
            #expect(try await bench.get("prompts").text.contains("menu.main"))
        }
    }

    @Test func hostileBodiesAndNamesAreRefused() async throws {
        try await Bench.with { bench async throws in
            let browser = try await Browser(bench, "ops", .operator)
            let sent = try BenchPrompts.bytes(BenchPrompts.tone(seconds: 1))
            let credit = "voice=v&licence=l&by=1001"
            for id in [
                "none", "..", "%2e%2e", "..%2fcatalog.yaml", "%2e%2e%2f%2e%2e%2fapi.token", "menu.main%00", "%ff%fe",
                "%3Cscript%3E", "menu.main~x", "%E2%80%AEmenu.main", "MENU.MAIN", String(repeating: "a", count: 3000),
            ] {
                #expect(try await put(bench, "\(id)/audio?\(credit)", sent).status == 404, "\(id)")
                #expect(try await put(bench, "\(id)/audio?check=true", sent).status == 404, "\(id)")
                for tail in ["", "/audio", "/audio?version=x"] {
                    let answer = try await browser.get("/prompts/\(id)\(tail)")
                    #expect(answer.status == 404 && !answer.text.contains("<script>alert"), "\(id)\(tail)")
                }
            }
            let tooMany = [UInt8](repeating: 0, count: PromptDesk.mostBytes + 1)
            #expect(try await put(bench, "menu.main/audio?\(credit)", tooMany).status == 413)
            // Without a length said before.
            let chunked =
                "PUT /api/v1/prompts/menu.main/audio?check=true HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
                + "Authorization: Bearer \(Bench.token)\r\nContent-Type: audio/wav\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "1500000\r\n"
            let bytes = try await bench.client.exchange(Array(chunked.utf8) + tooMany)
            if let answer = Answer(bytes) { #expect((400..<500).contains(answer.status)) }
            for (body, word) in [
                (Array("<script>alert(1)</script>".utf8), "cannot be read as audio"), ([], "is empty"),
                (Array(sent.prefix(30)), "give a WAV file"),
                ([UInt8](repeating: 0xFF, count: 100_000), "give a WAV file"),
                (try BenchPrompts.bytes(BenchPrompts.tone(seconds: 1, peak: 0)), "no sound"),
                (try BenchPrompts.bytes(BenchPrompts.tone(seconds: 301)), "300 s or shorter"),
            ] {
                let problem = try await put(bench, "menu.main/audio?\(credit)", body).problem()
                #expect(problem.status == 400 && problem.detail.contains(word), "\(problem.detail)")
                #expect(!problem.detail.contains("/tmp"))
            }
            #expect(try await put(bench, "menu.main/audio?\(credit)", sent, type: "application/json").status == 415)
            for query in [
                "", "voice=v&licence=l", "voice=v&by=1001", "licence=l&by=1001", "voice=&licence=l&by=1001",
                "voice=a%07&licence=l&by=1001", "check=1", "check=true&check=true", "x=1", "\(credit)&by=1002",
                "voice=\(String(repeating: "v", count: 101))&licence=l&by=1001", "voice=v&licence=l&by=%2e%2e",
            ] {
                #expect(try await put(bench, "menu.main/audio?\(query)", sent).status == 400, "\(query)")
            }
            #expect(try await put(bench, "menu.main/audio?voice=v&licence=l&by=7777", sent).status == 404)
            // Nothing of all that came through.
            #expect(!FileManager.default.fileExists(atPath: bench.prompts.folder + "/.earlier"))
            let searches = [
                "/prompts?text=%3Cscript%3Ealert(1)%3C/script%3E", "/prompts?text=%ff",
                "/prompts?text=%E6%95%85%E9%9A%9C",
            ]
            for path in searches {
                let answer = try await browser.get(path)
                #expect(answer.status == 200 && !answer.text.contains("<script>alert"), "\(path)")
            }
            let found = try await browser.get(searches[2]).text
            #expect(found.contains("menu.main") && !found.contains("greeting.hello"))
        }
    }
}
