/// The legs and recordings whose turn comes at the same moment of each tick: those of some of a media thread's calls, and
/// of each of these all.
struct EnginePhase: ~Copyable {
    let legs: UnsafeMutablePointer<LegPointer>
    var legCount = 0
    let recordings: UnsafeMutablePointer<RecordingPointer>
    var recordingCount = 0
    /// A leg was closed since lists were last looked through.
    var hasClosed = false

    init(maximumLegs: Int) {
        legs = .allocate(capacity: maximumLegs)
        recordings = .allocate(capacity: maximumLegs * 2)
    }

    deinit {
        // Only where a shutdown had to give up: the sink, or the disk, stood still.
        for index in 0..<legCount {
            legs[index].pointee.transport.close()
            Leg.free(legs[index])
        }
        legs.deallocate()
        recordings.deallocate()
    }
}
