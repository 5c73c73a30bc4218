/// The kind of file that recordings are finished to; all have one channel a tap, and the recording's own rate.
public enum RecordingFormat: String, Sendable, Codable, CaseIterable {
    /// FLAC, 16 bits, compression level 3: 10 to 16 kB a second of a stereo telephone call, the less the more silence.
    /// A recording without any sample becomes a WAV, since FLAC has no such thing.
    case flac
    /// WAV, 16-bit linear: 32 kB a second of a stereo telephone call.
    case wav
    /// WAV, A-law: 16 kB a second of a stereo telephone call.
    case wavALaw = "wav-alaw"

    /// The file name's ending, without the dot; also what the store calls the format.
    public var fileExtension: String { self == .flac ? "flac" : "wav" }

    /// Bytes that a second of a stereo call at 8 kHz takes, peaks and all; for estimates.
    public var bytesPerStereoSecond: Int {
        switch self {
        case .flac: 10_600
        case .wav: 32_200
        case .wavALaw: 16_200
        }
    }
}
