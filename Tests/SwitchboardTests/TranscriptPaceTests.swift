import Calls
import Switchboard
import Testing

/// When the next transcript is tried, with a clock of numbers.
@Suite struct TranscriptPaceTests {
    private func job(_ low: UInt64, attempts: Int = 0) -> PendingJob {
        PendingJob(recording: RecordingID(high: 7, low: low), call: CallID(high: 8, low: low), attempts: attempts)
    }

    @Test func aRecogniserThatIsAwayIsWaitedForAndCountsAgainstNobody() {
        var pace = TranscriptPace()
        let one = job(1)
        var now: Int64 = 0
        var pauses: [Int64] = []
        var alarms: [TranscriptPace.Action] = []
        for _ in 0..<12 {
            #expect(pace.next(of: [one], at: now) == one)
            alarms += pace.failed(one.recording, attempts: 0, by: .recogniserAway("away"), at: now)
            let begin = now
            while pace.next(of: [one, job(2)], at: now) == nil { now += 500 }
            pauses.append(now - begin)
            // Alone, it waits as long again.
            while pace.next(of: [one], at: now) == nil { now += 500 }
        }
        #expect(Array(pauses.prefix(4)) == [1000, 2000, 4000, 8000])
        #expect(pauses.max() == 300_000)
        #expect(alarms == [.raiseAway(message: "away")])
        #expect(pace.made(one.recording) == [.clearAway])
        #expect(pace.made(one.recording).isEmpty)
    }

    @Test func anotherIsTriedNext() {
        var pace = TranscriptPace()
        _ = pace.failed(job(1).recording, attempts: 0, by: .recogniserAway("500"), at: 0)
        #expect(pace.next(of: [job(1), job(2)], at: 999) == nil)
        #expect(pace.next(of: [job(1), job(2)], at: 1000) == job(2))
        // The second succeeds: the first is at fault if it happens again.
        #expect(pace.made(job(2).recording).isEmpty)
        #expect(
            pace.failed(job(1).recording, attempts: 0, by: .recogniserAway("500"), at: 5000)
                == [.failed(attempt: 1, isGivenUp: false, message: "500")])
        #expect(pace.next(of: [job(1), job(3)], at: 5000) == job(3))
    }

    @Test func aRecordingThatFailsWaitsLongerAndIsGivenUp() {
        var pace = TranscriptPace()
        var now: Int64 = 0
        var pauses: [Int64] = []
        for attempts in 0..<4 {
            let failed = job(1, attempts: attempts)
            #expect(
                pace.failed(failed.recording, attempts: attempts, by: .recording("no JSON"), at: now)
                    == [.failed(attempt: attempts + 1, isGivenUp: false, message: "no JSON")])
            #expect(pace.next(of: [failed, job(2)], at: now) == job(2))
            let begin = now
            while pace.next(of: [failed], at: now) == nil { now += 1000 }
            pauses.append(now - begin)
        }
        #expect(pauses == [60_000, 120_000, 240_000, 480_000])
        let last = pace.failed(job(1).recording, attempts: 4, by: .recording("no JSON"), at: now)
        #expect(last.first == .failed(attempt: 5, isGivenUp: true, message: "no JSON"))
        guard case .raiseGivenUp(let message)? = last.last, last.count == 2 else {
            Issue.record("\(last)")
            return
        }
        #expect(message.contains(job(1).recording.description))
    }

    @Test func theAlarmIsOverWhenNoneIsGivenUp() {
        var pace = TranscriptPace()
        for low in [1, 2] as [UInt64] {
            _ = pace.failed(job(low).recording, attempts: 0, by: .hopeless("no file"), at: 0)
        }
        #expect(pace.asked(job(1).recording).isEmpty)
        #expect(pace.made(job(2).recording) == [.clearGivenUp])
        #expect(pace.made(job(2).recording).isEmpty)
    }
}
