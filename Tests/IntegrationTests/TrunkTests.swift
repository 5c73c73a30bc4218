import Foundation
import Testing

/// One server, every sipp scenario at the same time; the tests then look at what each call left behind.
struct TrunkTrait: SuiteTrait, TestScoping {
    @TaskLocal static var results: [String: Sipp.Result] = [:]

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        try await withServer { server in
            let results = try await TrunkCall.placeAll(with: server)
            try await ServerTrait.$current.withValue(server) {
                try await Self.$results.withValue(results) { try await function() }
            }
        }
    }
}

/// One call of the batch: which scenario, from which number.
struct TrunkCall: Sendable {
    var scenario: String
    var caller: String
    var local = "127.0.0.1"
    var transport = "u1"
    var files: [String: Data] = [:]

    /// The number is the call's name in the results and in the store.
    static let hangUp = TrunkCall(scenario: "caller-hangs-up-completed", caller: "13800000101")
    static let cancel = TrunkCall(scenario: "caller-cancels-abandoned", caller: "13800000102")
    static let lateOffer = TrunkCall(scenario: "caller-late-offer-completed", caller: "13800000103")
    static let hold = TrunkCall(scenario: "caller-holds-resumed", caller: "13800000104")
    static let update = TrunkCall(scenario: "caller-updates-completed", caller: "13800000105")
    static let info = TrunkCall(scenario: "caller-info-digits-collected", caller: "13800000106")
    static let stranger = TrunkCall(scenario: "stranger-calls-forbidden", caller: "13800000107", local: "127.0.0.2")
    static let noCodec = TrunkCall(scenario: "caller-without-common-codec-refused", caller: "13800000108")
    static let tcp = TrunkCall(scenario: "caller-hangs-up-completed", caller: "13800000109", transport: "t1")
    static let options = TrunkCall(scenario: "caller-asks-options-answered", caller: "13800000110")

    static var tone: TrunkCall {
        var pcap = Pcap()
        pcap.silence(milliseconds: 500)
        pcap.tone(1000, milliseconds: 3000)
        pcap.silence(milliseconds: 500)
        return TrunkCall(
            scenario: "caller-tone-recorded", caller: "13800000111", files: ["tone.pcap": Data(pcap.bytes)])
    }

    static var keys: TrunkCall {
        var pcap = Pcap()
        pcap.silence(milliseconds: 3000)
        for key: UInt8 in [9, 9, 2] {
            pcap.key(key)
            pcap.silence(milliseconds: 900)
        }
        // A long press, and `#` (11) right behind it.
        pcap.key(5, milliseconds: 800)
        pcap.silence(milliseconds: 100)
        pcap.key(11)
        pcap.silence(milliseconds: 500)
        return TrunkCall(
            scenario: "caller-rfc4733-digits-collected", caller: "13800000112", files: ["keys.pcap": Data(pcap.bytes)])
    }

    static func placeAll(with server: RunningServer) async throws -> [String: Sipp.Result] {
        let all = [hangUp, cancel, lateOffer, hold, update, info, stranger, noCodec, tcp, options, tone, keys]
        return try await withThrowingTaskGroup(of: (String, Sipp.Result).self) { group in
            for call in all {
                group.addTask {
                    var sipp = Sipp(scenario: call.scenario, target: server.sip)
                    sipp.local = call.local
                    sipp.transport = call.transport
                    sipp.keys = ["caller": call.caller]
                    sipp.files = call.files
                    return (call.caller, try await sipp.run(in: server.scratch))
                }
            }
            var results: [String: Sipp.Result] = [:]
            for try await (caller, result) in group { results[caller] = result }
            return results
        }
    }
}

