/// One configuration key: where its value may come from, what it may be, what it means. The table of all keys
/// (`Setting.all`) is the only place where a default stands; the commented example file is printed from it.
struct Setting: Sendable {
    enum Kind: Sendable, Equatable {
        case text
        case integer(ClosedRange<Int>)
        /// Milliseconds within; written `500ms`, `2s`, `10m`, `1h`.
        case duration(ClosedRange<Int>)
        case boolean
        case choice([String])
        /// A list; in the environment and in flags its items are separated by commas.
        case list
        /// A mapping of names to texts; from the file only.
        case texts
        /// A list of mappings with these keys (those ending in `?` may be left out); from the file only.
        case records([String])
    }

    /// `section.name`.
    let key: String
    let kind: Kind
    /// As it would stand in the file; lists separated by commas.
    let standard: String
    let help: String

    init(_ key: String, _ kind: Kind, _ standard: String, _ help: String) {
        self.key = key
        self.kind = kind
        self.standard = standard
        self.help = help
    }

    /// The environment variable that overrides the file: `HOTLINE_SIP_LISTEN` for `sip.listen`.
    var environment: String {
        "HOTLINE_" + String(key.map { $0 == "." ? "_" : $0 }).uppercased()
    }

    static let all: [Setting] = [
        Setting(
            "node.name", .text, "node1",
            "The name of this machine in journal and reports; one journal chain a node."),
        Setting("node.number", .integer(0...65_535), "1", "Its number in identifiers; different on every machine."),
        Setting(
            "time_zone", .text, "Asia/Shanghai",
            "Local time for order numbers and flows; everything stored is UTC."),

        Setting("sip.name", .text, "trunk1", "The line's name in calls and metrics."),
        Setting(
            "sip.listen", .list, "127.0.0.1:5060",
            "Addresses with ports, UDP and TCP on each; IPv6 as [::1]:5060. Never a public address without `sip.allow`. "
                + "Empty: no trunk, modems only."
        ),
        Setting(
            "sip.advertise", .list, "",
            "Addresses told to peers in Contact and SDP (behind NAT: the public one), at most one a family. Empty: the "
                + "address by which the peer was reached."),
        Setting(
            "sip.allow", .list, "127.0.0.0/8,::1/128",
            "Source networks whose calls are taken. Everybody else gets 403, or 401 where `sip.users` are given."),
        Setting(
            "sip.users", .records(["name", "password_file"]), "",
            "Users who may call from anywhere by digest authentication; the password alone stands in its file."),
        Setting("sip.realm", .text, "hotline", "The realm of the digest challenge."),
        Setting(
            "sip.both", .boolean, "false",
            "A call needs a listed source and a user's digest; otherwise either is enough."
        ),
        Setting(
            "sip.trusted", .list, "127.0.0.0/8,::1/128",
            "Peers whose P-Asserted-Identity is believed (RFC 3325): the carrier's gateways."),
        Setting("sip.nat", .boolean, "false", "Peers are behind NAT: RTP latches onto its true source."),
        Setting("sip.codecs", .list, "PCMA,PCMU", "What we speak, in our order of preference."),
        Setting(
            "sip.telephone_event", .boolean, "true", "Take keys as RFC 4733 events; otherwise they are sought in-band."),
        Setting("sip.session_expires", .duration(0...86_400_000), "30m", "Session timer (RFC 4028); 0s turns it off."),
        Setting(
            "sip.session_minimum", .duration(1000...86_400_000), "90s", "The shortest session timer that is accepted."),
        Setting(
            "sip.max_calls", .integer(1...10_000), "200",
            "Calls at once on the trunk; further ones get 486 (Q.850 cause 17)."),
        Setting(
            "sip.registrations", .records(["registrar", "aor", "user", "password_file", "expires?"]), "",
            "Registrations at carriers, kept up while the server runs; `expires` in seconds."),

        Setting(
            "sip.gateway", .text, "",
            "Where calls to telephones outside are placed (call-backs, return visits): the carrier's numeric address "
                + "with its port. Empty: none are placed."),
        Setting("sip.gateway_caller", .text, "", "The number shown to whom we call."),
        Setting(
            "calls_out.hours", .text, "08:00-21:00", "Nobody is called outside these hours, local time."),
        Setting(
            "calls_out.flow", .text, "outbound.yaml",
            "What whom we called hears when the agent has gone; a bare name is sought in the shipped flows."),

        Setting(
            "agents.file", .text, "",
            "Agents, their phones, queues and feature codes (docs/agents.md). Empty: no agents; a person is a voice "
                + "message that becomes an order."),
        Setting(
            "agents.allow", .list, "127.0.0.0/8,::1/128",
            "Networks from which agents' phones register and call, at `sip.listen`, each with its own password."),
        Setting(
            "agents.flow", .text, "agent-phone.yaml",
            "The flow of calls from agents' phones (feature codes); a bare name is sought in the shipped flows."),

        Setting(
            "modems", .records(["name", "port", "profile", "capture", "playback", "number", "pin_file?", "rate?"]), "",
            "4G voice modems, each a line (docs/modems.md): `port` is the serial port for AT commands, `profile` a bare "
                + "name of the shipped modems or a file, `capture` and `playback` the ALSA devices of its sound card, "
                + "`number` the SIM's own number, `pin_file` holds the SIM's PIN, `rate` is the card's samples a second."
        ),

        Setting(
            "rtp.address", .list, "", "Local addresses for RTP, at most one a family. Empty: the listening address."),
        Setting("rtp.ports", .text, "16384-32767", "The port range for RTP and RTCP; two a call."),
        Setting("rtp.jitter_minimum", .duration(20...200), "40ms", "The jitter buffer's smallest depth."),
        Setting("rtp.jitter_maximum", .duration(40...1000), "200ms", "Its greatest depth."),
        Setting(
            "rtp.inactive_after", .duration(1000...3_600_000), "30s", "No packet for so long is noted as inactive."),
        Setting(
            "rtp.threads", .integer(0...16), "0",
            "Media threads, each of which runs a part of the calls. 0: one for every two processors that the server may use, "
                + "four at most."),
        Setting(
            "rtp.scheduling", .choice(["nice", "realtime"]), "nice",
            "How the media threads come by a processor: at nice -10, or before everything else (SCHED_FIFO), for a machine "
                + "that does nothing but this or has a core to spare for each."),
        Setting(
            "rtp.load_limit", .integer(1...100), "70",
            "New calls get 486, and agents place none, while the media threads work for more than so many hundredths of their "
                + "time: those inside keep their quality. Six sevenths of that where they leave no processor free."),

        Setting("answer.alerting", .choice(["180", "183"]), "180", "183 sends our own ring-back tone as early media."),
        Setting("answer.on_ring", .integer(1...20), "1", "Answer in this ring."),
        Setting("answer.after", .duration(0...10_000), "1s", "So far into it, so that a ring is heard."),
        Setting("ring.cycle", .duration(1000...20_000), "5s", "A nominal ring: tone and pause (GB/T 3380)."),
        Setting("ring.tone", .duration(100...10_000), "1s", "The tone in it."),
        Setting(
            "apology.after_rings", .integer(1...20), "4", "An answer later than this is apologised for (002 服务规范 1)."),
        Setting(
            "apology.reading", .choice(["before_next_ring", "by_end_of_tone"]), "before_next_ring",
            "How `within n rings` is read: before ring n+1 begins, or by the end of the nth tone."),

        Setting("flow.file", .text, "power-hotline.yaml", "The call flow; a bare name is sought in the shipped flows."),
        Setting(
            "flow.variables", .texts, "", "Variables given to the flow, e.g. `notice.storm: notice.storm` (a prompt)."),
        Setting("prompts.folder", .text, "zh-CN", "The prompts' folder; a bare name is sought in the shipped prompts."),
        Setting(
            "lookups", .records(["name", "url", "token_file?"]), "",
            "HTTP back ends for the flow's look-ups; the token goes out as Authorization: Bearer."),

        Setting(
            "http.listen", .text, "127.0.0.1:8080",
            "Address and port of the console, the API, /healthz and /metrics."),
        Setting(
            "console.https", .boolean, "false",
            "People come by HTTPS, through a proxy before this server: cookies are sent no other way then."),
        Setting(
            "console.idle", .duration(60_000...86_400_000), "30m",
            "Whoever does nothing for so long is signed out."),
        Setting("recordings.format", .choice(["flac", "wav"]), "flac", "FLAC, or WAV (PCM, 16 bits)."),
        Setting(
            "recordings.key_file", .text, "",
            "Encrypts recordings, and what of them lies on the disk before (docs/encryption.md): a file of keys by its "
                + "whole path, made by `hotline recordings key new`. Empty: they are not encrypted."),
        Setting(
            "recordings.pause_limit", .duration(10_000...1_800_000), "3m",
            "An agent's pause of the recording ends by itself after so long; a flow's has its own (docs/recordings.md)."
        ),
        Setting(
            "recordings.check_at", .text, "03:30",
            "When calls, recordings and files are laid beside each other each day, local time; 24:00 is "
                + "never (docs/recordings.md)."),
        Setting(
            "recordings.check_budget", .integer(0...10_000_000), "20000",
            "Megabytes of recordings read from end to end for it on a day."),
        Setting(
            "evidence.anchor_webhook", .text, "",
            "Where each day's anchor is sent (docs/evidence.md): an http or https URL that takes a POST of one line of "
                + "JSON and answers with 2xx. Sent again, with ever longer pauses, until it does."),
        Setting(
            "evidence.anchor_command", .list, "",
            "A program with its arguments, without a shell, that gets each day's anchor on its standard input and ends "
                + "with 0 once it is taken: mail, lpr, a script of your own."),
        Setting(
            "retention.policy", .text, "",
            "How long recordings are kept (docs/retention.md): a YAML file; a bare name is sought in the shipped norms. "
                + "Empty: nothing is moved or deleted by itself."),
        Setting(
            "retention.at", .text, "04:30",
            "When what is due is moved or deleted each day, local time; 24:00 is never."),
        Setting(
            "retention.budget", .integer(0...10_000_000), "50000",
            "Megabytes of recordings moved or deleted on a day; where the quota or the floor is broken, all that is due."
        ),
        Setting(
            "retention.archive", .text, "",
            "A folder, on another volume, to which the policy moves what it keeps longer. Empty: `archive` in the data "
                + "folder."),
        Setting(
            "retention.quota", .integer(0...100_000_000), "0",
            "Megabytes of recordings, archived ones left out, above which an alarm is raised; 0: none."),
        Setting(
            "retention.free_floor", .integer(0...100_000_000), "0",
            "Megabytes free on the recordings' volume below which an alarm is raised; 0: none."),
        Setting(
            "orders.policy", .text, "",
            "By which policy work orders live (docs/orders.md): the id of one in the folder `orders` of the norms, such as "
                + "yongqiang. Empty: steps of orders are not taken."),
        Setting("orders.norms", .text, "", "The folder of norms that it is taken from. Empty: the shipped one."),
        Setting(
            "orders.stores", .records(["name", "since", "url?", "token_file?", "folder?", "final?"]), "",
            "Other ticket stores that are told of orders (docs/tickets.md): by HTTP (`url`) or through a `folder`; orders made "
                + "from the day `since` on; `final` names the statuses after which nothing changes there, separated by commas."
        ),
        Setting(
            "replay.cache_size", .integer(0...10_000_000), "2000",
            "Megabytes for recordings in other forms than stored, kept after they were asked for."),
        Setting(
            "replay.reason", .boolean, "false",
            "Whoever listens to a recording in the console says why; it is journalled."),
        Setting(
            "transcripts.command", .list, "",
            "A program with its arguments, without a shell, that writes down what is said in a WAV file "
                + "(docs/transcripts.md): it gets the file's path as its last argument. Empty, and no `transcripts.url`: no "
                + "transcripts are made."),
        Setting(
            "transcripts.url", .text, "",
            "Instead of the program: an http or https URL that takes a POST of audio/wav and answers with the same lines."
        ),
        Setting("transcripts.language", .text, "zh", "The language told to it."),
        Setting(
            "transcripts.timeout", .duration(1000...86_400_000), "1h",
            "How long it may take for one side of a recording."),
        Setting(
            "transcripts.keywords", .text, "keywords.yaml",
            "Words of complaint, threat and injury that flag a recording; a bare name is sought in the shipped transcripts."
        ),
        Setting(
            "transcripts.queue_limit", .integer(1...10_000_000), "10000",
            "Recordings that may wait for their transcripts; of further ones none is made by itself."),
        Setting(
            "alarms.webhook", .text, "",
            "An http or https URL that is told of every alarm's beginning and end (docs/recordings.md). Empty: none."),
        Setting(
            "alarms.webhook_secret_file", .text, "",
            "A file whose first line is the secret by which these messages are signed (HMAC-SHA-256)."),
        Setting(
            "events.webhook", .text, "",
            "An http or https URL that is told of calls that ended, recordings ready or missing, orders made, norms broken (docs/json.md). Empty: none."
        ),
        Setting(
            "events.webhook_secret_file", .text, "",
            "A file whose first line is the secret by which these messages are signed (HMAC-SHA-256)."),
        Setting(
            "disk.warn_free", .integer(0...1_000_000), "2000", "Megabytes free below which an alarm is raised."),
        Setting(
            "disk.stop_free", .integer(0...1_000_000), "200",
            "Megabytes free below which no call is answered, since it could not be recorded."),
        Setting("stop.drain", .duration(0...86_400_000), "10m", "On SIGTERM running calls may go on for so long."),
        Setting(
            "log.level", .choice(["trace", "debug", "info", "notice", "warning", "error"]), "info",
            "How much is logged."),
    ]
}
