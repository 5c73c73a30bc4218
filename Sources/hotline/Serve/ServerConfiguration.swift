import Calls
import Console
import Documents
import Foundation
import Lines
import Media
import Norms
import Recordings
import Storage
import Switchboard

/// The configuration in the types that the rooms take. Made from the effective values; what one key alone cannot tell
/// (an address, a file, a pair of limits) is checked here.
struct ServerConfiguration: Sendable {
    var nodeName: String
    var nodeNumber: UInt16
    var timeZone: String
    /// Nil: no trunk.
    var sip: SIPLineConfiguration?
    var modems: [ModemLineConfiguration]
    /// Nil: no agents.
    var agents: RosterFile?
    /// The flow of calls from agents' phones.
    var agentFlowFile: String
    var outboundFlowFile: String
    /// When calls out may be placed.
    var outboundHours: OpeningHours.Span
    var gateway: Gateway?
    var alerting: Alerting
    /// A headset on this machine as a line; not from the file, but from the command line.
    var console: SoundCardConfiguration?
    /// The console line's name.
    static let consoleName = "console"
    var mostCalls: Int
    var media: MediaConfiguration
    var ringClock: RingClock
    var answerOnRing: Int
    var answerAfterMilliseconds: Int
    var apologiseAfterRings: Int
    var apologiseReading: RingClock.Reading
    var flowFile: String
    var flowVariables: [String: String]
    var promptsFolder: String
    /// They came with the program.
    var promptsAreShipped: Bool
    var lookups: [LookupSource]
    var httpHost: String
    var httpPort: Int
    /// Cookies are sent by HTTPS alone.
    var consoleIsSecure: Bool
    var consoleIdleSeconds: Int
    var replayNeedsReason: Bool
    var recordingFormat: RecordingFormat
    /// Nil: recordings are not encrypted.
    var recordingKeys: RecordingKeys?
    var pauseMilliseconds: Int
    var reconciliation: Reconciliation.Settings
    var retention: Retention.Settings
    /// What should be mended in the policy.
    var retentionWarnings: [DocumentError] = []
    /// Nil: `archive` in the data folder.
    var archiveFolder: String?
    /// The console's templates, words and files.
    var webFolder: String
    /// Profiles, calendar, lives of orders.
    var norms: NormFolder
    /// Nil: orders have no lives here.
    var orders: OrderRulebook?
    var ticketStores: [TicketDesk.Settings] = []
    var cacheBytes: Int64
    /// Nil: no transcripts are made.
    var transcripts: TranscriptSettings?
    /// Nil: nobody is told of alarms.
    var alarmWebhook: WebhookTarget?
    var eventWebhook: WebhookTarget?
    var warnFreeBytes: Int64
    var stopFreeBytes: Int64
    var anchors: AnchorWays
    /// The share of its time that the media threads may work before calls are refused, 0…1.
    var loadLimit: Double
    var drainMilliseconds: Int
    var logLevel: String
    /// Every key as people may see it.
    var settings: [SettingView]

