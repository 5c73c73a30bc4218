import Foundation
import Glibc
import Media

/// baresip as an agent's telephone: registered at the server, driven by its control port, speaking a tone of its own. Or as
/// a customer's behind the gateway, which registers nowhere.
final class AgentPhone: Sendable {
    let number: String
    let folder: URL
    private let child: Child
    private let control: UInt16

    /// Starts it; it registers by itself.
    /// - Parameters:
    ///   - tone: Hz; what the agent "says", without end.
    ///   - loudness: the tone's peak, of 32,767.
    ///   - answers: by itself, at once; otherwise by `answer()`.
    static func start(
        _ number: String, password: String, at sip: String, tone: Int, loudness: Double = 8000, answers: Bool = true,
        codec: String = "PCMA", in scratch: Scratch
    ) async throws -> AgentPhone {
        try await start(
            number, account: "\(number)@\(sip)", options: ";auth_user=\(number);auth_pass=\(password);regint=600",
            port: await Ports.shared.take(2), tone: tone, loudness: loudness, answers: answers, codec: codec,
            in: scratch)
    }

    /// A customer whom the gateway reaches at this port.
    static func customer(
        _ number: String, port: Int, tone: Int, loudness: Double = 8000, in scratch: Scratch
    ) async throws -> AgentPhone {
        try await start(
            number, account: "\(number)@127.0.0.1:\(port)", options: ";regint=0", port: port, tone: tone,
            loudness: loudness, answers: true, codec: "PCMA", in: scratch)
    }

    private static func start(
        _ number: String, account: String, options: String, port: Int, tone: Int, loudness: Double, answers: Bool,
        codec: String, in scratch: Scratch
    ) async throws -> AgentPhone {
        let folder = scratch.folder.appendingPathComponent("phone-\(number)-\(UUID().uuidString.prefix(4))")
        let dumps = folder.appendingPathComponent("dumps")
        try FileManager.default.createDirectory(at: dumps, withIntermediateDirectories: true)
        let control = await Ports.shared.take(2)
        let media = await Ports.shared.take(20)
        // baresip hangs up at the file's end: longer than any test.
        let voice = folder.appendingPathComponent("voice.wav")
        try Tone.file(tone, seconds: 150, loudness: loudness, at: voice)
        let config = """
            sip_listen 127.0.0.1:\(port)
            net_interface 127.0.0.1
            audio_source aufile,\(voice.path)
            audio_player aufile,\(folder.appendingPathComponent("heard.wav").path)
            audio_srate 8000
            audio_channels 1
            audio_path \(folder.path)
            rtp_ports \(media)-\(media + 19)
            snd_path \(dumps.path)
            cons_listen 127.0.0.1:\(control)
            call_max_calls 4
            module_path \(try Baresip.modules())
            module g711.so
            module aufile.so
            module sndfile.so
            module cons.so
            module_tmp uuid.so
            module_tmp account.so
            module_app menu.so

            """
        try Data(config.utf8).write(to: folder.appendingPathComponent("config"))
        let mode = answers ? "auto" : "manual"
        let line =
            "<sip:\(account);transport=udp>\(options);answermode=\(mode);audio_codecs=\(codec)/8000/1\n"
        try Data(line.utf8).write(to: folder.appendingPathComponent("accounts"))
        try Data().write(to: folder.appendingPathComponent("contacts"))
        let child = try Child(
            "phone-\(number)", program: "baresip", arguments: ["-f", folder.path], folder: folder,
            environment: ["HOME": folder.path])
        return AgentPhone(number: number, folder: folder, child: child, control: UInt16(control))
    }

    private init(number: String, folder: URL, child: Child, control: UInt16) {
        self.number = number
        self.folder = folder
        self.child = child
        self.control = control
    }

    /// Types a command, as at its keyboard: `/accept`, `/hold`, `/resume`, `/hangup`, `/transfer 1002`, `/dial sip:…`, keys.
    func command(_ text: String) throws { try UDP(port: control).send(Array("\(text)\n".utf8)) }

    /// Presses one key, as during a call.
    func press(_ key: Character) throws { try UDP(port: control).send(Array(String(key).utf8)) }

    func stop() async throws {
        child.signal(SIGTERM)
        do { _ = try await child.wait(seconds: 5) } catch { child.signal(SIGKILL) }
    }

    /// What it heard, one file a call, in order.
    func heard() throws -> [URL] {
        let dumps = folder.appendingPathComponent("dumps")
        return try FileManager.default.contentsOfDirectory(atPath: dumps.path).sorted()
            .filter { $0.hasSuffix("dec.wav") }.map { dumps.appendingPathComponent($0) }
    }

    var said: String { child.tail() }
}

/// linphone as an agent's telephone: answers by itself, speaks a tone, writes down what it hears.
final class LinphonePhone: Sendable {
    let heard: URL
    private let child: Child

    static func start(_ number: String, password: String, at sip: String, tone: Int, in scratch: Scratch) async throws
        -> LinphonePhone
    {
        let folder = scratch.folder.appendingPathComponent("linphone-\(number)-\(UUID().uuidString.prefix(4))")
        for name in [".local/share/linphone", ".config/linphone"] {
            try FileManager.default.createDirectory(
                at: folder.appendingPathComponent(name), withIntermediateDirectories: true)
        }
        let voice = folder.appendingPathComponent("voice.wav")
        try Tone.file(tone, seconds: 150, at: voice)
        let heard = folder.appendingPathComponent("heard.wav")
        let port = await Ports.shared.take(2)
        let media = await Ports.shared.take(4)
        let file = folder.appendingPathComponent("linphonerc")
        try Data(
            """
            [sip]
            sip_port=\(port)
            sip_tcp_port=0
            sip_tls_port=0
            guess_hostname=0
            contact="\(number)" <sip:\(number)@127.0.0.1>
            [rtp]
            audio_rtp_port=\(media)

            """.utf8
        ).write(to: file)
        let child = try Child(
            "linphone-\(number)", program: "linphonec", arguments: ["-c", file.path, "-a"], folder: folder,
            environment: ["HOME": folder.path], hasInput: true)
        for line in [
            "ipv6 disable", "soundcard use files", "play \(voice.path)", "record \(heard.path)", "autoanswer enable",
            "register sip:\(number)@\(sip) sip:\(sip) \(password)",
        ] {
            try child.type(line + "\n")
        }
        return LinphonePhone(heard: heard, child: child)
    }

    private init(heard: URL, child: Child) {
        self.heard = heard
        self.child = child
    }

    func stop() async throws {
        try child.type("quit\n")
        do { _ = try await child.wait(seconds: 5) } catch { child.signal(SIGKILL) }
    }

    var said: String { child.tail() }
}

/// Files with one tone.
enum Tone {
    static func file(_ frequency: Int, seconds: Int, loudness: Double = 8000, at url: URL) throws {
        let period = (0..<8000).map { Int16(loudness * sin(2 * Double.pi * Double(frequency * $0) / 8000)) }
        try AudioFile(samples: Array(repeatElement(period, count: seconds).joined()), rate: 8000).writeWAV(to: url.path)
    }
}
