import Calls

/// What the control plane asked for since the last turn.
extension EngineCore {
    mutating func obey() {
        // What comes in while we work waits for the next turn, so that nobody can keep us here.
        var left = shared.pointee.commands.count
        while left > 0, let command = shared.pointee.commands.pop() {
            left -= 1
            figures.commands &+= 1
            obey(command)
        }
    }

    private mutating func obey(_ command: Command) {
        switch command {
        case .open(let leg):
            enter(leg.pointee.phase)
            leg.pointee.index = legCount
            legs[legCount] = leg
            legCount += 1
            control.watch(leg)
        case .configure(let leg, let session):
            leg.pointee.configure(session, at: now.mono)
        case .start(let leg):
            guard !leg.pointee.isStarted else { return }
            leg.pointee.isStarted = true
            leg.pointee.receiver.start(at: now.mono)
            if let link = leg.pointee.sound { link.pointee.begin() }
            leg.pointee.scheduleReport(after: now.mono, first: true)
        case .play(let leg, let program):
            stopPlay(leg, key: nil)
            leg.pointee.player.begin(program)
            leg.pointee.toldPlay = false
        case .stopPlay(let leg, let id):
            if leg.pointee.player.program?.pointee.id == id { stopPlay(leg, key: nil) }
        case .hear(let leg, let list):
            leg.pointee.hears = list
        case .watchSilence(let leg, let milliseconds):
            leg.pointee.receiver.watchSilence(afterMilliseconds: milliseconds)
        case .sendKeys(let leg, let keys):
            sendKeys(leg, keys)
        case .startRecording(let recording):
            enter(recording.pointee.phase)
            // A pause is the call's: what begins in it begins with silence.
            recording.pointee.live.pointee.wantsPause = isPaused(recording.pointee.call)
            recordings[recordingCount] = recording
            recordingCount += 1
        case .pauseRecordings(let call, let isPaused, let phase):
            enter(phase)
            for index in 0..<recordingCount where recordings[index].pointee.call == call {
                recordings[index].pointee.live.pointee.wantsPause = isPaused
            }
        case .stopRecording(let id, let phase):
            enter(phase)
            for index in 0..<recordingCount where recordings[index].pointee.id == id {
                recordings[index].pointee.live.pointee.hasEnded = true
            }
        case .close(let leg):
            close(leg)
        }
    }

    /// Ends the play under way, if there is one, and hands its program back.
    mutating func stopPlay(_ leg: LegPointer, key: Key?) {
        let played = leg.pointee.player.playedMilliseconds
        guard let program = leg.pointee.player.take() else { return }
        tell(leg, .playStopped(program.pointee.id, key: key, playedMilliseconds: played))
        shared.pointee.returned.push(program.pointee.link)
    }

    private mutating func sendKeys(_ leg: LegPointer, _ keys: PackedKeys) {
        let asEvents = leg.pointee.receiver.session?.telephoneEventPayloadType != nil
        for index in 0..<keys.count {
            guard let key = keys[index] else { continue }
            // More than 64 waiting keys are more than anybody dials; those beyond are left out.
            if asEvents {
                _ = leg.pointee.eventKeys.append(key)
            } else {
                _ = leg.pointee.inbandKeys.append(key)
            }
        }
    }

    private mutating func close(_ leg: LegPointer) {
        guard !leg.pointee.isClosing else { return }
        enter(leg.pointee.phase)
        stopPlay(leg, key: nil)
        sayBye(leg)
        control.forget(leg)
        if let link = leg.pointee.sound { link.pointee.end() }
        leg.pointee.isClosing = true
        hasClosed = true
        leaveRecordings(leg)
    }

    /// Legs that are closing are taken out of all lists, once a turn however many close: behind this turn they belong
    /// to somebody else.
    mutating func dropClosing() {
        guard hasClosed else { return }
        hasClosed = false
        for index in 0..<legCount {
            let leg = legs[index]
            if leg.pointee.isClosing {
                leg.pointee.hears = HearingList()
            } else if leg.pointee.hears.count > 0 {
                leg.pointee.hears.dropClosing()
            }
        }
    }
}
