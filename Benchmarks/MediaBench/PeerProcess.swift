import CBench
import CLinux
import Foundation
import Glibc
import Media

/// The far ends of all legs, in a process and on a core of their own: each sends a packet every 20 ms and looks at
/// what comes back. Prints its ports, reads the engine's, runs, prints what it found.
///
/// Thirty-two callers share a socket and a system call, so that the callers cost less than what is measured.
enum PeerProcess {
    struct Result: Codable {
        var sent = 0
        var received = 0
        /// Sequence numbers that never came, on all legs, after the first second.
        var missing = 0
        /// Legs that had any missing.
        var legsWithLoss = 0
        /// Rounds of sending that began more than 20 ms late: then the peers themselves were too slow.
        var lateRounds = 0
        var rounds = 0
    }

    static let callersPerSocket = 32

    /// What came of one leg.
    private struct Heard {
        var first: UInt16?
        var highest = 0
        var received = 0
        /// Missing before the count began.
        var base = 0
    }

    static func run(_ options: Options) throws {
        let count = options.legs ?? 1
        let rounds = (options.seconds ?? 10) * 50
        _ = hotline_pin(1)
        _ = hotline_set_nice(-10)
        let sockets = try (0..<(count + callersPerSocket - 1) / callersPerSocket).map { _ in try bound() }
        say(try (0..<count).map { String(try port(sockets[$0 / callersPerSocket])) }.joined(separator: " "))
        guard let line = readLine() else { throw BenchError("the engine's ports did not come") }
        let ports = line.split(separator: " ").compactMap { UInt16($0) }
        let batches = sockets.enumerated().map { number, socket in
            let from = number * callersPerSocket
            return Batch(socket, Array(ports[from..<min(ports.count, from + callersPerSocket)]))
        }
        var heard = [Heard](repeating: Heard(), count: 65_536)
        var result = Result()
        let speech = Studio.speech(ticks: 120, seed: 7).map { $0.map { G711.aLaw($0) } }
        let inbox = Inbox()
        let begin = TimerFloor.clock(CLOCK_MONOTONIC)
        for round in 0..<rounds {
            let due = begin + Int64(round) * 20_000_000
            var deadline = timespec(tv_sec: Int(due / 1_000_000_000), tv_nsec: Int(due % 1_000_000_000))
            while clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &deadline, nil) == EINTR {}
            if TimerFloor.clock(CLOCK_MONOTONIC) - due > 20_000_000 { result.lateRounds += 1 }
            for batch in batches { result.sent += batch.send(round, speech[round % speech.count]) }
            for socket in sockets {
                inbox.drain(socket) { port, sequence in
                    let first = heard[port].first ?? sequence
                    heard[port].first = first
                    heard[port].highest = max(heard[port].highest, Int(sequence &- first) + 1)
                    heard[port].received += 1
                }
            }
            if round == 50 {
                for port in ports {
                    heard[Int(port)].base = heard[Int(port)].highest - heard[Int(port)].received
                }
            }
        }
        result.rounds = rounds
        for port in ports {
            let leg = heard[Int(port)]
            let missing = leg.highest - leg.received - leg.base
            result.received += leg.received
            result.missing += max(0, missing)
            if missing > 0 { result.legsWithLoss += 1 }
        }
        say(String(decoding: try JSONEncoder().encode(result), as: UTF8.self))
    }

    /// What the callers of one socket send in a round.
    private final class Batch {
        private let descriptor: Int32
        private let count: Int
        private let packets: UnsafeMutableRawPointer
        private let datagrams: UnsafeMutablePointer<hotline_datagram>
        private let vectors: UnsafeMutablePointer<iovec>
        private let remotes: UnsafeMutablePointer<sockaddr_in>
        private static let size = 172

        init(_ descriptor: Int32, _ ports: [UInt16]) {
            self.descriptor = descriptor
            count = ports.count
            packets = .allocate(byteCount: count * Self.size, alignment: 8)
            datagrams = .allocate(capacity: count)
            vectors = .allocate(capacity: count)
            remotes = .allocate(capacity: count)
            for (index, port) in ports.enumerated() {
                (remotes + index).initialize(to: address(port))
                (vectors + index).initialize(to: iovec(iov_base: packets + index * Self.size, iov_len: Self.size))
                var entry = hotline_datagram()
                entry.message.msg_name = UnsafeMutableRawPointer(remotes + index)
                entry.message.msg_namelen = socklen_t(MemoryLayout<sockaddr_in>.size)
                entry.message.msg_iov = vectors + index
                entry.message.msg_iovlen = 1
                (datagrams + index).initialize(to: entry)
            }
        }

        deinit {
            packets.deallocate()
            datagrams.deallocate()
            vectors.deallocate()
            remotes.deallocate()
        }

        func send(_ round: Int, _ payload: [UInt8]) -> Int {
            for index in 0..<count {
                let packet = packets + index * Self.size
                RTPPacket(
                    payloadType: 8, sequence: UInt16(truncatingIfNeeded: round),
                    timestamp: UInt32(truncatingIfNeeded: round * 160), ssrc: UInt32(index + 1)
                ).write(to: packet)
                payload.withUnsafeBytes { if let base = $0.baseAddress { memcpy(packet + 12, base, 160) } }
            }
            return max(0, Int(hotline_sendmmsg(descriptor, datagrams, UInt32(count), 0)))
        }
    }

    /// What a socket holds, taken in batches.
    private final class Inbox {
        private static let capacity = 128
        private let datagrams = UnsafeMutablePointer<hotline_datagram>.allocate(capacity: capacity)
        private let vectors = UnsafeMutablePointer<iovec>.allocate(capacity: capacity)
        private let sources = UnsafeMutablePointer<sockaddr_in>.allocate(capacity: capacity)
        private let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity * 256)

        init() {
            for index in 0..<Self.capacity {
                (sources + index).initialize(to: sockaddr_in())
                (vectors + index).initialize(to: iovec(iov_base: bytes + index * 256, iov_len: 256))
                var entry = hotline_datagram()
                entry.message.msg_name = UnsafeMutableRawPointer(sources + index)
                entry.message.msg_iov = vectors + index
                entry.message.msg_iovlen = 1
                (datagrams + index).initialize(to: entry)
            }
        }

        deinit {
            datagrams.deallocate()
            vectors.deallocate()
            sources.deallocate()
            bytes.deallocate()
        }

        func drain(_ descriptor: Int32, _ each: (_ port: Int, _ sequence: UInt16) -> Void) {
            while true {
                for index in 0..<Self.capacity {
                    datagrams[index].message.msg_namelen = socklen_t(MemoryLayout<sockaddr_in>.size)
                }
                let count = Int(hotline_recvmmsg(descriptor, datagrams, UInt32(Self.capacity), Int32(MSG_DONTWAIT)))
                guard count > 0 else { return }
                for index in 0..<count {
                    let packet = bytes + index * 256
                    // The next socket's RTCP may come to our port.
                    guard datagrams[index].length >= 12, packet[1] & 0x7F == 8 else { continue }
                    each(Int(UInt16(bigEndian: sources[index].sin_port)), UInt16(packet[2]) << 8 | UInt16(packet[3]))
                }
            }
        }
    }

    static func address(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }

    private static func bound() throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        // Room for what thirty-two legs send while this process is kept waiting.
        var size: Int32 = 1 << 22
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &size, socklen_t(MemoryLayout<Int32>.size))
        var address = address(0)
        let done = withUnsafeBytes(of: &address) { bytes in
            guard let base = bytes.bindMemory(to: sockaddr.self).baseAddress else { return false }
            return bind(descriptor, base, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
        }
        guard descriptor >= 0, done else { throw BenchError("a socket cannot be bound: errno \(errno)") }
        return descriptor
    }

    private static func port(_ descriptor: Int32) throws -> UInt16 {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let done = withUnsafeMutableBytes(of: &address) { bytes in
            guard let base = bytes.bindMemory(to: sockaddr.self).baseAddress else { return false }
            return getsockname(descriptor, base, &length) == 0
        }
        guard done else { throw BenchError("a socket's port cannot be read: errno \(errno)") }
        return UInt16(bigEndian: address.sin_port)
    }
}