extension Integration {
    @Suite(TrunkTrait()) struct TrunkTests {
        private func passed(_ call: TrunkCall) throws {
            let result = try #require(TrunkTrait.results[call.caller])
            #expect(result.code == 0, "\(call.scenario)\n\(result.said)")
        }

        /// The call's row; where sipp was content, what every answered call must have holds for it.
        private func answered(_ call: TrunkCall) async throws -> CallRow {
            try passed(call)
            let row = try await RunningServer.shared.finishedCall(from: call.caller)
            #expect(row.direction == "inbound")
            #expect(row.called == "95598")
            #expect(row.rings == 1)
            #expect(row.ringsBasis == "nominal_180")
            let answer = try #require(row.answerMs)
            // Late answers are the loaded machine's; an early one would break the ring that must be heard.
            #expect((1000..<5000).contains(answer))
            #expect(row.ringMs == answer)
            #expect(row.recordings.count == 1)
            let recording = try #require(row.recordings.first)
            #expect(recording.channels.map(\.index) == [0, 1])
            #expect(recording.channels.map(\.role) == ["caller", "system"])
            #expect(recording.channels.first?.leg == row.legs.first?.id)
            #expect(recording.sha256?.count == 64)
            let audio = try Recorded(recording, of: RunningServer.shared)
            #expect(Double(audio.frames) / 8000 == recording.seconds)
            return row
        }

        private func recorded(_ row: CallRow) throws -> Recorded {
            try Recorded(try #require(row.recordings.first), of: RunningServer.shared)
        }

        @Test func aCallerWhoHangsUpCompletesTheCall() async throws {
            let row = try await answered(.hangUp)
            #expect(row.outcome == "completed")
            #expect(row.releasedBy == "caller")
            #expect(row.legs.map(\.role) == ["caller"])
            #expect(row.legs.first?.codec == "PCMA")
            #expect(row.legs.first?.rate == 8000)
            #expect(row.firstPromptAt != nil)
            // The recording lasts from the ACK to the BYE.
            let answeredAt = try Moment.seconds(try #require(row.answeredAt))
            let releasedAt = try Moment.seconds(try #require(row.releasedAt))
            let seconds = try #require(row.recordings.first?.seconds)
            #expect(abs(seconds - (releasedAt - answeredAt)) < 0.3)
        }

        @Test func aCallGivenUpWhileItRingsIsAbandoned() async throws {
            try passed(.cancel)
            let row = try await RunningServer.shared.finishedCall(from: TrunkCall.cancel.caller)
            #expect(row.outcome == "abandoned")
            #expect(row.releasedBy == "caller")
            #expect(row.answeredAt == nil)
            #expect(row.answerMs == nil)
            #expect(row.recordings.isEmpty)
            #expect((200..<1000).contains(try #require(row.ringMs)))
        }

        @Test func anOfferInTheAckIsEnough() async throws {
            let row = try await answered(.lateOffer)
            #expect(row.outcome == "completed")
            #expect(try recorded(row).right.rms > 0.001, "the prompt must have been sent to the address in the ACK")
        }

        @Test func holdAndResumeAreAnsweredAndNoted() async throws {
            let row = try await answered(.hold)
            let shown = try await RunningServer.shared.show(row.callId)
            let kinds = shown.timeline.map(\.kind)
            let held = try #require(kinds.firstIndex(of: "held"))
            let resumed = try #require(kinds.firstIndex(of: "resumed"))
            #expect(held < resumed)
            // One recording through hold and resume.
            #expect(try #require(row.recordings.first?.seconds) > 2.5)
        }

        @Test func updateChangesTheSession() async throws {
            #expect(try await answered(.update).outcome == "completed")
        }

        @Test func keysByInfoAreCollected() async throws { #expect(try await answered(.info).digits == "2#") }

        @Test func keysByTelephoneEventAreCollectedOnceEach() async throws {
            #expect(try await answered(.keys).digits == "9925#")
        }

        @Test func aToneOfTheCallerIsLeftAndThePromptRight() async throws {
            let audio = try recorded(try await answered(.tone))
            let heard = audio.left.stretches(of: 1000)
            let total = heard.reduce(0) { $0 + $1.upperBound - $1.lowerBound }
            #expect(abs(total - 3) < 0.15, "the tone lasts 3 s in the left channel: \(heard)")
            #expect(audio.right.share(of: 1000) < 0.05, "the tone is not in the right channel")
            #expect(audio.right.rms > 0.005, "the prompt is in the right channel")
        }

        @Test func aStrangerIsForbidden() async throws {
            try passed(.stranger)
            #expect(try await RunningServer.shared.calls().allSatisfy { $0.caller != TrunkCall.stranger.caller })
        }

        @Test func noCommonCodecIsNotAcceptableHere() throws { try passed(.noCodec) }

        @Test func tcpCarriesACall() async throws { #expect(try await answered(.tcp).outcome == "completed") }

        @Test func optionsAreAnswered() throws { try passed(.options) }

        @Test func everythingIsProvedInTheEnd() async throws {
            let rows = try await RunningServer.shared.finishedCalls(9)
            try await RunningServer.shared.expectVerified(recordings: rows.reduce(0) { $0 + $1.recordings.count })
        }
    }
}
