import CallFlow
import Access
import Calls
import Console
import Documents
import Evidence
import Foundation
import Lines
import Logging
import Media
import Recordings
import Storage
import Switchboard
import Synchronization

/// The running server: all rooms made and bound together, in the order in which they need each other.
final class Server: Sendable {
    let configuration: ServerConfiguration
    let dataFolder: String
    let exchange: Exchange
    let lines: ServerLines
    let media: MediaEngine
    let store: Store
    let recordings: RecordingService
    let alarms: Alarms
    let recordingAlarms: RecordingAlarms
    let reconciliation: Reconciliation
    let replay: Replay
    let retention: Retention
    /// Nil: orders have no lives here.
    let orders: OrderBook?
    let penalties: PenaltyBook?
    let orderWatch: OrderWatch?
    let breachWatch: BreachWatch?
    let duties: DutyBook?
    /// What callers hear beside what the configuration gives.
    let notices: Notices
    /// The flows in use, as the console shows them.
    let flows: [ShownFlow]
    let promptDesk: PromptDesk
    /// Nil: there is no other ticket store.
    let tickets: TicketDesk?
    let carrier: CarrierBook
    let book: RecordingBook
    /// Nil: no transcripts are made.
    let transcriber: Transcriber?
    /// Nil: nobody is told of alarms.
    let webhook: WebhookQueue?
    let eventFeed: WebhookFeed?
    /// Nil where there are no agents.
    let desk: AgentDesk?
    /// The agents' file, changed while calls go on; nil where there is none.
    let roster: RosterKeeper?
    let blocklist: Blocklist
    let anchorKeeper: AnchorKeeper
    /// Who may use the console and the API.
    let people: People
    let site: Site
    let audits: AuditOffice
    let reviews: ReviewDesk
    /// What lets in whoever may read the data folder.
    let apiToken: String
    /// The trunk's addresses with their true ports; empty where there is none.
    let bound: [Endpoint]
    let time = SystemTime()
    let startedAt = SystemTime().now()
    private let log: Logger

