import Calls

/// A 4G voice modem, as the driver at its serial port and the network see it: bytes in, bytes out, and what becomes of
/// its calls.
///
/// A value with virtual time: each method first does what was due until `now`, then its own part, and returns what
/// came of it, in order. It is written from the modems' manuals (`ModemKind`) and shares nothing with the code that
/// drives modems, so that a mistake on one side is not agreed to by the other.
package struct SimulatedModem: Sendable {
    package enum Output: Sendable, Equatable {
        /// For the serial port.
        case bytes([UInt8])
        case happened(SimulatedHappening)
    }

    enum Job: Sendable, Equatable {
        /// A command line was worked on long enough.
        case execute(String)
        /// The next line of an answer; the last one frees the modem for the next command.
        case answer([UInt8], isLast: Bool)
        case ring(serial: Int)
        case boot
        case register
        /// The card is open and tells so.
        case unlocked
        /// A hang is over.
        case wakeUp
        /// Slowness is over.
        case quicken
    }

    struct Timer: Sendable, Equatable {
        var due: Instant
        var order: Int
        var job: Job
    }

    /// What the driver sets; lost at each start.
    struct Volatile: Sendable {
        var echo = true
        var verbose = true
        var errors = 0
        var autoAnswer = 0
        var clip = 0
        var waitingReports = 0
        var cring = 0
        var connectedNumber = 0
        var hangUpControl: Int
        var registrationReports: [String: Int] = ["+CREG": 0, "+CEREG": 0, "+CGREG": 0]
        var callList = 0
        var callStates = 0
        var cardReports = 0
        var voiceOverUSB = (isOn: 0, port: 0)
        var usbAudio = 0
        var keyReports = 0
        var toneTenths = 1
        var ringPulses = ["auto", "120", "1000", "5000", "off", "1"]
        var plain: [String: String] = [:]
    }

    /// The card's lock.
    enum Lock: Sendable, Equatable {
        case open
        case pin(attempts: Int)
        case puk(attempts: Int)
        case dead
    }

    let settings: SimulatedModemSettings
    var kind: ModemKind { settings.kind }
    var values: Volatile
    var lock: Lock
    var hasCard: Bool
    var registration = SimulatedModemSettings.Registration.none
    var hasCoverage = true
    /// `+CFUN`: 0 minimum, 1 full, 4 without radio.
    var functionality = 1
    /// Off, booting, or at work.
    var isUp = false
    /// No command is answered, nothing is said.
    var isHung = false
    /// Only a restart by command ends the hang.
    var wakesOnReset = false
    var slowness: Int64 = 1
    var calls: [SimulatedCall] = []
    /// Network calls the second caller in; `+CCWA` decides.
    var callWaiting = true
    var lastCause: SimulatedCause?
    var speech = false
    var now = Instant(wall: 0, mono: 0)
    var outputs: [Output] = []

    private var timers: [Timer] = []
    private var order = 0
    private var line: [UInt8] = []
    private var lineIsTooLong = false
    private var lastLine = ""
    private var waitingLines: [String] = []
    private var isBusy = false
    private var wasDriven = false
    private var toldReady = false
    private var nextOutgoing = firstOutgoing
    private var random: SimulatedNoise

    /// More bytes than any command of a driver has.
    static let longestLine = 1024
    /// Serials of calls that are dialled begin here; those below are the network's to give.
    static let firstOutgoing = 1_000_001
    /// Command lines that may wait while one is worked on.
    static let mostWaiting = 32

    package init(_ settings: SimulatedModemSettings) {
        self.settings = settings
        values = Volatile(hangUpControl: settings.kind.hangUpControl)
        lock = settings.pin == nil ? .open : .pin(attempts: 3)
        hasCard = settings.hasCard
        random = SimulatedNoise(seed: settings.seed)
    }

    /// When `advance` has something to do next; nil: never.
    package var nextDue: Instant? { timers.first?.due }

    // MARK: - Events

    /// Power. With `isRunning`, it has been on for long.
    package mutating func powerOn(at instant: Instant) -> [Output] {
        event(at: instant) { modem in
            if modem.settings.isRunning {
                modem.isUp = true
                modem.registration = modem.cardIsReady ? modem.settings.registration : .none
            } else {
                modem.schedule(.boot, after: modem.settings.bootMilliseconds)
            }
        }
    }

    /// Power is gone, and with it calls, settings and what was to be said. The card keeps its count of wrong PINs.
    package mutating func powerOff(at instant: Instant) -> [Output] {
        event(at: instant) { modem in modem.shutDown() }
    }

    /// Power comes back; it boots.
    package mutating func powerBack(at instant: Instant) -> [Output] {
        event(at: instant) { modem in modem.schedule(.boot, after: modem.settings.bootMilliseconds) }
    }

    /// Bytes from the driver.
    package mutating func receive(_ bytes: [UInt8], at instant: Instant) -> [Output] {
        event(at: instant) { modem in
            guard modem.isUp else { return }
            for byte in bytes { modem.take(byte) }
        }
    }

    /// Does what is due.
    package mutating func advance(to instant: Instant) -> [Output] { event(at: instant) { _ in } }

    /// Something comes from the network.
    package mutating func network(_ networkEvent: SimulatedNetworkEvent, at instant: Instant) -> [Output] {
        event(at: instant) { modem in modem.take(networkEvent) }
    }

    /// Something breaks, or is mended.
    package mutating func fault(_ fault: SimulatedFault, at instant: Instant) -> [Output] {
        event(at: instant) { modem in modem.take(fault) }
    }

    private mutating func event(at instant: Instant, _ body: (inout Self) -> Void) -> [Output] {
        outputs = []
        while let timer = timers.first, timer.due <= instant {
            timers.removeFirst()
            now = timer.due
            run(timer.job)
        }
        now = instant
        body(&self)
        defer { outputs = [] }
        return outputs
    }

    // MARK: - Time

    mutating func schedule(_ job: Job, after milliseconds: Int64) {
        order += 1
        let timer = Timer(due: now.advanced(milliseconds: milliseconds), order: order, job: job)
        let place = timers.firstIndex { ($0.due.mono, $0.order) > (timer.due.mono, timer.order) } ?? timers.endIndex
        timers.insert(timer, at: place)
    }

    mutating func cancel(where matches: (Job) -> Bool) { timers.removeAll { matches($0.job) } }

    private mutating func run(_ job: Job) {
        switch job {
        case .execute(let line): execute(line)
        case .answer(let bytes, let isLast):
            send(bytes)
            if isLast { finishCommand() }
        case .ring(let serial): ring(serial)
        case .boot: boot()
        case .register: register()
        case .unlocked: cardOpened()
        case .wakeUp: isHung = false
        case .quicken: slowness = 1
        }
    }

    // MARK: - Input

    private mutating func take(_ byte: UInt8) {
        if values.echo, !isHung, byte != 10 { outputs.append(.bytes([byte])) }
        switch byte {
        case 13:
            let text = lineIsTooLong ? "AT!" : String(decoding: line, as: UTF8.self)
            line = []
            lineIsTooLong = false
            accept(text)
        case 8, 127: if !line.isEmpty { line.removeLast() }
        case 0..<32: break
        default:
            guard line.count < Self.longestLine else {
                lineIsTooLong = true
                return
            }
            line.append(byte)
            // `A/` needs no end of line (V.250 §5.2.4).
            if line.count == 2, line == Array("A/".utf8) || line == Array("a/".utf8) {
                line = []
                accept(lastLine)
            }
        }
    }

    /// Lines without `AT` are nothing to a modem.
    private mutating func accept(_ text: String) {
        let trimmed = text.drop { $0 == " " }
        guard trimmed.prefix(2).uppercased() == "AT" else { return }
        lastLine = String(trimmed)
        if isHung {
            if wakesOnReset, trimmed.uppercased().hasPrefix("AT+CFUN=1,1") { restart() }
            return
        }
        guard !isBusy else {
            if waitingLines.count < Self.mostWaiting { waitingLines.append(lastLine) }
            return
        }
        begin(lastLine)
    }

    private mutating func begin(_ line: String) {
        isBusy = true
        let isCall = line.dropFirst(2).first.map { "AaDd".contains($0) } ?? false
        let delay = isCall ? settings.callMilliseconds : settings.commandMilliseconds
        schedule(.execute(line), after: delay * slowness)
    }

    private mutating func execute(_ line: String) {
        guard !isHung else { return finishCommand() }
        var lines: [String] = []
        var result = SimulatedResult.ok
        if let commands = SimulatedCommand.split(line.dropFirst(2)) {
            for command in commands {
                result = perform(command, &lines)
                guard result == .ok else { break }
            }
        } else {
            result = .error
        }
        // A restart has already forgotten the command.
        guard isUp else { return }
        if result == .ok { noteDriven() }
        var answer = lines.map { information($0) }
        if let final = finalResult(result) { answer.append(final) }
        guard !answer.isEmpty else { return finishCommand() }
        for (index, bytes) in answer.enumerated() {
            let isLast = index == answer.count - 1
            if index == 0 {
                send(bytes)
                if isLast { finishCommand() }
            } else {
                schedule(.answer(bytes, isLast: isLast), after: Int64(index) * settings.lineMilliseconds * slowness)
            }
        }
    }

    private mutating func finishCommand() {
        isBusy = false
        if !waitingLines.isEmpty { begin(waitingLines.removeFirst()) }
    }

    /// With a driver at work and with network, callers may come.
    mutating func noteDriven() {
        wasDriven = true
        tellReady()
    }

    mutating func tellReady() {
        guard wasDriven, !toldReady, registration.hasService else { return }
        toldReady = true
        outputs.append(.happened(.ready))
    }

    // MARK: - Output

    /// An unsolicited line, or a line of an answer that comes while it is worked on.
    mutating func say(_ text: String) {
        send(information(text))
    }

    /// A result that comes by itself: `RING`, `NO CARRIER`, …
    mutating func say(result: SimulatedResult) {
        if let bytes = finalResult(result) { send(bytes) }
    }

    mutating func send(_ bytes: [UInt8]) {
        guard isUp, !isHung, !bytes.isEmpty else { return }
        outputs.append(.bytes(bytes))
    }

    mutating func tell(_ happening: SimulatedHappening) { outputs.append(.happened(happening)) }

    /// V.250 §6.2.6: in words, lines stand between two ends of line; otherwise information has one and a number a CR.
    private func information(_ text: String) -> [UInt8] {
        Array((values.verbose ? "\r\n\(text)\r\n" : "\(text)\r\n").utf8)
    }

    private func finalResult(_ result: SimulatedResult) -> [UInt8]? {
        guard let text = result.text(errors: values.errors) else { return nil }
        guard !values.verbose, let number = result.number else { return information(text) }
        return Array("\(number)\r".utf8)
    }

    mutating func randomBytes(_ count: Int) -> [UInt8] { random.bytes(count) }

    mutating func takeOutgoingSerial() -> Int {
        defer { nextOutgoing += 1 }
        return nextOutgoing
    }

    // MARK: - Power

    mutating func restart() {
        let drops = kind.resetDropsUSB
        shutDown()
        tell(.restarted(dropsUSB: drops))
        schedule(.boot, after: settings.bootMilliseconds)
    }

    mutating func shutDown() {
        for call in calls { tell(.lost(serial: call.serial)) }
        calls = []
        updateSpeech()
        timers = []
        line = []
        lineIsTooLong = false
        waitingLines = []
        isBusy = false
        isUp = false
        isHung = false
        wakesOnReset = false
        slowness = 1
        functionality = 1
        registration = .none
        values = Volatile(hangUpControl: kind.hangUpControl)
        switch lock {
        case .open where settings.pin != nil: lock = .pin(attempts: 3)
        default: break
        }
    }

    private mutating func boot() {
        isUp = true
        for text in kind.bootLines.before { say(text) }
        sayCard()
        if cardIsReady {
            for text in kind.bootLines.after { say(text) }
            searchNetwork()
        }
    }
}

/// SplitMix64: the same bytes for the same seed.
struct SimulatedNoise: Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return UInt8(truncatingIfNeeded: mixed ^ (mixed >> 31))
        }
    }
}