    init(_ effective: EffectiveConfiguration, share: ShareFolder) throws(DocumentErrors) {
        settings = effective.views
        var reader = ConfigurationValues(effective)
        nodeName = reader.text("node.name")
        nodeNumber = UInt16(reader.integer("node.number"))
        timeZone = reader.text("time_zone")
        alerting = Alerting(rawValue: reader.text("answer.alerting")) ?? .ringing
        sip = Self.line(&reader)
        modems = Self.modems(&reader, share: share)
        if sip == nil, modems.isEmpty {
            reader.complain("sip.listen", "must name at least one address with its port where there are no `modems`")
        }
        outboundFlowFile = share.resolve(reader.text("calls_out.flow"), in: "flows")
        let hours = reader.text("calls_out.hours")
        outboundHours = OpeningHours.Span(hours) ?? .wholeDay
        if OpeningHours.Span(hours) == nil {
            reader.complain("calls_out.hours", "takes hours of a day such as 08:00-21:00, not `\(hours)`")
        }
        if !reader.text("sip.gateway").isEmpty {
            let address = reader.endpoint("sip.gateway")
            let caller = reader.text("sip.gateway_caller")
            gateway = Gateway(
                line: reader.text("sip.name"), address: address.description, caller: caller.isEmpty ? nil : caller)
        }
        agentFlowFile = share.resolve(reader.text("agents.flow"), in: "flows")
        let agentsFile = reader.text("agents.file")
        agents = agentsFile.isEmpty ? nil : try RosterFile(path: agentsFile)
        if let agents {
            if sip == nil { reader.complain("agents.file", "needs `sip.listen`: agents' phones register there") }
            sip?.phones = SIPPhones(
                users: agents.roster.phoneUsers, allow: reader.networks("agents.allow"),
                // Registrations do not outlive the server: phones that refresh often are back soon after a restart.
                maximumExpiresSeconds: Self.registrationSeconds)
        }
        mostCalls = reader.integer("sip.max_calls")
        media = Self.media(&reader, mostCalls: mostCalls, agents: agents?.roster.agents.count ?? 0)
        ringClock = RingClock(
            cycleMilliseconds: Int64(reader.integer("ring.cycle")), toneMilliseconds: Int64(reader.integer("ring.tone"))
        )
        if reader.integer("ring.tone") > reader.integer("ring.cycle") {
            reader.complain("ring.tone", "must not be longer than `ring.cycle`")
        }
        answerOnRing = reader.integer("answer.on_ring")
        answerAfterMilliseconds = reader.integer("answer.after")
        apologiseAfterRings = reader.integer("apology.after_rings")
        apologiseReading = RingClock.Reading(rawValue: reader.text("apology.reading")) ?? .beforeNextRing
        flowFile = share.resolve(reader.text("flow.file"), in: "flows")
        flowVariables = reader.texts("flow.variables")
        promptsFolder = share.resolve(reader.text("prompts.folder"), in: "prompts")
        promptsAreShipped = !reader.text("prompts.folder").contains("/")
        lookups = reader.records("lookups").map { record in
            LookupSource(
                name: record["name"] ?? "", url: record["url"] ?? "",
                token: record["token_file"].flatMap { reader.secret(in: $0, key: "lookups.token_file") })
        }
        let http = reader.endpoint("http.listen")
        httpHost = http.address.description
        httpPort = Int(http.port)
        consoleIsSecure = reader.boolean("console.https")
        consoleIdleSeconds = reader.integer("console.idle") / 1000
        replayNeedsReason = reader.boolean("replay.reason")
        recordingFormat = RecordingFormat(rawValue: reader.text("recordings.format")) ?? .flac
        recordingKeys = Self.keys(&reader)
        pauseMilliseconds = reader.integer("recordings.pause_limit")
        let checkAt = reader.text("recordings.check_at")
        // 24:00 never comes.
        let minute = checkAt == "24:00" ? 1440 : OpeningHours.Span("\(checkAt)-24:00")?.from
        if minute == nil {
            reader.complain("recordings.check_at", "takes a time of day such as 03:30, not `\(checkAt)`")
        }
        reconciliation = Reconciliation.Settings(
            minuteOfDay: minute ?? 0, bytesPerDay: Int64(reader.integer("recordings.check_budget")) * 1_000_000)
        let retainAt = reader.text("retention.at")
        let retainMinute = retainAt == "24:00" ? 1440 : OpeningHours.Span("\(retainAt)-24:00")?.from
        if retainMinute == nil {
            reader.complain("retention.at", "takes a time of day such as 04:30, not `\(retainAt)`")
        }
        let policyFile = reader.text("retention.policy")
        let policy = policyFile.isEmpty ? nil : try RetentionFile(path: share.resolve(policyFile, in: "norms"))
        retentionWarnings = policy?.warnings ?? []
        retention = Retention.Settings(
            policy: policy?.policy, minuteOfDay: retainMinute ?? 0,
            bytesPerDay: Int64(reader.integer("retention.budget")) * 1_000_000,
            quotaBytes: Int64(reader.integer("retention.quota")) * 1_000_000,
            floorBytes: Int64(reader.integer("retention.free_floor")) * 1_000_000)
        let archive = reader.text("retention.archive")
        archiveFolder = archive.isEmpty ? nil : archive
        if !archive.isEmpty, !archive.hasPrefix("/") {
            reader.complain(
                "retention.archive", "takes a folder by its whole path, beginning with `/`, not `\(archive)`")
        }
        webFolder = share.resolve("web", in: ".")
        let normsFolder = reader.text("orders.norms")
        norms = NormFolder(path: normsFolder.isEmpty ? share.resolve("norms", in: ".") : normsFolder)
        orders = try Self.orders(&reader, norms: norms, timeZone: timeZone)
        ticketStores = Self.ticketStores(&reader, timeZone: timeZone)
        cacheBytes = Int64(reader.integer("replay.cache_size")) * 1_000_000
        transcripts = try TranscriptSettings(&reader, share: share)
        alarmWebhook = Self.webhook(&reader, "alarms.webhook")
        eventWebhook = Self.webhook(&reader, "events.webhook")
        warnFreeBytes = Int64(reader.integer("disk.warn_free")) * 1_000_000
        stopFreeBytes = Int64(reader.integer("disk.stop_free")) * 1_000_000
        if stopFreeBytes > warnFreeBytes { reader.complain("disk.stop_free", "must not be above `disk.warn_free`") }
        anchors = AnchorWays(&reader)
        loadLimit = MediaConfiguration.loadLimit(
            Double(reader.integer("rtp.load_limit")) / 100,
            forProcessors: ProcessInfo.processInfo.activeProcessorCount, threads: media.threads)
        drainMilliseconds = reader.integer("stop.drain")
        logLevel = reader.text("log.level")
        try reader.finish()
    }

