import Calls
import Dispatch
import Foundation
import Glibc
import Media
import Synchronization

/// What a sound card told, in order.
final class CardLog: Sendable {
    private let told = Mutex<[SoundCardEvent]>([])

    func append(_ event: SoundCardEvent) { told.withLock { $0.append(event) } }

    var all: [SoundCardEvent] { told.withLock { $0 } }

    var openings: Int { all.count { if case .opened = $0 { true } else { false } } }
    var losses: [String] { all.compactMap { if case .lost(let reason) = $0 { reason } else { nil } } }
}

/// A clock that holds its readers until they are let go.
final class InterruptedTime: TimeSource {
    private let arrived = DispatchSemaphore(value: 0)
    private let gate = DispatchSemaphore(value: 0)

    func now() -> Instant {
        arrived.signal()
        gate.wait()
        gate.signal()
        return SystemTime().now()
    }

    /// - Returns: false where nobody came in 20 s.
    func waitForReader() -> Bool { arrived.wait(timeout: .now() + 20) == .success }
    func letReadersGo() { gate.signal() }
}

/// One end of a virtual line: plays a tone (or nothing) and keeps what it hears.
final class SoundEnd: Sendable {
    let terminal: SoundTerminal
    let log = CardLog()
    private let heardSamples = Mutex<[Int16]>([])
    private let missedTicks = Mutex(0)

    /// - Parameter amplitude: of the tone's peak; 0 plays silence.
    init(_ configuration: SoundCardConfiguration, frequency: Double = 1000, amplitude: Double = 0) throws {
        let log = log
        terminal = SoundTerminal(configuration: configuration, time: SystemTime(), events: { log.append($0) })
        let position = Mutex(0)
        try terminal.start { [weak self] heard in
            self?.keep(heard)
            let start = position.withLock { position in
                defer { position += 160 }
                return position
            }
            return (0..<160).map { Self.sine(start + $0, frequency, amplitude) }
        }
    }

    private static func sine(_ index: Int, _ frequency: Double, _ amplitude: Double) -> Int16 {
        Int16((amplitude * sin(2 * .pi * frequency * Double(index) / 8000)).rounded())
    }

    private func keep(_ heard: [Int16]?) {
        if let heard { heardSamples.withLock { $0 += heard } } else { missedTicks.withLock { $0 += 1 } }
    }

    /// Samples heard so far, without the ticks that were missed.
    var heard: [Int16] { heardSamples.withLock { $0 } }
    var missed: Int { missedTicks.withLock { $0 } }

    /// Forgets what was heard and waits for `seconds` of new sound, as long as a busy machine may need.
    func listen(seconds: Double) -> [Int16] {
        heardSamples.withLock { $0 = [] }
        let wanted = Int(seconds * 8000)
        _ = Patience.wait { heard.count >= wanted }
        return heard
    }

    func stop() { terminal.stop() }
}

/// Measures of what was heard.
enum Heard {
    /// The amplitude at one frequency in a run of samples (Goertzel).
    static func amplitude(_ samples: ArraySlice<Int16>, at frequency: Double) -> Double {
        let step = 2 * Double.pi * frequency / 8000
        var last = 0.0, beforeLast = 0.0
        for sample in samples { (last, beforeLast) = (Double(sample) + 2 * cos(step) * last - beforeLast, last) }
        let power = last * last + beforeLast * beforeLast - 2 * cos(step) * last * beforeLast
        return 2 * max(0, power).squareRoot() / Double(max(1, samples.count))
    }

    static func rms(_ samples: ArraySlice<Int16>) -> Double {
        (samples.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(max(1, samples.count))).squareRoot()
    }

    /// Blocks of 50 ms of which more than `share` of the power is at the frequency; two cards whose rates are being
    /// changed put a tone some 2 Hz off.
    static func pureBlocks(_ samples: [Int16], at frequency: Double, share: Double = 0.9) -> [ArraySlice<Int16>] {
        stride(from: 0, to: max(0, samples.count - 399), by: 400).map { samples[$0..<$0 + 400] }.filter { block in
            let tone = amplitude(block, at: frequency)
            let all = rms(block)
            return all > 10 && tone * tone / 2 > share * all * all
        }
    }

    /// The tone's amplitude in the middle one of the pure blocks.
    static func steadyAmplitude(_ samples: [Int16], at frequency: Double) -> Double {
        let amplitudes = pureBlocks(samples, at: frequency).map { amplitude($0, at: frequency) }.sorted()
        return amplitudes.isEmpty ? 0 : amplitudes[amplitudes.count / 2]
    }
}

func decibels(_ ratio: Double) -> Double { 20 * log10(max(1e-9, ratio)) }
