import Calls
import Foundation
import Glibc
import Media
import Testing

extension SoundSystemTests {
    /// Cards on a real sound server: what is played at one end is heard at the other.
    @Suite struct SoundCardTests {
        /// A server whose configuration ALSA reads from now on.
        static func server(_ folder: SoundFolder, rate: Int = 8000, channels: Int = 1) throws -> SoundServer {
            let server = try SoundServer(folder: folder.url, pairs: ["one", "two"], rate: rate, channels: channels)
            setenv("ALSA_CONFIG_PATH", server.configurationFile.path, 1)
            return server
        }

        /// Tones of different frequency go both ways at once, each heard with its frequency and level.
        static func checkTones(_ line: SoundEnd, _ far: SoundEnd) {
            let atLine = line.listen(seconds: 4)
            let atFar = far.listen(seconds: 1)
            #expect(abs(decibels(Heard.steadyAmplitude(atLine, at: 1000) / 8000)) < 1)
            #expect(abs(decibels(Heard.steadyAmplitude(atFar, at: 700) / 4000)) < 1)
            #expect(Heard.steadyAmplitude(atLine, at: 700) == 0)
            // A busy machine loses some of it; what is left is the tone and nothing else.
            #expect(Heard.pureBlocks(atLine, at: 1000).count > atLine.count / 400 / 2)
        }

        @Test func tonesBothWays() throws {
            let folder = try SoundFolder()
            let server = try Self.server(folder)
            defer { server.stop() }
            let line = try SoundEnd(SoundServer.line("one"), frequency: 700, amplitude: 4000)
            let far = try SoundEnd(SoundServer.far("one"), frequency: 1000, amplitude: 8000)
            #expect(Patience.wait { line.log.openings == 1 && far.log.openings == 1 })
            #expect(line.log.all.first == .opened(rate: 8000, channels: 1))
            Self.checkTones(line, far)
            let statistics = line.terminal.statistics
            #expect(statistics.isOpen)
            #expect(statistics.capture.frames > 16_000)
            #expect(statistics.playback.frames > 16_000)
            #expect(abs(statistics.capture.peak - decibels(8000 / 32_768)) < 1)
            #expect(abs(statistics.playback.peak - decibels(4000 / 32_768)) < 1)
            // A sine's mean power is 3 dB below its peak.
            #expect(abs(statistics.playback.level - decibels(4000 / 32_768) + 3) < 1)
            let delay = try #require(statistics.playback.delayMilliseconds)
            #expect(delay > 20 && delay < 1000)
            line.stop()
            far.stop()
            #expect(Patience.wait { !line.terminal.statistics.isOpen && !far.terminal.statistics.isOpen })
            #expect(line.log.losses.isEmpty)
        }

        @Test func sixteenKilohertzInStereo() throws {
            let folder = try SoundFolder()
            let server = try Self.server(folder, rate: 16_000, channels: 2)
            defer { server.stop() }
            var configuration = SoundServer.line("one")
            configuration.rate = 16_000
            configuration.channels = 2
            let line = try SoundEnd(configuration, frequency: 700, amplitude: 4000)
            let far = try SoundEnd(SoundServer.far("one"), frequency: 1000, amplitude: 8000)
            #expect(Patience.wait { line.log.openings == 1 && far.log.openings == 1 })
            #expect(line.log.all.first == .opened(rate: 16_000, channels: 2))
            Self.checkTones(line, far)
            #expect(line.terminal.statistics.capture.channels == 2)
            line.stop()
            far.stop()
        }

        @Test func aKilledServerIsALossAndARestartBringsItBack() throws {
            let folder = try SoundFolder()
            let server = try Self.server(folder)
            defer { server.stop() }
            let line = try SoundEnd(SoundServer.line("one"), frequency: 700, amplitude: 4000)
            let far = try SoundEnd(SoundServer.far("one"), frequency: 1000, amplitude: 8000)
            #expect(Patience.wait { line.log.openings == 1 && far.log.openings == 1 })
            Self.checkTones(line, far)
            server.kill()
            #expect(Patience.wait { line.log.losses.count == 1 && far.log.losses.count == 1 })
            #expect(line.log.losses.first?.contains("`one_line_") == true)
            #expect(Patience.wait { line.terminal.statistics.losses == 1 && !line.terminal.statistics.isOpen })
            // Ticks go on, and hear nothing.
            let missed = line.missed
            #expect(Patience.wait { line.missed > missed + 10 })
            try server.restart()
            #expect(Patience.wait { line.log.openings == 2 && far.log.openings == 2 })
            Self.checkTones(line, far)
            // However often it was tried in between, the loss was told once.
            #expect(line.log.losses.count == 1)
            line.stop()
            far.stop()
        }

        @Test func aLossTouchesNoOtherCard() throws {
            let folders = (try SoundFolder(), try SoundFolder())
            let first = try SoundServer(folder: folders.0.url, pairs: ["one"])
            let second = try SoundServer(folder: folders.1.url, pairs: ["other"])
            defer {
                first.stop()
                second.stop()
            }
            let files = [first, second].map(\.configurationFile.path).joined(separator: ":")
            setenv("ALSA_CONFIG_PATH", files, 1)
            let lost = try SoundEnd(SoundServer.line("one"))
            let line = try SoundEnd(SoundServer.line("other"), frequency: 700, amplitude: 4000)
            let far = try SoundEnd(SoundServer.far("other"), frequency: 1000, amplitude: 8000)
            #expect(Patience.wait { lost.log.openings == 1 && line.log.openings == 1 && far.log.openings == 1 })
            first.kill()
            #expect(Patience.wait { lost.log.losses.count == 1 })
            Self.checkTones(line, far)
            #expect(line.log.losses.isEmpty && far.log.losses.isEmpty)
            lost.stop()
            line.stop()
            far.stop()
        }

