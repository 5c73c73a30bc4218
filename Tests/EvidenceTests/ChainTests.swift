import Evidence
import Testing

/// Golden values were computed by an independent program (Python's hashlib and cryptography) from the byte layout in
/// docs/decisions/0003-journal.md.
@Suite struct ChainTests {
    static let first = JournalEvent(
        id: "019aa9f0-0000-7000-8000-000000000001", type: "server_noted", wall: 1_795_316_645_000_001,
        mono: 5_000_000_001, boot: "b1", node: "node1",
        data: .object([
            "kind": .text("started"), "data": .object(["版本": .text("1")]),
            "at": .object(["wall": .integer(1_795_316_645_000_000), "mono": .integer(5_000_000_000)]),
        ]))

    static let second = JournalEvent(
        id: "019aa9f0-0000-7000-8000-000000000002", type: "server_noted", wall: 1_795_316_645_000_002,
        mono: 5_000_000_002, boot: "b1", node: "node1", data: .object([:]), unapplied: "why")

    static func salt(_ first: UInt8) -> [UInt8] { (0..<16).map { first + $0 } }

    /// `count` events in a chain named node1.
    static func chain(_ count: Int) -> [SealedEvent] {
        var head = ChainHead(emptyChain: "node1")
        return (0..<count).map { index in
            var event = first
            event.wall += Int64(index)
            let sealed = SealedEvent(body: event.body, salt: salt(UInt8(index % 200)), after: head)
            head = sealed.head
            return sealed
        }
    }

