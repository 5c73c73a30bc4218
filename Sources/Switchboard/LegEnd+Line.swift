import Calls
import Lines

extension LegEnd {
    /// A line's word about the end, in the words of Calls.
    init(leg: LegID, release: LineRelease) {
        let cause: Cause =
            switch release.cause {
            case .cancelled: .cancelled
            case .remoteBye: .remoteBye
            case .local, .refused: .local
            case .noAck: .noAck
            case .sessionTimer: .sessionTimer
            case .carrierLost: .carrierLost
            case .rejected: .rejected
            case .failed: .failed
            }
        self.init(
            leg: leg, cause: cause, status: release.status, reason: release.reason, q850: release.q850,
            message: release.message)
    }
}
