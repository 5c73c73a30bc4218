import Media

/// The rows of the torture table: what a press can look like on the wire, and what it must be told as.
enum TelephoneEventRows {
    /// One packet: milliseconds, sequence, timestamp, event, duration, flags `m` (marker) and `e` (end).
    struct P: Sendable {
        var at: Int64
        var sequence: Int64
        var timestamp: UInt32
        var event: UInt8
        var duration: UInt16
        var flags: String
        var volume: UInt8 = 10

        init(
            _ at: Int64, _ sequence: Int64, _ timestamp: UInt32, _ event: UInt8, _ duration: UInt16,
            _ flags: String = ""
        ) {
            self.at = at
            self.sequence = sequence
            self.timestamp = timestamp
            self.event = event
            self.duration = duration
            self.flags = flags
        }

        var payload: [UInt8] {
            [event, (flags.contains("e") ? 0x80 : 0) | volume, UInt8(duration >> 8), UInt8(duration & 255)]
        }
    }

    struct Row: CustomStringConvertible, Sendable {
        var description: String
        var packets: [P]
        /// `5+` is the key's beginning, `5-100` its end after so many milliseconds.
        var expected: String
    }

    /// A press as it should be: five packets, 20 ms each, then the end three times.
    static func press(_ event: UInt8, at: Int64 = 0, sequence: Int64 = 1, timestamp: UInt32 = 8000) -> [P] {
        (0..<8).map { (index: Int) -> P in
            let step = Int64(index)
            let flags = index == 0 ? "m" : index > 4 ? "e" : ""
            return P(at + step * 20, sequence + step, timestamp, event, UInt16(min(index + 1, 5) * 160), flags)
        }
    }

    /// Updates every 20 ms of a key held down, in ticks; beyond 65,535 units by the rule given.
    enum Long { case segments, wraps }
    static func held(_ event: UInt8, _ ticks: Range<Int>, start: UInt32 = 1000, _ rule: Long = .segments) -> [P] {
        ticks.map { (index: Int) -> P in
            let units = (index + 1) * 160
            let at = Int64(index) * 20
            if rule == .wraps { return P(at, Int64(index), start, event, UInt16(truncatingIfNeeded: units)) }
            if units <= 0xFFFF { return P(at, Int64(index), start, event, UInt16(units)) }
            return P(at, Int64(index), start &+ 0xFFFF, event, UInt16(units - 0xFFFF))
        }
    }

    /// A sender that lets the timestamp run.
    static func running(_ event: UInt8) -> [P] {
        (0..<5).map { (index: Int) -> P in
            P(Int64(index) * 20, Int64(index), 1000 + UInt32(index) * 160, event, UInt16((index + 1) * 160))
        }
    }

    static func without(_ lost: Set<Int>, _ packets: [P]) -> [P] {
        packets.enumerated().filter { !lost.contains($0.offset) }.map(\.element)
    }

    static func order(_ order: [Int], _ packets: [P]) -> [P] { order.map { packets[$0] } }

    static func changed(_ packets: [P], _ change: (inout P) -> Void) -> [P] {
        packets.map { packet in
            var packet = packet
            change(&packet)
            return packet
        }
    }

    static func unmarked(_ packets: [P]) -> [P] {
        changed(packets) { $0.flags = $0.flags.replacing("m", with: "") }
    }

    static let all: [Row] = onePress + twoPresses + long + odd

    private static func add(_ rows: inout [Row], _ name: String, _ packets: [P], _ expected: String) {
        rows.append(Row(description: name, packets: packets, expected: expected))
    }

