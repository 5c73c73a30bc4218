import Access
import CallFlow
import Calls
import Console
import Documents
import Foundation
import Hummingbird
import Lines
import Logging
import Media
import Norms
import Recordings
import Storage
import Switchboard
import Synchronization
import Testing

/// What media threads would tell of their work.
final class LoadSource: Sendable {
    let told = Mutex(MediaLoad())
}

/// A web side as in a running server, on a free port of loopback: a real store in a folder of its own, a real exchange and
/// desk, and a trunk without sound.
final class Bench: Sendable {
    static let token = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

    let folder: TemporaryFolder
    let store: Store
    let exchange: Exchange
    let desk: AgentDesk?
    let trunk: SilentTrunk
    let client: HTTPClient
    let people: People
    let prompts: BenchPrompts
    /// What the media threads have to do, as the exchange is told.
    let load: LoadSource
    private let serving: Task<Void, any Error>

    var reader: StoreReader { store.reader }

    /// Runs a test with a bench that is put away afterwards.
    /// - Parameters:
    ///   - agents: false: as without an agents' file.
    ///   - flow: what guides callers.
    static func with(
        agents: Bool = true, flow: String = flow, _ body: (Bench) async throws -> Void
    ) async throws {
        let bench = try await Bench(agents: agents, flow: flow)
        do {
            try await body(bench)
        } catch {
            await bench.close()
            throw error
        }
        await bench.close()
    }

    private init(agents: Bool, flow: String) async throws {
        let folder = try TemporaryFolder()
        let time = SystemTime()
        let bits = Mutex(Bits(seed: 1))
        let store = try Store.open(
            folder: folder.path,
            identity: NodeIdentity(name: "node1", number: 1, boot: "b0000000-0000-4000-8000-000000000001"), time: time,
            random: { bits.withLock { $0.next() } })
        var log = Logger(label: "console-tests", factory: { _ in SwiftLogNoOpLogHandler() })
        log.logLevel = .critical
        let settings = try Self.settings(flow: flow)
        let exchange = Exchange(
            settings: settings, capacity: ["trunk1": 100], identifiers: Identifiers(node: 1, time: time), log: log)
        let clock = try LocalClock(zone: "Asia/Shanghai")
        let file = try Self.writeRoster(folder.path)
        let desk = agents ? exchange.makeDesk(roster: file.roster, store: store, clock: clock, time: time) : nil
        let blocklist = Blocklist(store: store, time: time)
        try await blocklist.load()
        let notices = Notices(
            store: store, prompts: Self.noticePrompts, reads: { settings.flow.reads($0) }, time: time)
        let trunk = SilentTrunk()
        let load = LoadSource()
        self.load = load
        exchange.open(
            lines: [trunk], media: trunk,
            prompts: try PromptStore(catalog: PromptCatalog(folder: folder.path, locale: "zh-CN", entries: [])),
            store: store, lookups: [], clock: clock, time: time, blocklist: blocklist,
            gateway: Gateway(line: "trunk1", address: "192.0.2.9:5060", caller: nil),
            agents: try desk.map { desk in
                Exchange.Agents(
                    desk: desk, phones: trunk, settings: settings, outbound: try Self.settings(flow: Self.outbound))
            }, notices: notices, load: { [load] in load.told.withLock { $0 } })
        trunk.connect(exchange)
        for agent in file.roster.agents { desk?.phone(agent.agent.number, isReachable: true) }

        let phones = Mutex<[SIPUser]>([])
        let data = DataFolder(folder.path)
        let alarms = RecordingAlarms(store: store, webhook: nil, node: "node1", time: time, log: log)
        let reconciliation = Reconciliation(
            store: store, folder: data, alarms: alarms, settings: .init(minuteOfDay: 1440, bytesPerDay: 0),
            clock: clock,
            time: time, log: log)
        let replay = Replay(
            store: store, folder: data.recordings,
            cache: try AudioCache(folder: data.cache, limitBytes: 1_000_000, minimumFreeBytes: 0), alarms: alarms,
            time: time)

        let retention = Retention(
            store: store, folder: data,
            settings: Retention.Settings(policy: Self.retentionPolicy, minuteOfDay: 1440, bytesPerDay: 1_000_000),
            clock: clock,
            surroundings: Retention.Surroundings(
                forget: { _ in }, alarm: { _, _ in },
                makeID: { bits.withLock { HoldID(high: $0.next(), low: $0.next()) } }),
            time: time, log: log)

        let people = People(
            store: store, path: data.credentials, time: time, random: { bits.withLock { $0.next() } })
        try await people.load()
        let prompts = try BenchPrompts(folder.path + "/prompts")
        let site = try await Self.site.value
        let rules = try Self.orderRules.get()
        let norms = NormFolder(path: Self.norms)
        let identifiers = Identifiers(node: 1, time: time)

        let (ports, told) = AsyncStream.makeStream(of: Int.self)
        let application = Console.application(
            host: "127.0.0.1", port: 0, site: site,
            sources: ConsoleSources(
                health: { Health(status: "ok", activeCalls: exchange.activeCalls, findings: []) },
                metrics: { OperationSample.metrics },
                desk: desk,
                roster: desk.map { desk in
                    RosterKeeper(
                        file: file, desk: desk, store: store, time: time,
                        random: { bits.withLock { $0.next() } }, phones: { users in phones.withLock { $0 = users } })
                },
                blocklist: blocklist, exchange: exchange, reader: store.reader, replay: replay,
                reconciliation: reconciliation, carrier: CarrierBook(store: store, time: time),
                book: RecordingBook(store: store, folder: data.recordings, time: time),
                retention: retention,
                orders: OrderBook(rules: rules, store: store, time: time),
                penalties: PenaltyBook(rules: rules, store: store, time: time),
                duties: DutyBook(
                    norms: norms, store: store, identifiers: identifiers, prompts: { _ in true }, time: time),
                notices: notices, flows: [try Self.shippedFlow.get()],
                people: people,
                audits: AuditOffice(norms: norms, zone: .fixed(28_800), zoneName: "+08:00", reader: store.reader),
                reviews: try ReviewDesk(
                    norms: norms, profiles: rules.profiles, zone: .fixed(28_800), store: store, replay: replay,
                    identifiers: identifiers, time: time),
                prompts: PromptDesk(
                    folder: prompts.folder, isShipped: false, prompts: prompts.store, store: store, time: time),
                lines: { OperationSample.lines }, replayNeedsReason: true,
                operation: OperationSample.sources(time.now()),
                time: time, token: Self.token),
            log: log, bound: { told.yield($0) })
        let serving = Task {
            defer { told.finish() }
            try await application.run()
        }
        guard let port = await ports.first(where: { _ in true }) else {
            try await serving.value
            throw TestError("the web side ended before it listened")
        }
        self.serving = serving
        self.folder = folder
        self.store = store
        self.exchange = exchange
        self.desk = desk
        self.trunk = trunk
        self.people = people
        self.prompts = prompts
        client = HTTPClient(port: UInt16(port))
    }

