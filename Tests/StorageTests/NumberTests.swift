import Calls
import Foundation
import Storage
import Testing

@Suite struct NumberTests {
    @Test func numbersRiseByDateAndWiden() async throws {
        let folder = try TemporaryFolder()
        var pace = Store.Pace.quick
        pace.numberBlock = 9999
        let store = try Store.test(folder, pace: pace)
        #expect(try await store.reserveOrderNumber(localDate: "20261122") == "20261122-0001")
        #expect(try await store.reserveOrderNumber(localDate: "20261122") == "20261122-0002")
        #expect(try await store.reserveOrderNumber(localDate: "20261123") == "20261123-0001")
        for _ in 3..<9999 { _ = try await store.reserveOrderNumber(localDate: "20261122") }
        #expect(try await store.reserveOrderNumber(localDate: "20261122") == "20261122-9999")
        #expect(try await store.reserveOrderNumber(localDate: "20261122") == "20261122-10000")
        await store.close()
        await #expect(throws: StorageError.self) { try await store.reserveOrderNumber(localDate: "20261122") }
    }

    @Test func noNumberIsGivenTwiceAlsoAcrossRestarts() async throws {
        let folder = try TemporaryFolder()
        var seen: Set<String> = []
        for round in 0..<3 {
            var pace = Store.Pace.quick
            pace.numberBlock = 7
            let store = try Store.test(folder, seed: UInt64(round + 1), pace: pace)
            let numbers = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<100 { group.addTask { try await store.reserveOrderNumber(localDate: "20261231") } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(numbers.count == 100)
            for number in numbers { #expect(seen.insert(number).inserted, "\(number) was given twice") }
            await store.close()
        }
        #expect(seen.count == 300)
    }

    @Test func aLockedDatabaseHoldsNobodyUpWhileTheBlockLasts() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        try await store.prepareOrderNumbers(localDate: "20261231")
        let raw = try Raw(folder)
        // The day after is reserved too, in the background.
        try await eventually { try raw.number("SELECT count(*) FROM order_number_blocks") == 2 }
        #expect(try raw.texts("SELECT date FROM order_number_blocks ORDER BY date") == ["20261231", "20270101"])
        let held = try HeldLock(folder)
        var given: [String] = []
        var refused: StorageError?
        while refused == nil, given.count < 1000 {
            do {
                given.append(try await store.reserveOrderNumber(localDate: "20261231"))
            } catch {
                refused = error
            }
        }
        #expect(given.count == 50)
        #expect(refused?.code == .unavailable)
        #expect(try await store.reserveOrderNumber(localDate: "20270101") == "20270101-0001")
        try held.release()
        #expect(try await store.reserveOrderNumber(localDate: "20261231") == "20261231-0051")
        await store.close()
    }

    @Test(arguments: [
        "", "2026112", "202611222", "20261322", "20260229", "20261100", "2026-1-2", "2026-11-22", "abcdefgh",
    ])
    func whatIsNoDateIsRefused(_ date: String) async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        do {
            _ = try await store.reserveOrderNumber(localDate: date)
            Issue.record("'\(date)' was taken for a date")
        } catch {
            #expect(error.code == .argument)
        }
        await store.close()
    }

    @Test func leapDaysAreDates() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.test(folder)
        #expect(try await store.reserveOrderNumber(localDate: "20280229") == "20280229-0001")
        await store.close()
    }
}
