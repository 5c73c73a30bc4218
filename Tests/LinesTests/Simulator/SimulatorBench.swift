import Calls
import Lines

/// A simulated modem on a bench: bytes in, text out, at times of the test's own. Milliseconds from the start.
struct SimulatorBench {
    private(set) var modem: SimulatedModem
    private(set) var happenings: [SimulatedHappening] = []
    private(set) var now: Int64 = 0
    /// What the modem has said with its times, chunk by chunk.
    private(set) var said: [(at: Int64, text: String)] = []

    /// 10:11 in Beijing.
    static let start = Instant(wall: 1_700_000_000_000_000 / 86_400_000_000 * 86_400_000_000 + 7_860_000_000, mono: 0)

    init(_ kind: ModemKind = .quectel, _ change: (inout SimulatedModemSettings) -> Void = { _ in }) {
        var settings = SimulatedModemSettings(kind: kind)
        settings.commandMilliseconds = 10
        settings.callMilliseconds = 100
        change(&settings)
        modem = SimulatedModem(settings)
        keep(modem.powerOn(at: instant))
    }

    var instant: Instant { Self.start.advanced(milliseconds: now) }

    /// Lets time pass.
    /// - Returns: all that was said meanwhile.
    @discardableResult
    mutating func wait(_ milliseconds: Int64) -> String {
        let before = said.count
        let end = now + milliseconds
        while let due = modem.nextDue, due.milliseconds(since: Self.start) <= end {
            now = due.milliseconds(since: Self.start)
            keep(modem.advance(to: due))
        }
        now = end
        keep(modem.advance(to: instant))
        return said[before...].map(\.text).joined()
    }

    /// Sends text as it is, byte by byte where the driver does so.
    mutating func type(_ text: String, drip: Bool = false) {
        if drip {
            for byte in text.utf8 { keep(modem.receive([byte], at: instant)) }
        } else {
            keep(modem.receive(Array(text.utf8), at: instant))
        }
    }

    /// Sends a command line and waits a second for what comes.
    @discardableResult
    mutating func send(_ line: String) -> String {
        let before = said.count
        type(line + "\r")
        wait(1000)
        return said[before...].map(\.text).joined()
    }

    /// The same without echo and ends of line: what was said, line by line.
    mutating func lines(_ line: String) -> [String] {
        send(line).split(whereSeparator: \.isNewline).map(String.init).filter { $0 != line }
    }

    @discardableResult
    mutating func network(_ event: SimulatedNetworkEvent) -> String {
        let before = said.count
        keep(modem.network(event, at: instant))
        return said[before...].map(\.text).joined()
    }

    @discardableResult
    mutating func fault(_ fault: SimulatedFault) -> String {
        let before = said.count
        keep(modem.fault(fault, at: instant))
        return said[before...].map(\.text).joined()
    }

    mutating func power(on: Bool) {
        keep(on ? modem.powerBack(at: instant) : modem.powerOff(at: instant))
    }

    mutating func ring(
        _ serial: Int = 1, from: String? = "13800001234", clip: CallerNumberStyle = .afterRing, every: Int64? = nil
    ) -> String {
        network(.call(serial: serial, from: from, clip: clip, ringEvery: every))
    }

    /// A driver's usual beginning: no echo, numbers in words, the caller's number.
    mutating func setUp() {
        for line in ["ATE0", "AT+CMEE=1", "AT+CLIP=1"] { send(line) }
    }

    mutating func takeHappenings() -> [SimulatedHappening] {
        defer { happenings = [] }
        return happenings
    }

    private mutating func keep(_ outputs: [SimulatedModem.Output]) {
        for output in outputs {
            switch output {
            case .bytes(let bytes): said.append((now, String(decoding: bytes, as: UTF8.self)))
            case .happened(let happening): happenings.append(happening)
            }
        }
    }
}
