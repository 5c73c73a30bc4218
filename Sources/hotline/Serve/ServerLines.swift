import Calls
import Lines
import Media

/// The server's lines: at most one SIP trunk, any number of modems, a console where one is asked for. Each has a thread
/// of its own, so that none waits for another.
struct ServerLines: Sendable {
    let sip: SIPLine?
    let modems: [ModemLine]
    let console: ConsoleLine?

    /// - Parameters: as every line takes them; `alarms` is told on the lines' threads.
    init(
        _ configuration: ServerConfiguration, media: any MediaControl,
        identifiers: @escaping @Sendable () -> (CallID, LegID), time: any TimeSource,
        events: @escaping @Sendable (LineEvent) -> Void, alarms: @escaping @Sendable (LineAlarm) -> Void,
        notices: @escaping @Sendable (ConsoleNotice) -> Void,
        phones: @escaping @Sendable (WorkNumber, Bool) -> Void
    ) {
        sip = configuration.sip.map { sip in
            SIPLine(
                configuration: sip, media: media, identifiers: identifiers, time: time, events: events,
                // The line counts these itself, by reason (hotline_sip_rejected_total).
                rejected: { _ in }, phones: phones)
        }
        modems = configuration.modems.map { modem in
            ModemLine(
                configuration: modem, media: media, identifiers: identifiers, time: time, events: events,
                alarms: alarms)
        }
        console = configuration.console.map { card in
            ConsoleLine(
                name: ServerConfiguration.consoleName, caller: nil, called: "console", card: card, media: media,
                identifiers: identifiers, time: time, events: events, told: notices)
        }
    }

    var all: [any Line] { (sip.map { [$0] } ?? []) + modems + (console.map { [$0] } ?? []) }

    /// - Returns: the trunk's addresses, each once, with their true ports.
    /// - Throws: `LineError` where the trunk cannot listen or a modem's configuration cannot be; a modem that is not
    ///   there is an alarm instead, and is waited for.
    func start() throws(LineError) -> [Endpoint] {
        var endpoints: [Endpoint] = []
        for listen in try sip?.start() ?? [] where !endpoints.contains(listen.endpoint) {
            endpoints.append(listen.endpoint)
        }
        for modem in modems { try modem.start() }
        return endpoints
    }

    /// Ends what still goes on; waits for it.
    func stop() {
        console?.stop()
        for modem in modems { modem.stop() }
        sip?.stop()
    }
}
