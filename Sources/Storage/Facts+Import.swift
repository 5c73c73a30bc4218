import Calls

/// A recording of another telephone system was taken in, with the call that its record of calls (CDR) tells of. What is
/// said here of the call is that system's word, not ours: nothing of it was seen by this program, and no norm is judged by
/// it. What is ours begins with `at`: since then the file has been as its hash says.
public struct RecordingImported: Sendable, Codable, Hashable {
    /// The audio as it was found.
    public struct Source: Sendable, Codable, Hashable {
        /// Its name below the folder that was imported.
        public var file: String
        /// Lower-case hex, of the file as it was.
        public var sha256: String
        public var bytes: Int64
        /// `wav`, `flac`, `mp3`, `opus`, `vorbis`.
        public var format: String

        public init(file: String, sha256: String, bytes: Int64, format: String) {
            self.file = file
            self.sha256 = sha256
            self.bytes = bytes
            self.format = format
        }
    }

    /// The row of the file of records.
    public struct Record: Sendable, Codable, Hashable {
        /// That file's name, without its folder.
        public var file: String
        /// 1: the first.
        public var line: Int
        /// Lower-case hex, of what was read of the row.
        public var sha256: String
        /// The other system's own name of the call.
        public var id: String?
        /// As it stands there: `ANSWERED`, `NORMAL_CLEARING`, …
        public var disposition: String?

        public init(file: String, line: Int, sha256: String, id: String? = nil, disposition: String? = nil) {
            self.file = file
            self.line = line
            self.sha256 = sha256
            self.id = id
            self.disposition = disposition
        }
    }

    /// The line's name of every call that was imported.
    public static let line = "imported"

    public var recording: RecordingID
    public var call: CallID
    /// When it was taken in.
    public var at: Instant
    /// `asterisk`, `freepbx`, `freeswitch`, or as a mapping of one's own says.
    public var system: String
    public var direction: Direction
    /// Normalised number; nil where withheld.
    public var caller: String?
    public var called: String
    /// Who spoke for the hotline, where the record tells.
    public var agent: WorkNumber?
    /// Unix time in microseconds, by the other system's clock.
    public var began: Int64
    public var answered: Int64
    /// From the answer, as the record says.
    public var seconds: Int
    public var channels: [RecordingPlanned.Channel]
    /// Below the data folder's `recordings/`.
    public var file: String
    /// `flac`.
    public var format: String
    public var rate: Int
    /// Samples in each channel.
    public var frames: Int64
    public var bytes: Int64
    /// Lower-case hex, of the file as it is kept.
    public var sha256: String
    public var source: Source
    public var record: Record

    public init(
        recording: RecordingID, call: CallID, at: Instant, system: String, direction: Direction, caller: String?,
        called: String, agent: WorkNumber?, began: Int64, answered: Int64, seconds: Int,
        channels: [RecordingPlanned.Channel], file: String, format: String, rate: Int, frames: Int64, bytes: Int64,
        sha256: String, source: Source, record: Record
    ) {
        self.recording = recording
        self.call = call
        self.at = at
        self.system = system
        self.direction = direction
        self.caller = caller
        self.called = called
        self.agent = agent
        self.began = began
        self.answered = answered
        self.seconds = seconds
        self.channels = channels
        self.file = file
        self.format = format
        self.rate = rate
        self.frames = frames
        self.bytes = bytes
        self.sha256 = sha256
        self.source = source
        self.record = record
    }

    /// The file's length; a rate need not divide 48,000.
    var length: AudioPosition {
        let (seconds, rest) = frames.quotientAndRemainder(dividingBy: Int64(max(1, rate)))
        let unit = AudioPosition.unitsPerSecond
        return AudioPosition(units: seconds * unit + rest * unit / Int64(max(1, rate)))
    }
}