        @Test func aNameThatNobodyKnows() throws {
            let folder = try SoundFolder()
            let server = try Self.server(folder)
            defer { server.stop() }
            let log = CardLog()
            let card = SoundCard(
                configuration: SoundCardConfiguration(capture: "nosuch", playback: "one_line_play"),
                time: SystemTime(), events: { log.append($0) })
            card.open()
            card.open()
            #expect(Patience.wait { !log.all.isEmpty })
            let reason = try #require(log.losses.first)
            #expect(reason.contains("`nosuch` (capture)"))
            #expect(reason.contains("arecord -L"))
            #expect(!card.statistics.isOpen)
            #expect(card.statistics.losses == 0)
            card.close()
            card.close()
        }

        @Test func aRateThatTheDeviceLacks() throws {
            let folder = try SoundFolder()
            let server = try Self.server(folder)
            defer { server.stop() }
            var configuration = SoundServer.line("two")
            configuration.rate = 3_000_000
            let log = CardLog()
            let card = SoundCard(configuration: configuration, time: SystemTime(), events: { log.append($0) })
            card.open()
            #expect(Patience.wait { log.losses.count == 1 })
            #expect(log.losses.first?.contains("no rate of 3000000 Hz") == true)
        }

        /// A wish that comes while the card's thread is on its way to sleep is no less a wish.
        @Test func aWishOnTheWayToSleepIsHeard() throws {
            let time = InterruptedTime()
            let log = CardLog()
            let card = SoundCard(
                configuration: SoundCardConfiguration(capture: "nosuch", playback: "nosuch"), time: time,
                events: { log.append($0) })
            // The thread has found that nothing is wanted, and looks at the clock before it waits.
            #expect(time.waitForReader())
            card.open()
            time.letReadersGo()
            #expect(Patience.wait { !log.losses.isEmpty })
        }

        @Test func aHangingDeviceHangsNobody() throws {
            let folder = try SoundFolder()
            let server = try Self.server(folder)
            defer { server.stop() }
            let log = CardLog()
            var card: SoundCard? = SoundCard(
                configuration: SoundServer.line("one"), time: SystemTime(), events: { log.append($0) })
            card?.open()
            #expect(Patience.wait { log.openings == 1 })
            let process = try #require(folder.servers.first)
            kill(pid_t(process), SIGSTOP)
            #expect(Patience.wait { log.losses.count == 1 })
            // Told by the card's thread, or by the timer where the thread hangs too.
            let reason = try #require(log.losses.first)
            #expect(reason.contains("samples for 1 s") || reason.contains("does not answer"))
            #expect(card?.statistics.isOpen == false)
            #expect(card?.statistics.losses == 1)
            kill(pid_t(process), SIGCONT)
            #expect(Patience.wait { log.openings == 2 })
            kill(pid_t(process), SIGSTOP)
            #expect(Patience.wait { log.losses.count == 2 })
            let before = SystemTime().now().mono
            card?.close()
            card = nil
            // Two seconds are given to the thread; far more would be a hang.
            #expect(SystemTime().now().mono - before < 20_000_000_000)
            kill(pid_t(process), SIGCONT)
        }

        @Test func closedWhileItIsStillTriedAndOpenedAgain() throws {
            let folder = try SoundFolder()
            let server = try Self.server(folder)
            defer { server.stop() }
            server.kill()
            let log = CardLog()
            let card = SoundCard(
                configuration: SoundServer.line("one"), time: SystemTime(), events: { log.append($0) })
            card.open()
            #expect(Patience.wait { log.losses.count == 1 })
            card.close()
            try server.restart()
            usleep(600_000)
            #expect(log.openings == 0)
            card.open()
            #expect(Patience.wait { log.openings == 1 })
            #expect(card.statistics.openings == 1)
        }

        @Test func aCardHasOneUser() throws {
            let folder = try SoundFolder()
            let server = try Self.server(folder)
            defer { server.stop() }
            let terminal = SoundTerminal(
                configuration: SoundServer.far("two"), time: SystemTime(), events: { _ in })
            try terminal.start { _ in [] }
            try terminal.start { _ in [] }
            let second = terminal.card.link.pointee.claim()
            #expect(!second)
            terminal.stop()
            let afterwards = terminal.card.link.pointee.claim()
            #expect(afterwards)
            let error = #expect(throws: MediaError.self) { try terminal.start { _ in [] } }
            #expect(error?.message.contains("in use") == true)
            terminal.card.link.pointee.release()
        }

        @Test func devicesAreListed() throws {
            let folder = try SoundFolder()
            let server = try Self.server(folder)
            defer { server.stop() }
            let devices = try SoundDevices.list()
            #expect(devices.contains { $0.name == "null" })
            for card in SoundDevices.hardware() { #expect(!card.id.isEmpty) }
        }
    }
}
