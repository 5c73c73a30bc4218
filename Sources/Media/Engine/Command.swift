import Calls

/// What the control plane asks of a media thread: plain values, and pointers that are handed over with them.
enum Command {
    case open(LegPointer)
    case configure(LegPointer, MediaSession)
    case start(LegPointer)
    case play(LegPointer, ProgramPointer)
    case stopPlay(LegPointer, PlayID)
    case hear(LegPointer, HearingList)
    case watchSilence(LegPointer, milliseconds: Int?)
    case sendKeys(LegPointer, PackedKeys)
    case startRecording(RecordingPointer)
    case stopRecording(RecordingID, phase: Int)
    case pauseRecordings(CallID, Bool, phase: Int)
    case close(LegPointer)
}

/// At most 64 keys in order, four bits each.
struct PackedKeys {
    static let capacity = 64
    private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    private(set) var count = 0

    /// nil where there are too many.
    init?(_ keys: [Key]) {
        guard keys.count <= Self.capacity else { return nil }
        for key in keys {
            let value = UInt64(key.rawValue) << UInt64(count % 16 * 4)
            switch count / 16 {
            case 0: words.0 |= value
            case 1: words.1 |= value
            case 2: words.2 |= value
            default: words.3 |= value
            }
            count += 1
        }
    }

    subscript(index: Int) -> Key? {
        let word =
            switch index / 16 {
            case 0: words.0
            case 1: words.1
            case 2: words.2
            default: words.3
            }
        return Key(rawValue: UInt8(truncatingIfNeeded: word >> UInt64(index % 16 * 4)) & 15)
    }
}