    /// Calls at once by line; a modem has one.
    var capacity: [String: Int] {
        var capacity: [String: Int] = [:]
        if let sip { capacity[sip.name] = mostCalls }
        for modem in modems { capacity[modem.name] = 1 }
        if console != nil { capacity[Self.consoleName] = 1 }
        return capacity
    }

    /// A key that names a URL, and the same with `_secret_file`.
    private static func webhook(_ reader: inout ConfigurationValues, _ key: String) -> WebhookTarget? {
        let (url, file) = (reader.text(key), reader.text("\(key)_secret_file"))
        let secret = file.isEmpty ? nil : reader.secret(in: file, key: "\(key)_secret_file")
        guard !url.isEmpty else { return nil }
        let address = URL(string: url)
        if address?.host == nil || !["http", "https"].contains(address?.scheme ?? "") {
            reader.complain(key, "takes an http or https URL, not `\(url)`")
        }
        return WebhookTarget(url: url, secret: secret.map { Array($0.utf8) })
    }

    private static func keys(_ reader: inout ConfigurationValues) -> RecordingKeys? {
        let path = reader.text("recordings.key_file")
        if path.isEmpty { return nil }
        guard path.hasPrefix("/") else {
            reader.complain(
                "recordings.key_file", "takes a file by its whole path, beginning with `/`, not `\(path)`")
            return nil
        }
        do throws(RecordingError) {
            return try RecordingKeys(path: path)
        } catch {
            let advice = error.errno == ENOENT ? ". A first one is made by 'hotline recordings key new \(path)'" : ""
            reader.complain("recordings.key_file", "cannot be used: \(error.message)\(advice)")
            return nil
        }
    }

