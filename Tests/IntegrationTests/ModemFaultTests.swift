import AudioMeasure
import Foundation
import Media
import Testing

extension Integration {
    /// What breaks about a modem and its card, with the whole server: told, outlived, mended, and no other line touched.
    /// The line's own table of faults, in virtual time, is `LinesTests/ModemFaultTests`.
    @Suite(.serialized) struct ModemFaultTests {
        /// `/healthz`'s findings.
        private func findings(_ server: RunningServer) async throws -> String { try await server.get("/healthz").body }

        private func seen(_ alarm: String, _ server: RunningServer, within seconds: Double = 20) async throws -> Bool {
            try await eventually(within: seconds, every: 100) { try await findings(server).contains(alarm) }
        }

        private func isOver(_ alarm: String, _ server: RunningServer, within seconds: Double = 30) async throws -> Bool
        {
            try await eventually(within: seconds, every: 100) { try await !findings(server).contains(alarm) }
        }

        @Test(.timeLimit(.minutes(4))) func theModemIsPulledInACallAndEverythingElseOfABadDay() async throws {
            let script = """
                script: bad-day
                modem: {kind: quectel}
                calls:
                  - after: 1s
                    from: "13800000001"
                    talk: [{wait: 60s}, hang_up]
                  - after: 75s
                    from: "13800000002"
                    talk: [{wait: 3s}, hang_up]
                faults:
                  - {during_call: {call: 1, since: answer, after: 3s}, usb_gone: {for: 4s}}
                  - {at: 20s, fault: sim_removed}
                  - {at: 24s, fault: sim_back}
                  - {at: 30s, fault: network_lost}
                  - {at: 66s, fault: network_back}
                  # Until then the modem stays: with its script over it would be pulled, and that be told.
                  - {at: 600s, fault: network_back}
                """
            try await withModems([script]) { server, modems in
                #expect(try await seen("m1.port", server, within: 30), "\(modems.log)")
                // The trunk goes on.
                let (code, caller) = try await Child.run(
                    "caller", program: Repository.program,
                    arguments: ["call", "sip:95598@\(server.sip)", "--from", "13800000009", "--digits", "wh"],
                    folder: server.scratch.folder, seconds: 60)
                #expect(code == 0, "\(caller.tail())")
                #expect(try await isOver("m1.port", server), "\(modems.log)")
                #expect(try await seen("m1.sim", server, within: 40), "\(modems.log)")
                #expect(try await isOver("m1.sim", server), "\(modems.log)")
                #expect(try await seen("m1.registration", server, within: 90), "\(modems.log)")
                #expect(try await isOver("m1.registration", server, within: 60), "\(modems.log)")
                let last = try await server.finishedCall(from: "13800000002", within: 120)
                #expect(last.outcome == "completed")
                let first = try await server.finishedCall(from: "13800000001")
                #expect(first.outcome == "failed")
                #expect(first.releasedBy == "network")
                // What was said until then is kept.
                #expect((first.recordings.first?.seconds ?? 0) > 2)
                let open = try await findings(server)
                #expect(open.contains("\"ok\""), "\(open)")
                try await server.expectVerified(recordings: 3)
            }
        }

        @Test(.timeLimit(.minutes(3))) func theSoundServerIsKilledInACall() async throws {
            let sound = try SoundServer(
                folder: URL(fileURLWithPath: "/tmp/hotline-snd-\(UUID().uuidString.prefix(8))"), pairs: ["m1"])
            defer { sound.stop() }
            let script = """
                script: deaf
                modem: {kind: quectel}
                calls:
                  - after: 1s
                    from: "13800000001"
                    talk: [{wait: 60s}, hang_up]
                  - after: 3s
                    from: "13800000002"
                    rings: 3
                    expect: {no_answer: true}
                  - after: 12s
                    from: "13800000003"
                    talk: [{wait: 3s}, hang_up]
                """
            try await withModems([script], sound: sound) { server, modems in
                #expect(try await eventually(within: 30) { modems.said("call 1: answered") }, "\(modems.log)")
                try await Task.sleep(for: .seconds(3))
                sound.kill()
                #expect(try await seen("m1.audio", server), "\(modems.log)")
                // Nobody sits in a dead call.
                let first = try await server.finishedCall(from: "13800000001", within: 30)
                #expect(first.outcome == "failed")
                #expect((first.recordings.first?.seconds ?? 0) > 2)
                // Nobody is answered into silence.
                let second = try await server.finishedCall(from: "13800000002", within: 40)
                #expect(second.answeredAt == nil)
                try sound.restart()
                let third = try await server.finishedCall(from: "13800000003", within: 60)
                #expect(third.outcome == "completed")
                #expect(try await isOver("m1.audio", server))
                try await server.expectVerified(recordings: 2)
            }
        }
    }

