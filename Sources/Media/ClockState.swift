import CLinux

/// What the kernel says of its wall clock (adjtimex(2)): how far the times in the journal can be trusted.
public struct ClockState: Sendable, Hashable {
    /// `kernel` (disciplined by NTP or PTP), `free_running`, or `unknown` where it cannot be asked.
    public var source: String
    public var isSynchronised: Bool
    /// What is still to be slewed away.
    public var offsetMicroseconds: Int
    /// The bound that the time daemon has told the kernel; grows while nobody corrects it.
    public var maximumErrorMicroseconds: Int

    /// Asks the kernel. Any thread.
    public static func read() -> ClockState {
        var state = hotline_clock_state()
        guard hotline_read_clock(&state) == 0 else {
            return ClockState(
                source: "unknown", isSynchronised: false, offsetMicroseconds: 0, maximumErrorMicroseconds: 0)
        }
        let isSynchronised = state.is_synchronised != 0
        return ClockState(
            source: isSynchronised ? "kernel" : "free_running", isSynchronised: isSynchronised,
            offsetMicroseconds: Int(state.offset_us), maximumErrorMicroseconds: Int(state.maximum_error_us))
    }
}