    private static func modems(_ reader: inout ConfigurationValues, share: ShareFolder) -> [ModemLineConfiguration] {
        var names: Set<String> = [reader.text("sip.name"), consoleName]
        return reader.records("modems").compactMap { record in
            let name = record["name"] ?? ""
            let isPlain =
                !name.isEmpty && name.utf8.count <= 32
                && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
            if !isPlain {
                reader.complain("modems", "needs names of letters, digits, `-` and `_`, at most 32, not `\(name)`")
            }
            if !names.insert(name).inserted { reader.complain("modems", "names the line `\(name)` twice") }
            var card = SoundCardConfiguration(
                capture: record["capture"] ?? "", playback: record["playback"] ?? "")
            if let text = record["rate"] {
                if let rate = Int(text), [8000, 16_000, 32_000, 44_100, 48_000].contains(rate) {
                    card.rate = rate
                } else {
                    reader.complain("modems", "`rate` of `\(name)` must be 8000, 16000, 32000, 44100 or 48000")
                }
            }
            let pin = record["pin_file"].flatMap { reader.secret(in: $0, key: "modems.pin_file") }
            let named = record["profile"] ?? ""
            let file = named.contains("/") ? named : "\(share.path)/modems/\(named).yaml"
            do {
                return ModemLineConfiguration(
                    name: name, port: record["port"] ?? "", profile: try ModemProfile(path: file), card: card,
                    number: record["number"] ?? "", pin: pin)
            } catch {
                reader.complain("modems", "has no usable profile for `\(name)`: \(error)")
                return nil
            }
        }
    }

    private static func line(_ reader: inout ConfigurationValues) -> SIPLineConfiguration? {
        let listen = reader.endpoints("sip.listen").map { SIPListen($0) }
        guard !listen.isEmpty else { return nil }
        let users = reader.records("sip.users").compactMap { record -> SIPUser? in
            guard let name = record["name"], let file = record["password_file"],
                let password = reader.secret(in: file, key: "sip.users.password_file")
            else { return nil }
            return SIPUser(name: name, password: password)
        }
        let admission = SIPAdmission(
            sources: reader.networks("sip.allow"), users: users, realm: reader.text("sip.realm"),
            both: reader.boolean("sip.both"))
        var line = SIPLineConfiguration(name: reader.text("sip.name"), listen: listen, admission: admission)
        line.advertised = reader.addresses("sip.advertise")
        line.rtp = reader.addresses("rtp.address")
        line.trusted = reader.networks("sip.trusted")
        line.nat = reader.boolean("sip.nat")
        line.telephoneEvent = reader.boolean("sip.telephone_event")
        line.codecs = reader.list("sip.codecs").compactMap { name in
            if let codec = Codec.allCases.first(where: { $0.name == name.uppercased() }) { return codec }
            reader.complain("sip.codecs", "knows PCMA and PCMU, not `\(name)`")
            return nil
        }
        if line.codecs.isEmpty { reader.complain("sip.codecs", "must name PCMA or PCMU") }
        let expires = reader.integer("sip.session_expires")
        let minimum = reader.integer("sip.session_minimum")
        line.sessionTimer = SIPSessionTimer(expiresSeconds: expires / 1000, minimumSeconds: minimum / 1000)
        if expires > 0, expires < minimum {
            reader.complain("sip.session_expires", "must be 0s or at least `sip.session_minimum`")
        }
        line.alerting = Alerting(rawValue: reader.text("answer.alerting")) ?? .ringing
        line.registrations = reader.records("sip.registrations").compactMap { record in
            guard let registrar = record["registrar"], let aor = record["aor"], let user = record["user"],
                let file = record["password_file"],
                let password = reader.secret(in: file, key: "sip.registrations.password_file")
            else { return nil }
            let expires = record["expires"].flatMap { Int($0) } ?? 600
            if !(60...86_400).contains(expires) {
                reader.complain("sip.registrations", "`expires` must be from 60 to 86400 seconds")
            }
            return SIPRegistration(
                registrar: registrar, addressOfRecord: aor, credentials: SIPUser(name: user, password: password),
                expiresSeconds: expires)
        }
        return line
    }

    /// How long an agent's phone is registered at a time.
    static let registrationSeconds = 120

