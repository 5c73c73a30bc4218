import CAlsa
import Glibc

/// One direction of an ALSA device, open and set up: 16-bit frames, non-blocking, periods of 20 ms.
///
/// Used by one thread. Calls of ALSA's own plugins may wait inside all the same (the pulse plugin does).
struct PCM: ~Copyable {
    enum Direction: String, Sendable {
        case capture, playback
    }

    /// What came of reading or writing.
    enum Outcome: Equatable {
        /// So many frames were moved; 0 where the device has nothing, or no room.
        case frames(Int)
        /// The device ran over or dry, or the machine slept: it stands still until `recover`.
        case xrun
        /// The device is gone; ALSA's error number.
        case lost(Int32)
    }

    /// Tried in this order where none is configured.
    static let rates = [8000, 16_000, 48_000, 44_100, 32_000]
    /// Of the device's buffer.
    static let bufferMilliseconds = 200
    /// Of these, as much as stands in the playback buffer after each turn of the card's thread: how late that may be.
    static let fillMilliseconds = 80

    let name: String
    let direction: Direction
    /// Frames a second.
    let rate: Int
    /// 1 or 2.
    let channels: Int
    /// Frames.
    let period: Int
    /// Frames.
    let buffer: Int
    /// Frames that playback keeps in the buffer.
    let fill: Int
    private let handle: OpaquePointer

    /// Opens and sets up the device; it stands still until `start`. May wait as long as the device's plugin does.
    /// - Parameters:
    ///   - rate: frames a second; nil: the first of `rates` that the device has without conversion.
    ///   - channels: nil: 1 where the device has it, else 2.
    /// - Throws: `MediaError` with code `.device`, naming the device and what to do.
    init(_ name: String, _ direction: Direction, rate: Int?, channels: Int?) throws(MediaError) {
        hotline_alsa_be_silent()
        var opened: OpaquePointer?
        let stream = direction == .capture ? SND_PCM_STREAM_CAPTURE : SND_PCM_STREAM_PLAYBACK
        let status = snd_pcm_open(&opened, name, stream, Int32(SND_PCM_NONBLOCK))
        guard status == 0, let opened else { throw Self.failure(name, direction, "cannot be opened", status) }
        do throws(MediaError) {
            let hardware = try Self.setHardware(opened, name, direction, rate: rate, channels: channels)
            let fill = max(
                min(hardware.rate * Self.fillMilliseconds / 1000, hardware.buffer),
                min(2 * hardware.period, hardware.buffer))
            try Self.setSoftware(opened, name, direction, hardware, fill: fill)
            self.rate = hardware.rate
            self.channels = hardware.channels
            period = hardware.period
            buffer = hardware.buffer
            self.fill = fill
        } catch {
            snd_pcm_close(opened)
            throw error
        }
        self.name = name
        self.direction = direction
        handle = opened
    }

    deinit {
        // Without the drop a close would play out what is left.
        snd_pcm_drop(handle)
        snd_pcm_close(handle)
    }

    // MARK: - Running

    /// Begins to run; playback has to have frames by then.
    func start() throws(MediaError) {
        // Playback begins by itself once it has been filled.
        guard snd_pcm_state(handle) != SND_PCM_STATE_RUNNING else { return }
        let status = snd_pcm_start(handle)
        guard status == 0 else { throw failure("cannot be started", status) }
    }

    /// Makes it ready for `start` again after an xrun.
    func recover() throws(MediaError) {
        // Prepared anew after a sleep of the machine too: `snd_pcm_recover` would wait there for the device.
        let state = snd_pcm_state(handle)
        let status =
            state == SND_PCM_STATE_XRUN ? snd_pcm_recover(handle, -EPIPE, 1) : snd_pcm_prepare(handle)
        guard status == 0 else { throw failure("does not recover", status) }
    }

    /// Frames that can be read or written now.
    func available() -> Outcome { Self.outcome(snd_pcm_avail(handle)) }

    /// Frames until a frame written now is heard, or since the next one to be read was; nil where the device does not
    /// tell.
    func delay() -> Int? {
        var delay = snd_pcm_sframes_t()
        return snd_pcm_delay(handle, &delay) == 0 ? delay : nil
    }

    /// Reads at most `count` frames.
    func read(into frames: UnsafeMutablePointer<Int16>, count: Int) -> Outcome {
        Self.outcome(snd_pcm_readi(handle, frames, snd_pcm_uframes_t(count)))
    }

    /// Writes at most `count` frames.
    func write(_ frames: UnsafePointer<Int16>, count: Int) -> Outcome {
        Self.outcome(snd_pcm_writei(handle, frames, snd_pcm_uframes_t(count)))
    }

    // MARK: - Waiting

    /// How many descriptors `descriptors` fills in.
    var descriptorCount: Int { max(0, Int(snd_pcm_poll_descriptors_count(handle))) }

    /// What to poll for.
    /// - Returns: how many were filled in, `count` at most.
    func descriptors(into list: UnsafeMutablePointer<pollfd>, count: Int) -> Int {
        max(0, Int(snd_pcm_poll_descriptors(handle, list, UInt32(count))))
    }

    /// What the descriptors' events mean for the device (POLLIN, POLLOUT, POLLERR, POLLHUP). Has to be asked after each
    /// poll: some plugins clear their descriptors by it.
    func events(of list: UnsafeMutablePointer<pollfd>, count: Int) -> Int16 {
        var events: UInt16 = 0
        let status = snd_pcm_poll_descriptors_revents(handle, list, UInt32(count), &events)
        return status == 0 ? Int16(bitPattern: events) : Int16(POLLERR)
    }

    /// Pulled out, or its driver has gone.
    var isDisconnected: Bool { snd_pcm_state(handle) == SND_PCM_STATE_DISCONNECTED }

