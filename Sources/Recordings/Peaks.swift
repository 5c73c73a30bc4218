/// Peaks for drawing a waveform: audiowaveform's binary data format, version 2, 8 bits, 256 samples a pixel.
///
/// Header, little-endian: int32 version (2), uint32 flags (1: 8 bits), int32 sample rate, int32 samples a pixel, uint32
/// pixels, int32 channels. Then for each pixel and channel the least and the greatest sample as int8.
struct Peaks {
    static let samplesPerPixel = 256

    private let rate: Int32
    private let channels: Int
    private var low: [Int16]
    private var high: [Int16]
    private var inPixel = 0
    private var data: [UInt8] = []

    init(rate: Int64, channels: Int) {
        self.rate = Int32(clamping: rate)
        self.channels = channels
        low = Array(repeating: .max, count: channels)
        high = Array(repeating: .min, count: channels)
    }

    /// Takes in frames, interleaved.
    mutating func add(_ samples: UnsafeBufferPointer<Int16>) {
        var index = 0
        while index + channels <= samples.count {
            let frames = min(Self.samplesPerPixel - inPixel, (samples.count - index) / channels)
            for channel in 0..<channels {
                let part = UnsafeBufferPointer(rebasing: samples[(index + channel)...])
                // With the step known the compiler takes many samples at once: nearly all recordings have two channels.
                switch channels {
                case 2: widen(channel, part, frames: frames, step: 2)
                case 1: widen(channel, part, frames: frames, step: 1)
                default: widen(channel, part, frames: frames, step: channels)
                }
            }
            index += frames * channels
            inPixel += frames
            if inPixel == Self.samplesPerPixel { closePixel() }
        }
    }

    @inline(__always)
    private mutating func widen(_ channel: Int, _ samples: UnsafeBufferPointer<Int16>, frames: Int, step: Int) {
        var least = low[channel]
        var greatest = high[channel]
        var place = 0
        for _ in 0..<frames {
            least = min(least, samples[place])
            greatest = max(greatest, samples[place])
            place &+= step
        }
        low[channel] = least
        high[channel] = greatest
    }

    /// The file's bytes.
    consuming func finish() -> [UInt8] {
        if inPixel > 0 { closePixel() }
        let pixels = UInt32(data.count / (2 * channels))
        var file: [UInt8] = []
        file.reserveCapacity(24 + data.count)
        for word in [
            2, 1, UInt32(bitPattern: rate), UInt32(Self.samplesPerPixel), pixels, UInt32(channels),
        ] {
            for shift in [0, 8, 16, 24] as [UInt32] { file.append(UInt8(truncatingIfNeeded: word >> shift)) }
        }
        file.append(contentsOf: data)
        return file
    }

    private mutating func closePixel() {
        for channel in 0..<channels {
            // As audiowaveform scales: division towards zero.
            data.append(UInt8(bitPattern: Int8(low[channel] / 256)))
            data.append(UInt8(bitPattern: Int8(high[channel] / 256)))
            low[channel] = .max
            high[channel] = .min
        }
        inPixel = 0
    }
}
