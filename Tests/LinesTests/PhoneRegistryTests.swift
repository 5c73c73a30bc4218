import Calls
import Lines
import Media
import Testing

/// The registrar's bindings, on a clock of the test's own.
struct PhoneRegistryTests {
    static func at(_ seconds: Int64) -> Instant { Instant(wall: seconds * 1_000_000, mono: seconds * 1_000_000_000) }

    let agent: WorkNumber
    let source: Endpoint
    var registry = PhoneRegistry(minimum: 60, maximum: 3600)

    init() throws {
        agent = try #require(WorkNumber("1001"))
        source = try #require(Endpoint("192.0.2.7:5060"))
    }

    static func contact(_ port: Int) throws -> PhoneContact {
        try #require(
            PhoneContact(
                .init(scheme: "sip", user: "1001", host: "192.0.2.7", port: "\(port)"), transport: .udp, behindNAT: nil)
        )
    }

    private mutating func register(
        _ ports: [Int], each: [Int?] = [], expires: Int? = nil, call: String = "a", sequence: UInt32, at seconds: Int64
    ) throws -> PhoneRegistry.Refusal? {
        let wishes = try ports.enumerated().map { index, port in
            PhoneRegistry.Wish(try Self.contact(port), expires: index < each.count ? each[index] : nil)
        }
        return registry.register(
            agent, .contacts(wishes), expires: expires, callID: call, sequence: sequence, source: source, listener: 0,
            at: Self.at(seconds))
    }

    private func ports(at seconds: Int64) -> [UInt16] {
        registry.bindings(of: agent, at: Self.at(seconds)).map(\.contact.endpoint.port).sorted()
    }

    @Test mutating func aBindingStandsForTheTimeAskedForCutToTheMost() throws {
        #expect(try register([1, 2, 3], each: [60, nil, 99_999], expires: 120, sequence: 1, at: 0) == nil)
        #expect(ports(at: 59) == [1, 2, 3] && ports(at: 60) == [2, 3] && ports(at: 120) == [3])
        #expect(ports(at: 3599) == [3] && ports(at: 3600) == [])
        // Nothing to tell before the first one is over; then once.
        #expect(registry.expire(at: Self.at(59)) == [])
        #expect(registry.expire(at: Self.at(60)) == [agent])
        #expect(registry.expire(at: Self.at(61)) == [])
        #expect(registry.expire(at: Self.at(4000)) == [agent])
        #expect(registry.agents.isEmpty)
    }

    @Test mutating func whoAsksForNothingGetsTheMost() throws {
        #expect(try register([1], sequence: 1, at: 0) == nil)
        #expect(ports(at: 3599) == [1] && ports(at: 3600) == [])
    }

    @Test mutating func anOlderRequestOfTheSamePhoneChangesNothing() throws {
        #expect(try register([1], sequence: 5, at: 0) == nil)
        #expect(try register([1], expires: 0, sequence: 5, at: 1) == .outOfOrder)
        #expect(try register([1], expires: 0, sequence: 4, at: 1) == .outOfOrder)
        #expect(ports(at: 2) == [1])
        // Another phone, or the same one started anew, counts for itself (RFC 3261 §10.3 step 7).
        #expect(try register([1], expires: 0, call: "b", sequence: 1, at: 1) == nil)
        #expect(ports(at: 2) == [])
    }

    @Test mutating func aRefusedRequestChangesNothingAtAll() throws {
        #expect(try register([1, 2], sequence: 1, at: 0) == nil)
        #expect(try register([3, 1, 4], each: [600, 0, 59], sequence: 2, at: 1) == .tooBrief)
        #expect(try register([3, 4, 5, 6, 7, 8], sequence: 3, at: 1) == .tooMany)
        #expect(try register([3, 2], expires: 0, sequence: 1, at: 1) == .outOfOrder)
        #expect(ports(at: 2) == [1, 2])
    }

    @Test mutating func starNeedsExpiresZeroAndTheRightOrder() throws {
        #expect(try register([1, 2], sequence: 2, at: 0) == nil)
        for (expires, sequence, refusal) in [
            (nil, 3, PhoneRegistry.Refusal.malformed), (60, 3, .malformed), (0, 2, .outOfOrder), (0, 1, .outOfOrder),
        ] as [(Int?, UInt32, PhoneRegistry.Refusal)] {
            #expect(
                registry.register(
                    agent, .clear, expires: expires, callID: "a", sequence: sequence, source: source, listener: 0,
                    at: Self.at(1)) == refusal)
        }
        #expect(ports(at: 1) == [1, 2])
        #expect(
            registry.register(
                agent, .clear, expires: 0, callID: "a", sequence: 3, source: source, listener: 0, at: Self.at(1)) == nil
        )
        #expect(registry.agents.isEmpty)
    }

    @Test mutating func oneMoreContactTakesTheSoonestOversPlace() throws {
        #expect(try register([1, 2, 3, 4, 5], each: [500, 100, 400, 300, 200], sequence: 1, at: 0) == nil)
        #expect(try register([6], expires: 60, call: "b", sequence: 1, at: 1) == nil)
        #expect(ports(at: 2) == [1, 3, 4, 5, 6])
    }
}