    /// Checks everything that can be wrong before a call is taken, recovers what a crash left, then listens.
    ///
    /// - Parameter notices: what the person at the console is told.
    init(
        configuration: ServerConfiguration, dataFolder: String, log: Logger,
        notices: @escaping @Sendable (ConsoleNotice) -> Void = { _ in }
    ) async throws {
        self.configuration = configuration
        self.dataFolder = dataFolder
        self.log = log
        let time = SystemTime()
        let clock = try LocalClock(zone: configuration.timeZone)
        let prompts = try PromptStore(catalog: PromptCatalog(folder: configuration.promptsFolder), missing: .refuse)
        let file = try FlowFile(
            configuration.flowFile, prompts: prompts.textsByID, variables: Set(configuration.flowVariables.keys),
            queues: configuration.agents?.roster.queueNames)
        for warning in file.diagnostics.warnings { log.notice("flow warning", metadata: ["warning": "\(warning)"]) }
        let flow = try file.sound()
        let agentFlows = try Self.agentFlows(configuration, prompts: prompts)
        flows =
            [try file.shown(.callers, prompts: prompts.textsByID)] + (agentFlows.map { [$0.phone, $0.outbound] } ?? [])
        for warning in configuration.agents?.warnings ?? [] {
            log.warning("agents' file", metadata: ["warning": "\(warning)"])
        }

        let identity = NodeIdentity(
            name: configuration.nodeName, number: configuration.nodeNumber, boot: try Self.bootIdentifier())
        let store = try Store.open(
            folder: dataFolder, identity: identity, time: time, random: { UInt64.random(in: .min ... .max) })
        self.store = store
        // First of all: what stands before it in the chain is the last that is known of the run before.
        store.submit([.serverNoted(ServerNoted(at: time.now(), kind: "opening", data: [:]))])
        let keys = configuration.recordingKeys
        do {
            try RecordingKeyLink.make(DataFolder(dataFolder), to: keys?.path)
        } catch {
            await store.close()
            throw error
        }
        // Reserved ahead, so that a store that is away later still has numbers to speak.
        try await store.prepareOrderNumbers(localDate: clock.civil(time.now()).compactDate)
        let identifiers = Identifiers(node: configuration.nodeNumber, time: time)
        var settings = SessionSettings(
            ringClock: configuration.ringClock, answerOnRing: configuration.answerOnRing,
            answerAfterMilliseconds: Int64(configuration.answerAfterMilliseconds),
            alerting: configuration.alerting, apologiseAfterRings: configuration.apologiseAfterRings,
            apologiseReading: configuration.apologiseReading, flow: flow, flowVersion: flow.version,
            variables: configuration.flowVariables.merging(
                ["desk.agents": configuration.agents == nil ? "false" : "true"], uniquingKeysWith: { _, own in own }))
        settings.pauseMilliseconds = Int64(configuration.pauseMilliseconds)
        let exchange = Exchange(
            settings: settings, capacity: configuration.capacity, loadLimit: configuration.loadLimit,
            identifiers: identifiers, log: log)
        self.exchange = exchange
        let webhook = configuration.alarmWebhook.map { WebhookQueue($0, log: log) }
        self.webhook = webhook
        let alarms = Alarms(store: store, webhook: webhook, time: time, log: log)
        self.alarms = alarms
        anchorKeeper = AnchorKeeper(
            store: store, alarms: alarms, clock: clock, time: time, node: configuration.nodeName,
            folder: DataFolder(dataFolder), ways: configuration.anchors, log: log)

        apiToken = try APIToken.read(DataFolder(dataFolder))
        people = People(
            store: store, path: DataFolder(dataFolder).credentials,
            settings: People.Settings(idleSeconds: configuration.consoleIdleSeconds), time: time,
            random: { UInt64.random(in: .min ... .max) })
        try await people.load()
        site = try await Site(
            folder: configuration.webFolder, isSecure: configuration.consoleIsSecure, zone: clock.offsets)
        audits = AuditOffice(
            norms: configuration.norms, zone: clock.offsets, zoneName: configuration.timeZone, reader: store.reader)
        let blocklist = Blocklist(store: store, time: time)
        try await blocklist.load()
        self.blocklist = blocklist
        let callerNotices = Notices(
            store: store, prompts: prompts.textsByID, reads: { flow.reads($0) }, time: time)
        for prompt in try await callerNotices.load() {
            log.warning(
                "a notice that is on cannot be said: the catalog does not have its prompt any more",
                metadata: ["prompt": "\(prompt)"])
        }
        self.notices = callerNotices
        let desk = configuration.agents.map {
            exchange.makeDesk(roster: $0.roster, store: store, clock: clock, time: time)
        }
        self.desk = desk
        let transcriber = configuration.transcripts.map { settings in
            Transcriber(
                store: store, folder: DataFolder(dataFolder).recordings, keys: keys, settings: settings, time: time,
                log: log
            ) { kind, message in
                if let message { alarms.raise(kind, message) } else { alarms.clear(kind) }
            }
        }
        self.transcriber = transcriber
        let journal = RecordingJournal(store: store, alarms: alarms, transcriber: transcriber, time: time)
        let recordings = try RecordingService(
            dataFolder: dataFolder, format: configuration.recordingFormat, keys: keys, time: time,
            finished: journal.finished)
        journal.service.withLock { $0 = recordings }
        self.recordings = recordings
        try await Self.recover(store: store, recordings: recordings, boot: identity.boot, time: time, log: log)
        let folder = DataFolder(dataFolder)
        let recordingAlarms = RecordingAlarms(
            store: store, webhook: webhook, node: configuration.nodeName, time: time, log: log)
        try await recordingAlarms.load()
        self.recordingAlarms = recordingAlarms
        reconciliation = Reconciliation(
            store: store, folder: folder, alarms: recordingAlarms, settings: configuration.reconciliation, clock: clock,
            keys: keys, time: time, log: log)
        let replay = Replay(
            store: store, folder: folder.recordings, archive: folder.archive,
            cache: try AudioCache(
                folder: folder.cache, limitBytes: configuration.cacheBytes,
                minimumFreeBytes: configuration.warnFreeBytes, keys: keys),
            alarms: recordingAlarms, keys: keys, time: time)
        self.replay = replay
        reviews = try ReviewDesk(
            norms: configuration.norms, profiles: configuration.orders?.profiles, zone: clock.offsets, store: store,
            replay: replay, identifiers: identifiers, time: time)
        carrier = CarrierBook(store: store, time: time)
        book = RecordingBook(store: store, folder: folder.recordings, keys: keys, time: time)
        for warning in configuration.retentionWarnings {
            log.warning("retention policy", metadata: ["warning": "\(warning)"])
        }
        if let archive = configuration.archiveFolder { try ArchiveLink.make(folder, to: archive) }
        let retention = Retention(
            store: store, folder: folder, keys: keys, settings: configuration.retention, clock: clock,
            surroundings: Retention.Surroundings(
                forget: { await replay.forget($0) },
                alarm: { kind, message in
                    if let message { alarms.raise(kind, message) } else { alarms.clear(kind) }
                }, makeID: { identifiers.next() }), time: time, log: log)
        self.retention = retention
        let watch = configuration.orders.map {
            OrderWatch(rules: $0, store: store, webhook: webhook, time: time, log: log)
        }
        orderWatch = watch
        breachWatch = configuration.orders.map {
            BreachWatch(rules: $0, store: store, time: time)
        }
        eventFeed = configuration.eventWebhook.map {
            WebhookFeed($0, store: store, path: folder.eventFeed, time: time)
        }
        orders = configuration.orders.map {
            OrderBook(rules: $0, store: store, time: time, stepped: { watch?.touch($0) })
        }
        tickets =
            configuration.ticketStores.isEmpty
            ? nil
            : TicketDesk(settings: configuration.ticketStores, store: store, time: time, log: log) { kind, message in
                if let message { alarms.raise(kind, message) } else { alarms.clear(kind) }
            }
        duties = DutyBook(
            norms: configuration.norms, store: store, identifiers: identifiers,
            prompts: { prompts.textsByID[$0] != nil },
            time: time)
        promptDesk = PromptDesk(
            folder: configuration.promptsFolder, isShipped: configuration.promptsAreShipped, prompts: prompts,
            store: store, time: time)
        penalties = configuration.orders.map { PenaltyBook(rules: $0, store: store, time: time) }
        for failure in try await retention.removeDue().failures {
            log.error("a deleted recording's file is still there", metadata: ["error": "\(failure)"])
        }

        var audioLog = AudioLogSettings(folder: dataFolder + "/audio-log", node: configuration.nodeNumber)
        if let keys { audioLog.sealer = { keys.audioLogSealer(tag: $0) } }
        audioLog.progress = { recordings.progress($0) }
        audioLog.health = { health in
            switch health {
            case .failing(let error):
                exchange.set(.audioLog, true)
                alarms.raise("audio_log", "\(error)")
            case .recovered:
                exchange.set(.audioLog, false)
                alarms.clear("audio_log")
            }
        }
        let media = try MediaEngine(
            configuration: configuration.media, prompts: prompts, log: audioLog, time: time,
            events: { exchange.handle($0) })
        self.media = media
        let lines = ServerLines(
            configuration, media: media, identifiers: { (identifiers.next(), identifiers.next()) }, time: time,
            events: { exchange.handle($0) }, alarms: { alarms.take($0) }, notices: notices,
            phones: { desk?.phone($0, isReachable: $1) })
        self.lines = lines
        exchange.open(
            lines: lines.all, media: media, prompts: prompts, store: store, lookups: configuration.lookups,
            clock: clock, time: time, blocklist: blocklist, gateway: configuration.gateway,
            agents: Self.agents(desk: desk, phones: lines.sip, flows: agentFlows, settings: settings, configuration),
            notices: callerNotices, load: { media.load })
        roster = desk.flatMap { desk in
            configuration.agents.map { file in
                RosterKeeper(
                    file: file, desk: desk, store: store, time: time,
                    random: { UInt64.random(in: .min ... .max) }, phones: { [sip = lines.sip] in sip?.setPhones($0) })
            }
        }
        if let file = configuration.agents, let desk {
            try await desk.resume(at: time.now())
            store.submit([
                .rosterLoaded(
                    RosterLoaded(
                        at: time.now(), file: file.path, sha256: file.sha256, agents: file.roster.agents.count,
                        queues: file.roster.queues.count))
            ])
        }
        do {
            bound = try lines.start()
        } catch {
            await Self.blocking { lines.stop() }
            media.shutdown()
            recordings.stop()
            await store.close()
            throw error
        }
        store.submit([
            .serverNoted(
                ServerNoted(
                    at: time.now(), kind: "started",
                    data: [
                        "sip": bound.map(\.description).joined(separator: " "), "flow": flow.version,
                        "lines": lines.all.map(\.name).joined(separator: " "),
                    ]))
        ])
    }