    private static func media(
        _ reader: inout ConfigurationValues, mostCalls: Int, agents: Int
    ) -> MediaConfiguration {
        var media = MediaConfiguration()
        media.ports = reader.ports("rtp.ports")
        media.maximumLegs = min(
            8192, mostCalls + reader.records("modems").count + 4 * agents + 16)
        media.minimumJitterMilliseconds = reader.integer("rtp.jitter_minimum")
        media.maximumJitterMilliseconds = reader.integer("rtp.jitter_maximum")
        if media.maximumJitterMilliseconds < media.minimumJitterMilliseconds {
            reader.complain("rtp.jitter_maximum", "must not be below `rtp.jitter_minimum`")
        }
        let threads = reader.integer("rtp.threads")
        media.threads =
            threads > 0
            ? threads : MediaConfiguration.threads(forProcessors: ProcessInfo.processInfo.activeProcessorCount)
        if reader.text("rtp.scheduling") == "realtime" { media.priority = .realtime }
        media.inactivityMilliseconds = reader.integer("rtp.inactive_after")
        if (Int(media.ports.upperBound) - Int(media.ports.lowerBound)) / 2 < mostCalls {
            reader.complain("rtp.ports", "holds fewer pairs of ports than `sip.max_calls`")
        }
        return media
    }
}

extension ServerConfiguration {
    private static func ticketStores(
        _ reader: inout ConfigurationValues, timeZone: String
    ) -> [TicketDesk.Settings] {
        let key = "orders.stores"
        var stores: [TicketDesk.Settings] = []
        for record in reader.records(key) {
            let (name, url, folder) = (record["name"] ?? "", record["url"] ?? "", record["folder"] ?? "")
            guard !name.isEmpty, name.utf8.count <= 40,
                name.utf8.allSatisfy({ ($0 | 32) >= 97 && ($0 | 32) <= 122 || (48...57).contains($0) || $0 == 45 })
            else {
                reader.complain(key, "`name` takes letters, digits and `-`, at most 40; not `\(name.prefix(60))`")
                continue
            }
            guard !stores.contains(where: { $0.store.name == name }) else {
                reader.complain(key, "there are two stores of the name \(name)")
                continue
            }
            guard url.isEmpty != folder.isEmpty else {
                reader.complain(key, "\(name) needs either `url` or `folder`")
                continue
            }
            guard let day = CivilDate(record["since"] ?? ""),
                let clock = try? LocalClock(zone: timeZone)  // a zone that is none was complained about
            else {
                reader.complain(key, "`since` of \(name) takes a day such as 2026-12-01")
                continue
            }
            let token = record["token_file"].flatMap { reader.secret(in: $0, key: "\(key).token_file") }
            let store: any TicketStore =
                url.isEmpty
                ? FolderTicketStore(name: name, folder: folder) : RESTTicketStore(name: name, url: url, token: token)
            let final = (record["final"] ?? "").split(separator: ",").map {
                String($0).trimmingCharacters(in: .whitespaces)
            }
            stores.append(
                TicketDesk.Settings(
                    store: store, since: UTCTime(microseconds: clock.offsets.instant(day)), final: Set(final)))
        }
        return stores
    }

    /// The rules by which orders live; nil where none are named.
    private static func orders(
        _ reader: inout ConfigurationValues, norms: NormFolder, timeZone: String
    ) throws(DocumentErrors) -> OrderRulebook? {
        let policy = reader.text("orders.policy")
        guard !policy.isEmpty else { return nil }
        do {
            return try OrderRulebook(norms: norms, policy: policy, zone: LocalClock(zone: timeZone).offsets)
        } catch let errors as DocumentErrors {
            throw errors
        } catch let error as SwitchboardError {
            reader.complain("orders.policy", error.message)
        } catch {
            reader.complain("orders.norms", "\(norms.path) cannot be read: \(error.localizedDescription)")
        }
        return nil
    }
}
