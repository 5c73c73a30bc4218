import AudioLog
import Calls
import Foundation
import Media
import Testing

/// A call of one hour over a card whose clock is off, through the whole of the media: card, timelines, engine, tap, audio
/// log. In virtual time: the card's frames and the ticks come as they would within the hour, only without waiting.
extension LongCardTests {
    @Suite(.serialized) struct EngineDriftTests {
        /// Seconds between two marks.
        static let every = 10
        static let seconds = 3600

        /// When the marks stand in one channel of a recording, seconds of its timeline.
        private final class Marks {
            var at: [[Double]] = [[], []]
            var length: [Int64] = [0, 0]
            private var quiet = [8000, 8000]
            private var scanners: [String: (scanner: AudioLogScanner, data: [UInt8])] = [:]

            /// Reads the log's segments from where it stopped.
            func read(_ folder: String) throws {
                for name in try FileManager.default.contentsOfDirectory(atPath: folder).sorted() {
                    let path = folder + "/" + name
                    var scanner = scanners[name]?.scanner ?? AudioLogScanner()
                    let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
                    let base = scanner.offset
                    try file.seek(toOffset: base)
                    let bytes = [UInt8](try file.readToEnd() ?? Data())
                    try file.close()
                    bytes.withUnsafeBytes { buffer in
                        while true {
                            switch scanner.next(in: buffer.bytes, base: base, isFinal: false) {
                            case .block(let block, let payload) where block.kind == .audio:
                                take(block, buffer[payload])
                            case .block, .header, .skipped: continue
                            case .more: return
                            }
                        }
                    }
                    scanners[name] = (scanner, [])
                }
            }

            private func take(_ block: AudioLogBlock, _ payload: UnsafeRawBufferPointer.SubSequence) {
                let channel = Int(block.channel)
                let start = block.position.samples(rate: 8000)
                #expect(start == length[channel], "channel \(channel) has a hole")
                length[channel] = start + Int64(payload.count)
                // Nearly all of the hour is silence, which need not be looked at sample by sample.
                if LongCardTests.EngineDriftTests.isFilled(payload, with: G711.aLaw(0)) {
                    quiet[channel] += payload.count
                    return
                }
                for (index, code) in payload.enumerated() {
                    if abs(Int(G711.linear(aLaw: code))) > 4000 {
                        if quiet[channel] > 800 { at[channel].append(Double(start + Int64(index)) / 8000) }
                        quiet[channel] = 0
                    } else {
                        quiet[channel] += 1
                    }
                }
            }
        }

        /// The card and its thread: frames by a clock that is off, taken and given every 20 ms and up to 25 ms later.
        private struct DriftingCard: ~Copyable {
            let speed: Double
            let begin: Int64
            var bridge: SoundBridge
            var random: SplitMix64
            var captured: Int64 = 0
            var played: Int64 = 0
            var queue: [Int16] = []
            var quiet = 8000
            var nextWake: Int64
            /// When the far end's ear heard a mark, seconds from the beginning.
            var heard: [Double] = []

            init(_ link: SoundLinkPointer, partsPerMillion: Double, begin: Int64) throws {
                speed = 8000 * (1 + partsPerMillion * 1e-6)
                self.begin = begin
                nextWake = begin
                random = SplitMix64(7)
                let format = SoundFormat(rate: 8000, channels: 1)
                bridge = try SoundBridge(link: link, capture: format, playback: format)
            }

            private func seconds(_ now: Int64) -> Double { Double(now - begin) / 1e9 }

            /// Runs the card's thread up to `now`.
            mutating func serve(until now: Int64) {
                while nextWake <= now {
                    wake(nextWake)
                    nextWake += 20_000_000 + Int64(random.unit() * 25_000_000)
                }
            }

            private mutating func wake(_ now: Int64) {
                let due = Int64(seconds(now) * speed)
                let count = Int(due - captured)
                guard count > 0 else { return }
                var frames = [Int16](repeating: 0, count: count)
                // The far end speaks a mark of 5 ms at each tenth second of true time.
                let every = Double(LongCardTests.EngineDriftTests.every)
                let mark = (Double(captured) / speed / every).rounded(.down) * every
                for begin in [mark, mark + every] {
                    let first = Int64((begin * speed).rounded(.up)) - captured
                    let last = Int64(((begin + 0.005) * speed).rounded(.up)) - captured
                    for index in max(0, first)..<max(max(0, first), min(last, Int64(count))) {
                        frames[Int(index)] = 16_000
                    }
                }
                captured = due
                frames.withUnsafeBufferPointer { buffer in
                    if let base = buffer.baseAddress { bridge.captured(base, count: count, at: now) }
                }
                play(min(count, queue.count))
                bridge.played(frames: played, at: now)
                let wanted = 640 - queue.count
                guard wanted > 0 else { return }
                var fresh = [Int16](repeating: 0, count: wanted)
                fresh.withUnsafeMutableBufferPointer { buffer in
                    if let base = buffer.baseAddress { bridge.fill(base, count: wanted, at: now) }
                }
                queue += fresh
            }

