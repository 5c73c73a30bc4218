import Foundation

/// baresip as a telephone: speaks a WAV file, keeps what it hears.
struct Baresip {
    var target: String
    /// 8 kHz mono WAV.
    var speech: URL
    /// Whole seconds after which it ends by itself.
    var seconds: Int

    struct Result {
        var code: Int32
        /// What it heard: the file of sndfile's decoder side.
        var heard: URL?
        var said: String
    }

    func run(in scratch: Scratch) async throws -> Result {
        let folder = scratch.folder.appendingPathComponent("baresip-\(UUID().uuidString.prefix(6))")
        let dumps = folder.appendingPathComponent("dumps")
        try FileManager.default.createDirectory(at: dumps, withIntermediateDirectories: true)
        let port = await Ports.shared.take(2)
        let media = await Ports.shared.take(20)
        let config = """
            sip_listen 127.0.0.1:\(port)
            net_interface 127.0.0.1
            audio_source aufile,\(speech.path)
            audio_srate 8000
            audio_channels 1
            audio_path \(folder.path)
            rtp_ports \(media)-\(media + 19)
            rtp_timeout 60
            snd_path \(dumps.path)
            module_path \(try Self.modules())
            module g711.so
            module aufile.so
            module sndfile.so
            module_tmp uuid.so
            module_tmp account.so
            module_app menu.so

            """
        try Data(config.utf8).write(to: folder.appendingPathComponent("config"))
        let account = "<sip:tester@127.0.0.1;transport=udp>;regint=0;audio_codecs=PCMA/8000/1\n"
        try Data(account.utf8).write(to: folder.appendingPathComponent("accounts"))
        try Data().write(to: folder.appendingPathComponent("contacts"))
        let child = try Child(
            "baresip", program: "baresip",
            arguments: ["-f", folder.path, "-e", "/dial \(target)", "-t", "\(seconds)"], folder: folder,
            environment: ["HOME": folder.path])
        let code = try await child.wait(seconds: Double(seconds) + 15)
        let files = try FileManager.default.contentsOfDirectory(atPath: dumps.path).sorted()
        let heard = files.first { $0.hasSuffix("dec.wav") }.map { dumps.appendingPathComponent($0) }
        return Result(code: code, heard: heard, said: "dumps: \(files)\n\(child.tail())")
    }

    static func modules() throws -> String {
        for path in ["/usr/lib/baresip/modules", "/usr/local/lib/baresip/modules"]
        where FileManager.default.fileExists(atPath: path) { return path }
        throw HarnessError("baresip's modules are not there: apt-get install baresip-core")
    }
}