    /// Takes no new calls, lets running ones end within the limit, ends the rest, and leaves everything durable.
    func stop() async {
        exchange.drain()
        store.submit([note("draining", ["calls": String(exchange.activeCalls)])])
        if exchange.activeCalls > 0 {
            log.notice("draining", metadata: ["calls.active": "\(exchange.activeCalls)"])
            await waitUntilIdle(milliseconds: configuration.drainMilliseconds)
            exchange.stopCalls(at: time.now())
            await waitUntilIdle(milliseconds: 10_000)
        }
        desk?.stop()
        await Self.blocking { [lines, media] in
            lines.stop()
            media.shutdown()
        }
        if await !recordings.waitUntilConfirmed(timeoutMilliseconds: 60_000) {
            log.error("recordings are still being finished; the next start goes on with them")
        }
        await Self.blocking { [recordings] in recordings.stop() }
        store.submit([note("stopped", [:])])
        await store.close()
    }

    /// The flows of calls from agents' phones and of calls placed; nil where there are no agents.
    private static func agentFlows(
        _ configuration: ServerConfiguration, prompts: PromptStore
    ) throws -> (phone: ShownFlow, outbound: ShownFlow)? {
        guard let queues = configuration.agents?.roster.queueNames else { return nil }
        let phone = try FlowFile(
            configuration.agentFlowFile, prompts: prompts.textsByID, variables: ["agent.number"], queues: queues)
        let outbound = try FlowFile(
            configuration.outboundFlowFile, prompts: prompts.textsByID, variables: [], queues: queues)
        return (
            try phone.shown(.phones, prompts: prompts.textsByID),
            try outbound.shown(.outbound, prompts: prompts.textsByID)
        )
    }

