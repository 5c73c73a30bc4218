/// What the exchange tells the interpreter of a flow.
public enum FlowEvent: Sendable, Hashable {
    /// The dialog stands and media flows. Facts known only now come with it: `call.late`, `call.rings`.
    case answered(variables: [String: String])
    /// The play was heard to its end.
    case playFinished(token: Int)
    /// The play was cut short, by a key that may (the key comes as its own event, before or after) or by `stopPlay`.
    case playStopped(token: Int)
    /// A key: 0–9, `*`, `#`.
    case key(Character)
    case timer(id: Int)
    /// The voice message is over; its length in milliseconds.
    case messageEnded(milliseconds: Int, reason: MessageEnd)
    /// The order is durable, and may be spoken of.
    case orderCreated(number: String, code: String)
    case orderFailed
    case lookupFinished([String: String])
    /// `timeout`, or what went wrong.
    case lookupFailed(reason: String)
    /// The caller is in the queue now. Not fed where the queue refused the caller: `.queueEnded` comes instead.
    case queueEntered
    /// Where the caller stands, from 1, at entry and as often as the queue's rules tell it; the expected wait in seconds
    /// where it is known.
    case queuePosition(position: Int, expectedWaitSeconds: Int?)
    /// An agent has answered, by work number: what the flow says is stopped, and from here on it only waits for
    /// `.agentLeft` or `.released`.
    case agentConnected(number: String)
    /// The caller is no longer in the queue, or never came in: a raw value of `QueueExit`. Not fed for an exit that the
    /// flow asked for itself (`leaveQueue`, `askCallBack`), nor for one of an earlier visit to a queue.
    case queueEnded(exit: String)
    /// Nobody but the caller is left: the work number of who spoke to the caller last, and a raw value of `ReleasedBy`.
    /// Fed once for each `.agentConnected`, also after a transfer; not where the caller hung up (`.released`).
    case agentLeft(agent: String, by: String)
    /// The message lies in the queue's inbox.
    case messageKept
    case messageFailed
    /// The recording is paused, or goes on, whoever wanted it: keys are told only as what they are outside.
    case recordingPaused(Bool)
    /// The call is over; from whichever side.
    case released
}

/// Why a voice message ended.
public enum MessageEnd: String, Sendable, Hashable, CaseIterable {
    case finishKey = "finish_key"
    case silence
    case limit
}

/// What the interpreter of a flow wants done.
public enum FlowAction: Sendable, Hashable {
    /// Answer the call when it is due; feed `.answered`.
    case answer
    /// Say these items without a gap; feed `.playFinished` or `.playStopped` with the token. `bargeIn` names the keys
    /// that cut it short; empty: none does. With `loops` it begins again until it is stopped (music): `.playFinished` does
    /// not come. Tokens rise from 1 and are never used twice in a call.
    case play(token: Int, items: [SpeechItem], bargeIn: String, loops: Bool = false)
    /// Harmless where the play is over already.
    case stopPlay(token: Int)
    /// Feed `.timer` with the id after so many milliseconds. Ids are never used twice in a call.
    case setTimer(id: Int, milliseconds: Int)
    case cancelTimer(id: Int)
    /// The caller's voice message begins; feed `.messageEnded`.
    case startMessage(maxMilliseconds: Int, silenceMilliseconds: Int, finishKeys: String)
    /// Ends the message without an event.
    case stopMessage
    /// Make a work order; feed `.orderCreated` or `.orderFailed`. Also comes after `.released`, when a caller hung up
    /// with a message left.
    case createOrder(category: String, fields: [String: String])
    /// Feed `.lookupFinished` or `.lookupFailed`, within the time-out.
    case lookup(source: String, arguments: [String: String], timeoutMilliseconds: Int)
    /// Bring the caller to a person through this queue, who has the skill where one is named: feed `.queueEntered` and
    /// what follows, or `.queueEnded`. A call waits in one queue at a time.
    case enterQueue(queue: String, skill: String?)
    /// The caller leaves the queue for something else in the flow; the exit is a raw value of `QueueExit` (`key`). An
    /// agent who answers at the same moment is released: the flow has gone on.
    case leaveQueue(exit: String)
    /// The caller leaves the queue, and is called back at this number when the turn comes.
    case askCallBack(number: String)
    /// Put the caller's last voice message into the queue's inbox; feed `.messageKept` or `.messageFailed`. Also comes
    /// after `.released`, when a caller hung up with a message left.
    case leaveMessage(queue: String)
    /// The caller's judgement of who served last: 1…5.
    case rate(score: Int)
    /// Record silence, for so long at most: then the recording goes on by itself, and `.recordingPaused(false)` is fed.
    case pauseRecording(limitMilliseconds: Int, reason: String)
    /// Harmless where the recording goes on.
    case resumeRecording
    case hangup(FlowRelease)
    /// For the call's timeline.
    case note(kind: String, data: [String: String])
}

/// Why the flow releases the call.
public enum FlowRelease: String, Sendable, Hashable, CaseIterable {
    /// The flow came to its end.
    case completed
    /// The caller was asked to hang up first, was waited for and warned.
    case afterWait = "after_wait"
    /// The caller neither spoke nor pressed a key.
    case inactive
}

/// One thing to be heard.
public enum SpeechItem: Sendable, Hashable {
    /// A prompt of the catalog, by its id.
    case prompt(String)
    case silence(milliseconds: Int)
    /// The tone before a voice message.
    case beep
}
