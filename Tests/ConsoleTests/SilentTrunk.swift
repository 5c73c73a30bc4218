import Calls
import Foundation
import Lines
import Media
import Switchboard
import Synchronization

/// A trunk, the agents' phones and the media in one, without a sound: every leg that is dialled answers at once, calls
/// come in when the test says so, recordings begin and end as they are told.
final class SilentTrunk: Line, MediaControl {
    private struct State {
        var exchange: Exchange?
        var calls: [LegID: CallID] = [:]
        var recordings: [RecordingID: (leg: LegID, call: CallID, since: Instant)] = [:]
        var dialled: [String] = []
    }

    let name = "trunk1"
    private let state = Mutex(State())
    private let time = SystemTime()
    /// The line's and the media's one thread: what happens is told in order, and never from within a command.
    private let queue = DispatchQueue(label: "silent-trunk")

    func connect(_ exchange: Exchange) { state.withLock { $0.exchange = exchange } }

    /// Lets the exchange go, which holds this.
    func disconnect() { state.withLock { $0.exchange = nil } }

    /// Everything that was dialled so far, in order.
    var dialled: [String] { state.withLock { $0.dialled } }

    /// A caller calls.
    func call(_ call: CallID, leg: LegID, from caller: String) {
        state.withLock { $0.calls[leg] = call }
        tell(
            leg,
            .offered(
                Offer(
                    caller: caller, callerRaw: caller, callerSource: "from", called: "95598", diversion: nil,
                    peer: "192.0.2.7:5060", protocolCallID: "\(call)@example.invalid")))
    }

    private func tell(_ leg: LegID, _ kind: LineEvent.Kind) {
        queue.async { [self] in
            let (exchange, call) = state.withLock { ($0.exchange, $0.calls[leg]) }
            guard let exchange, let call else { return }
            exchange.handle(LineEvent(leg: leg, call: call, line: name, at: time.now(), kind: kind))
        }
    }

    private func tell(_ leg: LegID, _ call: CallID, _ position: AudioPosition?, _ kind: MediaEvent.Kind) {
        queue.async { [self] in
            guard let exchange = state.withLock({ $0.exchange }) else { return }
            exchange.handle(MediaEvent(leg: leg, call: call, at: time.now(), position: position, kind: kind))
        }
    }

    private var session: MediaSession {
        let remote = Endpoint(address: IPAddress(v4: 0xC000_0207), port: 4000)
        return MediaSession(
            remote: remote, remoteRTCP: remote, codec: .pcma, payloadType: 8, telephoneEventPayloadType: 101,
            direction: .sendReceive)
    }

    // MARK: - Line

    func ring(leg: LegID, alerting: Alerting) { tell(leg, .alerted(alerting.basis)) }

    func answer(leg: LegID) {
        tell(leg, .answered)
        tell(leg, .established(session))
    }

    func refuse(leg: LegID, _ refusal: Refusal) {}

    func release(leg: LegID, reason: ReleaseReason) {
        tell(leg, .released(by: LineRelease(cause: .local, message: "BYE sent")))
    }

    func dial(_ request: DialRequest) throws(LineError) {
        state.withLock { state in
            state.calls[request.leg] = request.call
            state.dialled.append(request.target)
        }
        tell(request.leg, .progress(status: 180, early: false))
        tell(request.leg, .established(session))
    }

    func drain() {}

    // MARK: - Media

    func open(leg: LegID, call: CallID, address: IPAddress) throws(MediaError) -> Endpoint {
        Endpoint(address: address, port: 4000)
    }

    func open(leg: LegID, call: CallID, card: SoundCard) throws(MediaError) {}
    func configure(leg: LegID, session: MediaSession) throws(MediaError) {}
    func start(leg: LegID) throws(MediaError) {}

    func play(leg: LegID, _ request: PlayRequest) throws(MediaError) {
        guard let call = state.withLock({ $0.calls[leg] }) else { return }
        tell(leg, call, nil, .playStarted(request.id))
        // Nothing takes time here.
        if !request.loops { tell(leg, call, nil, .playFinished(request.id)) }
    }

    func stopPlay(leg: LegID, id: PlayID) throws(MediaError) {
        guard let call = state.withLock({ $0.calls[leg] }) else { return }
        tell(leg, call, nil, .playStopped(id, key: nil, playedMilliseconds: 0))
    }

    func hear(leg: LegID, legs: [LegID]) throws(MediaError) {}
    func watchSilence(leg: LegID, afterMilliseconds: Int?) throws(MediaError) {}
    func sendKeys(leg: LegID, _ keys: [Key]) throws(MediaError) {}

    func startRecording(
        _ recording: RecordingID, call: CallID, channels: [RecordingChannel]
    ) throws(MediaError) {
        guard let leg = channels.first?.leg else { return }
        state.withLock { $0.recordings[recording] = (leg, call, time.now()) }
        tell(leg, call, AudioPosition(units: 0), .recordingStarted(recording))
    }

    func stopRecording(_ recording: RecordingID) throws(MediaError) {
        guard let begun = state.withLock({ $0.recordings.removeValue(forKey: recording) }) else { return }
        let length = AudioPosition(milliseconds: time.now().milliseconds(since: begun.since))
        tell(begun.leg, begun.call, length, .recordingStopped(recording))
    }

    func pauseRecordings(of call: CallID, _ isPaused: Bool) throws(MediaError) {
        let now = time.now()
        for (recording, begun) in state.withLock({ $0.recordings }) where begun.call == call {
            tell(
                begun.leg, call, AudioPosition(milliseconds: now.milliseconds(since: begun.since)),
                isPaused ? .recordingPaused(recording) : .recordingResumed(recording))
        }
    }

    func close(leg: LegID) {
        let (call, ended) = state.withLock { state in
            let ended = state.recordings.filter { $0.value.leg == leg }.map(\.key)
            return (state.calls[leg], ended)
        }
        for recording in ended {
            // Cannot fail here: the one above throws nothing.
            do { try stopRecording(recording) } catch { print("\(error)") }
        }
        guard let call else { return }
        tell(leg, call, nil, .closed(LegStatistics()))
    }
}