    private static func agents(
        desk: AgentDesk?, phones: SIPLine?, flows: (phone: ShownFlow, outbound: ShownFlow)?, settings: SessionSettings,
        _ configuration: ServerConfiguration
    ) -> Exchange.Agents? {
        guard let desk, let phones, let flows else { return nil }
        var codes = settings
        codes.flow = flows.phone.flow
        codes.flowVersion = flows.phone.flow.version
        codes.isRecorded = false
        codes.answerOnRing = 1
        codes.answerAfterMilliseconds = 0
        codes.alerting = .ringing
        var outbound = settings
        outbound.flow = flows.outbound.flow
        outbound.flowVersion = flows.outbound.flow.version
        outbound.outboundHours = configuration.outboundHours
        return Exchange.Agents(desk: desk, phones: phones, settings: codes, outbound: outbound)
    }

    /// Runs what waits for threads or the disk off the cooperative pool.
    private static func blocking(_ work: @escaping @Sendable () -> Void) async {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                work()
                continuation.resume()
            }
        }
    }

    func now() -> Instant { time.now() }

    private func waitUntilIdle(milliseconds: Int) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.exchange.waitUntilIdle() }
            group.addTask {
                do {
                    try await Task.sleep(for: .milliseconds(milliseconds))
                } catch {
                    return  // the calls ended first
                }
                self.exchange.giveUpWaiting()
            }
            await group.next()
            group.cancelAll()
        }
    }

    private func note(_ kind: String, _ data: [String: String]) -> Fact {
        .serverNoted(ServerNoted(at: time.now(), kind: kind, data: data))
    }

    /// Every call that a crash cut off is marked, every recording in the audio log is finished.
    private static func recover(
        store: Store, recordings: RecordingService, boot: String, time: SystemTime, log: Logger
    ) async throws {
        try await recordings.recover { found in
            var journalled = Set<RecordingID>()
            for recording in found {
                let known = try await store.reader.recording(recording.recording)
                if let known, ![.planned, .started, .stopped, .failed].contains(known.state) {
                    journalled.insert(recording.recording)
                }
            }
            let facts = CrashRecovery(
                found: found.filter { !journalled.contains($0.recording) },
                open: try await store.reader.unreleasedCalls(),
                unfinished: try await store.reader.unfinishedRecordings(), boot: boot,
                statistics: recordings.statistics, at: time.now()
            ).facts
            guard !facts.isEmpty else { return journalled }
            log.warning("recovered what the last run left unfinished", metadata: ["facts": "\(facts.count)"])
            do throws(StorageError) {
                try await store.record(facts)
            } catch {
                guard error.code == .conflict else { throw error }
                // An older store than the audio log, for one: no reason not to take calls. Each fact stands for itself.
                log.error("what was recovered contradicts the store", metadata: ["error": "\(error)"])
                store.submit(facts)
            }
            return journalled
        }
    }

    /// The kernel's id of this boot: monotonic times mean something only within it.
    private static func bootIdentifier() throws -> String {
        do {
            return try String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)
                .trimmingCharacters(in: .whitespacesAndNewlines)
        } catch {
            throw CommandError("the boot's id cannot be read from /proc/sys/kernel/random/boot_id: \(error)")
        }
    }
}

