import Calls
import Lines
import Media
import Testing

/// Who has guessed too often, on a clock of the test's own.
struct PhoneLockoutTests {
    static let rules = PhoneLockoutRules(
        failures: 3, windowMilliseconds: 60_000, lockMilliseconds: 100_000, maximumLockMilliseconds: 300_000)

    let first: WorkNumber
    let second: WorkNumber
    let office: IPAddress
    var lockout = PhoneLockout(PhoneLockoutTests.rules)

    init() throws {
        first = try #require(WorkNumber("1001"))
        second = try #require(WorkNumber("1002"))
        office = try #require(IPAddress("192.0.2.7"))
    }

    private func address(_ text: String) throws -> IPAddress { try #require(IPAddress(text)) }

    private func at(_ seconds: Int64) -> Instant { PhoneRegistryTests.at(seconds) }

    private mutating func fail(_ times: [Int64], _ account: WorkNumber? = nil, from source: IPAddress? = nil) {
        for time in times { lockout.failed(source: source ?? office, account: account, at: at(time)) }
    }

    private mutating func isLocked(_ seconds: Int64, _ account: WorkNumber? = nil, from source: IPAddress? = nil)
        -> Bool
    {
        lockout.isLocked(source: source ?? office, account: account, at: at(seconds))
    }

    @Test mutating func onlyFailuresWithinTheWindowLock() {
        fail([0, 30, 60, 90])
        #expect(isLocked(90) == false)
        fail([91])
        #expect([isLocked(91), isLocked(190), isLocked(191)] == [true, true, false])
        #expect(lockout.imposed == 1)
    }

    @Test mutating func eachLockIsTwiceAsLongUpToABound() {
        var now: Int64 = 0
        for length in [100, 200, 300, 300] as [Int64] {
            fail([now, now, now])
            #expect([isLocked(now + length - 1), isLocked(now + length)] == [true, false], "\(length)")
            now += length
        }
        // After so long without a failure the next lock is short again.
        now += 300
        fail([now, now, now])
        #expect([isLocked(now + 99), isLocked(now + 100)] == [true, false])
    }

    @Test mutating func aProvedAccountIsNotTouchedByItsSourcesLock() {
        lockout.succeeded(source: office, account: first, at: at(0))
        fail([1, 2, 3], second)
        #expect([isLocked(4, first), isLocked(4, second), isLocked(4)] == [false, true, true])
        // Its own wrong passwords lock it there.
        fail([5, 6, 7], first)
        #expect(isLocked(8, first) == true)
    }

    @Test mutating func aProofVouchesForADay() {
        let day = PhoneLockout.provenMilliseconds / 1000
        lockout.succeeded(source: office, account: first, at: at(0))
        fail([day - 3, day - 2, day - 1])
        #expect([isLocked(day - 1, first), isLocked(day, first)] == [false, true])
    }

    @Test mutating func anotherSourceIsNotConcernedAndAnIPv6CustomerIsOne() throws {
        fail([0, 1, 2], first)
        #expect(try isLocked(3, first, from: address("192.0.2.8")) == false)
        for (index, text) in ["2001:db8:0:1::1", "2001:db8:0:1::2", "2001:db8:0:1:ffff::3"].enumerated() {
            fail([Int64(index)], from: try address(text))
        }
        #expect(try isLocked(3, from: address("2001:db8:0:1::9")) == true)
        #expect(try isLocked(3, from: address("2001:db8:0:2::1")) == false)
        #expect(try isLocked(3, from: address("::ffff:192.0.2.7")) == true)
    }

    @Test mutating func oneKnownPasswordBuysNoGuessesAtOthers() {
        fail([0, 1], second)
        lockout.succeeded(source: office, account: first, at: at(2))
        fail([3], second)
        #expect(isLocked(4, second) == true)
    }

    @Test func memoryIsBoundedAndTheBusyAreKept() throws {
        var lockout = PhoneLockout(Self.rules, limit: 100)
        let guesser = try #require(IPAddress("192.0.2.7"))
        for _ in 0..<3 { lockout.failed(source: guesser, account: nil, at: at(0)) }
        for index in 0..<10_000 {
            let source = try #require(IPAddress("10.0.\(index / 250).\(index % 250 + 1)"))
            lockout.failed(source: source, account: first, at: at(1))
            if index % 20 == 0 { #expect(lockout.isLocked(source: guesser, account: nil, at: at(1)) == true) }
        }
        #expect(lockout.remembered <= 200)
    }
}