            private mutating func play(_ count: Int) {
                let isSilent = queue.withUnsafeBytes {
                    LongCardTests.EngineDriftTests.isFilled($0[..<(count * 2)], with: 0)
                }
                if isSilent { quiet += count }
                for index in 0..<(isSilent ? 0 : count) {
                    if abs(Int(queue[index])) > 4000 {
                        if quiet > 800 { heard.append(Double(played + Int64(index)) / speed) }
                        quiet = 0
                    } else {
                        quiet += 1
                    }
                }
                queue.removeFirst(count)
                played += Int64(count)
            }
        }

        /// Whether all bytes are this one, by the C library: this file is compiled without optimisation.
        fileprivate static func isFilled(_ bytes: Slice<UnsafeRawBufferPointer>, with byte: UInt8) -> Bool {
            guard let first = bytes.first, first == byte else { return bytes.isEmpty }
            let part = UnsafeRawBufferPointer(rebasing: bytes)
            guard let base = part.baseAddress, part.count > 1 else { return true }
            return memcmp(base, base + 1, part.count - 1) == 0
        }

        @Test(arguments: [200.0, -200.0])
        func anHoursCallStaysAligned(drift: Double) throws {
            let mark = [Int16](repeating: 16_000, count: 40)
            let rig = try EngineRig(prompts: [mark])
            let begin = rig.clock.now().mono
            let card = SoundCard(
                configuration: SoundCardConfiguration(capture: "none", playback: "none"), time: rig.clock,
                events: { _ in })
            var device = try DriftingCard(card.link, partsPerMillion: drift, begin: begin)
            let leg: LegID = rig.identifier()
            let call: CallID = rig.identifier()
            try rig.engine.open(leg: leg, call: call, card: card)
            try rig.engine.configure(leg: leg, session: .sound(keysInBand: true))
            try rig.engine.start(leg: leg)
            let recording: RecordingID = rig.identifier()
            try rig.engine.startRecording(
                recording, call: call,
                channels: [
                    RecordingChannel(index: 0, leg: leg, tap: .received),
                    RecordingChannel(index: 1, leg: leg, tap: .sent),
                ])
            let marks = Marks()
            for second in 0..<Self.seconds {
                if second % Self.every == 0 {
                    try rig.engine.play(
                        leg: leg, PlayRequest(id: PlayID(UInt32(second + 1)), items: [.prompt(PromptIndex(0))]))
                }
                for _ in 0..<50 {
                    device.serve(until: rig.clock.now().mono + 7_300_000)
                    rig.tick()
                }
                rig.engine.writeLog(at: rig.clock.now())
                if second % 60 == 59 { try marks.read(rig.logFolder) }
            }
            try marks.read(rig.logFolder)
            #expect(marks.length[0] == marks.length[1])
            #expect(marks.length[0] == Int64(Self.seconds) * 8000)
            // Left: the far end's word against its place in the recording. Right: the prompt's place against the far end's ear.
            let count = Self.seconds / Self.every
            #expect(abs(marks.at[0].count - count) <= 1)
            #expect(marks.at[1].count == count)
            let left = marks.at[0].map { $0.truncatingRemainder(dividingBy: Double(Self.every)) }
            let right = device.heard.map { heard in
                heard - (marks.at[1].last { $0 <= heard } ?? .infinity)
            }
            for (name, delays) in [("left", left), ("right", right)] {
                let least = try #require(delays.min())
                let most = try #require(delays.max())
                let milliseconds = delays.map { $0 * 1000 }
                print(
                    "drift \(drift) ppm, \(name): \(delays.count) marks, delay \(milliseconds.min() ?? 0)…"
                        + "\(milliseconds.max() ?? 0) ms, first \(milliseconds[0]), last \(milliseconds[delays.count - 1])"
                )
                #expect(most - least < 0.040, "\(name): \(least)…\(most) s")
                #expect(most < 0.25)
            }
            #expect(card.link.pointee.capture.jumps == 0)
            #expect(card.link.pointee.playback.jumps == 0)
            // Not corrected, the channels would have been 720 ms apart at the end.
            #expect(abs(drift) * 1e-6 * Double(Self.seconds) > 0.7)
        }
    }
}
