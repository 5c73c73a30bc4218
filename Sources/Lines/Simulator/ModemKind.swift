/// The families of modems that can be played. What differs between them stands here; sources are the vendors' manuals:
///
/// - `quectel`: Quectel EC2x&EG9x&EM05 AT Commands Manual, and the notes on voice over USB and UAC;
/// - `simcom`: SIMCom SIM7500_SIM7600 Series AT Command Manual, and its audio application note;
/// - `generic`: 3GPP TS 27.007 and ITU-T V.250, nothing else.
package enum ModemKind: String, Sendable, CaseIterable {
    case quectel, simcom, generic

    var manufacturer: String {
        switch self {
        case .quectel: "Quectel"
        case .simcom: "SIMCOM INCORPORATED"
        case .generic: "Generic"
        }
    }

    var model: String {
        switch self {
        case .quectel: "EC25"
        case .simcom: "SIMCOM_SIM7600CE"
        case .generic: "LTE modem"
        }
    }

    var revision: String {
        switch self {
        case .quectel: "EC25EFAR06A03M4G"
        case .simcom: "LE11B08SIM7600CE"
        case .generic: "1.0"
        }
    }

    /// Result lines of `ATI`.
    var identification: [String] {
        switch self {
        case .quectel: [manufacturer, model, "Revision: \(revision)"]
        case .simcom:
            [
                "Manufacturer: \(manufacturer)", "Model: \(model)", "Revision: \(revision)", "IMEI: \(Self.imei)",
                "+GCAP: +CGSM",
            ]
        case .generic: ["\(manufacturer) \(model)"]
        }
    }

    /// A made-up number from the range of test equipment.
    static let imei = "001010123456789"

    /// What the modem says by itself after its start, the card's state between both lists.
    var bootLines: (before: [String], after: [String]) {
        switch self {
        case .quectel: (["RDY", "+CFUN: 1"], ["+QUSIM: 1", "+QIND: SMS DONE", "+QIND: PB DONE"])
        case .simcom: (["RDY"], ["SMS DONE", "PB DONE"])
        case .generic: ([], [])
        }
    }

    /// Milliseconds between two `RING`, where neither script nor driver sets them. Quectel: pulse and pause of
    /// `QCFG="urc/ri/ring"`.
    var ringInterval: Int64 {
        switch self {
        case .quectel: 6000
        case .simcom: 5000
        case .generic: 4000
        }
    }

    /// `+CVHU` after the start: with 1, `ATH` is answered with OK and ignored (SIM7600 manual, ATH and AT+CVHU).
    var hangUpControl: Int { self == .simcom ? 1 : 0 }

    /// `+CHUP` ends waiting and held calls too (both vendors' manuals); TS 27.007 knows the current call alone.
    var hangUpEndsAll: Bool { self != .generic }

    /// `AT+CFUN=1,1` makes the USB device go away for a while.
    var resetDropsUSB: Bool { self != .generic }

    /// The modem hears keys in the speech and can report them.
    var detectsKeys: Bool { self != .generic }
}