    private func close() async {
        serving.cancel()
        // First of all: a request still under way may place a call, which nobody would stop.
        do {
            try await serving.value
        } catch is CancellationError {
            // As asked for above.
        } catch {
            Issue.record("the web side failed: \(error)")
        }
        exchange.stopCalls(at: SystemTime().now())
        await exchange.waitUntilIdle()
        desk?.stop()
        trunk.disconnect()
        await store.close()
    }

    /// Keeps everything for a year.
    private static let retentionPolicy = RetentionPolicy(
        name: "test", version: "1", rules: [],
        otherwise: RetentionPolicy.Rule(id: "otherwise", keep: CalendarPeriod(days: 365), clause: "test"), minima: [],
        assumeClosedAfter: CalendarPeriod(days: 90), archiveAfter: nil, callData: .keep)

    private static let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    static let norms = repository.appending(path: "norms").path
    static let web = repository.appending(path: "web").path

    /// The pages' templates, words and files; read once.
    private static let site = Task { try await Site(folder: web, isSecure: false, zone: .fixed(28_800)) }

    /// The shipped lives of orders; read once.
    private static let orderRules = Result {
        try OrderRulebook(norms: NormFolder(path: norms), policy: "yongqiang", zone: .fixed(28_800))
    }

    /// What can be said as a notice, and what cannot though it is called so.
    static let noticePrompts = [
        "notice.storm": "受恶劣天气影响，部分地区停电。", "notice.flood": "因<洪水>停电。", "notice.recording": "本次通话将被录音。",
        "thanks": "谢谢",
    ]