    /// ALSA without any modem: the console line and the shift leader's ear.
    @Suite(.serialized) struct SoundTests {
        @Test(.timeLimit(.minutes(2))) func aPersonCallsFromTheConsoleAndIsListenedTo() async throws {
            let sound = try SoundServer(
                folder: URL(fileURLWithPath: "/tmp/hotline-snd-\(UUID().uuidString.prefix(8))"),
                pairs: ["headset", "leader"])
            defer { sound.stop() }
            let headset = SoundServer.line("headset")
            var options = ServerOptions(flow: "listening.yaml")
            options.environment["ALSA_CONFIG_PATH"] = sound.configurationFile.path
            options.arguments = ["--console", "\(headset.capture),\(headset.playback)"]
            options.hasKeyboard = true
            try await withServer(options) { server in
                try server.type("c")
                #expect(try await eventually(within: 20) { server.allOutput.contains("answered: speak") })
                // The person speaks, the shift leader's device is recorded by a program nobody here wrote.
                let words = Repository.speech.appendingPathComponent("caller-fault.wav")
                let environment = ["ALSA_CONFIG_PATH": sound.configurationFile.path]
                let call = try #require(try await server.calls().first)
                #expect(call.line == "console")
                let ear = server.scratch.folder.appendingPathComponent("ear.wav")
                let recorder = try Child(
                    "arecord", program: "arecord",
                    arguments: [
                        "-q", "-D", "leader_far_cap", "-f", "S16_LE", "-r", "8000", "-c", "1", "-d", "16", ear.path,
                    ], folder: server.scratch.folder, environment: environment)
                let listener = try Child(
                    "listen", program: Repository.program,
                    arguments: [
                        "listen", "--call", call.callId, "--device", "leader_line_play", "--channel", "left", "--data",
                        server.data.path,
                    ], folder: server.scratch.folder, environment: environment)
                let (played, aplay) = try await Child.run(
                    "aplay", program: "aplay", arguments: ["-q", "-D", "headset_far_play", words.path],
                    folder: server.scratch.folder, environment: environment, seconds: 30)
                #expect(played == 0, "\(aplay.tail())")
                try server.type("25")
                #expect(try await recorder.wait(seconds: 30) == 0, "\(recorder.tail())")
                try server.type("h")
                let row = try await server.finishedCalls(1)[0]
                #expect(row.outcome == "completed")
                #expect(row.releasedBy == "caller")
                #expect(row.digits == "25")
                #expect(row.ringsBasis == "emitted_183")
                #expect(try await listener.wait(seconds: 20) == 0, "\(listener.tail())")
                let speech = try Signal(reading: words).part(from: 0.2, to: 3)
                let heard = try Signal(reading: ear).fit(speech)
                #expect(heard > 0.65, "the shift leader heard the caller by \(heard)")
                let audio = try Recorded(try #require(row.recordings.first), of: server)
                let left = audio.left.fit(speech)
                #expect(left > 0.65, "the caller is left by \(left)")
                try await recorded(row, server, sound)
                try await server.expectVerified(recordings: 1)
            }
        }

        /// The finished recording on the same device.
        private func recorded(_ row: CallRow, _ server: RunningServer, _ sound: SoundServer) async throws {
            let environment = ["ALSA_CONFIG_PATH": sound.configurationFile.path]
            let ear = server.scratch.folder.appendingPathComponent("ear2.wav")
            let recorder = try Child(
                "arecord2", program: "arecord",
                arguments: [
                    "-q", "-D", "leader_far_cap", "-f", "S16_LE", "-r", "8000", "-c", "1", "-d", "8", ear.path,
                ], folder: server.scratch.folder, environment: environment)
            let listener = try Child(
                "listen2", program: Repository.program,
                arguments: [
                    "listen", "--call", row.callId, "--device", "leader_line_play", "--channel", "right", "--from", "1",
                    "--data", server.data.path,
                ], folder: server.scratch.folder, environment: environment)
            #expect(try await recorder.wait(seconds: 30) == 0, "\(recorder.tail())")
            #expect(listener.isRunning || listener.errors.isEmpty, "\(listener.tail())")
            listener.signal(SIGINT)
            let audio = try Recorded(try #require(row.recordings.first), of: server)
            let match = try Signal(reading: ear).fit(audio.right.part(from: 2, to: 4))
            #expect(match > 0.65, "the recording was heard by \(match)")
        }

        @Test(.timeLimit(.minutes(3))) func aCardIsTestedFromTheCommandLine() async throws {
            let sound = try SoundServer(
                folder: URL(fileURLWithPath: "/tmp/hotline-snd-\(UUID().uuidString.prefix(8))"), pairs: ["m1"])
            defer { sound.stop() }
            let scratch = try Scratch("line-test")
            let environment = ["ALSA_CONFIG_PATH": sound.configurationFile.path]
            // What is played comes back at the far end: a loop.
            let arguments = ["--capture", SoundServer.far("m1").capture, "--playback", SoundServer.line("m1").playback]
            let (code, child) = try await Child.run(
                "test", program: Repository.program,
                arguments: ["line", "test", "--json", "--seconds", "3"] + arguments,
                folder: scratch.folder, environment: environment, seconds: 40)
            #expect(code == 0, "\(child.tail())")
            let report = try JSONDecoder().decode(LineReport.self, from: Data(child.output.utf8))
            #expect(abs(report.found.heard - -20) < 2, "\(report.found.heard) dBFS")
            #expect(abs((report.found.echo ?? -99)) < 2)
            #expect((50..<1000).contains(report.found.delay ?? 0), "\(report.found.delay ?? 0) ms")
            #expect(report.found.likeness > 0.5)
            // The other way nothing comes back, and that is told too.
            let silent = SoundServer.line("m1")
            let (quiet, other) = try await Child.run(
                "silent", program: Repository.program,
                arguments: [
                    "line", "test", "--json", "--seconds", "2", "--capture", silent.capture, "--playback",
                    silent.playback,
                ], folder: scratch.folder, environment: environment, seconds: 40)
            #expect(quiet == 0, "\(other.tail())")
            let nothing = try JSONDecoder().decode(LineReport.self, from: Data(other.output.utf8))
            #expect(nothing.found.echo == nil)
            #expect(nothing.found.delay == nil)
            // A name that is none.
            let (wrong, said) = try await Child.run(
                "wrong", program: Repository.program,
                arguments: ["line", "test", "--capture", "nowhere", "--playback", silent.playback],
                folder: scratch.folder, environment: environment, seconds: 40)
            #expect(wrong == 1)
            #expect(said.errors.contains("`nowhere`"))
            #expect(said.errors.contains("arecord -L"))
            // The doctor tries a card too.
            func examine(_ name: String) async throws -> [DoctorFinding] {
                let (_, doctor) = try await Child.run(
                    name, program: Repository.program,
                    arguments: [
                        "doctor", "--json", "--data", scratch.folder.path + "/none", "--card",
                        "\(arguments[1]),\(arguments[3])",
                    ], folder: scratch.folder, environment: environment, seconds: 60)
                return try JSONDecoder().decode([DoctorFinding].self, from: Data(doctor.output.utf8))
            }
            var findings = try await examine("doctor")
            // A sound server that lets a client wait is told, and a second look is what the advice says.
            if findings.contains(where: { $0.message.contains("did not open in time") }) {
                findings = try await examine("doctor2")
            }
            let card = try #require(findings.first { $0.check == "card" })
            #expect(card.message.contains("ms there and back"))
            #expect(findings.contains { $0.check == "cards" && $0.message.contains("m1_line_cap") })
        }

        private struct LineReport: Decodable {
            struct Found: Decodable {
                var noise: Double
                var heard: Double
                var echo: Double?
                var delay: Double?
                var likeness: Double
            }
            var found: Found
        }

        private struct DoctorFinding: Decodable {
            var check: String
            var state: String
            var message: String
        }
    }
}
