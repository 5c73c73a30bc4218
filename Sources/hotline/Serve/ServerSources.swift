import Calls
import Console
import Lines
import Media
import Recordings
import Switchboard

/// What the web edge shows of the server, read at each request.
struct ServerSources: Sendable {
    let server: Server

    var console: ConsoleSources {
        ConsoleSources(
            health: health, metrics: metrics, desk: server.desk, roster: server.roster, blocklist: server.blocklist,
            exchange: server.exchange,
            reader: server.store.reader, replay: server.replay, reconciliation: server.reconciliation,
            carrier: server.carrier, book: server.book, transcriber: server.transcriber, retention: server.retention,
            orders: server.orders, penalties: server.penalties, duties: server.duties, tickets: server.tickets,
            notices: server.notices, flows: server.flows, people: server.people, audits: server.audits,
            reviews: server.reviews, prompts: server.promptDesk,
            rings: server.configuration.ringClock, lines: lines,
            diskFree: diskFree, replayNeedsReason: server.configuration.replayNeedsReason, operation: operation,
            time: server.time, token: server.apiToken)
    }

    private var operation: OperationSources {
        OperationSources(
            node: server.configuration.nodeName, version: Hotline.configuration.version, startedAt: server.startedAt,
            alarms: { server.alarms.all },
            clock: {
                let clock = ClockState.read()
                return OperationSources.Clock(
                    isSynchronised: clock.isSynchronised,
                    maximumErrorMilliseconds: clock.maximumErrorMicroseconds / 1000)
            }, settings: server.configuration.settings,
            examine: { try await Doctor(configuration: server.configuration, dataFolder: server.dataFolder).examine() })
    }

    private func lines() -> [LineState] {
        let modems = server.lines.modems.map { modem in
            let statistics = modem.statistics()
            let signal = statistics.signalDBm.map { " \($0) dBm" } ?? ""
            return LineState(name: modem.name, isUp: statistics.state == "ready", detail: statistics.state + signal)
        }
        guard let sip = server.lines.sip else { return modems }
        return [
            LineState(name: server.configuration.sip?.name ?? "sip", isUp: true, detail: "\(sip.statistics().legs)")
        ] + modems
    }

    private func diskFree() -> Int64? {
        // A disk that cannot be asked is an alarm of its own (Upkeep).
        (try? server.recordings.diskSpace()).map { Int64(clamping: $0.freeBytes) }
    }

    private func health() -> Health {
        let findings = server.alarms.findings
        let status = server.exchange.isDraining ? "draining" : findings.isEmpty ? "ok" : "degraded"
        return Health(status: status, activeCalls: server.exchange.activeCalls, findings: findings)
    }

    private func metrics() -> [MetricFamily] {
        calls() + agents() + trunk() + modems() + media() + storage() + recordings()
    }

    private func calls() -> [MetricFamily] {
        let values = server.exchange.counters.snapshot
        return [
            MetricFamily("hotline_calls_active", .gauge, help: "Calls going on.", value: values.active),
            MetricFamily("hotline_calls_offered_total", .counter, help: "Calls offered.", value: values.offered),
            MetricFamily("hotline_calls_answered_total", .counter, help: "Calls answered.", value: values.answered),
            MetricFamily(
                "hotline_calls_total", .counter, help: "Calls ended, by outcome.", label: "result",
                values: Dictionary(
                    Outcome.allCases.map { ($0.rawValue, values.outcomes[$0] ?? 0) },
                    uniquingKeysWith: { first, _ in first })
            ),
            MetricFamily(
                "hotline_answer_seconds", help: "From the first alerting to the answer.",
                bounds: ExchangeCounters.ringBuckets.map { Double($0) / 1000 }, cumulative: values.ringCounts,
                count: values.answered, sum: Double(values.ringMillisecondsTotal) / 1000),
            MetricFamily(
                "hotline_orders_total", .counter, help: "Work orders made, by category.", label: "category",
                values: values.orders),
            MetricFamily(
                "hotline_lookups_failed_total", .counter, help: "Look-ups that took their fallback.",
                value: values.lookupsFailed),
            MetricFamily(
                "hotline_prompts_missing_total", .counter, help: "Prompts replaced by a tone.",
                value: values.promptsMissing),
            MetricFamily(
                "hotline_mailbox_dropped_total", .counter, help: "Events that found a call's mailbox full.",
                value: values.mailboxDropped),
        ]
    }

