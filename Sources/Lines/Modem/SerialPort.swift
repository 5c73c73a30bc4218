import CLinux
import Glibc

/// A serial port by termios: raw, eight bits, hardware flow control, for one program alone.
package struct SerialPort: ~Copyable {
    let descriptor: Int32
    private let path: String

    /// What became of a read or write.
    enum Transfer {
        case bytes([UInt8])
        /// Nothing now.
        case none
        /// The port is gone (end of file, EIO, ENXIO, …).
        case lost(String)
    }

    /// - Parameter path: the device, e.g. `/dev/serial/by-id/…-if02-port0`.
    /// - Throws: `LineError` with code `.port` that says what to do.
    package init(path: String, baudRate: Int) throws(LineError) {
        descriptor = try Self.opened(path, baudRate)
        self.path = path
    }

    private static func opened(_ path: String, _ baudRate: Int) throws(LineError) -> Int32 {
        guard let speed = speed(baudRate) else {
            throw LineError(.port, "\(path): \(baudRate) is no speed of a serial port")
        }
        let descriptor = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { throw error(path, errno) }
        var settings = termios()
        guard tcgetattr(descriptor, &settings) == 0 else {
            let number = errno
            Glibc.close(descriptor)
            throw LineError(
                .port, "\(path) is no serial port (\(text(number))); name the modem's port for AT commands")
        }
        cfmakeraw(&settings)
        settings.c_cflag |= tcflag_t(CLOCAL) | tcflag_t(CREAD) | tcflag_t(CRTSCTS)
        settings.c_cflag &= ~tcflag_t(CSTOPB)
        cfsetispeed(&settings, speed)
        cfsetospeed(&settings, speed)
        guard tcsetattr(descriptor, TCSANOW, &settings) == 0, ioctl(descriptor, UInt(TIOCEXCL)) == 0 else {
            let number = errno
            Glibc.close(descriptor)
            throw error(path, number)
        }
        // What was said to somebody else.
        tcflush(descriptor, TCIOFLUSH)
        return descriptor
    }

    deinit { Glibc.close(descriptor) }

    func read() -> Transfer {
        let size = 4096
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            let got = Glibc.read(descriptor, buffer.baseAddress, size)
            failure = got < 0 ? errno : got == 0 ? ENODEV : 0
            count = max(0, got)
        }
        switch failure {
        case 0: return .bytes(bytes)
        case EAGAIN, EINTR: return .none
        default: return .lost("\(path) is gone (\(Self.text(failure))); look to the modem's plug")
        }
    }

    /// - Returns: `.bytes` with what could not be written now.
    func write(_ bytes: ArraySlice<UInt8>) -> Transfer {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if count < 0, errno == EINTR {
                continue
            } else if count < 0, errno == EAGAIN {
                return .bytes(Array(rest))
            } else {
                return .lost("\(path) cannot be written to (\(Self.text(errno))); look to the modem's plug")
            }
        }
        return .none
    }

    static func speed(_ baudRate: Int) -> speed_t? {
        let speed: Int32? =
            switch baudRate {
            case 9600: B9600
            case 19_200: B19200
            case 38_400: B38400
            case 57_600: B57600
            case 115_200: B115200
            case 230_400: B230400
            case 460_800: B460800
            case 921_600: B921600
            default: nil
            }
        return speed.map(speed_t.init)
    }

    private static func text(_ number: Int32) -> String { String(cString: strerror(number)) }

    private static func error(_ path: String, _ number: Int32) -> LineError {
        let advice =
            switch number {
            case ENOENT, ENXIO, ENODEV, EIO:
                "plug the modem in and see `ls -l /dev/serial/by-id` for its name"
            case EACCES, EPERM:
                "add the service's user to the group dialout (`usermod -aG dialout hotline`) and start anew"
            case EBUSY:
                "another program holds it: stop ModemManager (`systemctl disable --now ModemManager`) or see "
                    + "`fuser -v \(path)`"
            default: "see `ls -l \(path)`"
            }
        return LineError(.port, "\(path) cannot be opened (\(text(number))); \(advice)")
    }
}
