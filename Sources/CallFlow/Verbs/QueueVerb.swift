import Documents

/// Brings the caller to a person: waits in a queue, with music, the place told, and keys that leave; then waits while an
/// agent and the caller talk.
///
///     desk:
///       verb: queue
///       queue: service                  # a queue of the agents' file
///       skill: "${want.skill}"          # what the agent must know; empty: what the queue says
///       prompts: [queue.please_wait]    # once
///       music: music.hold               # between all that is said, over and over
///       announce: {say: [queue.you_are, {number: "${queue.position}"}, queue.in_line]}
///       announce_unknown: {say: […]}    # instead, where the wait is not known
///       bulletins: ["${notice.outage}"] # heard between, one after the other
///       bulletin_every: 60s
///       keys: {"0": desk, "1": call_back, "2": message}
///       call_back_key: "1"              # keeps the place: called back when the turn comes
///       call_back_number: "${call.caller}"
///       no_number: message              # must be there with a call-back key: numbers may be withheld
///       answered: survey                # the agent has left, the caller has not
///       timeout: message
///       otherwise: sorry                # full, closed, no_agents, failed, where they are not named
///
/// A key that leads to the step itself does nothing: a global key would lose the caller's place.
struct QueueVerb: Verb {
    private enum Phase: Int, Sendable {
        case entering, waiting, talking
    }
    private enum Sound: Int, Sendable {
        case nothing, music
        /// Not to be cut short for something else.
        case words
    }

    static let name = "queue"
    /// How a wait can end against the caller's wish: raw values of `QueueExit`.
    static let ends = ["timeout", "full", "closed", "no_agents", "failed"]
    /// As written, for the checker.
    let queue: (name: String, node: Node)
    /// The variables that the call-back number is made of.
    let callBackNumber: Template?
    private let step: String
    private let skill: Template?
    private let prompts: Speech
    private let music: Speech
    private let announcement: Speech
    private let announcementUnknown: Speech
    private let bulletins: [Speech]
    private let bulletinEvery: Int
    private let keys: [(key: Character, target: Target)]
    private let callBackKey: Character?
    private let noNumber: Target?
    private let answered: Target
    private let ends: [String: Target]
    private var phase = Phase.entering
    private var sound = Sound.nothing
    private var hasPosition = false
    private var bulletinIsDue = false
    private var nextBulletin = 0

    init?(_ step: StepReader) {
        let reader = step.reader
        let queue = step.queue("queue")
        skill = reader.optionalNode("skill").flatMap { node in
            reader.optionalString("skill").flatMap { Template($0, node, step.diagnostics) }
        }
        prompts = step.optionalSpeech("prompts")
        music = step.optionalSpeech("music", values: false)
        announcement = Self.announcement("announce", step)
        announcementUnknown = Self.announcement("announce_unknown", step)
        bulletins = step.optionalSpeech("bulletins").pieces.map { Speech(pieces: [$0]) }
        bulletinEvery = reader.milliseconds("bulletin_every", in: 10_000...3_600_000, default: 60_000)
        keys = step.keys("keys")
        let callBack = Self.callBack(keys, step)
        callBackKey = callBack?.key
        callBackNumber = callBack?.number
        noNumber = callBack?.noNumber
        let answered = step.target("answered")
        let ends = Self.ends(step)
        guard let queue, let answered, let ends else { return nil }
        self.step = step.name
        self.queue = queue
        self.answered = answered
        self.ends = ends
    }

    private static func announcement(_ key: String, _ step: StepReader) -> Speech {
        guard let nested = step.reader.optionalMapping(key) else { return .nothing }
        defer { nested.finish() }
        return nested.node("say").map { Speech.decode($0, "say", values: true, step.diagnostics) } ?? .nothing
    }

    private static func callBack(
        _ keys: [(key: Character, target: Target)], _ step: StepReader
    ) -> (key: Character, number: Template, noNumber: Target)? {
        let reader = step.reader
        let noNumber = step.optionalTarget("no_number")
        let text = reader.string("call_back_number", default: "${call.caller}")
        guard let keyNode = reader.optionalNode("call_back_key") else {
            for key in ["no_number", "call_back_number"] where reader.has(key) {
                reader.complain(
                    about: key, "\(reader.place) has `\(key)` but no key to be called back",
                    advice: "Add `call_back_key: \"1\"`")
            }
            return nil
        }
        let key = step.key("call_back_key", default: "1")
        if !keys.contains(where: { $0.key == key && $0.target.name != step.name }) {
            reader.complain(
                about: "call_back_key", "keys in \(reader.place) say nothing of the call-back key \"\(key)\"",
                advice: "Add `\"\(key)\": step` to `keys`: where the caller is told, and says goodbye")
        }
        guard let noNumber else {
            step.diagnostics.add(
                error: keyNode.error(
                    FlowProblem.missingBranch, "\(reader.place) has no `no_number` branch",
                    advice: "A caller's number may be withheld: add `no_number: step`"))
            return nil
        }
        let number = Template(text, reader.optionalNode("call_back_number") ?? keyNode, step.diagnostics)
        return number.map { (key, $0, noNumber) }
    }

    private static func ends(_ step: StepReader) -> [String: Target]? {
        let otherwise = step.optionalTarget("otherwise")
        var result: [String: Target] = [:]
        for end in ends { result[end] = step.optionalTarget(end) ?? otherwise }
        let missing = ends.filter { result[$0] == nil }
        guard missing.isEmpty else {
            step.diagnostics.add(
                error: step.node.error(
                    FlowProblem.missingBranch,
                    "\(step.reader.place) does not say where to after \(missing.joined(separator: ", "))",
                    advice: "Nobody may be there to answer: add `otherwise: step`, such as a voice message"))
            return nil
        }
        return result
    }