    @Test func goldenBodies() throws {
        #expect(
            String(decoding: Self.first.body, as: UTF8.self) == """
                {"boot":"b1","data":{"at":{"mono":5000000000,"wall":1795316645000000},"data":{"版本":"1"},\
                "kind":"started"},"id":"019aa9f0-0000-7000-8000-000000000001","mono":5000000001,"node":"node1",\
                "type":"server_noted","wall":1795316645000001}
                """)
        #expect(try JournalEvent(body: Self.first.body) == Self.first)
        #expect(try JournalEvent(body: Self.second.body) == Self.second)
    }

    @Test func goldenHashes() {
        let one = SealedEvent(body: Self.first.body, salt: Self.salt(0), after: ChainHead(emptyChain: "node1"))
        #expect(
            Hexadecimal.text(one.bodyHash) == "90ae82f4313ac55d02f88376800d8c6956421652a509ffd5c54a6a97357147d5")
        #expect(Hexadecimal.text(one.hash) == "fe4cc8d679dd7f7518ec09e0dfd903265cbf75639424caa92c802e8aa52755ed")
        let two = SealedEvent(body: Self.second.body, salt: Self.salt(1), after: one.head)
        #expect(two.sequence == 2)
        #expect(
            Hexadecimal.text(two.bodyHash) == "dccb91ffe374d24f8b5e8874a2cf1d732e91133ce6055954062d6a7968af6ed1")
        #expect(Hexadecimal.text(two.hash) == "e653e61324579e6b688b0a0de6fe1bbb156e6d9fe795f481e5865b34b72f64f0")
        // A name of many bytes, the largest sequence.
        let far = ChainHash.link(
            chain: String(repeating: "é", count: 40), sequence: .max, previous: [UInt8](repeating: 255, count: 32),
            bodyHash: ChainHash.genesis)
        #expect(Hexadecimal.text(far) == "bd661886e70aba78b9be7f5c05487e8efe9b4717b2e13207447e89c0226cb382")
    }

    @Test func nameAndSequenceCannotRunIntoEachOther() {
        let pairs: [(String, Int64)] = [("a", 1), ("a\u{0}", 1), ("", 1), ("a", 256), ("a\u{0}\u{1}", 1), ("b", 1)]
        let hashes = pairs.map { name, sequence in
            ChainHash.link(chain: name, sequence: sequence, previous: ChainHash.genesis, bodyHash: ChainHash.genesis)
        }
        #expect(Set(hashes).count == pairs.count)
    }

    @Test(arguments: [
        "{}", "[]", "1", "null",
        #"{"boot":"b","data":{},"id":"i","mono":1,"node":"n","type":"t"}"#,
        #"{"boot":"b","data":{},"id":"i","mono":1,"node":"n","type":"t","wall":"1"}"#,
        #"{"boot":"b","data":{},"id":"i","mono":1,"node":"n","type":"t","unapplied":1,"wall":1}"#,
        #"{"boot":"b","data":{},"extra":1,"id":"i","mono":1,"node":"n","type":"t","wall":1}"#,
    ])
    func whatIsNoEventIsRefused(_ text: String) {
        #expect(throws: EvidenceError.self) { try JournalEvent(body: Array(text.utf8)) }
    }

    @Test func aWholeChainHolds() {
        let chain = Self.chain(50)
        var verifier = ChainVerifier(chain: "node1", anchors: [chain[9].head, ChainHead(emptyChain: "elsewhere")])
        for event in chain { #expect(verifier.check(event) != nil) }
        #expect(verifier.finish(recorded: chain[49].head) == nil)
        #expect(verifier.head == chain[49].head)
        #expect(verifier.events == 50)
    }

    @Test func anEmptyChainHolds() {
        var verifier = ChainVerifier(chain: "node1")
        #expect(verifier.finish(recorded: ChainHead(emptyChain: "node1")) == nil)
        #expect(verifier.finish(recorded: nil) == nil)
    }

    @Test func erasedBodiesKeepTheChain() {
        var chain = Self.chain(10)
        for index in [0, 4, 9] {
            chain[index].body = nil
            chain[index].salt = nil
        }
        var verifier = ChainVerifier(chain: "node1")
        #expect(chain.compactMap { verifier.check($0) }.count == 7)
        #expect(verifier.finish(recorded: chain[9].head) == nil)
        #expect(verifier.erased == 3)
    }

    struct Tampering: CustomTestStringConvertible {
        let testDescription: String
        let sequence: Int64
        let kind: ChainBreak.Kind
        let change: @Sendable (inout [SealedEvent]) -> Void
    }

    @Test(arguments: [
        Tampering(testDescription: "a byte of a body", sequence: 4, kind: .body) { $0[3].body?[20] ^= 1 },
        Tampering(testDescription: "a byte of a salt", sequence: 4, kind: .body) { $0[3].salt?[0] ^= 1 },
        Tampering(testDescription: "a salt gone", sequence: 4, kind: .body) { $0[3].salt = nil },
        Tampering(testDescription: "a body's hash", sequence: 4, kind: .body) { $0[3].bodyHash[0] ^= 1 },
        Tampering(testDescription: "an erased body's hash", sequence: 4, kind: .hash) {
            $0[3].body = nil
            $0[3].bodyHash[0] ^= 1
        },
        Tampering(testDescription: "a hash", sequence: 4, kind: .hash) { $0[3].hash[31] ^= 128 },
        Tampering(testDescription: "a hash too short", sequence: 4, kind: .hash) { $0[3].hash.removeLast() },
        Tampering(testDescription: "two events exchanged", sequence: 4, kind: .sequence) { $0.swapAt(3, 6) },
        Tampering(testDescription: "two events exchanged and renumbered", sequence: 4, kind: .hash) {
            $0.swapAt(3, 6)
            $0[3].sequence = 4
            $0[6].sequence = 7
        },
        Tampering(testDescription: "an event gone", sequence: 4, kind: .sequence) { $0.remove(at: 3) },
        Tampering(testDescription: "the first gone", sequence: 1, kind: .sequence) { $0.removeFirst() },
        Tampering(testDescription: "the last gone", sequence: 10, kind: .head) { $0.removeLast() },
        Tampering(testDescription: "an event twice", sequence: 5, kind: .sequence) { $0.insert($0[3], at: 4) },
        Tampering(testDescription: "one too many", sequence: 11, kind: .head) {
            $0.append(SealedEvent(body: ChainTests.second.body, salt: ChainTests.salt(0), after: $0[9].head))
        },
        Tampering(testDescription: "another chain's event", sequence: 4, kind: .chain) { $0[3].chain = "node2" },
        Tampering(testDescription: "a body that is no event", sequence: 11, kind: .format) {
            $0.append(SealedEvent(body: Array("{}".utf8), salt: ChainTests.salt(0), after: $0[9].head))
        },
        Tampering(testDescription: "sealed anew from the fourth on", sequence: 10, kind: .head) { chain in
            var head = chain[2].head
            for index in 3..<10 {
                let body = index == 3 ? ChainTests.second.body : chain[index].body ?? []
                chain[index] = SealedEvent(body: body, salt: ChainTests.salt(9), after: head)
                head = chain[index].head
            }
        },
    ])
    func everyChangeIsFoundWhereItIs(_ tampering: Tampering) {
        let honest = Self.chain(10)
        var chain = honest
        tampering.change(&chain)
        var verifier = ChainVerifier(chain: "node1", anchors: [honest[9].head])
        for event in chain { verifier.check(event) }
        let found = verifier.finish(recorded: honest[9].head)
        #expect(found?.sequence == tampering.sequence)
        #expect(found?.kind == tampering.kind, "\(String(describing: found))")
    }

    @Test func everyBitOfAChainCounts() {
        let honest = Self.chain(3)
        for bit in 0..<(honest[1].body?.count ?? 0) * 8 {
            var chain = honest
            chain[1].body?[bit / 8] ^= 1 << UInt8(bit % 8)
            var verifier = ChainVerifier(chain: "node1")
            for event in chain { verifier.check(event) }
            #expect(verifier.firstBreak?.sequence == 2)
        }
    }

    @Test func contradictingAnchorsAreABreak() {
        let chain = Self.chain(3)
        var other = chain[1].head
        other.hash[0] ^= 1
        var verifier = ChainVerifier(chain: "node1", anchors: [chain[1].head, other])
        for event in chain { verifier.check(event) }
        #expect(verifier.finish(recorded: nil)?.kind == .head)
    }
}
