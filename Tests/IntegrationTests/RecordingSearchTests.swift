import Foundation
import Testing

extension Integration {
    /// Recordings are found and annotated while the server runs, by the API and by the command.
    @Suite struct RecordingSearchTests {
        private static func object(_ text: String) throws -> [String: Any] {
            try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any], "\(text)")
        }

        @Test(.timeLimit(.minutes(2))) func aRecordingIsFoundAndAnnotated() async throws {
            try await withServer(ServerOptions(answerAfter: "200ms")) { server in
                for id in ["first", "second"] {
                    var caller = try RawCaller(port: server.port, id: id)
                    #expect(try caller.call(mediaPort: UInt16(await Ports.shared.take(2)), within: 10) == 200)
                    try await caller.talk(milliseconds: 500)
                    #expect(caller.hangUp() == 200)
                }
                let rows = try await server.finishedCalls(2)
                let newest = try #require(rows.first?.recordings.first?.id)
                let oldest = try #require(rows.last?.recordings.first?.id)

                // Page by page, counted.
                let (status, body) = try await server.api("recordings?released_by=caller&limit=1&count=true")
                #expect(status == 200, "\(body)")
                let page = try Self.object(body)
                let listed = try #require(page["recordings"] as? [[String: Any]])
                #expect(listed.map { $0["id"] as? String } == [newest])
                #expect((page["count"] as? [String: Any])?["count"] as? Int == 2)
                let next = try #require(page["next"] as? String)
                let second = try Self.object(
                    try await server.api("recordings?released_by=caller&limit=1&cursor=\(next)").body)
                #expect((second["recordings"] as? [[String: Any]])?.map { $0["id"] as? String } == [oldest])
                #expect(second["next"] is NSNull)

                // A note by the command, one by the API; both are found by a word.
                let noted = try await server.ask([
                    "recordings", "note", oldest, "--by", "8001", "--at-ms", "100", "客户要求回电",
                ])
                #expect(noted.code == 0)
                let posted = try await server.api("recordings/\(oldest)/notes", #"{"by":"8001","text":"再听一遍"}"#)
                #expect(posted.status == 204, "\(posted.body)")
                let shown = try Self.object(try await server.api("recordings/\(oldest)").body)
                let notes = try #require(shown["notes"] as? [[String: Any]])
                #expect(notes.map { $0["text"] as? String } == ["客户要求回电", "再听一遍"])
                #expect(notes.first?["position_ms"] as? Int == 100)
                let words = "%E5%9B%9E%E7%94%B5"  // 回电
                let found = try Self.object(try await server.api("recordings?text=\(words)").body)
                #expect((found["recordings"] as? [[String: Any]])?.map { $0["id"] as? String } == [oldest])
                let listedNotes = try await server.ask(["recordings", "notes", oldest])
                #expect(listedNotes.output.contains("再听一遍"))
                let counted = try await server.ask(["recordings", "list", "--text", "回电", "--count"])
                #expect(counted.output.trimmingCharacters(in: .whitespacesAndNewlines) == "1")

                // What is wrong is told as a problem document.
                let wrong: [(String, Int, String)] = [
                    ("recordings?rings=x", 400, "`rings`"), ("recordings?colour=red", 400, "no parameter"),
                    ("recordings?limit=1001", 400, "1 to 1000"), ("recordings?line=a&line=b", 400, "given twice"),
                    ("recordings?cursor=\(next)&sort=length", 400, "`cursor`"), ("recordings/1", 400, "36 characters"),
                    ("recordings/0193523b-7c00-7000-8000-000000000001", 404, "there is no recording"),
                    ("recordings?norm_broken=", 400, "a rule's id"),
                ]
                for (path, code, detail) in wrong {
                    let (status, body) = try await server.api(path)
                    #expect(status == code, "\(path): \(body)")
                    let problem = try Self.object(body)["detail"] as? String
                    #expect(problem?.contains(detail) == true, "\(path): \(body)")
                }
                for body in [
                    #"{"by":"8001","text":" "}"#, #"{"by":"8001","text":"x","at_ms":99999999}"#,
                    #"{"by":"a b","text":"x"}"#,
                ] {
                    #expect(try await server.api("recordings/\(oldest)/notes", body).status == 400, "\(body)")
                }
                try await server.expectVerified(recordings: 2)
            }
        }
    }
}