    private func agents() -> [MetricFamily] {
        guard let status = server.desk?.status else { return [] }
        let now = server.now()
        func family(_ name: String, _ help: String, _ value: (DistributorStatus.Queue) -> Int) -> MetricFamily {
            MetricFamily(
                "hotline_queue_\(name)", .gauge, help: help, label: "queue",
                values: Dictionary(
                    status.queues.map { ($0.name, value($0)) }, uniquingKeysWith: { first, _ in first }))
        }
        let states = Dictionary(grouping: status.agents, by: \.state).mapValues(\.count)
        return [
            MetricFamily(
                "hotline_agents", .gauge, help: "Agents, by state.", label: "state",
                values: Dictionary(
                    AgentState.allCases.map { ($0.rawValue, states[$0] ?? 0) },
                    uniquingKeysWith: { first, _ in first })),
            MetricFamily(
                "hotline_agents_registered", .gauge, help: "Agents whose phone is registered.",
                value: status.agents.count(where: \.isReachable)),
            family("waiting", "Callers who wait.") { $0.callers },
            family("call_backs", "Places kept for call-backs.") { $0.waiting.count(where: \.isCallBack) },
            family("longest_wait_seconds", "How long the first of them has waited.") {
                Int(($0.longestWaitMilliseconds(at: now) ?? 0) / 1000)
            },
            family("serving", "Agents at work for the queue.") { $0.serving },
            family("open", "Whether the queue takes callers.") { $0.isOpen && !$0.isDraining ? 1 : 0 },
        ]
    }

    private func trunk() -> [MetricFamily] {
        guard let line = server.lines.sip?.statistics() else { return [] }
        return [
            MetricFamily(
                "hotline_sip_requests_total", .counter, help: "SIP requests received, by method.", label: "method",
                values: line.requests.mapValues { Int(clamping: $0) }),
            MetricFamily(
                "hotline_sip_rejected_total", .counter, help: "Calls and requests rejected, by reason.",
                label: "reason",
                values: line.rejected.mapValues { Int(clamping: $0) }),
            MetricFamily(
                "hotline_phone_registrations_total", .counter, help: "REGISTERs of agents' phones taken.",
                value: line.phoneRegistrations),
            MetricFamily(
                "hotline_phone_refused_total", .counter, help: "REGISTERs of agents' phones refused, by reason.",
                label: "reason", values: line.phonesRefused.mapValues { Int(clamping: $0) }),
            MetricFamily(
                "hotline_phone_locks_total", .counter, help: "Locks imposed for wrong passwords.",
                value: line.phoneLocks),
            MetricFamily("hotline_sip_legs", .gauge, help: "SIP legs.", value: line.legs),
            MetricFamily(
                "hotline_sip_backlog_refused_total", .counter, help: "Calls refused because signalling lagged.",
                value: line.backlogRefused),
            MetricFamily(
                "hotline_sip_malformed_total", .counter, help: "Messages refused as malformed.", value: line.malformed),
        ]
    }

