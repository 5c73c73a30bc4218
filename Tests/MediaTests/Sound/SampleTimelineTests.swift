import Foundation
import Media
import Testing

@Suite struct SampleTimelineTests {
    /// A timeline with a buffer, used by one thread.
    struct Bench: ~Copyable {
        let timeline: SampleTimeline
        private var next: Int16 = 1

        init(target: Int64) { timeline = SampleTimeline(target: target) }

        /// Writes a ramp that goes on from the last.
        mutating func write(_ count: Int) {
            var samples: [Int16] = []
            for _ in 0..<count {
                samples.append(next)
                next = next == .max ? 1 : next + 1
            }
            timeline.write(samples, count: count)
        }

        func read(_ count: Int = 160, ahead: Int = 0) -> [Int16]? {
            var out = [Int16](repeating: -1, count: count)
            let isThere = out.withUnsafeMutableBufferPointer { buffer in
                buffer.baseAddress.map { timeline.read(into: $0, count: count, ahead: ahead) } ?? false
            }
            return isThere ? out : nil
        }
    }

    @Test func theReaderBeginsBehindTheWriter() {
        var bench = Bench(target: 320)
        #expect(bench.timeline.distance == nil)
        bench.write(479)
        #expect(bench.read() == nil)
        #expect(bench.timeline.starved == 0)
        bench.write(1)
        #expect(bench.read()?.first == 1)
        #expect(bench.timeline.distance == 320)
        #expect(bench.read()?.first == 161)
    }

    @Test func roomIsLeftForWhatIsReadRightAfter() {
        var bench = Bench(target: 160)
        bench.write(600)
        #expect(bench.read(40, ahead: 120)?.first == 281)
        #expect(bench.timeline.distance == 280)
    }

    @Test func lateSamplesArePassedOver() {
        var bench = Bench(target: 160)
        bench.write(320)
        #expect(bench.read()?.first == 1)
        #expect(bench.read()?.first == 161)
        #expect(bench.read() == nil)
        #expect(bench.read() == nil)
        #expect(bench.timeline.starved == 2)
        #expect(bench.timeline.distance == -320)
        bench.write(640)
        #expect(bench.read()?.first == 641)
        #expect(bench.timeline.jumps == 0)
    }

    @Test func skippedTimeIsPassedOver() {
        var bench = Bench(target: 0)
        bench.timeline.skip(count: 160)
        bench.write(640)
        #expect(bench.read()?.first == 481)
        bench.write(640)
        bench.timeline.skip(count: 160)
        #expect(bench.read()?.first == 801)
    }

    @Test func beyondAllBoundsItJumpsForward() {
        var bench = Bench(target: 160)
        bench.write(320)
        #expect(bench.read() != nil)
        bench.write(4000)
        #expect(bench.read()?.first == 4001)
        #expect(bench.timeline.jumps == 1)
        #expect(bench.timeline.distance == 160)
    }

    @Test func aReaderAheadOfAStandingWriterReadsNothingTwice() {
        var bench = Bench(target: 160)
        bench.write(320)
        #expect(bench.read()?.first == 1)
        #expect(bench.read()?.first == 161)
        for _ in 0..<100 { #expect(bench.read() == nil) }
        #expect(bench.timeline.jumps == 0)
        // The writer is back, behind by two seconds that nobody made up for.
        bench.write(160)
        #expect(bench.read() == nil)
        bench.write(160)
        #expect(bench.read()?.first == 321)
        #expect(bench.timeline.jumps == 1)
    }

    @Test func aReaderThatNeverFindsAnythingComesBack() {
        var bench = Bench(target: 160)
        bench.write(320)
        #expect(bench.read()?.first == 1)
        // A place that is 150 ms ahead, and a writer that keeps it there.
        bench.timeline.skip(count: 1200)
        var vain = 0
        while bench.read() == nil, vain < 1000 {
            vain += 1
            bench.write(160)
        }
        #expect(vain == 50)
        #expect(bench.timeline.jumps == 1)
        #expect(bench.timeline.distance == 160)
    }

    @Test func aNewBeginningHidesWhatWasBefore() {
        var bench = Bench(target: 160)
        bench.write(1000)
        #expect(bench.read()?.first == 681)
        bench.timeline.beginWriting()
        #expect(bench.read() == nil)
        bench.write(319)
        #expect(bench.read() == nil)
        #expect(bench.timeline.distance == nil)
        bench.write(1)
        #expect(bench.read()?.first == 1001)
        #expect(bench.timeline.starved == 0)
        #expect(bench.timeline.placings == 2)
    }

    @Test func anEndedWriterStarvesNobody() {
        var bench = Bench(target: 0)
        bench.write(160)
        #expect(bench.read() != nil)
        bench.timeline.endWriting()
        #expect(bench.read() == nil)
        #expect(bench.timeline.starved == 0)
    }

    @Test func silenceOfAnyLengthMovesThePlace() {
        var bench = Bench(target: 0)
        bench.write(160)
        #expect(bench.read() != nil)
        bench.timeline.writeSilence(count: SampleTimeline.capacity * 3 + 5)
        #expect(bench.timeline.written == Int64(165 + SampleTimeline.capacity * 3))
        bench.write(160)
        #expect(bench.read()?.first == 161)
        bench.timeline.writeSilence(count: 160)
        #expect(bench.read() == [Int16](repeating: 0, count: 160))
    }

    /// Two threads at full speed: whatever is read is a run of what was written, in order, and never torn.
    @Test func twoThreads() {
        final class Shared: @unchecked Sendable {
            let timeline = SampleTimeline(target: 800)
        }
        let shared = Shared()
        let total = 2_000_000
        let done = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            var block = [Int16](repeating: 0, count: 80)
            var position = 0
            while position < total {
                // The reader is waited for by the test alone, so that it gets to read at all.
                if let distance = shared.timeline.distance, distance > 2400 {
                    sched_yield()
                    continue
                }
                for index in 0..<80 { block[index] = Int16(truncatingIfNeeded: position + index) }
                shared.timeline.write(block, count: 80)
                position += 80
                if position % 8000 == 0 { sched_yield() }
            }
            done.signal()
        }
        var out = [Int16](repeating: 0, count: 160)
        var reads = 0
        var wrong = 0
        while done.wait(timeout: .now()) == .timedOut {
            let isThere = out.withUnsafeMutableBufferPointer { buffer in
                buffer.baseAddress.map { shared.timeline.read(into: $0, count: 160) } ?? false
            }
            guard isThere else {
                sched_yield()
                continue
            }
            reads += 1
            let first = Int16(truncatingIfNeeded: shared.timeline.position - 160)
            if (0..<160).contains(where: { out[$0] != first &+ Int16($0) }) { wrong += 1 }
        }
        #expect(wrong == 0)
        #expect(reads > 100)
    }
}
