import Media
import Synchronization
import Testing

/// A stack between two hands, and which chunks are in use.
private final class Hands: @unchecked Sendable {
    static let count = 64
    let stack = ChunkStack(count: Hands.count)
    let inUse = Mutex<Set<UInt32>>([])
    let handed = Mutex<[UInt32]>([])
}

@Suite struct ChunkStackTests {
    @Test func theLastGivenIsTakenFirst() {
        let stack = ChunkStack(count: 3)
        #expect(stack.take() == 0)
        #expect(stack.take() == 1)
        stack.give(0)
        stack.give(1)
        #expect(stack.take() == 1)
        #expect(stack.take() == 0)
        #expect(stack.touched == 2)
        #expect(stack.take() == 2)
        #expect(stack.take() == nil)
        #expect(stack.touched == 3)
        stack.give(1)
        #expect(stack.take() == 1)
        #expect(stack.take() == nil)
    }

    /// One thread takes, another gives: no chunk is in two hands, none is lost.
    @Test func oneTakesAndAnotherGives() async {
        let rounds = 20_000
        let hands = Hands()
        async let twice = Task.detached {
            var (taken, twice) = (0, 0)
            while taken < rounds {
                guard let chunk = hands.stack.take() else {
                    await Task.yield()
                    continue
                }
                taken += 1
                if !hands.inUse.withLock({ $0.insert(chunk).inserted }) { twice += 1 }
                hands.handed.withLock { $0.append(chunk) }
            }
            return twice
        }.value
        async let given = Task.detached {
            var given = 0
            while given < rounds {
                let chunks = hands.handed.withLock { handed in
                    defer { handed = [] }
                    return handed
                }
                if chunks.isEmpty { await Task.yield() }
                for chunk in chunks {
                    _ = hands.inUse.withLock { $0.remove(chunk) }
                    hands.stack.give(chunk)
                    given += 1
                }
            }
            return given
        }.value
        #expect(await twice == 0)
        #expect(await given == rounds)
        var left: Set<UInt32> = []
        while let chunk = hands.stack.take() { left.insert(chunk) }
        #expect(left.count == Hands.count)
    }
}
