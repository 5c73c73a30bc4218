import Evidence
import Testing

@Suite struct AnchorTests {
    /// The secret and public key of RFC 8032 §7.1, test 1.
    static let secret = Hexadecimal.bytes("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60") ?? []
    static let key = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    static let hash = "e653e61324579e6b688b0a0de6fe1bbb156e6d9fe795f481e5865b34b72f64f0"
    /// Signed by an independent program.
    static let golden = #"""
        {"anchor":1,"heads":[{"chain":"node1","hash":"\#(hash)","seq":2}],"key":"\#(key)","node":"node1",\#
        "signature":"7a195d908a6f7710168fafdf1049a8b8e492641e7236e246b369eee7055ed9a4\#
        0b7197636af2471d04dd064477d4c9ca6ff9ad5edf7b6b461fddb2537b74f005","wall":1795316645000003}
        """#

    static func heads() -> [ChainHead] {
        [ChainHead(chain: "node1", sequence: 2, hash: Hexadecimal.bytes(hash) ?? [])]
    }

    @Test func aGoldenAnchorIsVerified() throws {
        let anchor = try Anchor(bytes: Array(Self.golden.utf8))
        #expect(anchor.heads == Self.heads())
        #expect(anchor.wall == 1_795_316_645_000_003)
        try anchor.verify(trusted: Hexadecimal.bytes(Self.key) ?? [])
        #expect(String(decoding: anchor.bytes, as: UTF8.self) == Self.golden)
    }

    @Test func whatIsSignedIsVerified() throws {
        let made = try Anchor(
            heads: Self.heads() + [ChainHead(emptyChain: "a"), ChainHead(emptyChain: "节点")], wall: 7, node: "n",
            privateKey: Self.secret)
        #expect(made.heads.map(\.chain) == ["a", "node1", "节点"])
        #expect(Hexadecimal.text(made.publicKey) == Self.key)
        let read = try Anchor(bytes: made.bytes)
        #expect(read == made)
        try read.verify(trusted: made.publicKey)
    }

    @Test func everyAlterationIsRefused() throws {
        let trusted = Hexadecimal.bytes(Self.key) ?? []
        let honest = try Anchor(bytes: Array(Self.golden.utf8))
        let changes: [(inout Anchor) -> Void] = [
            { $0.wall += 1 }, { $0.node = "node2" }, { $0.heads[0].sequence = 1 }, { $0.heads[0].hash[0] ^= 1 },
            { $0.heads[0].chain = "node2" }, { $0.heads = [] }, { $0.heads.append(ChainHead(emptyChain: "x")) },
            { $0.signature[0] ^= 1 }, { $0.signature = [] }, { $0.publicKey[0] ^= 1 },
        ]
        for change in changes {
            var anchor = honest
            change(&anchor)
            #expect { try anchor.verify(trusted: trusted) } throws: { ($0 as? EvidenceError)?.code == .signature }
        }
    }

    @Test func anotherKeyIsNotTrusted() throws {
        let anchor = try Anchor(heads: [], wall: 0, node: "n", privateKey: [UInt8](repeating: 1, count: 32))
        #expect(throws: EvidenceError.self) { try anchor.verify(trusted: Hexadecimal.bytes(Self.key) ?? []) }
        #expect(throws: EvidenceError.self) { try anchor.verify(trusted: []) }
    }

    @Test(arguments: [0, 31, 33])
    func aKeyOfAnotherLengthIsRefused(_ count: Int) {
        #expect { try Anchor(heads: [], wall: 0, node: "n", privateKey: [UInt8](repeating: 1, count: count)) } throws: {
            ($0 as? EvidenceError)?.code == .key
        }
    }

    @Test func everyMutatedByteIsRefused() throws {
        let trusted = Hexadecimal.bytes(Self.key) ?? []
        let golden = Array(Self.golden.utf8)
        for index in golden.indices {
            var bytes = golden
            bytes[index] ^= 1
            var accepted = false
            do {
                try Anchor(bytes: bytes).verify(trusted: trusted)
                accepted = true
            } catch {
                #expect(!error.message.isEmpty)
            }
            #expect(!accepted, "byte \(index)")
        }
    }

    @Test func hexadecimal() {
        #expect(Hexadecimal.text([0, 15, 160, 255]) == "000fa0ff")
        #expect(Hexadecimal.bytes("000fA0Ff") == [0, 15, 160, 255])
        #expect(Hexadecimal.bytes("") == [])
        for text in ["0", "0g", "０0", " 00", "0x00"] { #expect(Hexadecimal.bytes(text) == nil) }
    }
}
