import Media

/// The telephone at the far end of a simulated modem's sound card: it takes 20 ms of speech and gives what was heard
/// in the 20 ms before.
package protocol FarEndAudio: Sendable {
    /// Begins. Any thread; returns at once.
    /// - Throws: `MediaError` where it cannot.
    /// - Parameter tick: called every 20 ms on the telephone's own thread with 160 samples at 8,000 a second, nil where
    ///   none came in time; answers with the 160 to be said.
    func start(_ tick: @escaping @Sendable (_ heard: [Int16]?) -> [Int16]) throws(MediaError)

    /// No call of `tick` follows. May block for a tick.
    func stop()
}

extension SoundTerminal: FarEndAudio {}

/// What the far end says and hears, tick by tick. A value; belongs to the telephone's thread.
struct FarEndVoice: Sendable {
    static let samplesPerTick = 160
    /// RMS of a tick above which something is heard: about -44 dBm0, above the noise of coding, below any speech.
    private static let threshold = 140.0

    /// Speech flows. Without it the far end talks to nobody, and hears nothing.
    var isConnected = false
    private var queue: [Int16] = []
    private var position = 0

    /// Behind what is still to be said.
    mutating func say(_ samples: [Int16]) {
        if position > 0 {
            queue.removeFirst(position)
            position = 0
        }
        queue += samples
    }

    mutating func hush() {
        queue = []
        position = 0
    }

    /// - Returns: what goes to the sound card, what the far end hears, and whether that is loud.
    mutating func tick(_ heard: [Int16]?) -> (said: [Int16], heard: [Int16], isLoud: Bool) {
        let end = min(queue.count, position + Self.samplesPerTick)
        var said = Array(queue[position..<end])
        position = end
        let silence = [Int16](repeating: 0, count: Self.samplesPerTick)
        // What is said before the connection is lost, as on a real line: its time passes.
        guard isConnected else { return (silence, silence, false) }
        said += silence.dropFirst(said.count)
        let ears = heard ?? silence
        let energy = ears.reduce(0.0) { $0 + Double($1) * Double($1) }
        return (said, ears, (energy / Double(max(1, ears.count))).squareRoot() > Self.threshold)
    }
}