    static let onePress: [Row] = {
        var rows: [Row] = []
        let five = press(5)
        let whole = "5+ 5-100"
        add(&rows, "a press as it should be", five, whole)
        add(&rows, "without marker bit", unmarked(five), whole)
        add(&rows, "marker bit on every packet", changed(five) { $0.flags += "m" }, whole)
        add(&rows, "the first packet lost", without([0], five), whole)
        add(&rows, "the first four lost", without([0, 1, 2, 3], five), whole)
        add(&rows, "all lost but one end", without([0, 1, 2, 3, 4, 5, 7], five), whole)
        add(&rows, "all lost but the first", without([1, 2, 3, 4, 5, 6, 7], five), "5+ 5-20")
        add(&rows, "two ends lost", without([5, 6], five), whole)
        add(&rows, "all ends lost: time-out", without([5, 6, 7], five), whole)
        add(&rows, "every second packet lost", without([0, 2, 4, 6], five), whole)
        add(&rows, "every packet twice", five.flatMap { [$0, $0] }, whole)
        add(&rows, "every packet three times, later", five + five + five, whole)
        add(&rows, "neighbours swapped", order([1, 0, 3, 2, 5, 4, 7, 6], five), whole)
        add(&rows, "backwards", order([7, 6, 5, 4, 3, 2, 1, 0], five), whole)
        add(&rows, "the end before everything", order([5, 0, 1, 2, 3, 4, 6, 7], five), whole)
        add(&rows, "a straggler a second later", five + [P(1000, 2, 8000, 5, 320)], whole)
        add(&rows, "the same with a marker", five + [P(1000, 1, 8000, 5, 160, "m")], whole)
        add(&rows, "an end a second later", five + [P(1000, 8, 8000, 5, 800, "e")], whole)
        add(&rows, "volume is of no account", changed(five) { $0.volume = 63 }, whole)
        add(&rows, "the reserved bit is of no account", changed(five) { $0.volume |= 0x40 }, whole)
        let start = P(0, 1, 8000, 6, 0, "m")
        add(&rows, "no duration at first", [start, P(50, 2, 8000, 6, 400), P(100, 3, 8000, 6, 800, "e")], "6+ 6-100")
        add(&rows, "an end without any duration", [P(0, 1, 8000, 6, 0, "me")], "6+ 6-0")
        let tail = [P(400, 20, 8000, 6, 3360), P(450, 21, 8000, 6, 3600, "e")]
        add(&rows, "packets after a time-out", [P(0, 1, 8000, 6, 160, "m")] + tail, "6+ 6-20")
        return rows
    }()

    static let twoPresses: [Row] = {
        var rows: [Row] = []
        let first = press(1)
        // 40 ms after the first one's end.
        let again = press(1, at: 160, sequence: 20, timestamp: 9120)
        let other = press(2, at: 160, sequence: 20, timestamp: 9120)
        let twice = "1+ 1-100 1+ 1-100"
        let ends: Set<Int> = [5, 6, 7]
        add(
            &rows, "two different keys", first + press(2, at: 300, sequence: 20, timestamp: 10_400), "1+ 1-100 2+ 2-100"
        )
        add(&rows, "the same key twice quickly", first + again, twice)
        add(&rows, "the same key twice without markers", unmarked(first + again), twice)
        add(&rows, "the first one's ends lost", without(ends, first) + again, twice)
        add(&rows, "and the second one's marker", without(ends, first) + without([0], again), twice)
        let onlyFirst = without([1, 2, 3, 4, 5, 6, 7], first)
        add(&rows, "of the first only its first packet", onlyFirst + without([0], again), "1+ 1-20 1+ 1-100")
        add(&rows, "of both only one packet", onlyFirst + [again[3]], "1+ 1-20 1+ 1-80")
        let middle = [P(400, 15, 11_000, 2, 800, "e")]
        add(
            &rows, "three keys, of the second one end",
            first + middle + press(3, at: 500, sequence: 30, timestamp: 13_000),
            "1+ 1-100 2+ 2-100 3+ 3-100")
        let late = [other[0], P(161, 8, 8000, 1, 800, "e"), P(162, 7, 8000, 1, 800, "e")] + without([0], other)
        add(
            &rows, "ends of the first behind the second's beginning", Array(first.prefix(5)) + late, "1+ 1-100 2+ 2-100"
        )
        add(&rows, "the same, nothing else of the first: late, but once", late, "2+ 1+ 1-100 2-100")
        add(
            &rows, "timestamps wrap around between presses",
            press(1, timestamp: 0xFFFF_FF00) + press(1, at: 300, sequence: 20, timestamp: 2144), twice)
        add(
            &rows, "the sender's clock begins anew",
            press(1, timestamp: 900_000) + press(2, at: 5000, sequence: 250, timestamp: 160), "1+ 1-100 2+ 2-100")
        var all: [P] = []
        for key in 0..<16 {
            let number = Int64(key)
            all += press(UInt8(key), at: number * 200, sequence: number * 10, timestamp: UInt32(key) * 1600)
        }
        add(&rows, "every key", all, "0123456789*#ABCD".map { "\($0)+ \($0)-100" }.joined(separator: " "))
        return rows
    }()

