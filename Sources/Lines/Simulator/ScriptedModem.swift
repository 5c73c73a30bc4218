import Calls

/// A simulated modem and the world around it, which follows a script: all of the simulator but port, sound card and
/// clock. A value with virtual time.
package struct ScriptedModem: Sendable {
    package enum Effect: Sendable, Equatable {
        /// For the serial port.
        case bytes([UInt8])
        /// Speech flows between far end and sound card from now on, or no longer.
        case speech(Bool)
        case say([Int16])
        case hush
        case record(String)
        case endRecord
        /// The port goes away and comes back after so many milliseconds; then `powerBack` is called, where `needsPower`.
        case portGone(milliseconds: Int64, needsPower: Bool)
        case report(SimulatorEvent)
    }

    private var modem: SimulatedModem
    private var farEnd: ScriptedFarEnd
    private var effects: [Effect] = []

    package init(_ script: ModemScript, once: Bool) {
        modem = SimulatedModem(script.modem)
        farEnd = ScriptedFarEnd(script, once: once)
    }

    /// When `advance` has something to do next; nil: never.
    package var nextDue: Instant? {
        switch (modem.nextDue, farEnd.nextDue) {
        case (let first?, let second?): min(first, second)
        case (let first, let second): first ?? second
        }
    }

    package var isFinished: Bool { farEnd.isFinished }
    /// What was not as the script expects.
    package var failures: [String] { farEnd.failures }

    /// The beginning.
    package mutating func powerOn(at instant: Instant) -> [Effect] {
        collect(at: instant) { world in world.perform(world.modem.powerOn(at: instant), at: instant) }
    }

    /// The port is there again after `portGone`.
    package mutating func powerBack(at instant: Instant) -> [Effect] {
        collect(at: instant) { world in world.perform(world.modem.powerBack(at: instant), at: instant) }
    }

    /// Bytes from the driver.
    package mutating func receive(_ bytes: [UInt8], at instant: Instant) -> [Effect] {
        collect(at: instant) { world in world.perform(world.modem.receive(bytes, at: instant), at: instant) }
    }

    /// What the far end hears became loud, or silent.
    package mutating func heard(isLoud: Bool, at instant: Instant) -> [Effect] {
        collect(at: instant) { world in world.perform(world.farEnd.heard(isLoud: isLoud, at: instant), at: instant) }
    }

    /// Does what is due.
    package mutating func advance(to instant: Instant) -> [Effect] { collect(at: instant) { _ in } }

    // MARK: - Between modem and world

    private mutating func collect(at instant: Instant, _ body: (inout Self) -> Void) -> [Effect] {
        while let due = nextDue, due <= instant {
            if modem.nextDue == due {
                perform(modem.advance(to: due), at: due)
            } else {
                perform(farEnd.advance(to: due), at: due)
            }
        }
        body(&self)
        defer { effects = [] }
        return effects
    }

    private mutating func perform(_ outputs: [SimulatedModem.Output], at instant: Instant) {
        for output in outputs {
            switch output {
            case .bytes(let bytes): effects.append(.bytes(bytes))
            case .happened(let happening):
                if case .speech(let flows) = happening { effects.append(.speech(flows)) }
                if case .restarted(dropsUSB: true) = happening {
                    effects.append(.portGone(milliseconds: modem.settings.bootMilliseconds / 2, needsPower: false))
                }
                perform(farEnd.happened(happening, at: instant), at: instant)
            }
        }
    }

    private mutating func perform(_ outputs: [ScriptedFarEnd.Output], at instant: Instant) {
        for output in outputs {
            switch output {
            case .network(let event): perform(modem.network(event, at: instant), at: instant)
            case .fault(let fault):
                perform(modem.fault(fault, at: instant), at: instant)
                if case .usbGone(let milliseconds) = fault {
                    effects.append(.portGone(milliseconds: milliseconds, needsPower: true))
                }
            case .say(let samples): effects.append(.say(samples))
            case .hush: effects.append(.hush)
            case .record(let path): effects.append(.record(path))
            case .endRecord: effects.append(.endRecord)
            case .report(let kind): effects.append(.report(SimulatorEvent(at: instant, kind: kind)))
            }
        }
    }
}
