import AudioLog
import Calls
import Testing

@Suite struct AudioLogFormatTests {
    @Test func whatIsWrittenIsReadBack() throws {
        let log = try SampleLog.small()
        let found = Found(log.bytes)
        #expect(found.header == log.header)
        #expect(found.blocks == log.entries.map(\.block))
        #expect(found.payloads == log.entries.map(\.payload))
        #expect(found.skips.isEmpty)
        #expect(found.missingBlocks == 0)
        #expect(found.end == UInt64(log.bytes.count))
    }

    @Test func startNamesChannels() throws {
        let log = try SampleLog.small()
        let payload = log.entries[0].payload
        let read = AudioLogStart(reading: payload.span.bytes)
        let start = try #require(read)
        #expect(start.at == Instant(wall: 1_795_000_001_000_000, mono: 1_000))
        #expect(start.channels.map(\.index) == [0, 1])
        #expect(start.channels.map(\.tap) == [.received, .sent])
        #expect(start.channels.allSatisfy { $0.leg == SampleLog.leg(1) })
    }

    @Test func brokenStartsAreRefused() throws {
        let good = try SampleLog.small().entries[0].payload
        var tooMany = good
        tooMany[16] = 9
        var badIndex = good
        badIndex[24] = 8
        var badTap = good
        badTap[25] = 2
        for bad in [Array(good.dropLast()), good + [0], Array(good.prefix(23)), [], tooMany, badIndex, badTap] {
            let read = AudioLogStart(reading: bad.span.bytes)
            #expect(read == nil)
        }
    }

    /// The layout is a contract with files on disk: it may only change together with the version.
    @Test func layoutStandsStill() throws {
        let log = try SampleLog.small()
        #expect(Array(log.bytes[0..<5]) == Array("HLAS".utf8) + [1])
        #expect(Array(log.bytes[16..<24]) == [42, 0, 0, 0, 0, 0, 0, 0])
        let audio = try #require(log.entries.first { $0.block.kind == .audio && $0.block.channel == 1 })
        let header = Array(log.bytes[audio.bytes].prefix(AudioLogFormat.blockHeaderSize))
        #expect(Array(header[0..<8]) == Array("HLAB".utf8) + [1, 2, 1, 8])
        #expect(Array(header[8..<12]) == [0x40, 0x1F, 0, 0])
        #expect(Array(header[16..<32]) == SampleLog.recording(1).bytes)
        #expect(Array(header[32..<48]) == SampleLog.call(1).bytes)
        #expect(Array(header[48..<64]) == SampleLog.leg(1).bytes)
        #expect(Array(header[72..<80]) == [240, 0, 0, 0, 40, 0, 0, 0])
    }

    @Test func encoderRefusesWhatReadersWouldSkip() throws {
        let good = SampleLog.audio(1, channel: 0, position: 0, samples: 40)
        let payload = [UInt8](repeating: 0xD5, count: 40)
        var channel = good
        channel.channel = 8
        var negative = good
        negative.position = AudioPosition(units: -1)
        var far = good
        far.position = AudioPosition(units: AudioLogFormat.maximumPosition)
        var rate = good
        rate.rate = 11_025
        var noRate = good
        noRate.rate = 0
        var long = good
        long.duration = 960
        var end = good
        end.kind = .end
        var start = good
        start.kind = .start
        start.duration = 0
        var log = try SampleLog()
        for (block, bytes) in [
            (channel, payload), (negative, payload), (far, payload), (rate, payload), (noRate, payload),
            (long, payload), (end, payload), (start, Array(payload.prefix(8))), (good, []),
            (good, [UInt8](repeating: 0, count: AudioLogFormat.maximumPayload + 1)),
        ] {
            let error = #expect(throws: AudioLogError.self) { try log.add(block, payload: bytes) }
            #expect(error?.code == .field)
        }
        #expect(log.entries.isEmpty)
    }

    @Test func encoderAsksForRoom() throws {
        var encoder = AudioLogEncoder(try SampleLog().header)
        var buffer = [UInt8](repeating: 0, count: 100)
        var span = buffer.mutableSpan
        var output = span.mutableBytes
        var failure: AudioLogError?
        do throws(AudioLogError) {
            let place = try encoder.begin(into: &output, at: 0)
            let payload = [UInt8](repeating: 0, count: 40)
            _ = try encoder.append(
                SampleLog.audio(1, channel: 0, position: 0, samples: 40), payload: payload.span.bytes, into: &output,
                at: place)
        } catch {
            failure = error
        }
        #expect(failure?.code == .room)
        #expect(encoder.bytes == 64)
        #expect(encoder.blocks == 0)
    }

    @Test(arguments: [
        (0 as UInt64, "00000000000000000000.hlas"), (42, "00000000000000000042.hlas"),
        (.max, "18446744073709551615.hlas"),
    ])
    func fileNames(sequence: UInt64, name: String) {
        #expect(AudioLogSegmentHeader.fileName(sequence: sequence) == name)
        #expect(AudioLogSegmentHeader.sequence(fileName: name) == sequence)
    }

    @Test(arguments: [
        "42.hlas", "00000000000000000042.hlas.damaged", "+0000000000000000042.hlas", "99999999999999999999.hlas", "",
        "0000000000000000004x.hlas",
    ])
    func otherNamesAreNoSegments(name: String) {
        #expect(AudioLogSegmentHeader.sequence(fileName: name) == nil)
    }
}