    static let long: [Row] = {
        var rows: [Row] = []
        add(&rows, "three seconds", held(9, 0..<150) + [P(3000, 150, 1000, 9, 24_000, "e")], "9+ 9-3000")
        let sparse = [
            P(0, 0, 8000, 4, 160, "m"), P(50, 1, 8000, 4, 560), P(230, 5, 8000, 4, 2000), P(400, 8, 8000, 4, 3360),
        ]
        add(
            &rows, "updates every 50 ms, three lost on end", sparse + [P(450, 9, 8000, 4, 3600, "e")], "4+ 4-450")
        let last = P(8400, 420, 1000 + 0xFFFF, 7, UInt16(420 * 160 - 0xFFFF), "e")
        add(&rows, "two segments (§2.5.1.3)", held(7, 0..<420) + [last], "7+ 7-8400")
        add(&rows, "two segments, all ends lost", held(7, 0..<420), "7+ 7-8400")
        add(&rows, "the first segment's last packets lost", held(7, 0..<404) + held(7, 410..<420) + [last], "7+ 7-8400")
        add(&rows, "a pause at the segment's border, timed out", held(7, 0..<395) + held(7, 412..<420), "7+ 7-7900")
        add(
            &rows, "three segments with wrap-around",
            held(7, 0..<420, start: 0xFFFF_F000)
                + [
                    P(8400, 420, 0xFFFF_F000 &+ 2 * 0xFFFF, 7, 160),
                    P(8420, 421, 0xFFFF_F000 &+ 2 * 0xFFFF, 7, 320, "e"),
                ],
            "7+ 7-\((2 * 0xFFFF + 320) / 8)")
        add(
            &rows, "no segments: the duration wraps",
            held(7, 0..<420, .wraps) + [P(8400, 420, 1000, 7, UInt16(truncatingIfNeeded: 420 * 160), "e")], "7+ 7-8400")
        let swapped = held(7, 0..<409, .wraps) + order([1, 0], held(7, 409..<411, .wraps)) + held(7, 411..<420, .wraps)
        add(&rows, "the same, reordered at the wrap", swapped, "7+ 7-8400")
        return rows
    }()

    static let odd: [Row] = {
        var rows: [Row] = []
        add(&rows, "the timestamp runs with each packet", running(3), "3+ 3-180")
        add(&rows, "the same, reordered", order([0, 2, 1, 4, 3], running(3)), "3+ 3-180")
        let still = press(1, timestamp: 0)
        let after = press(2, at: 300, sequence: 20, timestamp: 0)
        add(&rows, "the clock stands still: two keys with one timestamp", still + after, "1+ 1-100 2+ 2-100")
        let same = press(1, at: 300, sequence: 20, timestamp: 0)
        add(&rows, "and the same key twice with one timestamp", still + same, "1+ 1-100 1+ 1-100")
        let others: [UInt8] = [16, 32, 64, 120, 255]
        add(&rows, "events that are no keys", others.map { P(0, 1, 8000, $0, 800, "e") }, "")
        let flashed = press(5).flatMap { [$0, P($0.at, $0.sequence, $0.timestamp, 16, 800, "e")] }
        add(&rows, "a flash within a press changes nothing", flashed, "5+ 5-100")
        return rows
    }()
}
