import Glibc

/// Measures interleaved samples as they pass. Keeps one byte for every 20 ms, whatever the number of channels.
struct SoundMeter {
    private struct Channel {
        var squares: Int64 = 0
        var peak: Int32 = 0
        var clipped: Int64 = 0
        /// Of the windows that are not silent.
        var talkSquares = 0.0
        var talkSamples: Int64 = 0

        /// A window at most: nothing here can overflow. A loop for each figure, since the compiler takes many samples at once
        /// of each of these, and one by one of all together.
        @inline(__always)
        mutating func add(_ samples: UnsafeBufferPointer<Int16>, frames: Int, step: Int) {
            var least = Int16.max
            var greatest = Int16.min
            var place = 0
            for _ in 0..<frames {
                least = min(least, samples[place])
                greatest = max(greatest, samples[place])
                place &+= step
            }
            var squares: Int64 = 0
            place = 0
            for _ in 0..<frames {
                let sample = Int32(samples[place])
                squares &+= Int64(sample &* sample)
                place &+= step
            }
            self.squares += squares
            let peak = max(Int32(greatest), -Int32(least))
            self.peak = max(self.peak, peak)
            guard peak >= SoundMeter.clippedFrom else { return }
            place = 0
            for _ in 0..<frames {
                if abs(Int32(samples[place])) >= SoundMeter.clippedFrom { clipped += 1 }
                place &+= step
            }
        }
    }

    private static let clippedFrom: Int32 = 32_000

    private let rate: Int64
    private let window: Int
    private var channels: [Channel]
    private var inWindow = 0
    private var frames: Int64 = 0
    /// One byte a window, a bit a channel: not silent.
    private var activity: [UInt8] = []

    /// - Parameter channels: at most eight.
    init(rate: Int64, channels: Int) {
        self.rate = rate
        window = max(1, Int(rate * SoundFigures.windowMilliseconds / 1000))
        self.channels = Array(repeating: Channel(), count: min(channels, 8))
    }

    /// Takes in frames, interleaved.
    mutating func add(_ samples: UnsafeBufferPointer<Int16>) {
        let count = channels.count
        var index = 0
        while count > 0, index + count <= samples.count {
            let taken = min(window - inWindow, (samples.count - index) / count)
            for channel in 0..<count {
                let part = UnsafeBufferPointer(rebasing: samples[(index + channel)...])
                // With the step known the compiler takes many samples at once: nearly all recordings have two channels.
                switch count {
                case 2: channels[channel].add(part, frames: taken, step: 2)
                case 1: channels[channel].add(part, frames: taken, step: 1)
                default: channels[channel].add(part, frames: taken, step: count)
                }
            }
            index += taken * count
            inWindow += taken
            frames += Int64(taken)
            if inWindow == window { closeWindow() }
        }
    }

    private mutating func closeWindow() {
        let limit = 32_768 * pow(10, Double(SoundFigures.thresholdDecibels) / 20)
        var bits: UInt8 = 0
        for index in channels.indices {
            let squares = Double(channels[index].squares)
            if squares > limit * limit * Double(inWindow) {
                bits |= 1 << UInt8(index)
                channels[index].talkSquares += squares
                channels[index].talkSamples += Int64(inWindow)
            }
            channels[index].squares = 0
        }
        activity.append(bits)
        inWindow = 0
    }

    /// - Parameter missing: which samples each channel lacks, by its index; fewer than channels where that is not known.
    consuming func finish(missing: [IntervalSet] = []) -> SoundFigures {
        if inWindow > 0 { closeWindow() }
        var figures = SoundFigures(
            rate: Int(rate), frames: frames, silenceMilliseconds: 0, overtalkMilliseconds: 0, channels: [])
        let silences = channels.indices.map { self.silences($0) }
        for index in channels.indices { bridgePauses(index) }
        for index in channels.indices {
            let state = channels[index]
            let lacking = missing.indices.contains(index) ? missing[index].intervals : []
            let lost = lacking.reduce(Int64(0)) { $0 + min($1.to, frames) - min($1.from, frames) }
            figures.channels.append(
                SoundFigures.Channel(
                    index: index, missingMilliseconds: lost * 1000 / rate,
                    talkMilliseconds: time { $0 & (1 << UInt8(index)) != 0 }, peak: Int(state.peak),
                    level: Self.level(state.talkSquares, state.talkSamples), clippedSamples: state.clipped,
                    silences: silences[index]))
        }
        figures.silenceMilliseconds = time { $0 == 0 }
        figures.overtalkMilliseconds = time { $0.nonzeroBitCount > 1 }
        return figures
    }

    private static func level(_ squares: Double, _ samples: Int64) -> Int? {
        guard samples > 0, squares > 0 else { return nil }
        return Int((1000 * log10(squares / Double(samples) / (32_768.0 * 32_768.0))).rounded())
    }

    /// When window `index` begins.
    private func milliseconds(_ index: Int) -> Int64 { min(Int64(index) * Int64(window), frames) * 1000 / rate }

    /// How long windows of a kind last together.
    private func time(_ belongs: (UInt8) -> Bool) -> Int64 {
        var samples: Int64 = 0
        for (index, bits) in activity.enumerated() where belongs(bits) {
            samples += min(Int64(window), frames - Int64(index) * Int64(window))
        }
        return samples * 1000 / rate
    }

    private func silences(_ channel: Int) -> [[Int64]] {
        var found: [[Int64]] = []
        var begin: Int?
        func close(_ end: Int) {
            guard let first = begin else { return }
            let (from, to) = (milliseconds(first), milliseconds(end))
            if to - from >= SoundFigures.minimumMilliseconds { found.append([from, to]) }
        }
        for (index, bits) in activity.enumerated() {
            if bits & (1 << UInt8(channel)) == 0 {
                if begin == nil { begin = index }
            } else {
                close(index)
                begin = nil
            }
        }
        close(activity.count)
        return found
    }

    private mutating func bridgePauses(_ channel: Int) {
        let bit: UInt8 = 1 << UInt8(channel)
        let longest = Int(SoundFigures.pauseMilliseconds / SoundFigures.windowMilliseconds)
        var last: Int?
        for index in activity.indices where activity[index] & bit != 0 {
            if let last, index - last - 1 < longest {
                for place in last + 1..<index { activity[place] |= bit }
            }
            last = index
        }
    }
}
