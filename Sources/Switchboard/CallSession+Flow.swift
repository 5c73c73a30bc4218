import CallFlow
import Calls
import Lines
import Media
import Storage

/// What the flow wants done, in actions of the session.
extension CallSession {
    mutating func perform(
        _ flowActions: [FlowAction], at now: Instant, position: AudioPosition? = nil
    ) -> [Action] {
        var actions: [Action] = []
        for action in flowActions {
            switch action {
            case .answer:
                actions += advance(.answerWanted, at: now)
            case .play(let token, let items, let bargeIn, let loops):
                guard !machine.isOver else { continue }
                actions.append(
                    note("play", ["play": String(token), "items": items.map(\.text).joined(separator: " ")], at: now))
                actions.append(
                    .play(
                        leg,
                        Play(id: PlayID(UInt32(clamping: token)), items: items, bargeIn: KeySet(bargeIn), loops: loops))
                )
            case .stopPlay(let token):
                actions.append(.stopPlay(leg, PlayID(UInt32(clamping: token))))
            case .setTimer(let id, let milliseconds):
                actions.append(set(.flow(id), milliseconds: Int64(milliseconds), at: now))
            case .cancelTimer(let id):
                actions.append(cancel(.flow(id)))
            case .startMessage(let limit, let silence, let keys):
                actions += resumeRecording(PauseMachine.End(by: .message), at: now)
                let from = position ?? self.position(at: now) ?? .zero
                message = Message(from: from, finishKeys: KeySet(keys))
                lastMessage = nil
                actions += [
                    note("message_started", [:], at: now, position: from),
                    .watchSilence(milliseconds: silence),
                    set(.messageLimit, milliseconds: Int64(limit), at: now),
                ]
            case .stopMessage:
                actions += endMessage(at: now, position: position, trim: 0)
            case .createOrder(let category, let fields):
                pendingOrders += 1
                actions.append(
                    .createOrder(
                        OrderRequest(
                            category: category, fields: fields, caller: offer.caller, recording: recording,
                            messageFrom: lastMessage?.from, messageTo: lastMessage?.to)))
                lastMessage = nil
            case .lookup(let source, let arguments, let timeout):
                actions.append(note("lookup", ["source": source], at: now))
                actions.append(.lookup(source: source, arguments: arguments, timeoutMilliseconds: timeout))
            case .enterQueue(let name, let skill): actions += enterQueue(name, skill: skill, at: now)
            case .leaveQueue(let exit): actions += leaveQueue(QueueExit(rawValue: exit) ?? .key, at: now)
            case .askCallBack(let number): actions += askCallBack(number, at: now)
            case .leaveMessage(let name): actions += leaveMessage(queue: name, at: now)
            case .rate(let score):
                guard let servedBy else { continue }
                actions.append(.facts([.rated(Rated(call: call, at: now, agent: servedBy, score: score))]))
            case .pauseRecording(let limit, let reason):
                actions +=
                    pauseRecording(
                        PauseMachine.Pause(by: .flow, reason: reason, limitMilliseconds: Int64(limit)), at: now)
                    ?? [note("recording_pause_refused", ["by": PauseOrigin.flow.rawValue, "reason": reason], at: now)]
            case .resumeRecording: actions += resumeRecording(PauseMachine.End(by: .flow), at: now)
            case .hangup(let release):
                let intent: ReleaseIntent =
                    switch release {
                    case .completed: .flowCompleted
                    case .afterWait: .flowAfterWait
                    case .inactive: .inactive
                    }
                actions += advance(.releaseWanted(intent), at: now)
            case .note(let kind, let data):
                actions.append(note(kind, data, at: now, position: position))
            }
        }
        return actions
    }
}

extension SpeechItem {
    /// One word for the timeline.
    var text: String {
        switch self {
        case .prompt(let id): id
        case .silence(let milliseconds): "silence:\(milliseconds)"
        case .beep: "beep"
        }
    }
}
