import CAlsa
import Glibc

/// Plays audio on an ALSA device for somebody who listens, as fast as the device takes it: `play` waits for room.
/// Used by one thread. Left and right apart where the device has two channels, mixed where it has one.
public final class SoundPlayer {
    /// So long a device may take nothing before it counts as lost, milliseconds.
    private static let patience: Int32 = 3000

    private struct Device: ~Copyable {
        let pcm: PCM
        var left: StreamResampler
        var right: StreamResampler
    }

    private var device: Device
    private let rate: Int
    /// Whether anything was ever written.
    private var hasBegun = false

    /// - Parameter rate: samples a second of what is to be played: 8,000, 16,000, 32,000, 44,100 or 48,000.
    /// - Throws: `MediaError` with code `.device`, naming the device and what to do; `.limit`.
    public init(device name: String, rate: Int) throws(MediaError) {
        guard PCM.rates.contains(rate) else {
            throw MediaError(.device, "audio of \(rate) samples a second cannot be played here")
        }
        self.rate = rate
        let pcm: PCM
        do throws(MediaError) {
            pcm = try PCM(name, .playback, rate: nil, channels: 2)
        } catch {
            // A device of one channel says so only now.
            pcm = try PCM(name, .playback, rate: nil, channels: 1)
        }
        let to = pcm.rate
        device = Device(
            pcm: pcm, left: try StreamResampler(from: rate, to: to), right: try StreamResampler(from: rate, to: to))
    }

    /// Plays what is given after what was given before; waits until the device has taken it.
    /// - Parameters: one sample a frame each; the shorter is padded with silence.
    /// - Throws: `.device` where it was lost.
    public func play(left: [Int16], right: [Int16]) throws(MediaError) {
        let count = max(left.count, right.count)
        let silence = [Int16](repeating: 0, count: count)
        let first = Self.resample(left + silence.dropFirst(left.count), &device.left)
        let second = Self.resample(right + silence.dropFirst(right.count), &device.right)
        var frames: [Int16] = []
        frames.reserveCapacity(2 * first.count)
        for (left, right) in zip(first, second) {
            if device.pcm.channels == 2 {
                frames += [left, right]
            } else {
                frames.append(Int16(clamping: (Int(left) + Int(right)) / 2))
            }
        }
        try write(frames)
    }

    /// Plays out what the device still holds, and waits for it.
    public func drain() throws(MediaError) {
        guard hasBegun else { return }
        // As much silence as the buffer holds pushes the last of the audio out.
        try write([Int16](repeating: 0, count: device.pcm.buffer * device.pcm.channels))
    }

    private static func resample(_ samples: [Int16], _ resampler: inout StreamResampler) -> [Int16] {
        var out: [Int16] = []
        var room = [Int16](repeating: 0, count: 8192)
        samples.withUnsafeBufferPointer { input in
            room.withUnsafeMutableBufferPointer { output in
                guard let from = input.baseAddress, let to = output.baseAddress else { return }
                var done = 0
                while done < input.count {
                    let moved = resampler.process(
                        from + done, count: min(1024, input.count - done), into: to, room: output.count)
                    out.append(contentsOf: output[..<moved.written])
                    done += moved.read
                    if moved.read == 0, moved.written == 0 { return }
                }
            }
        }
        return out
    }

    private func write(_ frames: [Int16]) throws(MediaError) {
        let channels = device.pcm.channels
        let count = frames.count / channels
        hasBegun = hasBegun || count > 0
        var done = 0
        var failures = 0
        while done < count {
            let outcome = frames.withUnsafeBufferPointer { buffer in
                buffer.baseAddress.map { device.pcm.write($0 + done * channels, count: count - done) } ?? .frames(0)
            }
            switch outcome {
            case .frames(0): try waitForRoom()
            case .frames(let written):
                done += written
                failures = 0
            case .xrun:
                // A pause between two plays: it goes on with the next frames.
                failures += 1
                guard failures < 10 else { throw device.pcm.failure("runs dry again and again", -EPIPE) }
                try device.pcm.recover()
            case .lost(let number): throw device.pcm.failure("was lost", -number)
            }
        }
    }

    private func waitForRoom() throws(MediaError) {
        var list = [pollfd](repeating: pollfd(), count: max(1, device.pcm.descriptorCount))
        let count = list.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.map { device.pcm.descriptors(into: $0, count: buffer.count) } ?? 0
        }
        guard poll(&list, nfds_t(count), Self.patience) > 0 else {
            throw device.pcm.failure("takes nothing", -ETIMEDOUT)
        }
        let events = list.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.map { device.pcm.events(of: $0, count: count) } ?? 0
        }
        if events & Int16(POLLHUP) != 0 { throw device.pcm.failure("was lost", -ENODEV) }
    }
}
