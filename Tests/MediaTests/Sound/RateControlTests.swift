import Media
import Testing

@Suite struct RateControlTests {
    /// A tank under the control: what the distance does when samples come `drift` ppm too fast. Returns the distance
    /// each 20 ms.
    static func run(
        _ control: inout RateControl, from start: Double, drift: Double, seconds: Int, jitter: Double = 0
    ) -> [Double] {
        var random = SplitMix64(11)
        var distance = start
        return (0..<seconds * 50).map { step in
            let seen = distance + (random.unit() - 0.5) * 2 * jitter
            let correction = control.update(distance: seen, at: Int64(step) * 20_000_000)
            distance += (drift - correction) * 1e-6 * 160
            return distance
        }
    }

    @Test(arguments: [200.0, -200.0, 700.0, 0])
    func holdsTheDistanceAgainstDrift(drift: Double) {
        var control = RateControl(setpoint: 720)
        let distances = Self.run(&control, from: 720, drift: drift, seconds: 600)
        #expect(distances.allSatisfy { abs($0 - 720) < 80 })
        #expect(distances.suffix(5000).allSatisfy { abs($0 - 720) < 1 })
        #expect(abs(control.learnt - drift) < 2)
        #expect(abs(control.correction - drift) < 2)
    }

    @Test func jitterIsNotHeard() {
        var control = RateControl(setpoint: 720)
        let distances = Self.run(&control, from: 720, drift: 100, seconds: 600, jitter: 240)
        #expect(distances.suffix(25_000).allSatisfy { abs($0 - 720) < 40 })
        #expect(abs(control.learnt - 100) < 60)
    }

    @Test func pullsInFromAWrongPlaceWithoutSwinging() {
        var control = RateControl(setpoint: 720)
        let distances = Self.run(&control, from: 1040, drift: -50, seconds: 300)
        #expect(distances.allSatisfy { $0 > 680 })
        #expect(abs(distances[50 * 60] - 720) < 60)
        #expect(abs(distances[50 * 299] - 720) < 2)
    }

    @Test func neverLeavesItsLimits() {
        var control = RateControl(setpoint: 720)
        for step in 0..<10_000 {
            let correction = control.update(distance: step % 2 == 0 ? 1e9 : 0, at: Int64(step) * 20_000_000)
            #expect(abs(correction) <= RateControl.limit)
        }
        #expect(abs(control.learnt) <= RateControl.limit)
    }

    @Test func aNewPlaceKeepsWhatIsKnownOfTheClocks() {
        var control = RateControl(setpoint: 720)
        _ = Self.run(&control, from: 720, drift: 150, seconds: 600)
        control.restart(drift: nil)
        #expect(control.smoothed == nil)
        #expect(abs(control.correction - 150) < 2)
        control.restart(drift: -30)
        #expect(control.correction == -30)
    }

    @Test(arguments: [(8000, 200.0), (44_100, -200.0), (48_000, 3.0)] as [(Int, Double)])
    func driftIsMeasuredThroughJitter(rate: Int, drift: Double) {
        var meter = DriftMeter(rate: rate)
        var random = SplitMix64(5)
        for step in 1...3000 {
            let seconds = Double(step) * 0.02 + random.unit() * 0.03
            // What the device had 10 ms ago or less.
            let counted = (seconds - random.unit() * 0.01) * Double(rate) * (1 + drift * 1e-6)
            meter.observe(frames: Int64(counted), at: Int64(seconds * 1e9))
            if step < 1000 { #expect(meter.partsPerMillion == nil) }
        }
        #expect(abs((meter.partsPerMillion ?? .infinity) - drift) < 20)
    }

    @Test func interruptionsDoNotDisturbTheDrift() {
        var meter = DriftMeter(rate: 8000)
        var lost = 0.0
        for step in 1...30_000 {
            let seconds = Double(step) * 0.02
            if step % 1000 == 0 {
                lost += 1234
                meter.interrupt()
            }
            meter.observe(frames: Int64(seconds * 8000 * 1.000_15 - lost), at: Int64(seconds * 1e9))
        }
        #expect(abs((meter.partsPerMillion ?? .infinity) - 150) < 5)
    }

    @Test func aTickIsWhereItsEarliestSightingSays() {
        var phase = TickPhase()
        #expect(phase.position(at: 0) == nil)
        phase.observe(160, at: 38_000_000)
        phase.observe(320, at: 41_000_000)
        phase.observe(480, at: 75_000_000)
        // Tick 2 was seen at 41 ms: position 0 was due at 1 ms.
        #expect(phase.position(at: 81_000_000) == 640)
        // A sighting that was too early is forgotten.
        phase.observe(8000, at: 900_000_000)
        for tick in 6...7000 { phase.observe(Int64(tick) * 160, at: 1_000_000 + Int64(tick) * 20_000_000) }
        #expect(phase.position(at: 1_000_000 + 160_000_000_000) == 1_280_000)
        phase.reset()
        #expect(phase.position(at: 81_000_000) == nil)
    }
}
