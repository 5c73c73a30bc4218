import Calls
import Media
import Testing

/// A tick in several turns, and calls on several threads.
@Suite struct EnginePhaseTests {
    /// Steps the threads of an engine as their schedules say, by a clock of the test's.
    struct Stepper {
        let rig: EngineRig
        private var schedules: [TickSchedule]

        init(_ rig: EngineRig) {
            self.rig = rig
            let first = rig.clock.now().mono + 20_000_000
            schedules = (0..<rig.engine.mediaThreads).map { _ in TickSchedule(first: first, phases: rig.engine.phases) }
        }

        /// Time goes by in one step, and what is due is run.
        mutating func pass(milliseconds: Int64) {
            rig.clock.advance(milliseconds: milliseconds)
            for thread in schedules.indices {
                rig.engine.run(schedules[thread].due(at: rig.clock.now().mono), thread: thread)
            }
            rig.engine.deliverEvents()
        }
    }

    /// Calls are in all phases from the first on.
    static func rig(threads: Int = 1) throws -> EngineRig {
        try EngineRig(configure: {
            $0.threads = threads
            $0.phaseFill = 1
        })
    }

    @Test func aFewCallsHaveOneTurnAndTheThreadWakesForNoOther() throws {
        let rig = try EngineRig(configure: { $0.phaseFill = 3 })
        var schedule = TickSchedule(first: rig.clock.now().mono + 20_000_000, phases: 4)
        let begin = schedule.next
        /// How many milliseconds after its beginning the thread would wake next.
        func next() -> Int64 {
            rig.engine.pass(&schedule)
            return (schedule.next - begin) / 1_000_000
        }
        func run() {
            rig.clock.advance(milliseconds: (schedule.next - rig.clock.now().mono) / 1_000_000)
            let due = schedule.due(at: rig.clock.now().mono)
            #expect(due.run == 1 && due.skipped == 0 && due.lateness == 0)
            rig.engine.run(due)
            rig.engine.deliverEvents()
        }
        var wakes: [Int64] = []
        for count in [3, 1, 4] {
            for _ in 0..<count { _ = try rig.leg() }
            for _ in 0..<4 {
                wakes.append(next())
                run()
            }
        }
        // Three legs: the first phase alone; a fourth: the second, too; eight: three of them.
        #expect(wakes == [0, 20, 40, 60, 80, 85, 100, 105, 120, 125, 130, 140])
        #expect(rig.engine.statistics.ticks == 7)
        #expect(rig.engine.statistics.lateTicks == 0)
    }

    @Test func threadsAndLimitGoByTheProcessors() {
        #expect([1, 2, 3, 4, 7, 8, 64].map { MediaConfiguration.threads(forProcessors: $0) } == [1, 1, 1, 2, 3, 4, 4])
        let rows: [(processors: Int, threads: Int, limit: Double)] = [
            (2, 1, 0.7), (8, 4, 0.7), (1, 1, 0.6), (2, 2, 0.6), (1, 2, 0.3),
        ]
        for row in rows {
            let limit = MediaConfiguration.loadLimit(0.7, forProcessors: row.processors, threads: row.threads)
            #expect(abs(limit - row.limit) < 1e-9, "\(row)")
        }
    }

    /// The disk stands still: together the threads keep what one would, whoever has the calls.
    @Test(arguments: [1, 2]) func aSlowDiskHasAsMuchMemoryWhateverTheThreads(calls: Int) throws {
        let rig = try EngineRig(configure: {
            $0.threads = 2
            $0.tapRing = 4096
        })
        let legs = try (0..<calls).map { _ in try rig.leg() }
        for leg in legs {
            let recording: RecordingID = rig.identifier()
            try rig.engine.startRecording(recording, call: leg.call, channels: leg.bothWays)
        }
        // Five thousand frames and more of each of two calls.
        rig.tick(2600)
        let kept = Int(rig.engine.statistics.frames)
        // Twenty chunks of 256 for both; one thread alone has its ring's 4096, and a start.
        #expect(calls == 1 ? kept == 4095 : (4096...20 * 256).contains(kept), "\(kept)")
        #expect(Int(rig.engine.statistics.framesLost) == calls * 2 * 2600 - kept)
        #expect(rig.engine.statistics.tapBytes <= 20 * 256 * 256)
        // The disk comes back: all of it is written, and there is room again.
        rig.engine.writeLog(at: rig.clock.now())
        rig.engine.writeLog(at: rig.clock.now())
        rig.tick(100)
        #expect(Int(rig.engine.statistics.frames) == kept + calls * 2 * 100)
    }

