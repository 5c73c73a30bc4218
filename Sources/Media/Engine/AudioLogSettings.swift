import AudioLog

/// How the audio log's writer is doing, told when it changes.
public enum AudioLogHealth: Sendable {
    /// It cannot write or sync; it goes on trying, and what does not fit in memory meanwhile becomes a gap.
    case failing(MediaError)
    /// It can again.
    case recovered
}

/// Where and how the engine writes its audio log.
public struct AudioLogSettings: Sendable {
    /// The folder of the segment files; made where it is missing.
    public var folder: String
    /// The node's number, for the segments' headers.
    public var node: UInt16
    /// No segment gets a sequence number below this, also when the folder is empty.
    public var firstSequence: UInt64 = 1
    /// The next segment begins when one has reached so many bytes, or is so old.
    public var segmentBytes = AudioLogFormat.segmentSize
    public var segmentMilliseconds = 60_000
    /// Audio is handed to the kernel so often, milliseconds: what a killed process loses.
    public var flushMilliseconds = AudioLogFormat.flushMilliseconds
    /// Nothing waits longer than so many milliseconds to be made durable: what a power failure loses.
    public var syncMilliseconds = AudioLogFormat.syncMilliseconds
    /// Makes what seals the audio of a segment with such a tag; nil: it is written in the clear. On the writer's thread.
    public var sealer: @Sendable (_ tag: UInt64) -> AudioLogSealer? = { _ in nil }
    /// Told after each flush that wrote something, and when a segment is sealed; on the writer's thread.
    public var progress: @Sendable (AudioLogProgress) -> Void
    /// Told when writing fails and when it works again; on the writer's thread.
    public var health: @Sendable (AudioLogHealth) -> Void

    public init(
        folder: String, node: UInt16, progress: @escaping @Sendable (AudioLogProgress) -> Void = { _ in },
        health: @escaping @Sendable (AudioLogHealth) -> Void = { _ in }
    ) {
        self.folder = folder
        self.node = node
        self.progress = progress
        self.health = health
    }
}
