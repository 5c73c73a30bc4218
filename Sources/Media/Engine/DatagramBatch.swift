import CLinux
import Calls
import Glibc

/// The arrays that every leg's socket is drained into, one `recvmmsg` at a time; shared by all legs of the thread.
struct DatagramBatch: ~Copyable {
    /// Datagrams a call takes. Sixty-four times 20 ms is more than any peer of ours sends between two ticks.
    static let capacity = 64
    /// Longer ones are cut and not used: 60 ms of G.711 with the longest header has under 600 bytes.
    static let size = 1536
    private static let controlSize = 64

    private let messages: UnsafeMutablePointer<hotline_datagram>
    private let vectors: UnsafeMutablePointer<iovec>
    private let sources: UnsafeMutablePointer<sockaddr_storage>
    private let bytes: UnsafeMutableRawPointer
    private let control: UnsafeMutableRawPointer

    init() {
        messages = .allocate(capacity: Self.capacity)
        vectors = .allocate(capacity: Self.capacity)
        sources = .allocate(capacity: Self.capacity)
        bytes = .allocate(byteCount: Self.capacity * Self.size, alignment: 64)
        control = .allocate(byteCount: Self.capacity * Self.controlSize, alignment: 64)
        sources.initialize(repeating: sockaddr_storage(), count: Self.capacity)
        for index in 0..<Self.capacity {
            (vectors + index).initialize(to: iovec(iov_base: bytes + index * Self.size, iov_len: Self.size))
            var entry = hotline_datagram()
            entry.message.msg_name = UnsafeMutableRawPointer(sources + index)
            entry.message.msg_iov = vectors + index
            entry.message.msg_iovlen = 1
            entry.message.msg_control = control + index * Self.controlSize
            (messages + index).initialize(to: entry)
            arm(index)
        }
    }

    deinit {
        messages.deallocate()
        vectors.deallocate()
        sources.deallocate()
        bytes.deallocate()
        control.deallocate()
    }

    /// Reads what the socket has, `capacity` at most, without waiting.
    /// - Returns: how many; 0 where there is nothing (or an error, which for UDP says nothing about the next call).
    func receive(_ descriptor: Int32) -> Int {
        let count = hotline_recvmmsg(descriptor, messages, UInt32(Self.capacity), 0)
        return count > 0 ? Int(count) : 0
    }

    /// The bytes of one datagram just read; nil where it was longer than `size`.
    func datagram(_ index: Int) -> UnsafeRawBufferPointer? {
        guard messages[index].message.msg_flags & Int32(MSG_TRUNC) == 0 else { return nil }
        return UnsafeRawBufferPointer(
            start: bytes + index * Self.size, count: min(Self.size, Int(messages[index].length)))
    }

    func source(_ index: Int) -> Endpoint? { SocketAddress.endpoint(sources + index) }

    /// When the kernel took it from the network, on both clocks; `now` where it did not say.
    func arrival(_ index: Int, now: Instant) -> Instant {
        let stamp = hotline_received_at(&messages[index].message)
        guard stamp > 0 else { return now }
        // The stamp is on the wall clock; a step of it between arrival and now must not throw us off.
        let age = now.wall &* 1000 &- stamp
        guard age >= 0, age < 1_000_000_000 else { return now }
        return Instant(wall: stamp / 1000, mono: now.mono &- age)
    }

    /// Makes the first `count` entries ready for the next call.
    func arm(first count: Int) { for index in 0..<count { arm(index) } }

    private func arm(_ index: Int) {
        messages[index].message.msg_namelen = socklen_t(MemoryLayout<sockaddr_in6>.size)
        messages[index].message.msg_controllen = Self.controlSize
    }
}
