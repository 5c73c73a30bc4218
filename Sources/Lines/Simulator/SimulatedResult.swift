/// How a command ends.
enum SimulatedResult: Sendable, Equatable {
    case ok, error, ring, noCarrier, busy, noAnswer
    /// TS 27.007 §9.2.
    case equipment(Int)
    /// Nothing is answered; something else will come.
    case silent

    static let notAllowed = equipment(3)
    static let notSupported = equipment(4)
    static let noCard = equipment(10)
    static let pinNeeded = equipment(11)
    static let pukNeeded = equipment(12)
    static let wrongPassword = equipment(16)
    static let noService = equipment(30)
    static let unknown = equipment(100)

    /// With `+CMEE=0` an equipment error is `ERROR`; with 1 it has its number, with 2 its words.
    func text(errors: Int) -> String? {
        switch self {
        case .ok: "OK"
        case .error: "ERROR"
        case .ring: "RING"
        case .noCarrier: "NO CARRIER"
        case .busy: "BUSY"
        case .noAnswer: "NO ANSWER"
        case .equipment(let number):
            switch errors {
            case 1: "+CME ERROR: \(number)"
            case 2: "+CME ERROR: \(Self.words(number))"
            default: "ERROR"
            }
        case .silent: nil
        }
    }

    /// V.250's numbers, for `ATV0`; nil where the words stay.
    var number: Int? {
        switch self {
        case .ok: 0
        case .ring: 2
        case .noCarrier: 3
        case .error: 4
        case .busy: 7
        case .noAnswer: 8
        case .equipment, .silent: nil
        }
    }

    private static func words(_ number: Int) -> String {
        switch number {
        case 3: "operation not allowed"
        case 4: "operation not supported"
        case 10: "SIM not inserted"
        case 11: "SIM PIN required"
        case 12: "SIM PUK required"
        case 13: "SIM failure"
        case 16: "incorrect password"
        case 30: "no network service"
        default: "unknown"
        }
    }
}