    @Test func callsAreSpreadOverThreadsFirst() {
        var places = LegPlaces(threads: 2, phases: 2, fill: 2)
        var identifiers = IdentifierGenerator(node: 1)
        var taken: [[Int]] = []
        var calls: [CallID] = []
        for number in 0..<10 {
            let call: CallID = identifiers.next(wallMicroseconds: Int64(number), random: UInt64(number))
            calls.append(call)
            let place = places.next(of: call)
            places.enter(call)
            taken.append([place.thread, place.phase])
            #expect(places.place(of: call) == place)
        }
        #expect(
            taken == [[0, 0], [1, 0], [0, 0], [1, 0], [0, 1], [1, 1], [0, 1], [1, 1], [0, 0], [1, 0]])
        // Another leg of a call goes to the first; the call's place is free behind the last.
        let fifth = places.next(of: calls[4])
        places.enter(calls[4])
        places.leave(calls[4])
        #expect(places.place(of: calls[4]) == fifth)
        places.leave(calls[4])
        #expect(places.place(of: calls[4]) == nil)
        places.leave(calls[4])
        let stranger: CallID = identifiers.next(wallMicroseconds: 99, random: 99)
        #expect(places.next(of: stranger) == fifth)
    }

    @Test func turnsAreDueEveryPartOfATick() {
        var schedule = TickSchedule(first: 20_000_000, phases: 4)
        let rows: [(at: Int64, run: Int, skipped: Int, phase: Int, next: Int64)] = [
            (19, 0, 0, 0, 20), (20, 1, 0, 0, 25), (24, 0, 0, 1, 25), (25, 1, 0, 1, 30), (41, 3, 0, 2, 45),
            (45, 1, 0, 1, 50), (150, 20, 1, 2, 155), (155, 1, 0, 3, 160),
        ]
        for row in rows {
            let due = schedule.due(at: row.at * 1_000_000)
            #expect(due.run == row.run, "at \(row.at)")
            #expect(due.skipped == row.skipped, "at \(row.at)")
            #expect(due.phase == row.phase, "at \(row.at)")
            #expect(schedule.next == row.next * 1_000_000, "at \(row.at)")
        }
    }

    @Test func callsHaveTheirTurnsSideBySideAndEachEvery20Milliseconds() throws {
        let rig = try Self.rig()
        let legs = try (0..<6).map { _ in try rig.leg() }
        var stepper = Stepper(rig)
        // In the first turns all are opened; what the others are asked for is not held up until their own.
        stepper.pass(milliseconds: 20)
        func sent() -> [Bool] { legs.map { !$0.peer.isQuiet } }
        #expect(sent() == [true, false, false, false, true, false])
        stepper.pass(milliseconds: 5)
        #expect(sent() == [true, true, false, false, true, true])
        stepper.pass(milliseconds: 5)
        #expect(sent() == [true, true, true, false, true, true])
        stepper.pass(milliseconds: 5)
        #expect(sent() == [true, true, true, true, true, true])
        for leg in legs { _ = try leg.peer.packet() }
        #expect(sent() == [false, false, false, false, false, false], "one packet each")
        for _ in 0..<8 { stepper.pass(milliseconds: 5) }
        for leg in legs {
            let packets = try leg.peer.packets(2)
            #expect(packets[1].header.timestamp &- packets[0].header.timestamp == 160)
            #expect(leg.peer.isQuiet)
        }
        #expect(rig.engine.statistics.ticks == 3)
        #expect(rig.engine.load.legs == 6)
        // On average over some sixteen ticks, as the work is.
        for _ in 0..<100 * 4 { stepper.pass(milliseconds: 5) }
        #expect(rig.engine.load.sending == 6)
        #expect(rig.engine.load.threads == 1)
    }

    /// A call's legs hear each other within the turn, whatever came between their openings.
    @Test(arguments: [1, 3]) func aCallsLegsStayTogether(threads: Int) throws {
        let rig = try Self.rig(threads: threads)
        let callers = try (0..<5).map { _ in try rig.leg() }
        let agents = try callers.map { try rig.leg(call: $0.call) }
        var recordings: [RecordingID] = []
        for (caller, agent) in zip(callers, agents) {
            try rig.engine.hear(leg: caller.id, legs: [agent.id])
            try rig.engine.hear(leg: agent.id, legs: [caller.id])
            let recording: RecordingID = rig.identifier()
            try rig.engine.startRecording(
                recording, call: caller.call,
                channels: [
                    RecordingChannel(index: 0, leg: caller.id, tap: .received),
                    RecordingChannel(index: 1, leg: agent.id, tap: .received),
                ])
            recordings.append(recording)
        }
        var stepper = Stepper(rig)
        // The next four times 5 ms are one tick of all phases.
        stepper.pass(milliseconds: 15)
        let said = (0..<10).map { EngineParty.noise(ticks: 20, seed: $0) }
        for tick in 0..<25 {
            for (index, leg) in (callers + agents).enumerated() where tick < 20 {
                try leg.say(Array(said[index][tick * 160..<(tick + 1) * 160]), settles: false)
            }
            if tick < 20 { EnginePeer.settle((callers + agents).map(\.endpoint)) }
            for _ in 0..<4 { stepper.pass(milliseconds: 5) }
        }
        try rig.engine.pauseRecordings(of: callers[3].call, true)
        for _ in 0..<8 { stepper.pass(milliseconds: 5) }
        for (index, recording) in recordings.enumerated() where index != 1 {
            try rig.engine.stopRecording(recording)
        }
        // With its last leg a recording ends, too.
        rig.engine.close(leg: callers[1].id)
        rig.engine.close(leg: agents[1].id)
        for _ in 0..<8 { stepper.pass(milliseconds: 5) }

        let log = try rig.log()
        for (index, recording) in recordings.enumerated() {
            let found = try #require(log.recordings[recording])
            #expect(found.length == .ticks(27))
            #expect(found.gaps.isEmpty)
            for (channel, leg, heard) in [
                (UInt8(0), callers[index], agents[index]), (1, agents[index], callers[index]),
            ] {
                let taped = try found.bytes(channel)
                let begin = try #require(taped.firstIndex { $0 != G711.idle(.pcma) }) / 160 * 160
                let words = said[channel == 0 ? index : index + 5]
                let isSaid = Array(taped[begin...].prefix(words.count)) == words
                #expect(isSaid, "call \(index), leg \(leg.id)")
                // What is played out in a turn has left to the other in it.
                let wire = try heard.peer.packets(25).flatMap(\.payload)
                let isHeard = wire == Array(taped.prefix(wire.count))
                #expect(isHeard, "call \(index), leg \(leg.id)")
            }
            #expect(found.paused.isEmpty == (index != 3))
        }
        #expect(rig.heard.closed(callers[1].id) != nil)
        #expect(rig.engine.statistics.legs == 8)
        #expect(rig.engine.statistics.recordings == 0)
        rig.engine.shutdown()
        #expect(rig.engine.statistics.legs == 0)
        #expect(rig.heard.all.count { EngineEvents.name($0.kind) == "closed" } == 10)
    }

    @Test func threadsShareTheCalls() throws {
        let rig = try Self.rig(threads: 2)
        let legs = try (0..<8).map { _ in try rig.leg() }
        var stepper = Stepper(rig)
        for _ in 0..<3 { stepper.pass(milliseconds: 5) }
        for leg in legs { #expect(leg.peer.isQuiet) }
        // One of each thread at once.
        stepper.pass(milliseconds: 5)
        #expect(legs.count { !$0.peer.isQuiet } == 2)
        for _ in 0..<3 { stepper.pass(milliseconds: 5) }
        #expect(legs.count { !$0.peer.isQuiet } == 8)
        #expect(rig.engine.statistics.legs == 8)
        #expect(rig.engine.statistics.datagramsSent == 8)
        for _ in 0..<100 * 4 { stepper.pass(milliseconds: 5) }
        #expect(rig.engine.load.sending == 8)
        #expect(rig.engine.load.threads == 2)
        #expect(rig.engine.load.busiest >= rig.engine.load.share)
    }

    /// A stall that is no whole number of ticks: each call's recording has a gap of as many ticks as its phase lost.
    @Test func aStallLeavesEachCallItsOwnGap() throws {
        let rig = try Self.rig()
        let legs = try (0..<4).map { _ in try rig.leg() }
        let recordings: [RecordingID] = legs.map { _ in rig.identifier() }
        for (leg, recording) in zip(legs, recordings) {
            try rig.engine.startRecording(recording, call: leg.call, channels: leg.bothWays)
        }
        var stepper = Stepper(rig)
        stepper.pass(milliseconds: 20)
        for _ in 0..<7 { stepper.pass(milliseconds: 5) }
        // 26 turns are due, 20 of them are run.
        stepper.pass(milliseconds: 26 * 5)
        for recording in recordings { try rig.engine.stopRecording(recording) }
        for _ in 0..<4 { stepper.pass(milliseconds: 5) }
        let log = try rig.log()
        #expect(
            recordings.map { log.recordings[$0]?.gaps } == [2, 2, 1, 1].map { [0: [2..<2 + $0], 1: [2..<2 + $0]] })
        #expect(recordings.map { log.recordings[$0]?.length } == [9, 9, 8, 8].map { .ticks($0) })
        let skipped = legs.map { rig.heard.names(of: $0.id).filter { $0.hasPrefix("skipped") } }
        #expect(skipped == [["skipped(40)"], ["skipped(40)"], ["skipped(20)"], ["skipped(20)"]])
        // 6 of 4 a tick are one and a half, and none is unseen.
        #expect(rig.engine.statistics.skippedTicks == 2)
        #expect(rig.engine.statistics.lateTicks == 4)
    }

    /// A leg's memory serves at another place as it did at the first.
    @Test(arguments: [1, 2]) func memoryServesAtAnyPlace(threads: Int) throws {
        let rig = try EngineRig(configure: {
            $0.threads = threads
            $0.maximumLegs = 8
            $0.phaseFill = 1
        })
        for round in 0..<12 {
            // More of them each round, closed in another order: places and memory are paired anew.
            let legs = try (0..<(round % 8 + 1)).map { _ in try rig.leg() }
            let recordings: [RecordingID] = legs.map { _ in rig.identifier() }
            for (leg, recording) in zip(legs, recordings) {
                try rig.engine.startRecording(recording, call: leg.call, channels: leg.bothWays)
            }
            let said = EngineParty.noise(ticks: 6, seed: UInt64(round))
            for tick in 0..<10 {
                for leg in legs where tick < 6 {
                    try leg.say(Array(said[tick * 160..<(tick + 1) * 160]), settles: false)
                }
                if tick < 6 { EnginePeer.settle(legs.map(\.endpoint)) }
                rig.tick()
            }
            for leg in round % 2 == 0 ? legs : legs.reversed() { rig.engine.close(leg: leg.id) }
            rig.tick(2)
            let log = try rig.log()
            for recording in recordings {
                let taped = try #require(log.recordings[recording]).bytes(0)
                let begin = try #require(taped.firstIndex { $0 != G711.idle(.pcma) }) / 160 * 160
                let isWhole = Array(taped[begin...].prefix(said.count)) == said
                #expect(isWhole, "round \(round)")
            }
            #expect(rig.engine.statistics.legs == 0)
        }
    }

    /// A call that has lost its last leg and gets another: it stays where the closing one is, so that what is told of it comes
    /// in order.
    @Test func aCallReopenedInTheSameTickStaysWhereItWas() throws {
        let rig = try Self.rig(threads: 2)
        _ = try rig.leg()
        let old = try rig.leg()
        rig.tick()
        rig.engine.close(leg: old.id)
        let new = try rig.leg(call: old.call)
        let recording: RecordingID = rig.identifier()
        try rig.engine.startRecording(recording, call: old.call, channels: new.bothWays)
        rig.tick(5)
        rig.engine.close(leg: new.id)
        rig.tick(2)
        let told = rig.heard.all.filter { $0.call == old.call }.map { ($0.leg == old.id, EngineEvents.name($0.kind)) }
        #expect(told.map(\.1) == ["recordingStarted", "closed", "recordingStopped", "closed"])
        #expect(told.map(\.0) == [false, true, false, false])
        #expect(try rig.log().recordings[recording]?.length == .ticks(5))
    }

    @Test func aCallThatEndsMakesRoomForTheNext() throws {
        let rig = try Self.rig()
        var legs = try (0..<4).map { _ in try rig.leg() }
        rig.tick()
        rig.engine.close(leg: legs[2].id)
        rig.tick(2)
        // The place of the one that went, and not the first.
        legs[2] = try rig.leg()
        for leg in legs { while !leg.peer.isQuiet { _ = try leg.peer.packet() } }
        rig.tick()
        var stepper = Stepper(rig)
        for leg in legs { while !leg.peer.isQuiet { _ = try leg.peer.packet() } }
        stepper.pass(milliseconds: 20)
        #expect(legs.map { !$0.peer.isQuiet } == [true, false, false, false])
        stepper.pass(milliseconds: 10)
        #expect(legs.map { !$0.peer.isQuiet } == [true, true, true, false])
    }
}
