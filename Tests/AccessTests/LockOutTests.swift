import Testing

import Access

@Suite struct LockOutTests {
    private let second: Int64 = 1_000_000_000

    @Test func fiveWrongPasswordsLockANameForLongerEachTime() {
        var lock = LockOut()
        var now: Int64 = 0
        var waits: [Int] = []
        for _ in 0..<3 {
            for count in 1...5 {
                #expect(lock.wait("li", "192.0.2.1", now: now) == nil)
                let isLocked = lock.failed("li", "192.0.2.\(count)", now: now)
                #expect(isLocked == (count == 5))
                now += second
            }
            waits.append(lock.wait("li", "192.0.2.9", now: now) ?? 0)
            now += 100_000 * second
        }
        #expect(waits == [300, 600, 1200])
        lock.succeeded("li")
        let again = lock.failed("li", "192.0.2.1", now: now)
        #expect(!again)
    }

    @Test func anAddressThatTriesManyNamesIsLockedToo() {
        var lock = LockOut()
        for count in 0..<LockOut.mostOfAddress { _ = lock.failed("n\(count)", "192.0.2.1", now: 0) }
        #expect(lock.wait("li", "192.0.2.1", now: second) != nil)
        #expect(lock.wait("li", "192.0.2.2", now: second) == nil)
    }

    @Test func inventedNamesDoNotFillTheMemoryAndALockOutlivesThem() {
        var lock = LockOut()
        for _ in 0..<5 { _ = lock.failed("li", "192.0.2.1", now: 0) }
        for count in 0..<30_000 { _ = lock.failed("x\(count)", "10.0.\(count / 250).\(count % 250)", now: second) }
        #expect(lock.kept < 20_100)
        #expect(lock.wait("li", "192.0.2.1", now: 2 * second) != nil)
    }
}
