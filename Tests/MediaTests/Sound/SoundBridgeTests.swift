import Media
import Testing

/// Hours of virtual time: one after the other, so that the other tests keep a processor.
@Suite(.serialized) struct LongCardTests {}

extension LongCardTests {
    /// Drift, jitter and mishaps in virtual time: nothing here waits.
    @Suite(.serialized) struct SoundBridgeTests {
        /// The widest distance of two marks' delays, milliseconds.
        static func spread(_ delays: [Double]) -> Double {
            guard let least = delays.min(), let most = delays.max() else { return .infinity }
            return (most - least) * 1000
        }

        @Test(
            arguments: [
                (8000, 1, 200.0), (8000, 1, -200.0), (16_000, 2, 200.0), (48_000, 2, -200.0), (44_100, 1, 35.0),
            ] as [(Int, Int, Double)])
        func aDriftingCardStaysAligned(rate: Int, channels: Int, drift: Double) throws {
            // The whole hour goes through the engine in `EngineDriftTests`. The higher rates cost the test's own card more.
            let seconds = rate > 8000 ? 120.0 : 1200.0
            let box = LinkBox()
            var card = try VirtualCard(
                box, rate: rate, channels: channels, partsPerMillion: drift, jitterMilliseconds: 30, seed: 1)
            card.run(seconds: seconds)
            let delays = card.delays
            let statistics = card.statistics
            let marks = Int(seconds - card.settled) / 10
            #expect(abs(delays.capture.count - marks) <= 1)
            #expect(abs(delays.playback.count - marks) <= 1)
            // 40 ms are asked for; nothing but drift and jitter is there, so far less is needed.
            #expect(Self.spread(delays.capture) < 5)
            #expect(Self.spread(delays.playback) < 5)
            // From the air to the tick, and from the tick to the air through 80 ms of the card's own buffer.
            #expect(delays.capture.allSatisfy { $0 > 0.09 && $0 < 0.13 })
            #expect(delays.playback.allSatisfy { $0 > 0.09 && $0 < 0.13 })
            #expect(abs((statistics.capture.drift ?? .infinity) - drift) < 20)
            #expect(abs((statistics.playback.drift ?? .infinity) - drift) < 20)
            #expect(card.missedAfterSettling == 0)
            #expect(statistics.capture.jumps == 0)
            #expect(statistics.playback.jumps == 0)
            #expect(statistics.playback.starved == 0)
            #expect(card.playbackXruns == 0)
            withExtendedLifetime(box) {}
        }

        @Test(arguments: [200.0, -200.0])
        func mishapsMoveNothing(drift: Double) throws {
            let box = LinkBox()
            // Away for 200 ms: the device runs dry and, with its 150 ms, over.
            let mishaps = VirtualCard.Mishaps(lumpSeconds: 37, skipSeconds: 23, captureBufferMilliseconds: 150)
            var card = try VirtualCard(
                box, rate: 8000, channels: 1, partsPerMillion: drift, jitterMilliseconds: 30, mishaps: mishaps, seed: 7)
            card.run(seconds: 1800)
            let delays = card.delays
            let statistics = card.statistics
            #expect(card.captureXruns >= 40)
            #expect(card.playbackXruns >= 40)
            // A few marks fell into what was lost.
            #expect(delays.capture.count >= 160)
            #expect(delays.playback.count >= 160)
            #expect(Self.spread(delays.capture) < 40)
            #expect(Self.spread(delays.playback) < 40)
            #expect(abs((statistics.capture.drift ?? .infinity) - drift) < 20)
            #expect(abs((statistics.playback.drift ?? .infinity) - drift) < 20)
            #expect(statistics.capture.jumps == 0)
            #expect(statistics.playback.jumps == 0)
            // 200 ms away and 60 ms in hand: each lump costs some ticks, and nothing else does.
            #expect(card.missedAfterSettling > 100)
            #expect(card.missedAfterSettling < 48 * 13)
            withExtendedLifetime(box) {}
        }

        @Test func stuttersWithoutLossAreMadeUpFor() throws {
            let box = LinkBox()
            // Away for 150 ms with devices that hold 200: nothing is lost on the way in.
            let mishaps = VirtualCard.Mishaps(lumpSeconds: 20, lumpMilliseconds: 120, captureBufferMilliseconds: 250)
            var card = try VirtualCard(
                box, rate: 16_000, channels: 1, partsPerMillion: -80, jitterMilliseconds: 10, mishaps: mishaps, seed: 3)
            card.run(seconds: 600)
            #expect(card.captureXruns == 0)
            #expect(Self.spread(card.delays.capture) < 20)
            #expect(Self.spread(card.delays.playback) < 40)
            #expect(card.statistics.capture.jumps == 0)
            withExtendedLifetime(box) {}
        }

        @Test func levelsAreOfTheLastSecond() throws {
            let box = LinkBox()
            let format = SoundFormat(rate: 8000, channels: 1)
            var bridge = try SoundBridge(link: box.link, capture: format, playback: format)
            var statistics = SoundCardStatistics()
            bridge.report(into: &statistics)
            #expect(statistics.capture.level == -127)
            #expect(statistics.capture.peak == -127)
            let loud = [Int16](repeating: 16_384, count: 160)
            for step in 0..<60 { bridge.captured(loud, count: 160, at: Int64(step) * 20_000_000) }
            bridge.report(into: &statistics)
            #expect(abs(statistics.capture.level + 6.02) < 0.2)
            #expect(abs(statistics.capture.peak + 6.02) < 1)
            let silence = [Int16](repeating: 0, count: 160)
            for step in 60..<120 { bridge.captured(silence, count: 160, at: Int64(step) * 20_000_000) }
            bridge.report(into: &statistics)
            #expect(statistics.capture.level == -127)
            withExtendedLifetime(box) {}
        }

        @Test func nobodyHearsTheCallBefore() throws {
            let box = LinkBox()
            let link = box.link
            let format = SoundFormat(rate: 8000, channels: 1)
            var bridge = try SoundBridge(link: link, capture: format, playback: format)
            var heard: [Int16] = []
            var out = [Int16](repeating: 0, count: 160)
            var now: Int64 = 0
            /// 20 ms of a leg that says `value`.
            func turn(_ value: Int16?) {
                if let value { link.pointee.give([Int16](repeating: value, count: 160)) }
                out.withUnsafeMutableBufferPointer { buffer in
                    if let base = buffer.baseAddress { bridge.fill(base, count: 160, at: now) }
                }
                heard += out
                now += 20_000_000
            }
            link.pointee.begin()
            for _ in 0..<20 { turn(1000) }
            link.pointee.end()
            // What was given is still played, and then there is silence that starves nobody.
            for _ in 0..<10 { turn(nil) }
            #expect(heard.filter { $0 > 900 }.count > 20 * 160 - 200)
            #expect(heard.suffix(160).allSatisfy { $0 == 0 })
            #expect(link.pointee.playback.starved == 0)
            heard = []
            link.pointee.begin()
            for _ in 0..<20 { turn(-1000) }
            #expect(heard.allSatisfy { $0 <= 200 })
            #expect(heard.filter { $0 < -900 }.count > 15 * 160)
            withExtendedLifetime(box) {}
        }
    }
}
