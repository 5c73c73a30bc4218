import Calls
import Dispatch
import Media
import Synchronization

/// A 4G voice modem as a line: AT commands on a serial port, audio by a sound card. One thread of its own, on which
/// everything happens and all events are told.
///
/// It takes one call at a time; a second one is offered as waiting and can only be refused.
public final class ModemLine: Line {
    public var name: String { context.configuration.name }
    private let context: ModemLineContext

    /// - Parameters:
    ///   - identifiers: makes the ids of an incoming call and its first leg; called on the line's thread.
    ///   - events: told what happens on legs, in order, on the line's thread; returns at once.
    ///   - alarms: told of alarms raised and over, in order, on the line's thread; returns at once.
    public convenience init(
        configuration: ModemLineConfiguration, media: any MediaControl,
        identifiers: @escaping @Sendable () -> (CallID, LegID), time: any TimeSource,
        events: @escaping @Sendable (LineEvent) -> Void, alarms: @escaping @Sendable (LineAlarm) -> Void
    ) {
        self.init(
            configuration: configuration, media: media, identifiers: identifiers, time: time, events: events,
            alarms: alarms
        ) { told in
            let card = SoundCard(configuration: configuration.card, time: time, events: told)
            return ModemCard(soundCard: card, open: { card.open() }, close: { card.close() })
        }
    }

    /// - Parameter card: makes the sound card, given whom it tells.
    package init(
        configuration: ModemLineConfiguration, media: any MediaControl,
        identifiers: @escaping @Sendable () -> (CallID, LegID), time: any TimeSource,
        events: @escaping @Sendable (LineEvent) -> Void, alarms: @escaping @Sendable (LineAlarm) -> Void,
        card: (@escaping @Sendable (SoundCardEvent) -> Void) -> ModemCard
    ) {
        context = ModemLineContext(
            configuration: configuration, media: media, identifiers: identifiers, time: time, events: events,
            alarms: alarms, card: card)
    }

    /// The card that the line opens and closes, for its statistics.
    public var soundCard: SoundCard { context.card.soundCard }

    /// Starts the line's thread. A port that is not there yet is an alarm and tried again. Once only.
    /// - Throws: `LineError` with code `.configuration` (what is wrong in it) or `.start`.
    public func start() throws(LineError) { try context.start() }

    /// Hangs up, waits for the modem's word at most `limitMilliseconds`, then closes the port. Blocks until then: not
    /// for the cooperative pool, nor for the line's own callbacks. Further calls do nothing.
    public func stop(limitMilliseconds: Int = 4000) { context.stop(limitMilliseconds: limitMilliseconds) }

    /// What the line is and has done so far. Any thread.
    public func statistics() -> ModemLineStatistics { context.statistics.withLock { $0 } }

    /// Passed over: a modem rings by itself.
    public func ring(leg: LegID, alerting: Alerting) {}
    public func answer(leg: LegID) { context.post(.answer(leg)) }
    public func refuse(leg: LegID, _ refusal: Refusal) { context.post(.refuse(leg)) }
    public func release(leg: LegID, reason: ReleaseReason) { context.post(.release(leg)) }
    public func drain() { context.post(.drain) }

    /// Sends keys through the modem (`AT+VTS`), which makes the tones in the network.
    /// - Returns: false where the line does not run; a leg that does not talk is passed over.
    @discardableResult
    public func sendKeys(leg: LegID, keys: [Key]) -> Bool { context.post(.sendKeys(leg, keys)) }

    /// - Throws: `LineError` with code `.target` where the target is no number, `.stopped`.
    public func dial(_ request: DialRequest) throws(LineError) {
        let number = try ModemTarget(request.target).number
        guard context.post(.dial(request, number: number)) else {
            throw LineError(.stopped, "line \(name) is not running: it cannot call")
        }
    }
}

/// A sound card as the line uses it.
package struct ModemCard: Sendable {
    package var soundCard: SoundCard
    package var open: @Sendable () -> Void
    package var close: @Sendable () -> Void

    package init(
        soundCard: SoundCard, open: @escaping @Sendable () -> Void, close: @escaping @Sendable () -> Void
    ) {
        self.soundCard = soundCard
        self.open = open
        self.close = close
    }
}

/// What to dial on a modem: a number alone, or `tel:` and the number (RFC 3966).
package struct ModemTarget: Sendable, Hashable {
    package var number: String

    /// - Throws: `LineError.target` that names what is wrong.
    package init(_ text: String) throws(LineError) {
        let rest = text.prefix(4).lowercased() == "tel:" ? text.dropFirst(4) : text[...]
        let digits = rest.hasPrefix("+") ? rest.dropFirst() : rest
        // Nothing else must reach the modem: a comma or a semicolon would begin another command.
        guard (1...40).contains(digits.utf8.count),
            digits.utf8.allSatisfy({ (48...57).contains($0) || $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "#") })
        else {
            throw LineError(
                .target,
                "a modem cannot call this target of \(text.utf8.count) characters: write a number of digits, `*` and "
                    + "`#`, with a leading + where it is international, as it is or as tel:number")
        }
        number = String(rest)
    }
}
