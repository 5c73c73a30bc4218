import Media
import Testing

@Suite struct SourceLatchTests {
    static let real = endpoint((192, 0, 2, 10), 4000)
    static let sibling = endpoint((192, 0, 2, 10), 4444)
    static let attacker = endpoint((203, 0, 113, 66), 5000)
    static let second = endpoint((198, 51, 100, 7), 6000)

    /// One source's packets: when, from whom, which, and what is expected of the last.
    struct Burst: CustomStringConvertible, Sendable {
        var source: Endpoint
        var at: Int64
        var count: Int
        var ssrc: UInt32 = 1
        var stride: UInt16 = 1
        var negotiated = true
        var hears: Bool
        var description: String { "\(count) from port \(source.port) at \(at) ms" }
    }

    struct Row: CustomStringConvertible, Sendable {
        var name: String
        var nat = false
        var bursts: [Burst]
        var description: String { name }
    }

    static let rows: [Row] = [
        Row(name: "the SDP's address is heard at once", bursts: [Burst(source: real, at: 0, count: 1, hears: true)]),
        Row(
            name: "a third party before the true source",
            bursts: [
                Burst(source: attacker, at: 0, count: 50, hears: false),
                Burst(source: real, at: 1000, count: 1, hears: true),
                Burst(source: attacker, at: 1020, count: 50, hears: false),
                Burst(source: real, at: 2020, count: 1, hears: true),
            ]),
        Row(
            name: "a third party long before the true source",
            bursts: [
                Burst(source: attacker, at: 0, count: 400, hears: false),
                Burst(source: real, at: 8100, count: 1, hears: true),
            ]),
        Row(
            name: "a third party after the true source has ended",
            bursts: [
                Burst(source: real, at: 0, count: 10, hears: true),
                Burst(source: attacker, at: 5000, count: 50, hears: false),
            ]),
        Row(
            name: "a third party that knows the SSRC and goes on with its numbers",
            bursts: [
                Burst(source: real, at: 0, count: 10, ssrc: 7, hears: true),
                Burst(source: attacker, at: 200, count: 50, ssrc: 7, hears: false),
            ]),
        Row(
            name: "another port of the same address while the true one speaks",
            bursts: [
                Burst(source: real, at: 0, count: 50, hears: true),
                Burst(source: sibling, at: 1000, count: 50, hears: false),
                Burst(source: real, at: 2000, count: 1, hears: true),
            ]),
        Row(
            name: "another port of the same address before the true one: not within two seconds",
            bursts: [
                Burst(source: sibling, at: 0, count: 99, hears: false),
                Burst(source: real, at: 1990, count: 1, hears: true),
                Burst(source: sibling, at: 2010, count: 50, hears: false),
            ]),
        Row(
            name: "a peer that sends from another port than it said, after two seconds",
            bursts: [
                Burst(source: sibling, at: 0, count: 90, hears: false),
                Burst(source: sibling, at: 2000, count: 3, hears: true),
            ]),
        Row(
            name: "and the SDP's own port takes over from it",
            bursts: [
                Burst(source: sibling, at: 2000, count: 3, hears: true),
                Burst(source: real, at: 2100, count: 3, hears: true),
                Burst(source: sibling, at: 2200, count: 50, hears: false),
            ]),
        Row(
            name: "the same address's new port after two seconds of silence",
            bursts: [
                Burst(source: real, at: 0, count: 10, hears: true),
                Burst(source: sibling, at: 1500, count: 3, hears: false),
                Burst(source: sibling, at: 2300, count: 3, hears: true),
            ]),
        Row(
            name: "a new port needs three consecutive packets",
            bursts: [
                Burst(source: real, at: 0, count: 10, hears: true),
                Burst(source: sibling, at: 2500, count: 30, stride: 2, hears: false),
                Burst(source: sibling, at: 4000, count: 2, hears: false),
            ]),
        Row(
            name: "behind NAT: three consecutive packets", nat: true,
            bursts: [
                Burst(source: attacker, at: 0, count: 2, hears: false),
                Burst(source: attacker, at: 50, count: 3, hears: true),
            ]),
        Row(
            name: "behind NAT: packets of no negotiated type prove nothing", nat: true,
            bursts: [Burst(source: attacker, at: 0, count: 50, negotiated: false, hears: false)]),
        Row(
            name: "behind NAT: gaps prove nothing", nat: true,
            bursts: [Burst(source: attacker, at: 0, count: 50, stride: 3, hears: false)]),
        Row(
            name: "behind NAT: nobody else once latched", nat: true,
            bursts: [
                Burst(source: second, at: 0, count: 5, hears: true),
                Burst(source: attacker, at: 100, count: 50, hears: false),
                Burst(source: second, at: 1200, count: 1, hears: true),
                Burst(source: attacker, at: 9000, count: 50, hears: false),
            ]),
        Row(
            name: "behind NAT: the SDP's address is believed more than another", nat: true,
            bursts: [
                Burst(source: attacker, at: 0, count: 5, hears: true),
                Burst(source: real, at: 200, count: 3, hears: true),
                Burst(source: attacker, at: 300, count: 50, hears: false),
            ]),
        Row(
            name: "behind NAT: the same address's new port after silence", nat: true,
            bursts: [
                Burst(source: endpoint((198, 51, 100, 7), 6000), at: 0, count: 5, hears: true),
                Burst(source: endpoint((198, 51, 100, 7), 7000), at: 1000, count: 5, hears: false),
                Burst(source: endpoint((198, 51, 100, 7), 7000), at: 2500, count: 3, hears: true),
            ]),
    ]

