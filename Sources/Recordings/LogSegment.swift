import AudioLog
import Calls

/// A segment of the audio log on its way into recordings.
struct LogSegment {
    var path: String
    var scanner = AudioLogScanner()
    var flushed: UInt64 = 0
    var isSealed = false
    var sealedAt: Instant?
    /// Left by an earlier run.
    var isOld = false
    /// Everything in it has been taken out.
    var isRead = false
    var isDamaged = false
    var failureTold = false
    var retryFailureTold = false
    var recordings = Set<RecordingID>()
    /// For blocks that are sealed.
    var opener: SegmentOpener?
    var sealDamageTold = false

    init(path: String) { self.path = path }
}
