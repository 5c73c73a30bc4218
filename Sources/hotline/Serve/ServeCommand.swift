import ArgumentParser
import Console
import Foundation
import Logging
import Media
import ServiceLifecycle

/// What every command that reads the configuration takes.
struct ConfigurationOptions: ParsableArguments {
    @Option(help: "The configuration file. Without it: defaults, environment and flags.")
    var config: String?

    /// - Parameter flags: overrides by key.
    func load(flags: [String: String] = [:]) throws -> (EffectiveConfiguration, ServerConfiguration) {
        let environment = ProcessInfo.processInfo.environment
        let effective = try EffectiveConfiguration(
            text: try config.map(FlowFile.read), file: config ?? "", environment: environment, flags: flags)
        return (effective, try ServerConfiguration(effective, share: try ShareFolder(environment: environment)))
    }
}

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Runs the hotline.",
        discussion: """
            Prints one line beginning with `ready` once calls are taken, naming the SIP and HTTP addresses. SIGTERM \
            lets running calls end (`stop.drain`) and exits with 0.
            """)

    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var data: DataOptions
    @Option(help: "SIP address and port, instead of `sip.listen`; port 0 takes a free one.")
    var sip: String?
    @Option(help: "HTTP address and port, instead of `http.listen`; port 0 takes a free one.")
    var http: String?
    @Option(
        help: ArgumentHelp(
            "A headset as a line, to call the flow without any telephone: an ALSA device, or capture,playback.",
            valueName: "device"))
    var console: String?
    @Flag(help: "Says how to dial it from a softphone on this machine.")
    var example = false

    func run() async throws {
        var flags: [String: String] = [:]
        if let sip { flags["sip.listen"] = sip }
        if let http { flags["http.listen"] = http }
        var (_, configuration) = try options.load(flags: flags)
        configuration.console = try console.map { try SoundCardConfiguration(argument: $0, option: "--console") }
        let level = Logger.Level(rawValue: configuration.logLevel) ?? .info
        LoggingSystem.bootstrap { label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = level
            return handler
        }
        let log = Logger(label: "hotline")
        let keyboard = ConsoleKeyboard()
        let server = try await Server(
            configuration: configuration, dataFolder: data.folder, log: log, notices: { keyboard.tell($0) })
        defer { keyboard.stop() }
        let ready = ReadyLine(server: server, example: example)
        let sources = ServerSources(server: server)
        let invitation = try await server.people.firstInvitation()
        let console = Console.application(
            host: configuration.httpHost, port: configuration.httpPort, site: server.site,
            sources: sources.console, log: log,
            bound: { port in
                server.publish(httpPort: port)
                ready.print(httpPort: port)
                if let invitation { ready.invite(invitation, httpPort: port) }
                if let line = server.lines.console { keyboard.start(line) }
            })
        // Stopping runs backwards: the calls are drained while /healthz still answers.
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [
                    .init(service: console), .init(service: ExchangeService(server: server)),
                ],
                gracefulShutdownSignals: [.sigterm, .sigint], logger: log))
        do {
            try await group.run()
        } catch {
            // The web server's port in use, most likely: what was begun is ended in order.
            await server.stop()
            throw error
        }
    }
}

/// The exchange as a service: it runs until a stop is asked for, then drains. Its upkeep runs beside it.
struct ExchangeService: Service {
    let server: Server

    func run() async throws {
        try await withGracefulShutdownHandler {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await Upkeep(server: server).run() }
                group.addTask { await Errands(server: server).run() }
                group.addTask { await server.anchorKeeper.run() }
                group.addTask { await server.reconciliation.runDaily() }
                group.addTask { await server.retention.runDaily() }
                if let feed = server.eventFeed { group.addTask { await EventTeller(server: server, feed: feed).run() } }
                if let webhook = server.webhook { group.addTask { await webhook.run() } }
                if let transcriber = server.transcriber { group.addTask { await transcriber.run() } }
                group.addTask { try await gracefulShutdown() }
                try await group.next()
                group.cancelAll()
            }
        } onGracefulShutdown: {
        }
        await server.stop()
    }
}

/// The one line that says that calls are taken.
struct ReadyLine: Sendable {
    let server: Server
    let example: Bool

    /// The way in for the first administrator, where there is none yet: once.
    func invite(_ link: String, httpPort: Int) {
        let text = """
            Nobody can sign in yet. Open this in a browser, once, within three days, and set the administrator's password:
              http://\(host):\(httpPort)/welcome/\(link)

            """
        FileHandle.standardOutput.write(Data(text.utf8))
    }

    private var host: String {
        let host = server.configuration.httpHost
        return host.contains(":") ? "[\(host)]" : host
    }

    func print(httpPort: Int) {
        let sip = server.bound.isEmpty ? "none" : server.bound.map(\.description).joined(separator: ",")
        let modems = server.lines.modems.map(\.name).joined(separator: ",")
        var text =
            "ready sip=\(sip) http=\(host):\(httpPort) data=\(server.dataFolder)"
            + (modems.isEmpty ? "" : " modems=\(modems)") + "\n"
        if example, let first = server.bound.first {
            text += """

                Dial it from a softphone on this machine:   sip:95598@\(first)
                  baresip:      /dial sip:95598@\(first)
                  linphone:     call sip:95598@\(first)
                  or our own:   \(Program.name) call sip:95598@\(first) --digits "ww2"

                Then look:      \(Program.name) calls list --data \(server.dataFolder)
                Stop it:        Ctrl-C (running calls may end first)

                """
        }
        // Not print: a pipe would keep the line in its buffer, and somebody waits for it.
        FileHandle.standardOutput.write(Data(text.utf8))
    }
}
