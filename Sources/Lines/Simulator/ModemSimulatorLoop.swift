import Calls
import Glibc
import Media

/// The simulator's thread: it carries bytes, time and sound between the script's world and the machine's.
final class ModemSimulatorLoop {
    /// Bytes that wait for a driver that does not read; what is beyond them is lost, as on a port without flow control.
    private static let mostUnsent = 65_536
    /// Milliseconds in which a last answer still reaches the driver before the port is closed.
    private static let lastWords: Int64 = 200
    /// Milliseconds in which a driver can still tidy up behind the last call.
    private static let lastSecond: Int64 = 1000
    /// Milliseconds after which the thread looks around in any case.
    private static let longestWait: Int64 = 250
    /// Between two looks whether a driver has opened the port.
    private static let lookMilliseconds: Int64 = 20

    /// The port is not there, until then.
    private struct Absence {
        var closes: Instant
        var ends: Instant
        var needsPower: Bool
    }

    private unowned let simulator: ModemSimulator
    private var world: ScriptedModem
    private var port: PseudoTerminal?
    private var absence: Absence?
    private var unsent: [UInt8] = []
    private var trace = ConversationTrace()
    private var wasLoud = false
    private var now: Instant

    init(_ simulator: ModemSimulator) throws(LineError) {
        self.simulator = simulator
        world = ScriptedModem(simulator.script, once: simulator.options.once)
        now = simulator.time.now()
        port = try PseudoTerminal(link: simulator.options.link)
    }

    func run() {
        report(.portOpened(simulator.options.link))
        perform(world.powerOn(at: now))
        var ends: Instant?
        while !simulator.shared.withLock({ $0.stops }) {
            wait()
            now = simulator.time.now()
            if world.isFinished, ends == nil { ends = now.advanced(milliseconds: Self.lastSecond) }
            if let ends, now >= ends { break }
            do throws(LineError) {
                try mindPort()
            } catch {
                report(.failed(error.message))
                break
            }
            listen()
            perform(world.advance(to: now))
            if let bytes = port?.read(), !bytes.isEmpty { receive(bytes) }
            flush()
        }
        flush()
        closeRecording()
    }

    // MARK: - Waiting

    /// Until something is due, the driver sends, or the telephone has something to say.
    private func wait() {
        var due = now.advanced(milliseconds: Self.longestWait)
        if let next = world.nextDue { due = min(due, next) }
        if let absence { due = min(due, port == nil ? absence.ends : absence.closes) }
        let isOpen = port?.isOpen ?? false
        // A port that nobody has open would wake at once, again and again.
        if port != nil, !isOpen { due = min(due, now.advanced(milliseconds: Self.lookMilliseconds)) }
        let left = max(0, (due.mono - simulator.time.now().mono + 999_999) / 1_000_000)
        let events = Int16(POLLIN) | (unsent.isEmpty ? 0 : Int16(POLLOUT))
        var polls = [
            pollfd(fd: simulator.wake, events: Int16(POLLIN), revents: 0),
            // A negative descriptor is passed over.
            pollfd(fd: isOpen ? port?.descriptor ?? -1 : -1, events: events, revents: 0),
        ]
        poll(&polls, 2, Int32(clamping: left))
        var count: UInt64 = 0
        // Empty where the time is over.
        _ = read(simulator.wake, &count, 8)
    }

    private func mindPort() throws(LineError) {
        guard let absence else { return }
        if port != nil, now >= absence.closes {
            flush()
            port = nil
            unsent = []
            report(.portClosed)
        }
        if port == nil, now >= absence.ends {
            port = try PseudoTerminal(link: simulator.options.link)
            self.absence = nil
            report(.portOpened(simulator.options.link))
            if absence.needsPower { perform(world.powerBack(at: now)) }
        }
    }

    private func listen() {
        let (isLoud, failure) = simulator.shared.withLock { shared in
            defer { shared.soundFailure = nil }
            return (shared.isLoud, shared.soundFailure)
        }
        if let failure { report(.failed(failure)) }
        guard isLoud != wasLoud else { return }
        wasLoud = isLoud
        perform(world.heard(isLoud: isLoud, at: now))
    }

    // MARK: - The port

    private func receive(_ bytes: [UInt8]) {
        if let write = simulator.trace { for line in trace.received(bytes) { write(line) } }
        perform(world.receive(bytes, at: now))
    }

    private func send(_ bytes: [UInt8]) {
        guard let port, port.isOpen else { return }
        if let write = simulator.trace { for line in trace.sent(bytes) { write(line) } }
        guard unsent.count + bytes.count <= Self.mostUnsent else { return }
        unsent += bytes
    }

    private func flush() {
        guard let port, !unsent.isEmpty else { return }
        guard port.isOpen else {
            unsent = []
            return
        }
        unsent.removeFirst(port.write(unsent[...]))
    }

    // MARK: - Effects

    private func perform(_ effects: [ScriptedModem.Effect]) {
        for effect in effects {
            switch effect {
            case .bytes(let bytes): send(bytes)
            case .speech(let flows): simulator.shared.withLock { $0.voice.isConnected = flows }
            case .say(let samples): simulator.shared.withLock { $0.voice.say(samples) }
            case .hush: simulator.shared.withLock { $0.voice.hush() }
            case .record(let path): openRecording(path)
            case .endRecord: closeRecording()
            case .portGone(let milliseconds, let needsPower):
                let closes = now.advanced(milliseconds: needsPower ? 0 : Self.lastWords)
                let ends = now.advanced(milliseconds: max(milliseconds, Self.lastWords + 100))
                absence = Absence(closes: closes, ends: ends, needsPower: needsPower)
            case .report(let event): simulator.events(event)
            }
        }
        let failures = world.failures
        simulator.shared.withLock { $0.failures = failures }
    }

    private func openRecording(_ name: String) {
        let path = name.hasPrefix("/") ? name : simulator.options.folder + "/" + name
        let failure = simulator.shared.withLock { shared -> String? in
            do throws(LineError) {
                shared.recorder = try WaveWriter(path: path)
                return nil
            } catch {
                return error.message
            }
        }
        if let failure { report(.failed(failure)) }
    }

    private func closeRecording() {
        let failure = simulator.shared.withLock { shared -> String? in
            defer { shared.recorder = nil }
            do throws(LineError) {
                try shared.recorder?.writeHeader()
                return nil
            } catch {
                return error.message
            }
        }
        if let failure { report(.failed(failure)) }
    }

    private func report(_ kind: SimulatorEvent.Kind) { simulator.events(SimulatorEvent(at: now, kind: kind)) }
}
