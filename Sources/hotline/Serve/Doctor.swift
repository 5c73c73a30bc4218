import Console
import Foundation
import Media
import Recordings
import Storage

/// Looks at the machine and the configuration without touching either: for `hotline doctor` before a start, and for the console
/// of a running server, whose pool does not wait for the disk.
struct Doctor: Sendable {
    let configuration: ServerConfiguration
    let dataFolder: String
    /// Hours of calls a day, for how long the disk lasts.
    var hoursPerDay = 24.0
    /// To be tried.
    var card: SoundCardConfiguration?

    func examine() async throws -> [Finding] {
        var findings = await DiskWork.run { [libraries()] + prompts() }
        findings.insert(
            Finding(check: "config", state: .ok, message: "\(Setting.all.count) keys in force", next: ""), at: 0)
        let isRunning = await server()
        findings.append(isRunning.finding)
        findings += ports(isRunning: isRunning.running)
        let sound = SoundDoctor(modems: configuration.modems, card: card, isRunning: isRunning.running)
        findings += try await sound.examine()
        findings += await DiskWork.run {
            [
                disk(), clock(), AnchorDoctor(ways: configuration.anchors).examine(),
                TranscriptDoctor(settings: configuration.transcripts).examine(), drawing(),
                EncryptionDoctor(keys: configuration.recordingKeys, dataFolder: dataFolder).examine(), web(), files(),
            ]
        }
        return findings
    }