    var exits: [Exit] {
        keys.filter { $0.target.name != step }.map { Exit(String($0.key), $0.target, .input) }
            + (noNumber.map { [Exit("no number", $0, .input)] } ?? []) + [Exit("answered", answered, .automatic)]
            + Self.ends.compactMap { end in ends[end].map { Exit(end, $0, .automatic) } }
    }
    var speech: [Speech] { [prompts, music, announcement, announcementUnknown] + bulletins }
    var sets: [String] { ["queue.position", "queue.minutes", "queue.exit", "agent.number", "agent.left_by"] }
    var resets: [String] { sets }
    var templates: [Template] { [skill, callBackNumber].compactMap { $0 } }
    var needs: Need { .media }
    var listens: Bool { phase != .talking }
    var dropsKeys: Bool { phase == .talking }
    var memory: [Int] {
        [phase.rawValue, sound.rawValue, hasPosition ? 1 : 0, bulletinIsDue ? 1 : 0, nextBulletin]
    }
    func uses(_ key: Character) -> Bool { keys.contains { $0.key == key } }

    // MARK: - Waiting

    private var bargeIn: BargeIn { .keys(String(keys.map(\.key))) }

    mutating func enter(_ state: inout FlowState) {
        // What an earlier queue left behind is not this one's.
        for name in sets { state.set(name, "") }
        // Who did not know that there is a queue has meant no key for it.
        state.dropKeys()
        let wanted = skill?.text(state.variables) ?? ""
        state.enterQueue(queue.name, skill: wanted.isEmpty ? nil : wanted)
    }

    mutating func handle(_ event: StepEvent, _ state: inout FlowState) {
        switch (phase, event) {
        case (.entering, .queueEntered):
            begin(&state)
        case (.entering, .queuePosition(let position, let seconds)):
            told(position, seconds, &state)
            begin(&state)
        case (.waiting, .queuePosition(let position, let seconds)):
            told(position, seconds, &state)
            goOn(&state)
        case (.waiting, .spoken):
            // Music that ended by itself could not be played: it is not tried again until something was said.
            let wasMusic = sound == .music
            sound = .nothing
            if !wasMusic { goOn(&state) }
        case (.waiting, .timer):
            state.wait(milliseconds: bulletinEvery)
            bulletinIsDue = true
            goOn(&state)
        case (.entering, .key(let key)), (.waiting, .key(let key)):
            pressed(key, &state)
        case (.entering, .queueEnded(let exit)), (.waiting, .queueEnded(let exit)):
            state.queueEnded()
            state.set("queue.exit", exit)
            guard let target = ends[exit] ?? ends["failed"] else { return }
            state.go(to: target)
        case (.entering, .agentConnected(let number)), (.waiting, .agentConnected(let number)):
            connected(number, &state)
        case (.talking, .agentLeft(let agent, let by)):
            state.set("agent.number", agent)
            state.set("agent.left_by", by)
            state.go(to: answered)
        default: break
        }
    }

    private mutating func begin(_ state: inout FlowState) {
        phase = .waiting
        if !bulletins.isEmpty { state.wait(milliseconds: bulletinEvery) }
        if say(prompts, &state) { return }
        goOn(&state)
    }

    private mutating func told(_ position: Int, _ seconds: Int?, _ state: inout FlowState) {
        state.set("queue.position", String(position))
        // Nobody is told that it takes no time.
        state.set("queue.minutes", seconds.map { String(max(1, ($0 + 59) / 60)) } ?? "")
        hasPosition = true
    }

    /// What is to be said, else the music; words are heard to their end.
    private mutating func goOn(_ state: inout FlowState) {
        guard sound != .words else { return }
        if hasPosition {
            hasPosition = false
            let isKnown = state.variables["queue.minutes"]?.isEmpty == false
            if say(isKnown ? announcement : announcementUnknown, &state) { return }
        }
        if bulletinIsDue {
            bulletinIsDue = false
            for _ in bulletins {
                let bulletin = bulletins[nextBulletin]
                nextBulletin = (nextBulletin + 1) % bulletins.count
                if say(bulletin, &state) { return }
            }
        }
        guard sound == .nothing else { return }
        sound = state.say(music, bargeIn: bargeIn, loops: true) ? .music : .nothing
    }

    /// False where there is nothing to be said: the music is not disturbed.
    private mutating func say(_ words: Speech, _ state: inout FlowState) -> Bool {
        guard state.say(words, bargeIn: bargeIn) else { return false }
        sound = .words
        return true
    }

    private mutating func pressed(_ key: Character, _ state: inout FlowState) {
        guard let target = keys.first(where: { $0.key == key })?.target else { return }
        guard target.name != step else {
            // The key has cut short what was heard.
            sound = .nothing
            if phase == .waiting { goOn(&state) }
            return
        }
        guard key == callBackKey, let callBackNumber, let noNumber else { return state.go(to: target) }
        let number = callBackNumber.text(state.variables)
        guard MandarinSpeech.items(number, as: .phone) != nil else { return state.go(to: noNumber) }
        state.set("queue.exit", "call_back")
        state.askCallBack(number)
        state.go(to: target)
    }

    // MARK: - Talking

    private mutating func connected(_ number: String, _ state: inout FlowState) {
        phase = .talking
        sound = .nothing
        state.queueEnded()
        state.stopPlay()
        state.cancelTimer()
        state.dropKeys()
        state.set("queue.exit", "answered")
        state.set("agent.number", number)
    }
}
