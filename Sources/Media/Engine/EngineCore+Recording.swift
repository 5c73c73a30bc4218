import AudioLog
import Calls

/// The tap: both directions of a leg, at playout, onto a recording's channels. All channels of a recording advance
/// together with the tick, so that they cannot drift.
extension EngineCore {
    /// Begins and ends what the commands of this tick asked for, before any leg runs: a recording's sample 0 is in
    /// the tick that begins it, and the tick that ends it is no longer in it.
    mutating func settleRecordings() {
        var index = 0
        while index < recordingCount {
            let recording = recordings[index]
            if recording.pointee.live.pointee.hasEnded {
                guard end(recording) else {
                    index += 1
                    continue
                }
                recordingCount -= 1
                recordings[index] = recordings[recordingCount]
            } else {
                if !recording.pointee.live.pointee.hasBegun { begin(recording) }
                if recording.pointee.live.pointee.hasBegun { settlePause(recording) }
                index += 1
            }
        }
    }

    /// The recordings of a call are paused, or about to be.
    func isPaused(_ call: CallID) -> Bool {
        for index in 0..<recordingCount
        where recordings[index].pointee.call == call && recordings[index].pointee.live.pointee.wantsPause {
            return true
        }
        return false
    }

    /// A pause takes effect in its tick, and is told as soon as there is room; its end takes effect in the tick in which
    /// it can be told, so that no stretch of silence goes untold, and none is cut short.
    private mutating func settlePause(_ recording: RecordingPointer) {
        let live = recording.pointee.live
        if live.pointee.wantsPause, !live.pointee.isPaused {
            live.pointee.isPaused = true
            live.pointee.untoldPause = live.pointee.position
        }
        guard tellPause(recording), live.pointee.isPaused, !live.pointee.wantsPause,
            post(event(of: recording, .recordingResumed(recording.pointee.id)))
        else { return }
        live.pointee.isPaused = false
    }

    /// False where the beginning of a pause is still to be told.
    private mutating func tellPause(_ recording: RecordingPointer) -> Bool {
        guard let position = recording.pointee.live.pointee.untoldPause else { return true }
        var paused = event(of: recording, .recordingPaused(recording.pointee.id))
        paused.position = AudioPosition(units: position)
        guard post(paused) else { return false }
        recording.pointee.live.pointee.untoldPause = nil
        return true
    }

    /// Copies this tick of every recording's channels into the ring.
    mutating func tap() {
        for index in 0..<recordingCount where recordings[index].pointee.live.pointee.isRunning {
            advance(recordings[index])
        }
    }

    /// The leg is closed: its channels fall silent, and recordings that have no other leg end.
    mutating func leaveRecordings(_ leg: LegPointer) {
        for index in 0..<recordingCount {
            let recording = recordings[index]
            var others = false
            for number in 0..<recording.pointee.count {
                let channel = recording.pointee.channels + number
                if channel.pointee.leg == leg { channel.pointee.leg = nil }
                if channel.pointee.leg != nil { others = true }
            }
            if !others { recording.pointee.live.pointee.hasEnded = true }
        }
        leg.pointee.recording = nil
    }

    /// A start must be in the log before the audio. Where the ring is full, the recording begins a tick later.
    private mutating func begin(_ recording: RecordingPointer) {
        let frame = TapFrame(kind: .start, recording: recording, position: 0, at: now)
        guard shared.pointee.tap.push(frame, payload: nil) else { return }
        recording.pointee.live.pointee.hasBegun = true
        for number in 0..<recording.pointee.count {
            if let leg = recording.pointee.channels[number].leg, leg.pointee.recording == nil {
                leg.pointee.recording = recording
            }
        }
        if !post(event(of: recording, .recordingStarted(recording.pointee.id))) { figures.eventsLost &+= 1 }
    }

    /// False where the end has to be tried again in the next tick: it is never lost.
    private mutating func end(_ recording: RecordingPointer) -> Bool {
        detach(recording)
        guard tellPause(recording) else { return false }
        let stopped = event(of: recording, .recordingStopped(recording.pointee.id))
        guard recording.pointee.live.pointee.hasBegun else {
            // Nothing of it is in the log.
            guard post(stopped) else { return false }
            shared.pointee.returned.push(recording.pointee.link)
            return true
        }
        let frame = TapFrame(
            kind: .end, recording: recording, position: recording.pointee.live.pointee.position, at: now)
        // This thread alone fills the rings, so that what has room now still has it two lines on. Behind the push the
        // recording is the writer's.
        guard shared.pointee.events.hasRoom, shared.pointee.tap.push(frame, payload: nil) else { return false }
        return post(stopped)
    }

    /// Its legs' events speak of another recording from now on, or of none.
    private func detach(_ recording: RecordingPointer) {
        for number in 0..<recording.pointee.count {
            guard let leg = recording.pointee.channels[number].leg, leg.pointee.recording == recording else { continue }
            leg.pointee.recording = nil
            for index in 0..<recordingCount where recordings[index].pointee.live.pointee.isRunning {
                let other = recordings[index]
                for place in 0..<other.pointee.count where other.pointee.channels[place].leg == leg {
                    leg.pointee.recording = leg.pointee.recording ?? other
                }
            }
        }
    }

    private func event(of recording: RecordingPointer, _ kind: MediaEvent.Kind) -> MediaEvent {
        MediaEvent(
            leg: recording.pointee.channels[0].id, call: recording.pointee.call, at: now,
            position: AudioPosition(units: recording.pointee.live.pointee.position), kind: kind)
    }

    private mutating func advance(_ recording: RecordingPointer) {
        let position = recording.pointee.live.pointee.position
        let isPaused = recording.pointee.live.pointee.isPaused
        for number in 0..<recording.pointee.count {
            let channel = recording.pointee.channels + number
            var frame = TapFrame(
                kind: .audio, channel: UInt8(truncatingIfNeeded: number), recording: recording, position: position)
            let payload: UnsafePointer<UInt8>
            if let leg = channel.pointee.leg {
                let isReceived = channel.pointee.tap == .received
                channel.pointee.codec = leg.pointee.codec
                payload = UnsafePointer(isReceived ? leg.pointee.received : leg.pointee.sent)
                frame.flags = isReceived ? leg.pointee.receivedFlags : leg.pointee.sentFlags
            } else {
                // The leg is gone; the others' time goes on.
                payload = scratch.silence(channel.pointee.codec)
                frame.flags = UInt8(truncatingIfNeeded: AudioLogBlock.Flags.silent.rawValue)
            }
            frame.codec = channel.pointee.codec.rawValue
            if isPaused {
                // A-law has no zero: its smallest step would stand in the file.
                frame.codec = Codec.pcmu.rawValue
                frame.flags = UInt8(truncatingIfNeeded: AudioLogBlock.Flags.paused.rawValue)
            }
            if shared.pointee.tap.push(frame, payload: isPaused ? scratch.silence(.pcmu) : payload) {
                figures.frames &+= 1
            } else {
                figures.framesLost &+= 1
            }
        }
        recording.pointee.live.pointee.position = position &+ AudioPosition.tick.units
    }
}
