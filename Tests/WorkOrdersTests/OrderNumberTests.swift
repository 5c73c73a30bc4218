import Testing
import WorkOrders

@Suite struct OrderNumberTests {
    @Test(
        arguments: [
            ("20261122-0007", "20261122", 7), ("202611220007", "20261122", 7), ("20261122-10000", "20261122", 10_000),
            ("2026112210000", "20261122", 10_000),
        ] as [(String, String, Int)])
    func readsWhatIsSpokenAndWhatIsKeyed(_ text: String, _ date: String, _ serial: Int) throws {
        let number = try #require(OrderNumber(text))
        #expect(number.date == date)
        #expect(number.serial == serial)
    }

    @Test(arguments: [
        "", "20261122", "20261122-", "20261122-000", "20261122-0000", "2026-11220007", "20261122--0007",
        "2026112a-0007",
        "20261122-0007 ", "20261122-99999999999", "２０２６１１２２０００７",
    ])
    func refusesTheRest(_ text: String) { #expect(OrderNumber(text) == nil) }

    @Test func widensPastFourDigits() {
        #expect(OrderNumber(date: "20261122", serial: 7)?.description == "20261122-0007")
        #expect(OrderNumber(date: "20261122", serial: 9999)?.description == "20261122-9999")
        #expect(OrderNumber(date: "20261122", serial: 12_345)?.description == "20261122-12345")
    }

    @Test func codesHaveFourDigits() {
        #expect(OrderCode.make(random: 7) == "0007")
        #expect(OrderCode.make(random: 19_999) == "9999")
        for seed in 0..<1000 as Range<UInt64> {
            #expect(OrderCode.make(random: seed &* 0x9E37_79B9_7F4A_7C15).utf8.count == 4)
        }
    }
}