    /// The C libraries that this process runs with, by the files they were loaded from.
    private func libraries() -> Finding {
        let wanted = [
            "libsofia-sip-ua", "libsndfile", "libspandsp", "libasound", "libspeexdsp", "libsqlite3", "libarchive",
        ]
        do {
            // Read to its end: the kernel's files have no size.
            let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: "/proc/self/maps"))
            let maps = String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self)
            try file.close()
            let loaded = Set(maps.split(separator: "\n").compactMap { $0.split(separator: "/").last.map(String.init) })
            let found = wanted.compactMap { name in loaded.first { $0.hasPrefix(name + ".") } }
            guard found.count == wanted.count else {
                let missing = wanted.filter { name in !found.contains { $0.hasPrefix(name) } }
                return Finding(
                    check: "libraries", state: .error, message: "not loaded: \(missing.joined(separator: ", "))",
                    next: "Install the packages of packaging/apt-packages and build again")
            }
            return Finding(check: "libraries", state: .ok, message: found.joined(separator: ", "), next: "")
        } catch {
            return Finding(
                check: "libraries", state: .warning, message: "\(error)", next: "Mount /proc, so that they can be told")
        }
    }

    /// Whether the console can draw the flow.
    private func drawing() -> Finding {
        AnchorDoctor.isThere("dot")
            ? Finding(check: "drawing", state: .ok, message: "the console draws the flow by Graphviz", next: "")
            : Finding(
                check: "drawing", state: .warning,
                message: "no program `dot`: the console shows the flow as a table, without a drawing",
                next: "Install Debian's package graphviz")
    }

    /// What the console's pages need beside our own files: Bootstrap and Chart.js of Debian's packages, templates and words.
    private func web() -> Finding {
        let missing = Site.missingFiles(folder: configuration.webFolder)
        guard missing.isEmpty else {
            return Finding(
                check: "web", state: .error,
                message: "the console cannot begin: \(missing.joined(separator: ", ")) not found",
                next:
                    "Install Debian's packages \(Site.libraryPackages.joined(separator: " ")), and the shipped files whole"
            )
        }
        return Finding(
            check: "web", state: .ok, message: "Bootstrap, Chart.js and the pages of \(configuration.webFolder)",
            next: "")
    }

    private func prompts() -> [Finding] {
        do {
            let store = try PromptStore(
                catalog: PromptCatalog(folder: configuration.promptsFolder), missing: .fallbackTone)
            var findings = [
                store.faults.isEmpty
                    ? Finding(
                        check: "prompts", state: .ok,
                        message: "\(store.ids.count) prompts in \(configuration.promptsFolder)", next: "")
                    : Finding(
                        check: "prompts", state: .error,
                        message: store.faults.map(\.message).joined(separator: "; "),
                        next: "hotline prompts check, then hotline prompts build")
            ]
            do {
                let file = try FlowFile(
                    configuration.flowFile, prompts: store.textsByID,
                    variables: Set(configuration.flowVariables.keys),
                    queues: configuration.agents?.roster.queueNames)
                let flow = try file.sound()
                findings.append(
                    Finding(
                        check: "flow", state: .ok,
                        message: "\(flow.version), \(file.diagnostics.warnings.count) warnings", next: ""))
            } catch {
                findings.append(
                    Finding(
                        check: "flow", state: .error, message: "\(error)",
                        next: "hotline flow check \(configuration.flowFile)"))
            }
            return findings
        } catch {
            return [
                Finding(check: "prompts", state: .error, message: "\(error)", next: "Correct `prompts.folder`")
            ]
        }
    }

    private func server() async -> (finding: Finding, running: Bool) {
        guard FileManager.default.fileExists(atPath: DataFolder(dataFolder).database) else {
            return (
                Finding(
                    check: "data", state: .ok, message: "\(dataFolder) is empty; `hotline serve` makes it", next: ""),
                false
            )
        }
        do {
            let reader = try Store.openForQueries(folder: dataFolder)
            let heads = try await reader.heads()
            try reader.close()
            let running = RunningServer.process(DataFolder(dataFolder))
            let events = heads.map { "\($0.chain): \($0.sequence) events" }.joined(separator: ", ")
            let server = running.map { "; a server runs, process \($0)" } ?? ""
            return (
                Finding(check: "data", state: .ok, message: "\(dataFolder): \(events)\(server)", next: ""),
                running != nil
            )
        } catch {
            return (
                Finding(
                    check: "data", state: .error, message: "\(error)",
                    next: "Restore a backup (hotline restore), or choose another folder with --data"), false
            )
        }
    }

    private func ports(isRunning: Bool) -> [Finding] {
        guard !isRunning else {
            return [Finding(check: "ports", state: .ok, message: "held by the running server", next: "")]
        }
        var wanted = (configuration.sip?.listen ?? []).map { ("sip", $0.endpoint) }
        if let address = IPAddress(configuration.httpHost) {
            wanted.append(("http", Endpoint(address: address, port: UInt16(configuration.httpPort))))
        }
        return wanted.map { name, endpoint in
            if let problem = PortProbe.problem(with: endpoint, udp: name == "sip") {
                return Finding(
                    check: "ports", state: .error, message: "\(name) \(endpoint): \(problem)",
                    next: "Stop what holds it (ss -lunpt), or choose another port")
            }
            return Finding(check: "ports", state: .ok, message: "\(name) \(endpoint) is free", next: "")
        }
    }

    private func disk() -> Finding {
        var folder = dataFolder
        while !FileManager.default.fileExists(atPath: folder), folder != "/", !folder.isEmpty {
            folder = URL(fileURLWithPath: folder).deletingLastPathComponent().path
        }
        do {
            let space = try DiskSpace(of: folder)
            let days = space.days(callHoursPerDay: hoursPerDay, format: configuration.recordingFormat)
            let lasts = days.map { ", \(Int($0)) days at \(hoursPerDay) hours of calls a day" } ?? ""
            let free = space.freeBytes / 1_000_000
            let state: Finding.State =
                space.freeBytes < configuration.stopFreeBytes
                ? .error : space.freeBytes < configuration.warnFreeBytes ? .warning : .ok
            return Finding(
                check: "disk", state: state, message: "\(free) MB free\(lasts)",
                next: state == .ok ? "" : "Make room, or put the data folder on another disk")
        } catch {
            return Finding(check: "disk", state: .error, message: "\(error)", next: "Check the data folder's rights")
        }
    }

    private func clock() -> Finding {
        let clock = ClockState.read()
        return clock.isSynchronised
            ? Finding(
                check: "clock", state: .ok,
                message: "synchronised, at most \(clock.maximumErrorMicroseconds / 1000) ms wrong", next: "")
            : Finding(
                check: "clock", state: .warning,
                message: "not synchronised: answer times cannot be proved against others",
                next: "Run chrony or systemd-timesyncd")
    }

    private func files() -> Finding {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(UInt32(RLIMIT_NOFILE.rawValue)), &limit)
        let needed = configuration.mostCalls * 2 + 256
        return Int(clamping: limit.rlim_cur) >= needed
            ? Finding(check: "files", state: .ok, message: "\(limit.rlim_cur) open files allowed", next: "")
            : Finding(
                check: "files", state: .error,
                message: "\(limit.rlim_cur) open files allowed, \(needed) needed for \(configuration.mostCalls) calls",
                next: "Raise LimitNOFILE in the unit, or ulimit -n")
    }
}
