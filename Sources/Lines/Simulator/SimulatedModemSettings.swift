/// How a simulated modem is, before anybody talks to it. Times in milliseconds.
package struct SimulatedModemSettings: Sendable, Equatable {
    /// `+CREG`'s numbers (TS 27.007 §7.2).
    package enum Registration: String, Sendable, CaseIterable {
        case none, home, searching, denied, roaming

        var number: Int {
            switch self {
            case .none: 0
            case .home: 1
            case .searching: 2
            case .denied: 3
            case .roaming: 5
            }
        }

        var hasService: Bool { self == .home || self == .roaming }
    }

    package var kind: ModemKind
    /// Asked for at the start; nil: the card is open.
    package var pin: String?
    /// Unblocks a card whose PIN was wrong three times.
    package var puk = "00000000"
    package var hasCard = true
    /// What registration comes to once the card is ready.
    package var registration = Registration.home
    /// From a ready card to that state.
    package var registersAfter: Int64 = 1500
    /// `+CSQ`: 0…31, 99 unknown.
    package var signal = 23
    /// From power to the first word.
    package var bootMilliseconds: Int64 = 3000
    /// It runs already when the script begins; otherwise it boots then.
    package var isRunning = true
    /// From the end of a command to its answer.
    package var commandMilliseconds: Int64 = 15
    /// The same for `ATA` and `ATD`, which wait for the network.
    package var callMilliseconds: Int64 = 150
    /// SIMCom: from a call's beginning to the moment from which its sound channel can be opened.
    package var soundMilliseconds: Int64 = 250
    /// Between two lines of an answer.
    package var lineMilliseconds: Int64 = 2
    /// Of the random bytes.
    package var seed: UInt64 = 1

    package init(kind: ModemKind) { self.kind = kind }
}
