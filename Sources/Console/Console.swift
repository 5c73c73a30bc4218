import Access
import Calls
import Hummingbird
import Logging
import Norms
import Storage
import Switchboard

/// How the server is, in one word and the reasons.
public struct Health: Sendable, Codable, ResponseEncodable {
    /// `ok`, `degraded` (calls go on, something wants a person) or `draining`.
    public var status: String
    public var activeCalls: Int
    /// What is wrong, each with the next step.
    public var findings: [String]

    public init(status: String, activeCalls: Int, findings: [String]) {
        self.status = status
        self.activeCalls = activeCalls
        self.findings = findings
    }

    private enum CodingKeys: String, CodingKey {
        case status
        case activeCalls = "active_calls"
        case findings
    }
}

/// What the web edge shows; read at each request.
public struct ConsoleSources: Sendable {
    public var health: @Sendable () -> Health
    public var metrics: @Sendable () -> [MetricFamily]
    /// Agents and queues; nil where there are none.
    public var desk: AgentDesk?
    /// Nil: there are no agents, or their file is not changed here.
    public var roster: RosterKeeper?
    public var blocklist: Blocklist
    public var exchange: Exchange
    public var reader: StoreReader
    public var replay: Replay
    public var reconciliation: Reconciliation
    public var carrier: CarrierBook
    public var book: RecordingBook
    /// Nil: no transcripts are made.
    public var transcriber: Transcriber?
    /// Nil: nothing is held, moved, deleted or erased here.
    public var retention: Retention?
    /// Nil: work orders have no lives here.
    public var orders: OrderBook?
    /// Nil as above.
    public var penalties: PenaltyBook?
    /// Nil: there are no norms here.
    public var duties: DutyBook?
    /// Notices that callers hear; nil: there are none.
    public var notices: Notices?
    /// The flows in use, those of callers first.
    public var flows: [ShownFlow]
    /// Nil: there is no other ticket store.
    public var tickets: TicketDesk?
    /// Who may use the console and the API.
    public var people: People
    /// Nil: there are no norms here.
    public var audits: AuditOffice?
    /// Nil as above.
    public var reviews: ReviewDesk?
    /// Nil: the prompts are not looked after here.
    public var prompts: PromptDesk?
    /// How a ringing is counted.
    public var rings: RingClock
    /// The lines as they are.
    public var lines: @Sendable () -> [LineState]
    /// Bytes free for recordings; nil where the disk cannot be asked.
    public var diskFree: @Sendable () -> Int64?
    /// Whether people say why they replay a recording.
    public var replayNeedsReason: Bool
    /// What the pages of the operation show beside.
    public var operation: OperationSources
    public var time: any TimeSource
    /// What lets in whoever may read the data folder: the command line on this machine.
    public var token: String

    public init(
        health: @escaping @Sendable () -> Health, metrics: @escaping @Sendable () -> [MetricFamily], desk: AgentDesk?,
        roster: RosterKeeper? = nil, blocklist: Blocklist, exchange: Exchange, reader: StoreReader, replay: Replay,
        reconciliation: Reconciliation,
        carrier: CarrierBook, book: RecordingBook, transcriber: Transcriber? = nil, retention: Retention? = nil,
        orders: OrderBook? = nil, penalties: PenaltyBook? = nil, duties: DutyBook? = nil,
        tickets: TicketDesk? = nil, notices: Notices? = nil, flows: [ShownFlow] = [], people: People,
        audits: AuditOffice? = nil, reviews: ReviewDesk? = nil, prompts: PromptDesk? = nil,
        rings: RingClock = RingClock(),
        lines: @escaping @Sendable () -> [LineState] = { [] }, diskFree: @escaping @Sendable () -> Int64? = { nil },
        replayNeedsReason: Bool = false, operation: OperationSources = OperationSources(), time: any TimeSource,
        token: String
    ) {
        self.operation = operation
        self.notices = notices
        self.flows = flows
        self.people = people
        self.audits = audits
        self.reviews = reviews
        self.prompts = prompts
        self.rings = rings
        self.lines = lines
        self.diskFree = diskFree
        self.replayNeedsReason = replayNeedsReason
        self.time = time
        self.health = health
        self.metrics = metrics
        self.desk = desk
        self.roster = roster
        self.blocklist = blocklist
        self.exchange = exchange
        self.reader = reader
        self.replay = replay
        self.reconciliation = reconciliation
        self.carrier = carrier
        self.book = book
        self.transcriber = transcriber
        self.retention = retention
        self.orders = orders
        self.penalties = penalties
        self.duties = duties
        self.tickets = tickets
        self.token = token
    }
}