    private func modems() -> [MetricFamily] {
        let lines = server.lines.modems.map { ($0.name, $0.statistics()) }
        guard !lines.isEmpty else { return [] }
        func family(
            _ name: String, _ kind: MetricFamily.Kind, _ help: String, _ value: (ModemLineStatistics) -> Int?
        ) -> MetricFamily {
            let values = lines.compactMap { name, statistics in value(statistics).map { (name, $0) } }
            return MetricFamily(
                "hotline_modem_\(name)", kind, help: help, label: "line",
                values: Dictionary(values, uniquingKeysWith: { first, _ in first }))
        }
        func count(_ name: String, _ help: String, _ value: @escaping (ModemLineStatistics) -> UInt64) -> MetricFamily {
            family("\(name)_total", .counter, help) { Int(clamping: value($0)) }
        }
        return [
            family("ready", .gauge, "Whether the modem takes calls.") { $0.state == "ready" ? 1 : 0 },
            family("signal_dbm", .gauge, "Received signal strength.") { $0.signalDBm },
            count("rings", "RINGs that the modem said.") { $0.rings },
            count("calls", "Calls offered.") { $0.calls },
            count("answered", "Calls answered.") { $0.answered },
            count("missed", "Calls given up before the answer.") { $0.missed },
            count("turned_away", "Calls hung up for want of a sound card, or draining.") { $0.turnedAway },
            count("waiting_refused", "Second calls refused.") { $0.waitingRefused },
            count("timeouts", "Commands without an answer in time.") { $0.timeouts },
            count("resets", "Resets of the modem.") { $0.resets },
            count("port_failures", "Losses of the port, and failed openings.") { $0.portFailures },
            count("card_lost", "Losses of the sound card.") { $0.cardLost },
        ]
    }

    private func media() -> [MetricFamily] {
        let engine = server.media.statistics
        return [
            MetricFamily("hotline_media_legs", .gauge, help: "Legs with open media.", value: engine.legs),
            MetricFamily(
                "hotline_media_ticks_total", .counter, help: "Ticks of 20 ms run, by all media threads.",
                value: engine.ticks),
            MetricFamily(
                "hotline_media_ticks_late_total", .counter, help: "Ticks that began a tick late or later.",
                value: engine.lateTicks),
            MetricFamily(
                "hotline_media_ticks_skipped_total", .counter, help: "Ticks left out.", value: engine.skippedTicks),
            MetricFamily(
                "hotline_calls_refused_load_total", .counter,
                help: "Calls refused, or not placed, because the media threads had enough to do.",
                value: server.exchange.counters.snapshot.overloaded),
            MetricFamily(
                "hotline_media_load_thousandths", .gauge,
                help: "Work of the busiest media thread, thousandths of its time.",
                value: engine.load),
            MetricFamily(
                "hotline_media_overruns_total", .counter, help: "Quarters of a tick whose work took over 5 ms.",
                value: engine.overruns),
            MetricFamily(
                "hotline_rtp_received_total", .counter, help: "RTP datagrams read.", value: engine.datagramsReceived),
            MetricFamily("hotline_rtp_sent_total", .counter, help: "RTP datagrams sent.", value: engine.datagramsSent),
            MetricFamily(
                "hotline_rtp_send_errors_total", .counter, help: "RTP sends refused by the socket.",
                value: engine.sendErrors),
            MetricFamily(
                "hotline_rtp_foreign_total", .counter, help: "RTP from sources that were not listened to.",
                value: engine.foreignSource),
            MetricFamily(
                "hotline_media_events_lost_total", .counter, help: "Events lost to a full ring.",
                value: engine.eventsLost),
            MetricFamily(
                "hotline_media_commands_refused_total", .counter, help: "Commands refused by a full ring.",
                value: engine.commandsRefused),
            MetricFamily(
                "hotline_tap_frames_lost_total", .counter, help: "Frames lost to a full recording ring.",
                value: engine.framesLost),
            MetricFamily(
                "hotline_tap_bytes", .gauge, help: "Most memory that frames waiting for the audio log ever took.",
                value: engine.tapBytes),
            MetricFamily("hotline_audio_log_bytes_total", .counter, help: "Audio log written.", value: engine.logBytes),
            MetricFamily(
                "hotline_audio_log_errors_total", .counter, help: "Failed writes and syncs of the audio log.",
                value: engine.logErrors),
        ]
    }