/// Journals what the finisher made, and only then lets the partial files go.
final class RecordingJournal: Sendable {
    let service = Mutex<RecordingService?>(nil)
    private let store: Store
    private let alarms: Alarms
    /// Nil: no transcripts are made.
    private let transcriber: Transcriber?
    private let time: SystemTime

    init(store: Store, alarms: Alarms, transcriber: Transcriber?, time: SystemTime) {
        self.store = store
        self.alarms = alarms
        self.transcriber = transcriber
        self.time = time
    }

    var finished: @Sendable (Result<FinishedRecording, RecordingError>) -> Void {
        { result in self.take(result) }
    }

    private func take(_ result: Result<FinishedRecording, RecordingError>) {
        switch result {
        case .success(let recording):
            let now = time.now()
            let finished = Fact.recordingFinished(
                RecordingFinished(
                    recording: recording.recording, call: recording.call, at: now, file: recording.file,
                    format: recording.format, rate: recording.rate, frames: recording.frames, bytes: recording.bytes,
                    sha256: recording.sha256, gaps: recording.gaps, recovered: recording.recovered))
            let measured = Fact.recordingMeasured(
                RecordingMeasured(recording.figures, recording: recording.recording, call: recording.call, at: now))
            let wanted = transcriber?.asked(recording.recording, of: recording.call, at: now)
            Task {
                do throws(StorageError) {
                    try await store.record([finished, measured] + [wanted].compactMap(\.self))
                    service.withLock { $0 }?.confirm(recording.recording)
                } catch {
                    if error.code == .conflict { return await settle(recording, error) }
                    // Not confirmed: the partial files stay, and the next start tells it again.
                    alarms.raise("recording", "a finished recording could not be journalled: \(error)")
                }
            }
        case .failure(let error):
            alarms.raise("recording", "\(error)")
            guard let recording = error.recording, let call = error.call else {
                // The alarm is journalled once, while it is open; each stretch of damage is told.
                store.submit([
                    .serverNoted(
                        ServerNoted(
                            at: time.now(), kind: "audio_log_trouble",
                            data: ["code": error.code.name, "message": error.message]))
                ])
                return
            }
            store.submit([
                .recordingFailed(
                    RecordingFailed(recording: recording, call: call, at: time.now(), message: error.message))
            ])
        }
    }

    /// The journal refuses a finished recording. Where it has the very same file, an earlier run ended before it could
    /// confirm it.
    private func settle(_ recording: FinishedRecording, _ refusal: StorageError) async {
        do {
            if let known = try await store.reader.recording(recording.recording), known.sha256 == recording.sha256 {
                service.withLock { $0 }?.confirm(recording.recording)
                return
            }
            alarms.raise(
                "recording", "\(recording.file) was made, and the journal has no place for it: \(refusal)")
        } catch {
            alarms.raise("recording", "a finished recording could not be journalled: \(refusal); \(error)")
        }
    }
}