/// The web server: `/healthz` for supervisors of the process, `/metrics` for Prometheus, `/api/v1` for agents, queues,
/// what callers left and recordings, for the command line and for other programs of the utility (docs/json.md).
///
/// Every request to `/api/v1` carries `Authorization: Bearer` with the token of the data folder. Errors there are problem
/// documents (RFC 9457).
///
/// `/healthz` answers 200 while calls are taken and 503 while draining, so that a balancer looks elsewhere.
public enum Console {
    /// - Parameter bound: told the port once it is bound (0 asks the system for one).
    public static func application(
        host: String, port: Int, site: Site, sources: ConsoleSources, log: Logger,
        bound: @escaping @Sendable (Int) async -> Void
    ) -> some ApplicationProtocol {
        let router = Router(context: ConsoleContext.self)
        let who = WhoAsks(people: sources.people, token: sources.token)
        router.add(middleware: UnknownAddresses(who: who))
        router.get("/healthz") { _, _ in
            let health = sources.health()
            return EditedResponse(status: health.status == "draining" ? .serviceUnavailable : .ok, response: health)
        }
        router.get("/metrics") { _, _ in
            Response(
                status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: PrometheusText.render(sources.metrics()))))
        }
        let gate = Gatekeeper(people: sources.people, reader: sources.reader, desk: sources.desk)
        let board = Wallboard(sources: sources, site: site)
        addPages(
            to: router, who, Pages(site: site, people: sources.people, gate: gate, time: sources.time), board, sources)
        let api = router.group("api/v1").add(middleware: ProblemDocuments(words: site.words)).add(middleware: who)
            .add(middleware: RightsCheck(gate: gate)).add(middleware: BodyLimit())
        api.get("wallboard") { _, _ in try json(try await board.now()) }
        PeopleAPI(people: sources.people).add(to: api)
        let owed = OwedWork(exchange: sources.exchange, reader: sources.reader)
        owed.add(to: api)
        AgentsAPI(desk: sources.desk, owed: owed).add(to: api)
        RosterAPI(roster: sources.roster, desk: sources.desk).add(to: api)
        BlocklistAPI(blocklist: sources.blocklist, desk: sources.desk).add(to: api)
        let inbox = Inbox(exchange: sources.exchange, reader: sources.reader, desk: sources.desk, gate: gate)
        MessagesAPI(inbox: inbox).add(to: api)
        CallBacksAPI(inbox: inbox).add(to: api)
        OutboundAPI(exchange: sources.exchange, reader: sources.reader, desk: sources.desk, gate: gate).add(to: api)
        CallOrdersAPI(book: CallOrders(exchange: sources.exchange, orders: sources.orders), desk: sources.desk)
            .add(to: api)
        RecordingsAPI(exchange: sources.exchange, reader: sources.reader, gate: gate).add(to: api)
        RecordingAudioAPI(
            replay: sources.replay, reconciliation: sources.reconciliation, carrier: sources.carrier, gate: gate,
            reasonIsRequired: sources.replayNeedsReason
        ).add(to: api)
        RecordingBookAPI(book: sources.book, gate: gate).add(to: api)
        TranscriptsAPI(transcriber: sources.transcriber, reader: sources.reader, desk: sources.desk).add(to: api)
        RetentionAPI(retention: sources.retention, reader: sources.reader, desk: sources.desk).add(to: api)
        OrdersAPI(orders: sources.orders, penalties: sources.penalties, desk: sources.desk).add(to: api)
        TicketsAPI(tickets: sources.tickets).add(to: api)
        if let reviews = sources.reviews {
            QualityAPI(reviews: reviews, reader: sources.reader, gate: gate).add(to: api)
        }
        DutiesAPI(duties: sources.duties, reader: sources.reader, desk: sources.desk).add(to: api)
        NoticesAPI(notices: sources.notices, desk: sources.desk, time: sources.time).add(to: api)
        let prompts = PromptsAPI(prompts: sources.prompts, desk: sources.desk)
        prompts.add(to: api)
        // Recordings are larger than any other body.
        prompts.addUpload(
            to: router.group("api/v1").add(middleware: ProblemDocuments(words: site.words)).add(middleware: who)
                .add(middleware: RightsCheck(gate: gate)))
        return Application(
            router: router,
            // Whoever begins a request and says nothing more keeps no connection for ever.
            server: .http1(configuration: .init(idleTimeout: .seconds(60))),
            configuration: ApplicationConfiguration(address: .hostname(host, port: port), serverName: "hotline"),
            onServerRunning: { channel in await bound(channel.localAddress?.port ?? port) },
            logger: log)
    }

    /// What people see in a browser.
    private static func addPages(
        to router: Router<ConsoleContext>, _ who: WhoAsks, _ pages: Pages, _ board: Wallboard, _ sources: ConsoleSources
    ) {
        router.get("static/:file") { request, context in
            guard let answer = pages.site.files.response(try context.part("file"), request) else {
                throw HTTPError(.notFound)
            }
            return answer
        }
        func group(_ right: Right?) -> RouterGroup<ConsoleContext> {
            router.group().add(middleware: who).add(middleware: PageGuard(pages: pages, right: right))
        }
        let open = group(nil)
        SignInPages(pages: pages).add(to: open, group(.wallboard))
        OwnTokenPages(pages: pages).add(to: group(.ownTokens))
        WallboardPages(pages: pages, board: board).add(to: group(.wallboard))
        DeskPages(pages: pages, sources: sources).add(to: group(.agentSelf))
        IntakePages(pages: pages, sources: sources).add(to: group(.agentSelf))
        InboxPages(
            pages: pages,
            inbox: Inbox(
                exchange: sources.exchange, reader: sources.reader, desk: sources.desk, gate: pages.gate),
            calls: OutboundAPI(
                exchange: sources.exchange, reader: sources.reader, desk: sources.desk, gate: pages.gate)
        ).add(to: group(.inbox))
        RecordingPages(
            pages: pages, reader: sources.reader, reviews: sources.reviews, reasonIsRequired: sources.replayNeedsReason
        ).add(to: group(.hearRecordings))
        if let reviews = sources.reviews {
            let api = QualityAPI(reviews: reviews, reader: sources.reader, gate: pages.gate)
            QualityPages(pages: pages, reader: sources.reader, reviews: reviews, api: api).add(to: group(.seeScores))
            ReviewPages(
                pages: pages, reader: sources.reader, reviews: reviews, reasonIsRequired: sources.replayNeedsReason
            ).add(to: group(.seeScores), group(.scoreRecordings))
        }
        OrderPages(pages: pages, reader: sources.reader, orders: sources.orders).add(to: group(.seeOrders))
        AuditPages(
            pages: pages, audits: sources.audits, reader: sources.reader, usual: sources.orders?.rules.profile.id
        ).add(to: group(.audit))
        OutagePages(
            pages: pages, reader: sources.reader, duties: sources.duties, orders: sources.orders, guesses: GuessLimit(),
            notice: NoticeCard(pages: pages, notices: sources.notices)
        ).add(to: group(.announceOutages), open)
        // Whoever switches what callers hear sees where in the flow they do.
        FlowPages(pages: pages, flows: sources.flows, pictures: FlowPictures(time: sources.time))
            .add(to: group(.announceOutages))
        PeoplePages(pages: pages, orders: sources.orders).add(to: group(.people))
        OperationPages.add(pages, sources, to: group)
        PromptPages(pages: pages, prompts: sources.prompts).add(to: group(.operate))
    }
}
