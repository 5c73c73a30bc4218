import Calls
import Console
import Foundation
import Storage
import Switchboard
import Testing

/// Retention, holds and a person's data by the API.
@Suite(.serialized) struct RetentionRouteTests {
    /// A call whose recording is finished.
    private func finished(_ call: PastCall) -> [Fact] {
        call.left + [
            .recordingStopped(
                RecordingStopped(
                    recording: call.recording, call: call.call, at: call.at(10_000),
                    length: AudioPosition(milliseconds: 9980))),
            .callReleased(
                CallReleased(
                    call: call.call, at: call.at(10_000), releasedBy: .caller,
                    evidence: ReleaseEvidence(firstLeg: call.leg, message: "BYE received"), outcome: .completed,
                    statistics: [:])),
            .recordingFinished(
                RecordingFinished(
                    recording: call.recording, call: call.call, at: call.at(11_000),
                    file: "2026/11/22/\(call.call).flac", format: "flac", rate: 8000, frames: 79_840, bytes: 1000,
                    sha256: String(repeating: "ab", count: 32), gaps: [], recovered: false)),
        ]
    }

    private func decoded<Value: Decodable>(_ type: Value.Type, _ answer: Answer) throws -> Value {
        try #require(answer.status == 200, "\(answer.text)")
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(type, from: Data(answer.body))
    }

    private struct Held: Decodable {
        var id: String
        var scope: String
        var reason: String
        var releasedAt: String?
    }

    @Test func aHoldIsPlacedListedAndReleased() async throws {
        try await Bench.with { bench async throws in
            let call = PastCall(0)
            try await bench.store.record(finished(call) + call.ordered("20261122-0001", caller: "13900000001"))
            for (target, scope) in [
                (#""recording": "\#(call.recording)""#, "recording"), (#""call": "\#(call.call)""#, "call"),
                (#""order": "20261122-0001""#, "order"),
            ] {
                let answer = try await bench.post(
                    "holds", #"{\#(target), "reason": "法院来函", "by": "9001"}"#)
                let held = try decoded(Held.self, answer)
                #expect(held.scope == scope && held.reason == "法院来函" && held.releasedAt == nil)
                #expect(try decoded([Held].self, try await bench.get("holds")).map(\.id) == [held.id])
                let path = "holds/\(held.id)/release"
                let body = #"{"reason": "结案", "by": "9001"}"#
                #expect(try decoded(Held.self, try await bench.post(path, body)).releasedAt != nil)
                #expect(try await bench.post(path, body).problem().status == 409)
                #expect(try decoded([Held].self, try await bench.get("holds")).isEmpty)
            }
            #expect(try decoded([Held].self, try await bench.get("holds?all=true")).count == 3)
            #expect(try await bench.reader.verifyEvidence().ok)
        }
    }

    @Test(arguments: [
        (#"{"reason": "r", "by": "9001"}"#, 400, "one of"),
        (
            #"{"order": "1", "call": "019a0000-0000-7000-8000-000000000010", "reason": "r", "by": "9001"}"#, 400,
            "one of"
        ),
        (#"{"order": "20261122-0009", "reason": "r", "by": "9001"}"#, 404, "20261122-0009"),
        (#"{"call": "019a0000-0000-7000-8000-0000000000ff", "reason": "r", "by": "9001"}"#, 404, "no call"),
        (#"{"order": "20261122-0001", "reason": "  ", "by": "9001"}"#, 400, "a reason has"),
        (#"{"order": "20261122-0001", "reason": "r", "by": "1009"}"#, 404, "1009"),
        (#"{"order": "20261122-0001", "reason": "r", "by": "9001", "why": "x"}"#, 400, "why"),
    ])
    func aHoldThatCannotBe(_ body: String, _ status: Int, _ words: String) async throws {
        try await Bench.with { bench async throws in
            try await bench.store.record(PastCall(0).left + PastCall(0).ordered("20261122-0001", caller: nil))
            let problem = try await bench.post("holds", body).problem()
            #expect(problem.status == status && problem.detail.contains(words), "\(problem)")
            #expect(try await bench.reader.holds(inForceOnly: false).isEmpty)
        }
    }

    @Test func anUnknownHoldIsNotReleased() async throws {
        try await Bench.with { bench async throws in
            let body = #"{"reason": "r", "by": "9001"}"#
            #expect(try await bench.post("holds/1/release", body).problem().status == 400)
            let nobodys = "019a0000-0000-7000-8000-0000000000ff"
            #expect(try await bench.post("holds/\(nobodys)/release", body).problem().status == 404)
        }
    }

    @Test func whatIsDueIsToldAndKeptUntilThen() async throws {
        struct Plan: Decodable {
            var recordings: Int
        }
        try await Bench.with { bench async throws in
            try await bench.store.record(finished(PastCall(0)))
            #expect(try decoded(Plan.self, try await bench.get("retention/plan")).recordings == 1)
            let run = try await bench.post("retention/runs", "")
            #expect(run.status == 200, "\(run.text)")
            #expect(try await bench.reader.recording(PastCall(0).recording)?.state == .finished)
            #expect(try await bench.post("retention/runs", #"{"all": true}"#).problem().status == 400)
        }
    }

    @Test func aPersonsDataIsGivenOutAndErased() async throws {
        struct Report: Decodable {
            struct Call: Decodable {}
            var calls: [Call]
        }
        struct Erasure: Decodable {
            struct Item: Decodable {
                var subject: String
                var stays: String?
            }
            var dryRun: Bool
            var erased: [Item]
            var stays: [Item]
        }
        try await Bench.with { bench async throws in
            // The second one's message was heard by nobody yet.
            let quiet = finished(PastCall(0)).filter { fact in
                if case .messageLeft = fact { false } else { true }
            }
            try await bench.store.record(quiet + finished(PastCall(1)))
            let reader = bench.reader
            let asked = #"{"number": "13900000001", "reason": "本人申请", "by": "9001"}"#
            let answer = try await bench.post("persons/exports", asked)
            #expect(try decoded(Report.self, answer).calls.count == 2)
            #expect(answer.text.contains(PastCall(0).call.description))
            #expect(
                try await bench.post("persons/exports", #"{"number": "1390000000x", "reason": "r", "by": "9001"}"#)
                    .problem().status == 400)

            let dry = #"{"number": "13900000001", "reason": "本人申请", "by": "9001", "dry_run": true}"#
            let would = try decoded(Erasure.self, try await bench.post("persons/erasures", dry))
            #expect(would.dryRun && would.erased.map(\.subject) == [PastCall(0).call.description], "\(would)")
            #expect(would.stays.map(\.subject) == [PastCall(1).call.description])
            #expect(would.stays.first?.stays?.contains("message") == true)
            #expect(try await reader.recording(PastCall(0).recording)?.state == .finished)
            let done = try decoded(Erasure.self, try await bench.post("persons/erasures", asked))
            #expect(!done.dryRun && done.erased.map(\.subject) == would.erased.map(\.subject))
            #expect(try await reader.recording(PastCall(0).recording)?.state == .deleted)
            #expect(try await reader.recording(PastCall(1).recording)?.state == .finished)
            #expect(try decoded(Report.self, try await bench.post("persons/exports", asked)).calls.count == 1)
            let named = #"{"number": "13900000001", "reason": "of 13900000001", "by": "9001"}"#
            #expect(try await bench.post("persons/erasures", named).problem().status == 400)
            #expect(try await reader.verifyEvidence().ok)
        }
    }
}
