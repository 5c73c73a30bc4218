/// A waveform's peaks as they are kept: audiowaveform's binary data format, version 2, 8 bits (see `Peaks`).
public struct PeaksFile: Sendable, Hashable {
    /// Samples a second of the audio.
    public let rate: Int
    public let samplesPerPixel: Int
    public let pixels: Int
    public let channels: Int
    private let data: [UInt8]

    private static let headerSize = 24
    /// The coarsest resolution that is made.
    public static let maximumSamplesPerPixel = 1 << 24

    /// Nil where the bytes are no such file.
    public init?(bytes: [UInt8]) {
        guard bytes.count >= Self.headerSize else { return nil }
        var words: [UInt32] = []
        for place in stride(from: 0, to: Self.headerSize, by: 4) {
            var word: UInt32 = 0
            for byte in bytes[place..<place + 4].reversed() { word = word << 8 | UInt32(byte) }
            words.append(word)
        }
        guard words[0] == 2, words[1] & 1 == 1, (1...1_000_000).contains(words[2]),
            (1...UInt32(Self.maximumSamplesPerPixel)).contains(words[3]), (1...24).contains(words[5]),
            bytes.count - Self.headerSize == Int(words[4]) * 2 * Int(words[5])
        else { return nil }
        rate = Int(words[2])
        samplesPerPixel = Int(words[3])
        pixels = Int(words[4])
        channels = Int(words[5])
        data = Array(bytes[Self.headerSize...])
    }

    /// Whether it is as long as audio of so many samples in each channel.
    func fits(frames: Int64) -> Bool { Int64(pixels) == (frames + Int64(samplesPerPixel) - 1) / Int64(samplesPerPixel) }

    /// The same at a coarser resolution, as the bytes of a file.
    /// - Parameter wanted: samples a pixel, a multiple of the present number; nil is answered to anything else.
    public func bytes(samplesPerPixel wanted: Int) -> [UInt8]? {
        guard wanted >= samplesPerPixel, wanted <= Self.maximumSamplesPerPixel, wanted % samplesPerPixel == 0 else {
            return nil
        }
        let factor = wanted / samplesPerPixel
        let coarse = (pixels + factor - 1) / factor
        var file: [UInt8] = []
        file.reserveCapacity(Self.headerSize + coarse * 2 * channels)
        for word in [2, 1, UInt32(rate), UInt32(wanted), UInt32(coarse), UInt32(channels)] {
            for shift in [0, 8, 16, 24] as [UInt32] { file.append(UInt8(truncatingIfNeeded: word >> shift)) }
        }
        for pixel in 0..<coarse {
            let last = min(pixels, (pixel + 1) * factor)
            for channel in 0..<channels {
                var low = Int8.max
                var high = Int8.min
                for fine in pixel * factor..<last {
                    let place = (fine * channels + channel) * 2
                    low = min(low, Int8(bitPattern: data[place]))
                    high = max(high, Int8(bitPattern: data[place + 1]))
                }
                file.append(UInt8(bitPattern: low))
                file.append(UInt8(bitPattern: high))
            }
        }
        return file
    }
}
