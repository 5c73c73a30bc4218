import Calls

/// What the far end says, presses and waits for.
extension ScriptedFarEnd {
    /// Both ends are connected.
    mutating func converse() {
        guard let call = current else { return }
        if let path = call.conversation.record { outputs.append(.record(path)) }
        runStep()
    }

    /// Does the next step. Sound takes its own time: what is said lies behind what was said before.
    mutating func runStep() {
        guard var call = current, call.answeredAt != nil else { return }
        let serial = call.serial
        guard call.step < call.conversation.talk.count else {
            return schedule(.leave(serial: serial), after: call.conversation.stay)
        }
        let step = call.conversation.talk[call.step]
        call.step += 1
        switch step {
        case .wait(let milliseconds): schedule(.step(serial: serial), after: milliseconds)
        case .keys(let keys, let detected):
            report(.pressed(keys))
            speak(KeyTones.samples(of: keys), serial: serial)
            guard detected else { break }
            // A detector knows a key some 60 ms after its beginning.
            for (index, key) in keys.enumerated() {
                schedule(.key(serial: serial, key), after: Int64(index) * 200 + 60)
            }
        case .say(let file, let samples):
            report(.saying(file))
            speak(samples, serial: serial)
        case .tone(let frequency, let level, let milliseconds):
            speak(KeyTones.tone(frequency: frequency, level: level, milliseconds: milliseconds), serial: serial)
        case .hearOut(let quiet, let atMost):
            call.listening = Listening(
                quiet: quiet, ends: now.advanced(milliseconds: atMost), heardSomething: isLoud)
            schedule(.listenedEnough(serial: serial), after: atMost)
        case .waitingCall(let from, let duration):
            if waiting == nil {
                let second = takeSerial()
                waiting = second
                report(.waiting(from: from))
                outputs.append(.network(.call(serial: second, from: from, clip: .afterRing, ringEvery: nil)))
                schedule(.waitingGone(serial: second), after: duration)
            }
            schedule(.step(serial: serial), after: 0)
        case .hangUp:
            current = call
            return leave()
        }
        current = call
    }

    private mutating func speak(_ samples: [Int16], serial: Int) {
        outputs.append(.say(samples))
        schedule(.step(serial: serial), after: Int64(samples.count / 8))
    }

    // MARK: - Listening

    /// Silence is looked for again when it may have lasted long enough.
    mutating func listen(_ isLoud: Bool) {
        self.isLoud = isLoud
        guard var listening = current?.listening, let serial = current?.serial else { return }
        if isLoud {
            listening.heardSomething = true
            listening.silentSince = nil
        } else if listening.heardSomething, listening.silentSince == nil {
            listening.silentSince = now
            schedule(.listenedEnough(serial: serial), after: listening.quiet)
        }
        current?.listening = listening
    }

    /// Either it was silent for long enough, or the step's time is over.
    mutating func listenedEnough(_ serial: Int) {
        guard let call = current, call.serial == serial, let listening = call.listening else { return }
        let wasQuiet = listening.silentSince.map { now.milliseconds(since: $0) >= listening.quiet } ?? false
        guard wasQuiet || now >= listening.ends else { return }
        current?.listening = nil
        runStep()
    }

    mutating func waitingGone(_ serial: Int) {
        guard waiting == serial else { return }
        waiting = nil
        report(.waitingGone)
        outputs.append(.network(.farEnded(serial: serial, cause: .normal)))
    }
}
