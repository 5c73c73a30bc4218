import CallFlow
import Calls
import Media
import Storage

/// What the media saw: keys, plays, silence, the recording's life.
extension CallSession {
    mutating func handle(media event: MediaEvent) -> [Action] {
        let now = event.at
        switch event.kind {
        case .firstPacket(let source):
            return [note("first_packet", ["source": "\(source)"], at: now, position: event.position)]
        case .latched(let source):
            return [note("latched", ["source": "\(source)"], at: now, position: event.position)]
        case .keyDown(let key, let source):
            return handle(key: key, source: source, milliseconds: nil, position: event.position, at: now)
        case .keyUp(let key, let source, let milliseconds):
            guard source == keySource, !lastKeyIsSecret else { return [] }
            return [
                note(
                    "key_up", ["key": String(key.character), "ms": String(milliseconds)], at: now,
                    position: event.position)
            ]
        case .playStarted(let id):
            guard id != ringBack, id.value != .max else { return [] }
            return [note("prompt_started", ["play": String(id.value)], at: now, position: event.position)]
        case .playFinished(let id):
            guard id.value != .max else { return [] }
            return noticeHeard(id, at: now, position: event.position) + warningEnded(id, at: now)
                + [note("prompt_finished", ["play": String(id.value)], at: now, position: event.position)]
                + perform(flow.handle(.playFinished(token: Int(id.value))), at: now, position: event.position)
        case .playStopped(let id, let key, let milliseconds):
            guard id.value != .max else { return [] }
            var data = ["play": String(id.value), "ms": String(milliseconds)]
            // The key itself comes before or after.
            if let key, !lastKeyIsSecret, !flow.isSecret(key.character) {
                data["key"] = pauses.masks(at: now) ? Self.maskedKey : String(key.character)
            }
            return [note("prompt_stopped", data, at: now, position: event.position)] + warningEnded(id, at: now)
                + perform(flow.handle(.playStopped(token: Int(id.value))), at: now, position: event.position)
        case .talkStarted:
            return []
        case .silent(let milliseconds):
            guard message != nil else { return [] }
            return finishMessage(.silence, at: now, position: event.position, trim: Int64(milliseconds))
        case .inactive(let milliseconds):
            return [note("rtp_inactive", ["ms": String(milliseconds)], at: now, position: event.position)]
        case .active:
            return [note("rtp_active", [:], at: now, position: event.position)]
        case .recordingStarted(let id):
            guard id == recording else { return [] }
            return recordingBegan(at: now)
        case .recordingStopped(let id):
            // Closed in the tick of its start: it never had a sample, and is told as failed at the call's end.
            guard id == recording, recordingStartedAt != nil, let length = event.position else { return [] }
            return [
                .facts(
                    endOfPause(id, at: now, length: length)
                        + [.recordingStopped(RecordingStopped(recording: id, call: call, at: now, length: length))])
            ]
        case .recordingPaused(let id): return handle(pause: event, of: id, isPaused: true)
        case .recordingResumed(let id): return handle(pause: event, of: id, isPaused: false)
        case .skipped(let milliseconds):
            return [note("gap", ["ms": String(milliseconds)], at: now, position: event.position)]
        case .keysSent:
            return []
        case .closed(let statistics):
            self.statistics = statistics
            mediaClosed = true
            return []
        }
    }

    /// A key, from whichever way it came first in this call: a peer that sends the same key in two ways presses once.
    mutating func handle(
        key: Key, source: KeySource, milliseconds: Int?, position: AudioPosition?, at now: Instant
    ) -> [Action] {
        guard machine.isEstablished else { return [] }
        if keySource == nil { keySource = source }
        var data = ["key": String(key.character), "source": source.rawValue]
        if let milliseconds { data["ms"] = String(milliseconds) }
        guard source == keySource else {
            // A key of a PIN, or of a pause, that comes a second time, and late, would be told after all.
            return flow.asksInSecret || pauses.pause != nil
                ? [] : [note("key_ignored", data, at: now, position: position)]
        }
        // A PIN's digits stand nowhere, nor do keys that may be some: asked before the key leads on.
        let isSecret = flow.isSecret(key.character)
        let isMasked = pauses.masks(at: now)
        lastKeyIsSecret = isSecret || isMasked
        if isMasked {
            lastMaskedKeyAt = now
            data["key"] = Self.maskedKey
            data["ms"] = nil
        }
        var actions =
            isSecret
            ? [note("key_secret", ["source": source.rawValue], at: now)]
            : [note("key", data, at: now, position: position ?? self.position(at: now))]
        if let message, message.finishKeys.contains(key) {
            actions += finishMessage(.finishKey, at: now, position: position, trim: 0)
        } else {
            actions += perform(flow.handle(.key(key.character)), at: now, position: position)
        }
        return actions
    }

    // MARK: - The voice message

    mutating func finishMessage(
        _ reason: MessageEnd, at now: Instant, position: AudioPosition?, trim: Int64
    ) -> [Action] {
        let actions = endMessage(at: now, position: position, trim: trim)
        let length = lastMessage.map { ($0.to - $0.from).milliseconds } ?? 0
        return actions
            + perform(
                flow.handle(.messageEnded(milliseconds: Int(length), reason: reason)), at: now, position: position)
    }

    mutating func endMessage(at now: Instant, position: AudioPosition?, trim: Int64) -> [Action] {
        guard let message else { return [] }
        let end = (position ?? self.position(at: now) ?? message.from) - AudioPosition(milliseconds: trim)
        let to = max(message.from, end)
        lastMessage = (message.from, to)
        self.message = nil
        return [
            .watchSilence(milliseconds: nil), cancel(.messageLimit),
            note("message_ended", ["ms": String((to - message.from).milliseconds)], at: now, position: to),
        ]
    }
}
