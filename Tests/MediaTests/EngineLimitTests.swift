import Calls
import Foundation
import Media
import Testing

@Suite struct EngineLimitTests {
    @Test func aFullCommandRingRefusesButNeverAClose() throws {
        let rig = try EngineRig(configure: { $0.commandRing = 64 })
        let leg = try rig.leg()
        let recording: RecordingID = rig.identifier()
        try rig.engine.startRecording(recording, call: leg.call, channels: leg.bothWays)
        var taken = 4
        var refused: MediaError?
        while refused == nil, taken < 1000 {
            do throws(MediaError) {
                try rig.engine.play(
                    leg: leg.id, PlayRequest(id: PlayID(UInt32(taken)), items: [.silence(milliseconds: 20)]))
                taken += 1
            } catch {
                refused = error
            }
        }
        #expect(refused?.code == .busy)
        #expect(taken == 64)
        #expect(throws: MediaError.self) {
            try rig.engine.open(leg: rig.identifier(), call: leg.call, address: leg.endpoint.address)
        }
        try rig.engine.stopRecording(recording)
        rig.engine.close(leg: leg.id)
        rig.tick()
        let names = rig.heard.names(of: leg.id)
        #expect(names.suffix(2) == ["recordingStopped", "closed"])
        #expect(rig.engine.statistics.commandsRefused == 2)
        // There is room again.
        _ = try rig.leg()
    }

    @Test func aFullEventRingKeepsWhatCallsCannotDoWithout() throws {
        let rig = try EngineRig(configure: {
            $0.eventRing = 64
            $0.inactivityMilliseconds = nil
        })
        let legs = try (0..<8).map { _ in try rig.leg() }
        let recording: RecordingID = rig.identifier()
        try rig.engine.startRecording(recording, call: legs[0].call, channels: legs[0].bothWays)
        // Nobody takes events for a hundred ticks in each of which eight plays begin and end.
        for tick in 0..<100 {
            for leg in legs {
                try rig.engine.play(leg: leg.id, PlayRequest(id: PlayID(UInt32(tick)), items: []))
            }
            rig.clock.advance(milliseconds: 20)
            rig.engine.tick(at: rig.clock.now())
        }
        for leg in legs { rig.engine.close(leg: leg.id) }
        for _ in 0..<10 { rig.engine.tick(at: rig.clock.now()) }
        #expect(rig.engine.statistics.eventsLost > 1000)
        #expect(rig.engine.statistics.legs == 8)
        rig.engine.deliverEvents()
        rig.tick(3)
        for leg in legs { #expect(rig.heard.names(of: leg.id).last == "closed") }
        #expect(rig.heard.names(of: legs[0].id).contains("recordingStopped"))
        #expect(rig.engine.statistics.legs == 0)
        #expect(try rig.log().recordings[recording]?.length == .ticks(100))
    }

    @Test func aFullTapRingBecomesAGapAndTheLengthIsKept() throws {
        let rig = try EngineRig(configure: { $0.tapRing = 64 })
        let leg = try rig.leg()
        let recording: RecordingID = rig.identifier()
        try rig.engine.startRecording(recording, call: leg.call, channels: leg.bothWays)
        rig.tick(50)
        try rig.engine.stopRecording(recording)
        rig.tick(5)
        #expect(!rig.heard.names(of: leg.id).contains("recordingStopped"))
        rig.engine.writeLog(at: rig.clock.now())
        rig.tick(2)
        let found = try #require(try rig.log().recordings[recording])
        #expect(found.length == .ticks(50))
        #expect(rig.engine.statistics.framesLost == 100 - 63)
        #expect(found.gaps == [0: [32..<50], 1: [31..<50]])
        let stopped = rig.heard.of(leg.id).first { EngineEvents.name($0.kind) == "recordingStopped" }
        #expect(stopped?.position == .ticks(50))
    }

    @Test func aThousandLegsLeaveNothingBehind() throws {
        let rig = try EngineRig(
            configure: {
                $0.maximumLegs = 4
                $0.ports = 20_000...20_199
            })
        func descriptors() throws -> Int { try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count }
        func pages() throws -> Int {
            let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
            return Int(text.split(separator: " ")[1]) ?? 0
        }
        let address = IPAddress(v4: 0x7F00_0001)
        var ports: [UInt16] = []
        func openAndClose(_ count: Int) throws {
            for _ in 0..<count {
                let leg: LegID = rig.identifier()
                let call: CallID = rig.identifier()
                ports.append(try rig.engine.open(leg: leg, call: call, address: address).port)
                let recording: RecordingID = rig.identifier()
                try rig.engine.startRecording(
                    recording, call: call, channels: [RecordingChannel(index: 0, leg: leg, tap: .received)])
                try rig.engine.play(
                    leg: leg, PlayRequest(id: PlayID(1), items: [.silence(milliseconds: 1000), .tone(.beep)]))
                rig.tick()
                rig.engine.close(leg: leg)
                rig.tick()
                rig.engine.writeLog(at: rig.clock.now())
            }
        }
        try openAndClose(200)
        let (open, resident) = (try descriptors(), try pages())
        try openAndClose(1000)
        // Other tests run beside this one.
        #expect(try descriptors() < open + 100)
        #expect(try pages() < resident + 8192)
        #expect(ports.allSatisfy { $0 % 2 == 0 && (20_000...20_199).contains($0) })
        for (index, port) in ports.enumerated().dropFirst(90) {
            #expect(!ports[index - 90..<index].contains(port), "a port rests before it is used again")
        }
        #expect(rig.engine.statistics.legs == 0)
        #expect(rig.engine.statistics.commandsRefused == 0)
    }

    @Test func limitsAreTold() throws {
        let rig = try EngineRig(configure: {
            $0.maximumLegs = 2
            $0.ports = 21_000...21_003
        })
        let first = try rig.leg()
        #expect(throws: MediaError.self, "the same leg twice") {
            try rig.engine.open(leg: first.id, call: first.call, address: first.endpoint.address)
        }
        let second = try rig.leg()
        #expect(Set([first.endpoint.port, second.endpoint.port]) == [21_000, 21_002])
        #expect { try rig.leg() } throws: { ($0 as? MediaError)?.code == .limit }
        rig.engine.close(leg: first.id)
        rig.tick()
        #expect(try rig.leg().endpoint.port == first.endpoint.port)
    }

    @Test func noPortAndNoAddressAreTold() throws {
        let rig = try EngineRig(configure: { $0.ports = 22_000...22_002 })
        let held = try EngineRig(configure: { $0.ports = 22_000...22_002 })
        _ = try held.leg()
        #expect { try rig.leg() } throws: { ($0 as? MediaError)?.code == .noPort }
        let elsewhere = try #require(IPAddress("192.0.2.1"))
        #expect {
            _ = try EngineRig().engine.open(leg: rig.identifier(), call: rig.identifier(), address: elsewhere)
        } throws: {
            ($0 as? MediaError)?.code == .socket && ($0 as? MediaError)?.errno != nil
        }
    }

    @Test func aWrongConfigurationIsRefused() {
        let wrong: [(inout MediaConfiguration) -> Void] = [
            { $0.ports = 100...200 }, { $0.ports = 20_000...20_001 }, { $0.maximumLegs = 0 },
            { $0.minimumJitterMilliseconds = 10 }, { $0.maximumJitterMilliseconds = 20 }, { $0.dscp = 64 },
            { $0.priority = .nice(20) }, { $0.commandRing = 1 }, { $0.eventRing = 0 }, { $0.tapRing = 1 },
        ]
        for change in wrong { #expect(throws: MediaError.self) { try EngineRig(configure: change) } }
    }

    @Test func commandsForLegsThatAreNotOpenArePassedOver() throws {
        let rig = try EngineRig()
        let nobody: LegID = rig.identifier()
        try rig.engine.start(leg: nobody)
        try rig.engine.play(leg: nobody, PlayRequest(id: PlayID(1), items: []))
        try rig.engine.sendKeys(leg: nobody, [])
        rig.engine.close(leg: nobody)
        rig.tick()
        #expect(rig.engine.statistics.commandsWithoutLeg == 4)
        #expect(rig.heard.all.isEmpty)
    }
}
