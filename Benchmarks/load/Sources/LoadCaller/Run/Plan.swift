/// What a run is to do. Times in nanoseconds, rates a second.
package struct Plan: Sendable {
    package var target = SIPURI(user: "95598", host: "127.0.0.1", port: 5060)
    package var calls = 1
    package var rate = 50.0
    /// How long all calls are up at once, after `settle`.
    package var steady: Int64 = 10_000_000_000
    package var settle: Int64 = 2_000_000_000
    /// Each call is held so long from its answer, instead of all until the end of `steady`.
    package var hold: Int64?
    package var releaseRate: Double?
    /// A call that is not answered within so long has failed.
    package var patience: Int64 = 20_000_000_000
    package var laws: [G711.Law] = [.pcma, .pcmu]
    /// The first caller's number; each further one's is one higher.
    package var from = "13900000000"

    package var speech: String?
    package var expect: [ExpectedFile] = []
    package var keys: [(key: Character, at: Int64)] = []
    package var keyLength: Int64 = 100_000_000
    package var keep: Int64 = 60_000_000_000
    /// The server may hang up first.
    package var serverHangsUp = false
    package var takesAnySource = false

    package var phones: [Phone] = []
    package var answerAfter: Int64 = 500_000_000
    /// So many calls are answered at once, whoever is called: the far end of another caller, by which that one is tried.
    package var serves = 0
    package var sipPort: UInt16 = 0
    /// Waits for a line on standard input after the phones have registered.
    package var pauses = false

    package var bind: UInt32?
    package var ports: ClosedRange<UInt16> = 33_000...60_999
    package var threads = 1
    package var cpus: [Int] = []
    package var nice: Int?
    /// Voice goes out by `RawSender`.
    package var sendsRaw = false
    package var floor: Int64 = 5_000_000_000
    package var serverProcess: Int?

    package var thresholds = Thresholds()
    package var json: String?
    package var listsCalls = false
    package var title: String?

    package init() {}

    /// One agent's phone.
    package struct Phone: Sendable, Hashable {
        package var user: String
        package var password: String
        package init(user: String, password: String) {
            self.user = user
            self.password = password
        }
    }

    /// One prompt of `--expect`.
    package struct ExpectedFile: Sendable, Hashable {
        package var path: String
        package var key: Int?
        package var loops: Bool
    }

    /// Legs that may be needed: a phone may be offered a second call where the first one broke off.
    var legs: Int { calls + phones.count * 2 + serves }

    /// How long the longest leg may live, seconds.
    var longest: Double {
        if serves > 0 { return 300 }
        let ramp = Double(calls) / rate
        let release = Double(calls) / (releaseRate ?? rate)
        let up = Double(hold ?? (steady + settle)) / 1e9
        return hold == nil ? ramp + up + release + 90 : up + 60
    }
}

/// What a server has to keep, and at which the caller itself is saturated.
package struct Thresholds: Sendable, Hashable, Codable {
    /// Of the packets, the greatest share that may be missing.
    package var missing = 0.001
    /// Milliseconds that the lateness' 99th percentile may lie above the machine's timer floor.
    package var lateness = 5.0
    /// Of the caller: milliseconds that its own sending's 99th percentile may lie above the floor.
    package var sending = 5.0
    /// Of the caller: the share of a processor that a thread of its own may take.
    package var thread = 0.85
    /// Of the caller: milliseconds that an INVITE's 99th percentile may be late.
    package var inviting = 20.0
    /// Of the machine: milliseconds of its timer floor's 99th percentile above which nothing can be judged on it.
    package var floor = 20.0
    /// Of the machine: milliseconds that it stood still during the run, seen by the floor's thread.
    package var standstill = 500.0

    package init() {}

    enum CodingKeys: String, CodingKey {
        case missing = "missing_share"
        case lateness = "lateness_above_floor_ms"
        case sending = "caller_lateness_above_floor_ms"
        case thread = "caller_thread_share"
        case inviting = "caller_invite_lateness_ms"
        case floor = "machine_floor_ms"
        case standstill = "machine_standstill_ms"
    }
}
