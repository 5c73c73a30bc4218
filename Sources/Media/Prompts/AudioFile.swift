import CSndFile
import Glibc

/// Linear audio read from, or to be written to, a file through libsndfile. Blocking: never on the media thread, nor
/// on the cooperative pool.
public struct AudioFile: Sendable, Hashable {
    /// Interleaved 16-bit samples: frame by frame, channel by channel.
    public var samples: [Int16]
    /// Frames a second.
    public var rate: Int
    /// 1: mono, 2: stereo, …
    public var channels: Int

    /// How much of a file is read: a hostile header may claim anything, and a small file may unpack to a great deal.
    public struct Limits: Sendable, Hashable {
        public var seconds: Int
        /// Frames a second.
        public var rates: ClosedRange<Int>
        /// In all channels together.
        public var samples: Int

        public init(seconds: Int, rates: ClosedRange<Int> = 1000...384_000, samples: Int = .max) {
            self.seconds = seconds
            self.rates = rates
            self.samples = samples
        }

        /// Of files that are on this machine: nothing we play or compare is longer.
        public static let usual = Limits(seconds: 3600)
    }

    public init(samples: [Int16], rate: Int, channels: Int = 1) {
        self.samples = samples
        self.rate = rate
        self.channels = channels
    }

    /// Samples in each channel.
    public var frames: Int { samples.count / max(1, channels) }

    /// Length in milliseconds, rounded to the nearest.
    public var milliseconds: Int { rate > 0 ? (frames * 1000 + rate / 2) / rate : 0 }

    /// One channel's samples, from 0; none for a channel that is not there.
    public func channel(_ index: Int) -> [Int16] {
        guard (0..<channels).contains(index) else { return [] }
        guard channels > 1 else { return samples }
        return stride(from: index, to: frames * channels, by: channels).map { samples[$0] }
    }

    /// Reads a whole file of any kind that libsndfile knows (WAV, FLAC, …); floating point is scaled to 16 bits.
    /// - Parameters:
    ///   - limits: what is longer, faster or more is refused.
    ///   - name: what messages call it; nil: its path.
    /// - Throws: `MediaError` with code `.audioFile`, `.audioShape` or `.audioLength`, naming the file and what to do.
    public init(reading path: String, within limits: Limits = .usual, as name: String? = nil) throws(MediaError) {
        let name = name ?? path
        var info = SF_INFO()
        guard let file = sf_open(path, Int32(SFM_READ), &info) else {
            throw MediaError(
                .audioFile,
                "\(name): cannot be read as audio (\(Self.reason(nil))); give a WAV file, 8,000 Hz, 16 bit, mono")
        }
        defer { sf_close(file) }
        let channels = Int(info.channels)
        let rate = Int(info.samplerate)
        guard (1...16).contains(channels), limits.rates.contains(rate) else {
            throw MediaError(
                .audioShape,
                "\(name): \(rate) samples a second in \(channels) channels; save it with 1 to 16 channels of "
                    + "\(limits.rates.lowerBound) to \(limits.rates.upperBound) samples a second")
        }
        guard info.frames >= 0, info.frames <= Int64(limits.seconds * rate) else {
            throw MediaError(
                .audioLength, "\(name): it lasts \(info.frames / Int64(rate)) s; make it \(limits.seconds) s or shorter"
            )
        }
        guard info.frames <= Int64(limits.samples / channels) else {
            throw MediaError(
                .audioLength,
                "\(name): it holds more than \(limits.samples) samples; save it with 8,000 to 48,000 samples a second, "
                    + "in one or two channels")
        }
        // Without this a floating-point file of full scale ±1.0 would be read as silence.
        sf_command(file, Int32(SFC_SET_SCALE_FLOAT_INT_READ), nil, Int32(SF_TRUE))
        // In steps: a header's claim of length must not decide how much memory is taken.
        var samples: [Int16] = []
        var block = [Int16](repeating: 0, count: 16_384 * channels)
        while samples.count <= min(limits.samples, limits.seconds * rate * channels) {
            let frames = block.withUnsafeMutableBufferPointer { buffer in
                buffer.baseAddress.map { Int(sf_readf_short(file, $0, 16_384)) } ?? 0
            }
            guard frames > 0 else { break }
            samples += block[..<(min(frames, 16_384) * channels)]
        }
        self.init(samples: samples, rate: rate, channels: channels)
    }

    /// Writes a 16-bit WAV file: under a temporary name beside it first, onto the disk, then renamed, so that a reader
    /// sees the old file or the new one, whatever fails.
    /// - Throws: `MediaError` with code `.audioFile`.
    public func writeWAV(to path: String) throws(MediaError) {
        let temporary = path + ".part"
        do throws(MediaError) {
            try write(to: temporary)
            try DurableFile.replace(path, by: temporary)
        } catch {
            unlink(temporary)
            throw MediaError(.audioFile, error.message, errno: error.errno)
        }
    }

    private func write(to path: String) throws(MediaError) {
        var info = SF_INFO()
        info.samplerate = Int32(clamping: rate)
        info.channels = Int32(clamping: channels)
        info.format = Int32(SF_FORMAT_WAV) | Int32(SF_FORMAT_PCM_16)
        guard let file = sf_open(path, Int32(SFM_WRITE), &info) else {
            throw MediaError(
                .audioFile, "\(path): cannot be written (\(Self.reason(nil))); check folder, permissions and space")
        }
        let written = samples.withUnsafeBufferPointer { buffer in
            buffer.baseAddress.map { Int(sf_writef_short(file, $0, Int64(frames))) } ?? 0
        }
        let reason = Self.reason(file)
        guard sf_close(file) == 0, written == frames else {
            throw MediaError(.audioFile, "\(path): only \(written) of \(frames) frames were written (\(reason))")
        }
    }

    private static func reason(_ file: OpaquePointer?) -> String { String(cString: sf_strerror(file)) }
}
