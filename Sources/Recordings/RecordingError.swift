import Calls

/// What went wrong with recordings. The audio itself is never given up with an error: segments and partial files stay
/// until a finished file is confirmed.
public struct RecordingError: Error, Sendable, Hashable, CustomStringConvertible {
    public struct Code: Sendable, Hashable {
        public let name: String
        public init(_ name: String) { self.name = name }
        /// A folder cannot be made or listed.
        public static let folder = Code("folder")
        /// A segment of the audio log cannot be read.
        public static let segment = Code("segment")
        /// A partial file or its index cannot be written or read.
        public static let partial = Code("partial")
        /// The finished file cannot be written.
        public static let finish = Code("finish")
        /// The recording holds audio that cannot be decoded, or of several rates.
        public static let codec = Code("codec")
        /// A finished file cannot be read.
        public static let read = Code("read")
        /// A file is no archive that can be used.
        public static let archive = Code("archive")
        /// An evidence bundle cannot be written.
        public static let bundle = Code("bundle")
        /// A finished file is not there.
        public static let missing = Code("missing")
        /// A finished file is not as it was finished.
        public static let altered = Code("altered")
        /// The key file cannot be used, or has not the key that a file is encrypted with.
        public static let key = Code("key")
        /// Too little room on the disk for something that can wait.
        public static let room = Code("room")
        /// Too much is asked for at once.
        public static let busy = Code("busy")
    }
    public var code: Code
    /// For people: what, which file, and what to do.
    public var message: String
    /// The system's error number, where a call failed; `ENOSPC` where the disk is full.
    public var errno: Int32?
    /// The recording that could not be finished. Nil for troubles of the audio log as a whole, which are tried again
    /// and cost no recording.
    public var recording: RecordingID?
    public var call: CallID?

    public init(
        _ code: Code, _ message: String, errno: Int32? = nil, recording: RecordingID? = nil, call: CallID? = nil
    ) {
        self.code = code
        self.message = message
        self.errno = errno
        self.recording = recording
        self.call = call
    }

    public var description: String { "\(message) [recordings.\(code.name)\(errno.map { ", errno \($0)" } ?? "")]" }
}