    private func storage() -> [MetricFamily] {
        let store = server.store.statistics
        return [
            MetricFamily("hotline_store_events_total", .counter, help: "Journal events written.", value: store.events),
            MetricFamily("hotline_store_commits_total", .counter, help: "Group commits.", value: store.commits),
            MetricFamily("hotline_store_queue", .gauge, help: "Facts waiting for a commit.", value: store.queueDepth),
            MetricFamily(
                "hotline_store_spool", .gauge, help: "Facts waiting in the spool, the store away.", value: store.spooled
            ),
            MetricFamily(
                "hotline_store_spooled_total", .counter, help: "Facts that went through the spool.",
                value: store.spooledTotal),
            MetricFamily(
                "hotline_store_unapplied_total", .counter, help: "Facts journalled that contradict the tables.",
                value: store.unapplied),
            MetricFamily(
                "hotline_store_lost_total", .counter, help: "Facts that could not be kept.", value: store.lost),
            MetricFamily("hotline_store_errors_total", .counter, help: "Failed commits.", value: store.errors),
        ]
    }

    private func recordings() -> [MetricFamily] {
        let statistics = server.recordings.statistics
        var families = [
            MetricFamily(
                "hotline_recordings_finished_total", .counter, help: "Recordings finished.", value: statistics.finished),
            MetricFamily(
                "hotline_recordings_failed_total", .counter, help: "Recordings that could not be finished.",
                value: statistics.failed),
            MetricFamily(
                "hotline_recordings_open", .gauge, help: "Recordings begun and not yet confirmed.",
                value: statistics.open),
        ]
        families.append(
            MetricFamily(
                "hotline_recording_alarms", .gauge, help: "Open alarms about recordings, by kind.", label: "kind",
                values: Dictionary(
                    server.recordingAlarms.counts.map { ($0.key.rawValue, $0.value) },
                    uniquingKeysWith: { first, _ in first })))
        if let transcripts = server.transcriber?.statistics {
            families += [
                MetricFamily(
                    "hotline_transcripts_waiting", .gauge, help: "Recordings that wait for a transcript.",
                    value: transcripts.waiting),
                MetricFamily(
                    "hotline_transcripts_made_total", .counter, help: "Transcripts made.", value: transcripts.made),
                MetricFamily(
                    "hotline_transcripts_failures_total", .counter, help: "Tries to make one that failed.",
                    value: transcripts.failures),
                MetricFamily(
                    "hotline_transcripts_given_up_total", .counter, help: "Recordings given up.",
                    value: transcripts.givenUp),
                MetricFamily(
                    "hotline_transcripts_passed_over_total", .counter, help: "Recordings that found the queue full.",
                    value: transcripts.passedOver),
                MetricFamily(
                    "hotline_transcripts_flags_total", .counter, help: "Flags raised by watched words.",
                    value: transcripts.flags),
            ]
        }
        if let webhook = server.webhook?.statistics {
            families += [
                MetricFamily(
                    "hotline_webhook_waiting", .gauge, help: "Messages of alarms not yet delivered.",
                    value: webhook.waiting),
                MetricFamily(
                    "hotline_webhook_delivered_total", .counter, help: "Messages of alarms delivered.",
                    value: webhook.delivered),
                MetricFamily(
                    "hotline_webhook_failures_total", .counter, help: "Tries to deliver one that failed.",
                    value: webhook.failures),
                MetricFamily(
                    "hotline_webhook_lost_total", .counter, help: "Messages of alarms given up.", value: webhook.lost),
            ]
        }
        do {
            let space = try server.recordings.diskSpace()
            families.append(
                MetricFamily(
                    "hotline_disk_free_bytes", .gauge, help: "Free for recordings.", value: space.freeBytes))
        } catch {
            // A disk that cannot be asked is an alarm of its own (Upkeep); the sample is left out.
        }
        return families
    }
}