    /// The shipped flow of callers, as the console shows it; read once.
    private static let shippedFlow = Result {
        let texts = Dictionary(
            try PromptCatalog(folder: repository.appending(path: "prompts/zh-CN").path).entries.map {
                ($0.id, $0.text)
            },
            uniquingKeysWith: { first, _ in first })
        let file = repository.appending(path: "flows/power-hotline.yaml").path
        let (flow, diagnostics) = Flow.load(
            text: try String(contentsOfFile: file, encoding: .utf8), file: file, prompts: Set(texts.keys), texts: texts,
            version: "power-hotline@test")
        return ShownFlow(
            use: .callers, flow: try #require(flow), file: file, warnings: diagnostics.warnings, texts: texts)
    }

    static let flow = """
        flow: test
        start: begin
        variables: {notice.storm: ""}
        steps:
          begin: {verb: answer, next: person}
          person:
            verb: queue
            queue: night_service
            music: music.hold
            bulletins: ["${notice.storm}"]
            answered: bye
            otherwise: bye
          bye: {verb: hangup, prompts: [thanks], wait: 2s, warning: [warn]}
        """

    /// What whom we called hears once the agent has gone.
    private static let outbound = """
        flow: outbound
        start: begin
        steps:
          begin: {verb: answer, next: bye}
          bye: {verb: hangup, prompts: [thanks]}
        """

    private static func settings(flow text: String = flow) throws -> SessionSettings {
        let (flow, diagnostics) = Flow.load(
            text: text, file: "test.yaml", prompts: ["thanks", "warn", "music.hold", "notice.storm", "notice.flood"],
            version: "test@1")
        try diagnostics.throwErrors()
        return SessionSettings(
            ringClock: RingClock(), answerOnRing: 1, answerAfterMilliseconds: 0, alerting: .ringing,
            apologiseAfterRings: 4, apologiseReading: .beforeNextRing, flow: try #require(flow), flowVersion: "test@1",
            variables: [:])
    }

    /// The agents' file of the bench, with a key customer in a file of its own.
    private static func writeRoster(_ folder: String) throws -> RosterFile {
        let people = [
            ("1001", "坐席一", "agent"), ("1002", "坐席二", "agent"), ("8001", "值长", "shift_leader"),
            ("9001", "主管", "supervisor"),
        ]
        let agents = people.map { number, name, role in
            """
              - number: "\(number)"   # of the bench
                name: \(name)
                role: \(role)
                department: 客服
                skills: [service]
                password: test-only-\(number)
            """
        }
        let text = """
            # The agents of the bench.
            departments: [客服]
            skills: [service]
            agents:
            \(agents.joined(separator: "\n"))
            queues:
              - name: night_service
                skill: service
            key_customers: ["13900000078"]
            key_customers_file: key.txt

            """
        try text.write(toFile: folder + "/agents.yaml", atomically: true, encoding: .utf8)
        try "13900000077  # 人民医院 <急诊>\n".write(toFile: folder + "/key.txt", atomically: true, encoding: .utf8)
        return try RosterFile(path: folder + "/agents.yaml")
    }

    // MARK: - Asking

    /// Asks the API.
    /// - Parameter path: below `/api/v1/`.
    func get(_ path: String, authorization: String? = "Bearer \(token)") async throws -> Answer {
        try await client.ask("GET", "/api/v1/\(path)", authorization: authorization)
    }

    func post(
        _ path: String, _ body: String, type: String? = "application/json",
        authorization: String? = "Bearer \(token)"
    ) async throws -> Answer {
        try await client.ask(
            "POST", "/api/v1/\(path)", authorization: authorization, type: type, body: Array(body.utf8))
    }

    /// - Parameter path: with a body, and what stands behind `?`.
    func ask(
        _ method: String, _ path: String, _ body: String?, authorization: String? = "Bearer \(token)"
    ) async throws -> Answer {
        try await client.ask(
            method, "/api/v1/\(path)", authorization: authorization, type: body.map { _ in "application/json" },
            body: body.map { Array($0.utf8) })
    }

    /// What `GET agents` says of one.
    func agent(_ number: String) async throws -> AgentView? {
        let answer = try await get("agents")
        return try JSONDecoder().decode([AgentView].self, from: Data(answer.body)).first { $0.number.text == number }
    }

    /// An agent hangs up; in the moment before they are connected that is refused within the call, so it is said again.
    /// - Returns: whether the agent is in no call any more.
    func hangsUp(_ number: String) async throws -> Bool {
        try await eventually {
            let answer = try await self.post("agents/\(number)/call", #"{"action": "hang_up"}"#)
            #expect(answer.status == 202 || answer.status == 409)
            return answer.status == 409
        }
    }

    /// Places a call, and waits until agent 1001 talks with whom it was placed to.
    func talking() async throws -> AgentView {
        let placed = try await post("calls", #"{"agent": "1001", "number": "13900000009", "role": "contact"}"#)
        #expect(placed.status == 200)
        let isDialled = try await eventually { self.trunk.dialled.contains("sip:13900000009@192.0.2.9:5060") }
        #expect(isDialled)
        let agent = try #require(try await agent("1001"))
        #expect(agent.state == .talking)
        return agent
    }
}
