import Calls
import Testing

import Lines

@Suite struct ATChannelTests {
    typealias Channel = ATChannel<Int>

    private static func at(_ milliseconds: Int64) -> Instant {
        Instant(wall: milliseconds * 1000, mono: milliseconds * 1_000_000)
    }

    private static func write(_ text: String) -> Channel.Action { .write(Array((text + "\r").utf8)) }

    @Test("One command is in flight; the next goes out with the answer to the first")
    func oneByOne() {
        var channel = Channel(unsolicited: [])
        let first = ATCommand("AT+CSQ", prefixes: ["+CSQ:"])
        let second = ATCommand("ATI", takesAnyLine: true)
        #expect(channel.send(first, 1, at: Self.at(0)) == [Self.write("AT+CSQ")])
        #expect(channel.send(second, 2, at: Self.at(0)) == [])
        let actions = channel.received(Array("AT+CSQ\r\r\n+CSQ: 5,99\r\n\r\nOK\r\n".utf8), at: Self.at(10))
        #expect(
            actions == [
                .finished(1, first, .answered(.ok, lines: ["+CSQ: 5,99"])), Self.write("ATI"),
            ])
    }

    @Test("What comes unasked is told apart, also in the middle of an answer, whatever the cuts")
    func unsolicited() {
        let text =
            "AT+CREG?\r\r\nRING\r\n\r\n+CREG: 1,1\r\n\r\n+CLIP: \"1\",129\r\n\r\nNO CARRIER\r\n\r\nOK\r\n\r\nRING\r\n"
        let query = ATCommand("AT+CREG?", prefixes: ["+CREG:"])
        let expected: [Channel.Action] = [
            .unsolicited("RING"), .unsolicited("+CLIP: \"1\",129"), .callResult(.noCarrier),
            .finished(7, query, .answered(.ok, lines: ["+CREG: 1,1"])), .unsolicited("RING"),
        ]
        for seed in UInt64(0)...50 {
            var channel = Channel(unsolicited: ["RING"])
            _ = channel.send(query, 7, at: Self.at(0))
            let pieces = seed == 0 ? text.utf8.map { [$0] } : cuts(of: Array(text.utf8), seed: seed)
            #expect(pieces.flatMap { channel.received($0, at: Self.at(1)) } == expected)
        }
    }

    @Test("A command of any lines leaves to others what is known as unsolicited")
    func anyLine() {
        var channel = Channel(unsolicited: ["RING", "+CLIP:"])
        let command = ATCommand("ATI", takesAnyLine: true)
        _ = channel.send(command, 1, at: Self.at(0))
        #expect(
            channel.received(Array("Quectel\r\nRING\r\nEC25\r\nOK\r\n".utf8), at: Self.at(1)) == [
                .unsolicited("RING"), .finished(1, command, .answered(.ok, lines: ["Quectel", "EC25"])),
            ])
    }

    @Test("NO CARRIER ends ATA, and no other command")
    func endsWithCall() {
        var channel = Channel(unsolicited: [])
        let answer = ATCommand("ATA", endsWithCall: true)
        _ = channel.send(answer, 1, at: Self.at(0))
        #expect(
            channel.received(Array("NO CARRIER\r\n".utf8), at: Self.at(1))
                == [.finished(1, answer, .answered(.noCarrier, lines: []))])
        #expect(channel.received(Array("NO CARRIER\r\n".utf8), at: Self.at(2)) == [.callResult(.noCarrier)])
    }

    @Test("A time-out repeats the command after a pause, then tells it; a late answer is nobody's")
    func timeOut() {
        var channel = Channel(unsolicited: [], timeoutLimit: 5)
        let command = ATCommand("AT", timeoutMilliseconds: 1000, retries: 1)
        let next = ATCommand("ATE0")
        _ = channel.send(command, 1, at: Self.at(0))
        _ = channel.send(next, 2, at: Self.at(0))
        #expect(channel.deadline == Self.at(1000))
        #expect(channel.tick(at: Self.at(1000)) == [])
        #expect(channel.deadline == Self.at(1200))
        #expect(channel.tick(at: Self.at(1200)) == [Self.write("AT")])
        #expect(channel.tick(at: Self.at(2200)) == [.finished(1, command, .timedOut)])
        #expect(channel.received(Array("OK\r\n".utf8), at: Self.at(2300)) == [])
        #expect(channel.strays == 1)
        #expect(channel.tick(at: Self.at(2400)) == [Self.write("ATE0")])
        #expect(channel.timeouts == 2)
    }

    @Test("So many time-outs in a row are told once; an answer begins the count anew")
    func unresponsive() {
        var channel = Channel(unsolicited: [], timeoutLimit: 3)
        let command = ATCommand("AT", timeoutMilliseconds: 1000)
        var told: [Int64] = []
        var time: Int64 = 0
        for tag in 0..<5 { _ = channel.send(command, tag, at: Self.at(0)) }
        while let deadline = channel.deadline {
            time = deadline.mono / 1_000_000
            if channel.tick(at: deadline).contains(.unresponsive) { told.append(time) }
        }
        #expect(told == [3400])
        #expect(time == 5800)
        _ = channel.send(command, 9, at: Self.at(10_000))
        _ = channel.received(Array("OK\r\n".utf8), at: Self.at(10_001))
        _ = channel.send(command, 10, at: Self.at(11_000))
        #expect(channel.tick(at: Self.at(12_000)) == [.finished(10, command, .timedOut)])
    }

    @Test("Urgent commands overtake those that wait; the queue is bounded")
    func queue() {
        var channel = Channel(unsolicited: [])
        _ = channel.send(ATCommand("AT1"), 0, at: Self.at(0))
        for tag in 1...Channel.queueLimit - 2 { _ = channel.send(ATCommand("AT2"), tag, at: Self.at(0)) }
        _ = channel.send(ATCommand("ATH", isUrgent: true), 98, at: Self.at(0))
        _ = channel.send(ATCommand("AT+CEER", isUrgent: true), 99, at: Self.at(0))
        let late = ATCommand("AT3")
        #expect(channel.send(late, 100, at: Self.at(0)) == [.finished(100, late, .dropped)])
        let ok = Array("OK\r\n".utf8)
        #expect(channel.received(ok, at: Self.at(1)).last == Self.write("ATH"))
        #expect(channel.received(ok, at: Self.at(2)).last == Self.write("AT+CEER"))
        #expect(channel.received(ok, at: Self.at(3)).last == Self.write("AT2"))
    }

    @Test("A cancelled command is waited for and not told; dialling is given up with a character")
    func cancel() {
        var channel = Channel(unsolicited: [])
        _ = channel.send(ATCommand("ATD10010;", endsWithCall: true), 1, at: Self.at(0))
        _ = channel.send(ATCommand("ATH"), 2, at: Self.at(0))
        _ = channel.send(ATCommand("AT"), 3, at: Self.at(0))
        #expect(channel.cancel(3) == [])
        #expect(channel.cancel(1, abort: true) == [.write([0x0D])])
        #expect(
            channel.received(Array("\r\nNO CARRIER\r\n".utf8), at: Self.at(1)) == [
                .callResult(.noCarrier), Self.write("ATH"),
            ])
        #expect(channel.received(Array("\r\nOK\r\n".utf8), at: Self.at(2)).count == 1)
        #expect(channel.isIdle)
    }

    @Test("A prompt that nobody wanted is left with ESC")
    func prompt() {
        var channel = Channel(unsolicited: [])
        #expect(channel.received(Array("\r\n> ".utf8), at: Self.at(0)) == [.write([0x1B])])
    }

    @Test("A closed port drops what waits and forgets half a line")
    func reset() {
        var channel = Channel(unsolicited: [])
        let command = ATCommand("AT")
        _ = channel.send(command, 1, at: Self.at(0))
        _ = channel.send(command, 2, at: Self.at(0))
        _ = channel.received(Array("RI".utf8), at: Self.at(0))
        #expect(channel.reset() == [.finished(1, command, .dropped), .finished(2, command, .dropped)])
        #expect(channel.received(Array("NG\r\n".utf8), at: Self.at(1)) == [.unsolicited("NG")])
        #expect(channel.deadline == nil)
    }
}
