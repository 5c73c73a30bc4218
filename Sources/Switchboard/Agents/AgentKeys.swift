import Calls

/// The feature codes of a running call, keyed on the serving agent's phone: `*1` hold and resume, `*2 number #`
/// consult, `*3 number #` blind transfer, `*0` to the shift leader, `*6` wrong number, `*7` nuisance warning, `*8 degree`
/// angry caller, `*#` pauses the recording and lets it go on; in a consultation `*4` hands the caller over, `*5` joins all three, `*9` takes the caller back.
struct AgentKeys: Sendable, Hashable {
    enum Wish: Sendable, Hashable {
        case hold
        case consult(String)
        case transfer(String)
        case shiftLeader
        case complete, conference, cancel
        case mark(CallMark, degree: Int?)
        /// The recording pauses, or goes on.
        case pause
    }

    /// Keys further apart than this do not belong together, milliseconds.
    static let patienceMilliseconds: Int64 = 5000
    static let mostDigits = 20

    private var keys = ""
    private var last: Instant?

    /// - Returns: what the agent wants, once a code is complete.
    mutating func press(_ key: Character, at now: Instant) -> Wish? {
        if let last, now.milliseconds(since: last) > Self.patienceMilliseconds { keys = "" }
        last = now
        if keys.isEmpty {
            if key == "*" { keys = "*" }
            return nil
        }
        if keys == "*" { return begin(key) }
        if keys == "*8" {
            keys = key == "*" ? "*" : ""
            guard let degree = key.wholeNumberValue, CallMark.degrees.contains(degree) else { return nil }
            return .mark(.angry, degree: degree)
        }
        if key == "#" {
            defer { keys = "" }
            let number = String(keys.dropFirst(2))
            guard !number.isEmpty else { return nil }
            return keys.hasPrefix("*2") ? .consult(number) : .transfer(number)
        }
        if key == "*" || keys.count >= Self.mostDigits + 2 {
            keys = key == "*" ? "*" : ""
            return nil
        }
        keys.append(key)
        return nil
    }

    private mutating func begin(_ key: Character) -> Wish? {
        switch key {
        case "2", "3", "8":
            keys.append(key)
            return nil
        default:
            keys = ""
            switch key {
            case "0": return .shiftLeader
            case "1": return .hold
            case "4": return .complete
            case "5": return .conference
            case "6": return .mark(.wrongNumber, degree: nil)
            case "7": return .mark(.nuisance, degree: nil)
            case "9": return .cancel
            case "#": return .pause
            default: return nil
            }
        }
    }
}