    @Test(arguments: rows)
    func hears(_ row: Row) {
        var latch = SourceLatch()
        latch.configure(remote: Self.real, nat: row.nat, at: 0)
        var total: UInt64 = 0
        var accepted: UInt64 = 0
        for burst in row.bursts {
            var last = SourceLatch.Verdict.foreign
            for index in 0..<burst.count {
                let sequence = UInt16(truncatingIfNeeded: 65_530 + Int(burst.at) + index * Int(burst.stride))
                last = latch.judge(
                    burst.source, ssrc: burst.ssrc, sequence: sequence, negotiated: burst.negotiated,
                    at: (burst.at + Int64(index) * 20) * milliseconds)
                total += 1
                if last != .foreign { accepted += 1 }
                if !burst.hears { #expect(last == .foreign, "\(burst), packet \(index)") }
            }
            #expect((last != .foreign) == burst.hears, "\(burst)")
        }
        #expect(latch.foreign == total - accepted)
    }

    @Test func twoThatClaimAtOnceDisturbEachOtherOnly() {
        var latch = SourceLatch()
        latch.configure(remote: Self.real, nat: true, at: 0)
        for index in 0..<20 {
            for source in [Self.attacker, Self.second] {
                let verdict = latch.judge(
                    source, ssrc: 1, sequence: UInt16(index), negotiated: true, at: Int64(index) * 20 * milliseconds)
                #expect(verdict == .foreign)
            }
        }
        #expect(latch.judge(Self.real, ssrc: 1, sequence: 1, negotiated: true, at: 500 * milliseconds) == .latched)
    }

    @Test func anotherSSRCBreaksTheProof() {
        var latch = SourceLatch()
        latch.configure(remote: Self.real, nat: true, at: 0)
        for index in 0..<50 {
            let verdict = latch.judge(
                Self.attacker, ssrc: UInt32(index / 2), sequence: UInt16(index), negotiated: true, at: 0)
            #expect(verdict == .foreign)
        }
    }

    @Test func anewAddressLatchesAnewAndTheSameOneDoesNot() {
        var latch = SourceLatch()
        latch.configure(remote: Self.real, nat: false, at: 0)
        #expect(latch.judge(Self.real, ssrc: 1, sequence: 1, negotiated: true, at: 0) == .latched)
        latch.configure(remote: Self.real, nat: false, at: 1000 * milliseconds)
        #expect(latch.judge(Self.real, ssrc: 1, sequence: 2, negotiated: true, at: 1000 * milliseconds) == .accepted)
        latch.configure(remote: Self.second, nat: false, at: 2000 * milliseconds)
        #expect(latch.judge(Self.real, ssrc: 1, sequence: 3, negotiated: true, at: 2000 * milliseconds) == .foreign)
        #expect(latch.judge(Self.second, ssrc: 1, sequence: 1, negotiated: true, at: 2020 * milliseconds) == .latched)
    }

    @Test func nothingIsHeardBeforeItIsConfigured() {
        var latch = SourceLatch()
        #expect(latch.judge(Self.real, ssrc: 1, sequence: 1, negotiated: true, at: 0) == .foreign)
    }
}
