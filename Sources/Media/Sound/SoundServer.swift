import CLinux
import Foundation
import Glibc
import Synchronization

extension MediaError.Code {
    /// The sound server for virtual cards cannot be started.
    public static let soundServer = MediaError.Code("sound_server")
}

/// Sound cards without hardware: a PulseAudio server of its own in one folder, with a pair of null sinks for each
/// virtual card. What is played on a pair's `line` end is heard at its `far` end, and the other way round.
///
/// The server is a child of this process. It dies with it, also with a `kill -9`: a shell beside it reads from a pipe
/// that only this process holds. Any thread; `init`, `restart` and `stop` block, 10 s at most.
public final class SoundServer: Sendable {
    private struct Child {
        var process: pid_t
        /// A line into it: the shell goes in peace. Its end: the shell kills the server.
        var tether: Int32
    }

    private static let patience = 10.0
    /// `sun_path` with its closing zero (unix(7)).
    private static let longestSocketPath = 107

    private let folder: String
    private let path: String
    private let child = Mutex<Child?>(nil)

    /// What ALSA_CONFIG_PATH has to name before the first ALSA call of the process that opens the cards.
    public let configurationFile: URL

    /// Makes the folder and its files, and starts the server.
    /// - Parameters:
    ///   - folder: the server's own; made where it is not there. Its path is short and has no blanks or quotes.
    ///   - pairs: names of the virtual cards: letters and digits.
    ///   - rate, channels: of the sinks; a PCM of another format is converted by the server.
    /// - Throws: `MediaError` with code `.soundServer`: what is wrong with the folder or the names, which Debian
    ///   package is missing, or what the server said.
    public init(folder: URL, pairs: [String], rate: Int = 8000, channels: Int = 1) throws(MediaError) {
        self.folder = folder.standardizedFileURL.path
        path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
        configurationFile = URL(fileURLWithPath: self.folder + "/alsa.conf")
        try Self.check(folder: self.folder, pairs: pairs)
        try Self.findPackages(path: path)
        do {
            try FileManager.default.createDirectory(
                atPath: self.folder + "/run", withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            try Data(Self.serverScript(self.folder, pairs, rate, channels).utf8).write(
                to: URL(fileURLWithPath: self.folder + "/default.pa"))
            try Data(Self.alsaConfiguration(self.folder, pairs).utf8).write(to: configurationFile)
        } catch {
            throw MediaError(.soundServer, "\(self.folder): the sound server's files cannot be written: \(error)")
        }
        try start()
    }

    deinit { stop() }

    /// The end that is the modem's sound card: PCMs `<pair>_line_cap` and `<pair>_line_play`.
    public static func line(_ pair: String) -> SoundCardConfiguration {
        SoundCardConfiguration(capture: pair + "_line_cap", playback: pair + "_line_play")
    }

    /// The other end, where the caller is: PCMs `<pair>_far_cap` and `<pair>_far_play`.
    public static func far(_ pair: String) -> SoundCardConfiguration {
        SoundCardConfiguration(capture: pair + "_far_cap", playback: pair + "_far_play")
    }

    /// Kills the server as it stands (SIGKILL): for whoever has a card open, the device is lost.
    public func kill() { stop() }

    /// Starts the server again, with the same cards.
    /// - Throws: `MediaError` with code `.soundServer`.
    public func restart() throws(MediaError) {
        stop()
        try start()
    }

    /// Ends the server. The folder stays. A second call does nothing.
    public func stop() {
        child.withLock { child in
            guard let running = child else { return }
            Glibc.kill(running.process, SIGKILL)
            var line: UInt8 = 10
            // Where the shell is gone already, there is nobody to tell.
            _ = send(running.tether, &line, 1, Int32(MSG_NOSIGNAL))
            close(running.tether)
            while waitpid(running.process, nil, 0) < 0, errno == EINTR {}
            child = nil
        }
    }

    // MARK: - Files

    private static func check(folder: String, pairs: [String]) throws(MediaError) {
        let allowed = folder.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F && !"\"'\\#$`;{}=".utf8.contains($0) }
        guard allowed else {
            throw MediaError(
                .soundServer,
                "\(folder): PulseAudio's files take no blanks, quotes or #$;{}= in a path; "
                    + "choose another folder")
        }
        guard (folder + "/run/native").utf8.count <= longestSocketPath else {
            throw MediaError(
                .soundServer,
                "\(folder): the path is too long for a socket (\(longestSocketPath) bytes with "
                    + "/run/native); choose a shorter one")
        }
        guard !pairs.isEmpty, Set(pairs).count == pairs.count else {
            throw MediaError(.soundServer, "the sound server's cards need names, each its own")
        }
        for pair in pairs {
            let named = pair.utf8.allSatisfy { byte in
                (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
            }
            guard named, !pair.isEmpty, pair.utf8.count <= 32 else {
                throw MediaError(.soundServer, "`\(pair.prefix(64))`: a card's name is of 1…32 letters and digits")
            }
        }
    }

    private static func findPackages(path: String) throws(MediaError) {
        guard path.split(separator: ":").contains(where: { access("\($0)/pulseaudio", X_OK) == 0 }) else {
            throw MediaError(
                .soundServer, "pulseaudio is not on the PATH: apt-get install --no-install-recommends pulseaudio")
        }
        let libraries = ["/usr/lib", "/usr/lib64", "/usr/local/lib"]
        var folders = libraries.map { $0 + "/alsa-lib" }
        if let named = ProcessInfo.processInfo.environment["ALSA_PLUGIN_DIR"] { folders.append(named) }
        // A folder that cannot be read holds nothing for us.
        let triplets = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib")) ?? []
        folders += triplets.filter { $0.contains("-linux-") }.map { "/usr/lib/\($0)/alsa-lib" }
        guard folders.contains(where: { access($0 + "/libasound_module_pcm_pulse.so", R_OK) == 0 }) else {
            throw MediaError(
                .soundServer,
                "ALSA's PulseAudio plugin is not there: "
                    + "apt-get install --no-install-recommends libasound2-plugins")
        }
    }

    /// The sockets come last: where one answers, every sink is there.
    private static func serverScript(_ folder: String, _ pairs: [String], _ rate: Int, _ channels: Int) -> String {
        var lines: [String] = []
        for pair in pairs {
            // Without `norewinds` the monitor hears other samples than the sink was given.
            for sink in ["toLine", "fromLine"] {
                lines.append(
                    "load-module module-null-sink sink_name=\(pair)_\(sink) rate=\(rate) channels=\(channels) "
                        + "format=s16le norewinds=1")
            }
        }
        lines.append("load-module module-native-protocol-unix auth-anonymous=1 socket=\(folder)/run/native")
        return lines.joined(separator: "\n") + "\n"
    }

    private static func alsaConfiguration(_ folder: String, _ pairs: [String]) -> String {
        var lines = ["</usr/share/alsa/alsa.conf>"]
        for pair in pairs {
            let ends = [
                ("line_play", "fromLine"), ("line_cap", "toLine.monitor"), ("far_play", "toLine"),
                ("far_cap", "fromLine.monitor"),
            ]
            for (end, device) in ends {
                lines.append(
                    "pcm.\(pair)_\(end) { type pulse server \"unix:\(folder)/run/native\" device \"\(pair)_\(device)\" }"
                )
            }
            for end in ["line", "far"] {
                lines.append(
                    "pcm.\(pair)_\(end) { type asym playback.pcm \"\(pair)_\(end)_play\" "
                        + "capture.pcm \"\(pair)_\(end)_cap\" }")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    // MARK: - The process

    /// The shell becomes the server; beside it stays a second one that waits for the end of the tether (descriptor 3).
    private static let script = """
        ( read -r line <&3 || kill -9 $$ ) &
        exec pulseaudio -n -F "$HOME/default.pa" --daemonize=no --exit-idle-time=-1 --disallow-exit \
        --use-pid-file=no --realtime=no --high-priority=no --log-target=stderr --disable-shm=yes 3<&-
        """

    private func start() throws(MediaError) {
        // What an earlier server left would answer "connection refused" in place of "not there".
        unlink(folder + "/run/native")
        let started = try spawn()
        child.withLock { $0 = started }
        var problem = "it did not answer within \(Int(Self.patience)) s"
        let until = SystemTime.monotonic() + Int64(Self.patience * 1e9)
        while SystemTime.monotonic() < until {
            if answers() { return }
            var status: Int32 = 0
            if waitpid(started.process, &status, WNOHANG) == started.process {
                child.withLock { $0 = nil }
                close(started.tether)
                problem = "it ended by itself"
                break
            }
            usleep(10_000)
        }
        stop()
        let said = FileManager.default.contents(atPath: folder + "/pulseaudio.log")
            .map { String(decoding: $0.suffix(800), as: UTF8.self) }
        throw MediaError(.soundServer, "\(folder): pulseaudio cannot be started: \(problem): \(said ?? "")")
    }

    private func spawn() throws(MediaError) -> Child {
        var ends: [Int32] = [0, 0]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw MediaError(.soundServer, "a socket pair cannot be made", errno: errno)
        }
        defer { close(ends[1]) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(
            &actions, 1, folder + "/pulseaudio.log", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        // A copy out of the way, so that descriptor 3 is never its own copy and loses its close-on-exec.
        let high = fcntl(ends[1], F_DUPFD_CLOEXEC, 16)
        guard high >= 0 else {
            let error = errno
            close(ends[0])
            throw MediaError(.soundServer, "no descriptor is free", errno: error)
        }
        defer { close(high) }
        posix_spawn_file_actions_adddup2(&actions, high, 3)
        hotline_spawn_closes_from(&actions, 4)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // A group of its own: an interrupt at the terminal is for this program, which then stops the server.
        // Signals that this program ignores or blocks are not ignored or blocked there.
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        posix_spawnattr_setpgroup(&attributes, 0)
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)

        var process = pid_t()
        let words = ["sh", "-c", Self.script]
        let environment = [
            "PATH=\(path)", "HOME=\(folder)", "XDG_RUNTIME_DIR=\(folder)/run", "LC_ALL=C",
        ]
        let status = Self.withCStrings(words) { arguments in
            Self.withCStrings(environment) { posix_spawn(&process, "/bin/sh", &actions, &attributes, arguments, $0) }
        }
        guard status == 0 else {
            close(ends[0])
            throw MediaError(.soundServer, "pulseaudio cannot be started", errno: status)
        }
        return Child(process: process, tether: ends[0])
    }

    private static func withCStrings<Result>(
        _ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
    ) -> Result {
        let copies = texts.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        return body(copies + [nil])
    }

    private func answers() -> Bool {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { bytes in
            // `check` has seen to the length.
            for (index, byte) in (folder + "/run/native").utf8.enumerated() where index < bytes.count - 1 {
                bytes[index] = byte
            }
        }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
    }
}
