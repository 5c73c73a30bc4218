import CLinux
import Glibc

/// A serial port without hardware: the modem's end of a pseudo-terminal, whose other end drivers open under a name of
/// its own. Belongs to one thread; open while somebody holds it.
final class PseudoTerminal {
    /// The modem's end; for `poll`.
    let descriptor: Int32
    /// The drivers' end, `/dev/pts/n`.
    let device: String
    /// The name that drivers open: a symbolic link to `device`.
    let link: String

    /// - Throws: `LineError` with code `.simulator`, where there is no terminal, or where `link` is something else.
    init(link: String) throws(LineError) {
        var name = [CChar](repeating: 0, count: 128)
        let descriptor = hotline_open_pty(&name, name.count)
        guard descriptor >= 0 else { throw Self.error("a pseudo-terminal cannot be opened") }
        let device = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        do throws(LineError) {
            try Self.place(link: link, device: device)
            try Self.openOnce(device)
        } catch {
            close(descriptor)
            throw error
        }
        self.descriptor = descriptor
        self.device = device
        self.link = link
    }

    /// For the driver, the device is unplugged.
    deinit {
        Self.remove(link: link, device: device)
        close(descriptor)
    }

    /// A driver has it open.
    var isOpen: Bool {
        var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return Glibc.poll(&poll, 1, 0) >= 0 && poll.revents & Int16(POLLHUP) == 0
    }

    /// What has come; empty where nothing did, or nobody is there.
    func read() -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = Glibc.read(descriptor, &buffer, buffer.count)
        return count > 0 ? Array(buffer[..<count]) : []
    }

    /// - Returns: how many bytes were taken; fewer than given where the driver does not read.
    func write(_ bytes: ArraySlice<UInt8>) -> Int {
        max(0, bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) })
    }

    /// The link appears at once and replaces one that is there; anything else is left alone.
    private static func place(link: String, device: String) throws(LineError) {
        var status = stat()
        if lstat(link, &status) == 0, status.st_mode & S_IFMT != S_IFLNK {
            throw LineError(
                .simulator, "\(link) is there and no symbolic link; remove it, or choose another folder (--folder)")
        }
        let temporary = "\(link).\(getpid())"
        unlink(temporary)
        guard symlink(device, temporary) == 0, rename(temporary, link) == 0 else {
            let failure = error("\(link) cannot be made")
            unlink(temporary)
            throw failure
        }
    }

    private static func remove(link: String, device: String) {
        var target = [UInt8](repeating: 0, count: 256)
        let count = target.withUnsafeMutableBytes { bytes in
            bytes.withMemoryRebound(to: CChar.self) { chars in
                chars.baseAddress.map { readlink(link, $0, chars.count) } ?? -1
            }
        }
        // Somebody else's link is left alone.
        if count > 0, String(decoding: target[..<count], as: UTF8.self) == device { unlink(link) }
    }

    /// Until it was open once, the kernel does not tell whether anybody has it open.
    private static func openOnce(_ device: String) throws(LineError) {
        let driver = open(device, O_RDWR | O_NOCTTY | O_CLOEXEC)
        guard driver >= 0 else { throw error("\(device) cannot be opened") }
        close(driver)
    }

    private static func error(_ what: String) -> LineError {
        LineError(.simulator, "\(what): \(String(cString: strerror(errno)))")
    }
}
