import Foundation
import Media
import Recordings
import Storage
import Switchboard

/// What has to be looked after while the exchange runs: room on the disk, and the clock's daily word in the journal, and a
/// sign of life in silence.
struct Upkeep: Sendable {
    let server: Server

    /// Runs until cancelled.
    func run() async {
        var lastDay: Int64 = -1
        var sign = SignOfLife()
        var overloaded = 0
        while !Task.isCancelled {
            watchDisk()
            watchStore()
            watchRecordings()
            watchMedia(&overloaded)
            let now = server.now()
            server.desk?.keepHours(at: now)
            let day = now.wall / 86_400_000_000
            if day != lastDay {
                lastDay = day
                let clock = ClockState.read()
                server.store.submit([
                    .serverNoted(
                        ServerNoted(
                            at: now, kind: "clock",
                            data: [
                                "source": clock.source, "synchronised": clock.isSynchronised ? "true" : "false",
                                "offset_us": String(clock.offsetMicroseconds),
                                "maximum_error_us": String(clock.maximumErrorMicroseconds),
                            ]))
                ])
            }
            let written = server.store.statistics
            if sign.isDue(events: written.events + UInt64(written.spooled), at: now.mono) {
                server.store.submit([.serverNoted(ServerNoted(at: now, kind: "alive", data: [:]))])
            }
            do {
                try await Task.sleep(for: .seconds(10))
            } catch {
                return  // the server stops
            }
        }
    }

    private func watchStore() {
        let store = server.store.statistics
        if store.spooled > 0 {
            server.alarms.raise(
                "store",
                "\(store.spooled) facts wait in the spool: \(store.lastError ?? "the store is away"). "
                    + "Calls go on; look for what locks or fills the data folder")
        } else {
            server.alarms.clear("store")
        }
        if store.lost > 0 {
            server.alarms.raise(
                "store_lost", "\(store.lost) facts could not be kept: neither store nor spool took them")
        }
        if store.unapplied > 0 {
            server.alarms.raise(
                "store_unapplied", "\(store.unapplied) facts stand in the journal alone; run hotline evidence verify")
        }
    }

    private func watchRecordings() {
        let open = server.recordingAlarms.counts.filter { $0.value > 0 }
        guard !open.isEmpty else { return server.alarms.clear("recordings") }
        let kinds = open.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.key.rawValue) \($0.value)" }
        server.alarms.raise(
            "recordings", "\(kinds.joined(separator: ", ")); `\(Program.name) recordings reconcile` lists them")
    }

    /// - Parameter overloaded: calls refused or not placed for want of time, as far as they were looked at.
    private func watchMedia(_ overloaded: inout Int) {
        let refused = server.exchange.counters.snapshot.overloaded
        if refused > overloaded {
            server.alarms.raise(
                "load",
                "\(refused - overloaded) calls were refused or not placed in ten seconds: the media threads have as much to do as "
                    + "`rtp.load_limit` allows. More threads on more cores (`rtp.threads`), or another server for a "
                    + "part of the lines")
        } else {
            server.alarms.clear("load")
        }
        overloaded = refused
        let media = server.media.statistics
        if server.configuration.media.priority == .realtime, media.ticks > 0, !media.priorityApplied {
            server.alarms.raise(
                "media_priority",
                "the system refuses real-time scheduling: give the service LimitRTPRIO=1, or set `rtp.scheduling: nice`"
            )
        }
    }

    private func watchDisk() {
        do {
            let space = try server.recordings.diskSpace()
            let configuration = server.configuration
            server.exchange.set(.disk, space.freeBytes < configuration.stopFreeBytes)
            if space.freeBytes < configuration.warnFreeBytes {
                server.alarms.raise(
                    "disk",
                    "\(space.freeBytes / 1_000_000) MB free in \(server.dataFolder); below "
                        + "\(configuration.stopFreeBytes / 1_000_000) MB no call is answered. Make room or move recordings"
                )
            } else {
                server.alarms.clear("disk")
            }
        } catch {
            server.alarms.raise("disk", "\(error)")
        }
    }
}