    // MARK: - Errors

    private static func outcome(_ result: snd_pcm_sframes_t) -> Outcome {
        if result >= 0 { return .frames(result) }
        switch Int32(-result) {
        case EAGAIN, EINTR: return .frames(0)
        case EPIPE, ESTRPIPE: return .xrun
        default: return .lost(Int32(-result))
        }
    }

    /// - Parameter status: ALSA's, negative.
    func failure(_ what: String, _ status: Int32) -> MediaError { Self.failure(name, direction, what, status) }

    private static func failure(
        _ name: String, _ direction: Direction, _ what: String, _ status: Int32
    ) -> MediaError {
        let number = abs(status)
        let advice =
            switch number {
            case ENOENT, ENODEV, ENXIO:
                "; is the card plugged in? `\(direction == .capture ? "arecord" : "aplay") -L` lists the names"
            case EBUSY: "; another program has it open: `fuser -v /dev/snd/*` tells which"
            case EACCES, EPERM: "; the program's user has to be in the group audio"
            case ECONNREFUSED: "; its sound server does not run"
            default: ""
            }
        let text = String(cString: snd_strerror(status))
        return MediaError(
            .device, "sound device `\(name)` (\(direction.rawValue)) \(what): \(text)\(advice)", errno: number)
    }

    // MARK: - Setting up

    private struct Hardware {
        var rate: Int
        var channels: Int
        var period: Int
        var buffer: Int
    }

    private static func setHardware(
        _ handle: OpaquePointer, _ name: String, _ direction: Direction, rate: Int?, channels: Int?
    ) throws(MediaError) -> Hardware {
        func check(_ status: Int32, _ what: String) throws(MediaError) {
            if status < 0 { throw failure(name, direction, what, status) }
        }
        var allocated: OpaquePointer?
        try check(snd_pcm_hw_params_malloc(&allocated), "cannot be set up")
        guard let params = allocated else { throw failure(name, direction, "cannot be set up", -ENOMEM) }
        defer { snd_pcm_hw_params_free(params) }
        try check(snd_pcm_hw_params_any(handle, params), "has no configuration")
        try check(snd_pcm_hw_params_set_rate_resample(handle, params, 0), "cannot be set up")
        try check(
            snd_pcm_hw_params_set_access(handle, params, SND_PCM_ACCESS_RW_INTERLEAVED), "has no interleaved frames")
        try check(
            snd_pcm_hw_params_set_format(handle, params, SND_PCM_FORMAT_S16_LE),
            "has no 16-bit samples (name it as plughw:… to have them converted)")
        let widths = channels.map { [$0] } ?? [1, 2]
        guard
            let width = widths.first(where: { snd_pcm_hw_params_test_channels(handle, params, UInt32($0)) == 0 })
        else { throw failure(name, direction, "has no \(list(widths)) channels", -EINVAL) }
        try check(snd_pcm_hw_params_set_channels(handle, params, UInt32(width)), "has no \(width) channels")
        let wished = rate.map { [$0] } ?? rates
        guard let chosen = wished.first(where: { snd_pcm_hw_params_test_rate(handle, params, UInt32($0), 0) == 0 })
        else {
            throw failure(
                name, direction, "has no rate of \(list(wished)) Hz (name it as plughw:… to have it converted)", -EINVAL
            )
        }
        try check(snd_pcm_hw_params_set_rate(handle, params, UInt32(chosen), 0), "has no rate of \(chosen) Hz")
        var period = snd_pcm_uframes_t(chosen / 50)
        var side: Int32 = 0
        try check(snd_pcm_hw_params_set_period_size_near(handle, params, &period, &side), "has no period of 20 ms")
        var buffer = snd_pcm_uframes_t(chosen * bufferMilliseconds / 1000)
        try check(snd_pcm_hw_params_set_buffer_size_near(handle, params, &buffer), "has no buffer of 200 ms")
        try check(snd_pcm_hw_params(handle, params), "cannot be set up")
        return Hardware(rate: chosen, channels: width, period: Int(period), buffer: Int(buffer))
    }

    private static func list(_ numbers: [Int]) -> String {
        numbers.map(String.init).joined(separator: ", ")
    }

    private static func setSoftware(
        _ handle: OpaquePointer, _ name: String, _ direction: Direction, _ hardware: Hardware, fill: Int
    ) throws(MediaError) {
        func check(_ status: Int32) throws(MediaError) {
            if status < 0 { throw failure(name, direction, "cannot be set up", status) }
        }
        var allocated: OpaquePointer?
        try check(snd_pcm_sw_params_malloc(&allocated))
        guard let params = allocated else { throw failure(name, direction, "cannot be set up", -ENOMEM) }
        defer { snd_pcm_sw_params_free(params) }
        try check(snd_pcm_sw_params_current(handle, params))
        // Playback wakes its thread when a period of what it keeps in the buffer has been played.
        let wake =
            direction == .capture
            ? hardware.period : max(hardware.period, hardware.buffer - fill + hardware.period)
        try check(snd_pcm_sw_params_set_avail_min(handle, params, snd_pcm_uframes_t(min(wake, hardware.buffer))))
        let start = direction == .capture ? 1 : fill
        try check(snd_pcm_sw_params_set_start_threshold(handle, params, snd_pcm_uframes_t(start)))
        try check(snd_pcm_sw_params_set_tstamp_mode(handle, params, SND_PCM_TSTAMP_ENABLE))
        // Not every plugin knows of it; the time is then taken beside.
        _ = snd_pcm_sw_params_set_tstamp_type(handle, params, SND_PCM_TSTAMP_TYPE_MONOTONIC)
        try check(snd_pcm_sw_params(handle, params))
    }
}
