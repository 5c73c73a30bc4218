import CAlsa
import Glibc

/// One name under which ALSA opens a device.
public struct SoundDevice: Sendable, Codable, Hashable {
    /// What stands in a configuration, e.g. `plughw:CARD=EC25AUX,DEV=0`.
    public var name: String
    /// ALSA's, in one line.
    public var description: String
    public var captures: Bool
    public var plays: Bool
}

/// One card that the kernel knows.
public struct SoundHardware: Sendable, Codable, Hashable {
    /// The kernel's number; changes with the order in which cards are plugged in.
    public var index: Int
    /// Its name in device names (`hw:CARD=<id>`); stays.
    public var id: String
    public var name: String
    /// With the bus and socket it hangs on.
    public var longName: String
}

/// What sound devices there are. Any thread; blocking, some milliseconds.
public enum SoundDevices {
    /// ALSA's names, also of plugins and sound servers.
    /// - Throws: `MediaError` with code `.device` where ALSA's configuration cannot be read.
    public static func list() throws(MediaError) -> [SoundDevice] {
        hotline_alsa_be_silent()
        var hints: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
        let status = snd_device_name_hint(-1, "pcm", &hints)
        guard status == 0, let hints else {
            throw MediaError(
                .device,
                "ALSA's list of devices cannot be read: \(String(cString: snd_strerror(status))); "
                    + "is libasound2-data installed?", errno: abs(status))
        }
        defer { snd_device_name_free_hint(hints) }
        var devices: [SoundDevice] = []
        var next = hints
        while let hint = next.pointee {
            if let name = text(hint, "NAME") {
                let way = text(hint, "IOID")
                devices.append(
                    SoundDevice(
                        name: name,
                        description: (text(hint, "DESC") ?? "").replacing("\n", with: ", "),
                        captures: way != "Output", plays: way != "Input"))
            }
            next += 1
        }
        return devices
    }

    /// The kernel's cards; empty where there is none, or no sound driver.
    public static func hardware() -> [SoundHardware] {
        hotline_alsa_be_silent()
        var cards: [SoundHardware] = []
        var index: Int32 = -1
        while snd_card_next(&index) == 0, index >= 0 {
            cards.append(
                SoundHardware(
                    index: Int(index), id: identifier(index) ?? "\(index)",
                    name: owned { snd_card_get_name(index, $0) } ?? "",
                    longName: owned { snd_card_get_longname(index, $0) } ?? ""))
        }
        return cards
    }

    private static func text(_ hint: UnsafeMutableRawPointer, _ key: String) -> String? {
        guard let value = snd_device_name_get_hint(hint, key) else { return nil }
        defer { free(value) }
        return String(cString: value)
    }

    private static func owned(_ read: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Int32) -> String? {
        var value: UnsafeMutablePointer<CChar>?
        guard read(&value) == 0, let value else { return nil }
        defer { free(value) }
        return String(cString: value)
    }

    private static func identifier(_ index: Int32) -> String? {
        var control: OpaquePointer?
        guard snd_ctl_open(&control, "hw:\(index)", Int32(SND_CTL_NONBLOCK)) == 0, let control else { return nil }
        defer { snd_ctl_close(control) }
        var allocated: OpaquePointer?
        guard snd_ctl_card_info_malloc(&allocated) == 0, let info = allocated else { return nil }
        defer { snd_ctl_card_info_free(info) }
        guard snd_ctl_card_info(control, info) == 0, let id = snd_ctl_card_info_get_id(info) else { return nil }
        return String(cString: id)
    }
}
