import Media

/// How a modem line is set up.
public struct ModemLineConfiguration: Sendable {
    /// The line's name in calls and metrics.
    public var name: String
    /// The serial port, best by its name that does not change: `/dev/serial/by-id/…`.
    public var port: String
    /// Bits a second on a true serial port; over USB it makes no difference.
    public var baudRate: Int
    public var profile: ModemProfile
    public var card: SoundCardConfiguration
    /// The SIM card's own number, as told for the number dialled.
    public var number: String
    /// The SIM's PIN, four to eight digits; nil: it has none.
    public var pin: String?
    public var rules: NumberRules

    public init(
        name: String, port: String, baudRate: Int = 115_200, profile: ModemProfile, card: SoundCardConfiguration,
        number: String, pin: String? = nil, rules: NumberRules = .china
    ) {
        self.name = name
        self.port = port
        self.baudRate = baudRate
        self.profile = profile
        self.card = card
        self.number = number
        self.pin = pin
        self.rules = rules
    }

    /// - Throws: `LineError.configuration` that names the key.
    package func check() throws(LineError) {
        func fail(_ why: String) -> LineError { LineError(.configuration, "line \(name): \(why)") }
        guard port.hasPrefix("/"), !port.contains("\0") else {
            throw fail("`port` must be a device's full path, such as /dev/serial/by-id/…, not `\(port.prefix(128))`")
        }
        guard SerialPort.speed(baudRate) != nil else {
            throw fail(
                "`baud_rate` \(baudRate) is not one of 9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600")
        }
        if let pin, !(4...8).contains(pin.utf8.count) || !pin.utf8.allSatisfy({ (48...57).contains($0) }) {
            throw fail("the PIN must have four to eight digits")
        }
        guard !card.capture.isEmpty, !card.playback.isEmpty else {
            throw fail("`card` needs the names of two ALSA devices; `hotline doctor` lists them")
        }
    }
}
