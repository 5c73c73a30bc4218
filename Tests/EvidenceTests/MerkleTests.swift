import Evidence
import Testing

@Suite struct MerkleTests {
    /// The leaves and roots of Certificate Transparency's own tests (RFC 6962 and 9162 hash alike).
    static let leaves = [
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    ]
    static let roots = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ]

    @Test(arguments: 0...8)
    func aTreeOfSoManyLeaves(_ count: Int) {
        let hashes = Self.leaves.prefix(count).map { MerkleTree.leafHash(Hexadecimal.bytes($0) ?? []) }
        let tree = MerkleTree(leafHashes: hashes)
        #expect(Hexadecimal.text(tree.root) == Self.roots[count])
        #expect(tree.count == Int64(count))
    }

    @Test func aThousandLeaves() {
        let tree = MerkleTree(leafHashes: (0..<1000).map { MerkleTree.leafHash(Array("\($0)".utf8)) })
        // Made by an independent program, by recursion as RFC 9162 §2.1.1 defines it.
        #expect(Hexadecimal.text(tree.root) == "638afa98022925bacfddadb15ef22fd0199c1ac99c2973b6158243d13fce05c2")
    }

    @Test func leavesStandInTheOrderOfTheirRecordings() {
        func leaf(_ id: String) -> RecordingLeaf {
            RecordingLeaf(recording: id, call: "c", sha256: String(repeating: "ab", count: 32), frames: 8000)
        }
        let ids = ["01", "0a", "02", "ff"]
        #expect(RecordingLeaf.hashes(ids.map(leaf)) == ["01", "02", "0a", "ff"].map { leaf($0).leafHash })
        #expect(
            String(decoding: leaf("01").bytes, as: UTF8.self)
                == #"{"call":"c","frames":8000,"recording":"01","sha256":"\#(String(repeating: "ab", count: 32))"}"#)
        // A leaf's bytes never hash as a node's do.
        #expect(leaf("01").leafHash != MerkleTree.leafHash([1] + leaf("01").bytes))
    }

    @Test func onlyWhatWasTakenIntoTheTablesIsALeaf() throws {
        func event(_ type: String, unapplied: String? = nil, sha256: CanonicalValue = .text("ab")) -> JournalEvent {
            JournalEvent(
                id: "1", type: type, wall: 1, mono: 1, boot: "b", node: "n",
                data: .object(["recording": .text("r"), "call": .text("c"), "sha256": sha256, "frames": .integer(7)]),
                unapplied: unapplied)
        }
        #expect(
            try RecordingLeaf(event: event("recording_finished"))
                == RecordingLeaf(recording: "r", call: "c", sha256: "ab", frames: 7))
        #expect(try RecordingLeaf(event: event("recording_stopped")) == nil)
        #expect(try RecordingLeaf(event: event("recording_finished", unapplied: "twice")) == nil)
        #expect(throws: EvidenceError.self) { try RecordingLeaf(event: event("recording_finished", sha256: .null)) }
    }
}

/// Anchors of a day: version 2.
@Suite struct DayAnchorTests {
    static func day(_ leaves: Int = 3) -> AnchoredDay {
        AnchoredDay(
            date: "2026-11-22", zone: "Asia/Shanghai", from: 1_795_276_800_000_000, to: 1_795_363_200_000_000,
            leafHashes: (0..<leaves).map { MerkleTree.leafHash([UInt8($0)]) })
    }

    private func anchor() throws -> Anchor {
        try Anchor(
            heads: AnchorTests.heads(), day: Self.day(), wall: 1_795_363_500_000_000, node: "node1",
            privateKey: AnchorTests.secret)
    }

    @Test func whatIsSignedIsVerified() throws {
        let made = try anchor()
        #expect(made.day?.count == 3)
        let read = try Anchor(bytes: made.bytes)
        #expect(read == made)
        try read.verify(trusted: made.publicKey)
        #expect(
            String(decoding: made.bytes, as: UTF8.self).hasPrefix(#"{"anchor":2,"day":{"count":3,"date":"2026-11-22","#)
        )
        #expect(made.fingerprint.count == 64)
        #expect(made.fingerprint != (try Anchor(bytes: Array(AnchorTests.golden.utf8))).fingerprint)
    }

    @Test func everyMutatedByteIsRefused() throws {
        let made = try anchor()
        for flip: UInt8 in [1, 32] {
            for index in made.bytes.indices { try refuse(made, index, flip) }
        }
    }

    private func refuse(_ made: Anchor, _ index: Int, _ flip: UInt8) throws {
        var bytes = made.bytes
        bytes[index] ^= flip
        var isAccepted = false
        do {
            try Anchor(bytes: bytes).verify(trusted: made.publicKey)
            isAccepted = true
        } catch {
            #expect(!error.message.isEmpty)
        }
        #expect(!isAccepted, "byte \(index), bit \(flip)")
    }

    @Test func theDayCannotBeTakenAwayOrAdded() throws {
        var made = try anchor()
        made.day = nil
        #expect(throws: EvidenceError.self) { try made.verify(trusted: made.publicKey) }
        var old = try Anchor(bytes: Array(AnchorTests.golden.utf8))
        old.day = Self.day()
        #expect(throws: EvidenceError.self) { try old.verify(trusted: old.publicKey) }
        // A field that the signature does not cover is no part of an anchor.
        let more = AnchorTests.golden.replacing(#"{"anchor":1,"#, with: #"{"a":1,"anchor":1,"#)
        #expect { try Anchor(bytes: Array(more.utf8)) } throws: { ($0 as? EvidenceError)?.code == .anchor }
        let third = AnchorTests.golden.replacing(#"{"anchor":1,"#, with: #"{"anchor":3,"#)
        #expect { try Anchor(bytes: Array(third.utf8)) } throws: { ($0 as? EvidenceError)?.code == .anchor }
    }
}
