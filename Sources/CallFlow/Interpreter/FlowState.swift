/// What a call's steps share: variables, the one play and the one timer, keys typed ahead, and the actions so far.
struct FlowState: Sendable {
    struct Play: Sendable {
        var token: Int
        var bargeIn: String
    }

    /// Keys typed ahead beyond this many are dropped.
    static let mostKeys = 32
    /// The longest value of a variable that comes from outside, characters.
    static let longestValue = 256

    var variables: [String: String]
    /// Prompt ids that exist.
    let prompts: Set<String>
    /// The keys that work from anywhere, and where they lead.
    let globals: [Character: String]
    private(set) var actions: [FlowAction] = []
    /// Where the step wants to go.
    private(set) var target: String?
    /// What is being heard.
    private(set) var play: Play?
    private(set) var timer: Int?
    private var keys: [Character] = []
    /// A play was cut short by a key that has not come yet.
    private var keyIsDue = false
    /// Dropped once, if one is the very next key: the finish key after an entry that was complete without it, or pressed
    /// twice.
    private var spareKeys = ""
    private var lastToken = 0
    private var lastTimer = 0
    /// Results of earlier requests that were given up, and may still come.
    private var lateOrders = 0
    private var lateLookups = 0
    private var lateMessages = 0
    /// The caller waits in a queue, or is about to: to be left with the step.
    private var isQueued = false
    /// The caller's keys are being masked.
    private var isSecret = false
    /// Where to go if the caller hangs up now.
    var afterHangup: String?
    /// How often a limited step was passed in this call.
    var passes: [String: Int] = [:]
    /// The flow has released the call.
    private(set) var hasReleased = false

    init(variables: [String: String], prompts: Set<String>, globals: [Character: String]) {
        self.variables = variables
        self.prompts = prompts
        self.globals = globals
    }

    // MARK: - What steps do

    mutating func go(to target: Target) { self.target = target.name }

    mutating func goGlobal(_ key: Character) {
        guard let name = globals[key] else { return }
        note("global_key", ["key": String(key)])
        target = name
    }

    /// Says it, in place of what is heard. False where there is nothing to be heard: the step goes on at once, no `.spoken` comes.
    /// - Parameter loops: music: begins again until it is stopped.
    mutating func say(_ speech: Speech, bargeIn: BargeIn, loops: Bool = false) -> Bool {
        let items = items(of: speech)
        guard !items.isEmpty else { return false }
        stopPlay()
        lastToken += 1
        let keys = bargeIn.keys(global: globals.keys)
        play = Play(token: lastToken, bargeIn: keys)
        actions.append(.play(token: lastToken, items: items, bargeIn: keys, loops: loops))
        return true
    }

    /// Starts the step's timer, in place of the one that runs.
    mutating func wait(milliseconds: Int) {
        cancelTimer()
        lastTimer += 1
        timer = lastTimer
        actions.append(.setTimer(id: lastTimer, milliseconds: milliseconds))
    }

    mutating func cancelTimer() {
        guard let timer else { return }
        actions.append(.cancelTimer(id: timer))
        self.timer = nil
    }

    mutating func note(_ kind: String, _ data: [String: String] = [:]) {
        actions.append(.note(kind: kind, data: data))
    }

    mutating func perform(_ action: FlowAction) { actions.append(action) }

    mutating func release(_ why: FlowRelease) {
        hasReleased = true
        actions.append(.hangup(why))
    }

    mutating func set(_ name: String, _ value: String) { variables[name] = String(value.prefix(Self.longestValue)) }

    /// The result of this step's order or look-up is not waited for any longer.
    mutating func giveUpOrder() { lateOrders += 1 }
    mutating func giveUpLookup() { lateLookups += 1 }
    mutating func giveUpMessage() { lateMessages += 1 }

    // MARK: - The queue

    mutating func enterQueue(_ queue: String, skill: String?) {
        isQueued = true
        actions.append(.enterQueue(queue: queue, skill: skill))
    }

    /// The place is kept for a call back.
    mutating func askCallBack(_ number: String) {
        isQueued = false
        actions.append(.askCallBack(number: number))
    }

    /// Out of the queue by what happened there.
    mutating func queueEnded() { isQueued = false }

    // MARK: - Keys

    /// Keys wait to be taken.
    var hasKeys: Bool { !keys.isEmpty }

    /// The next waiting key would cut this short: not worth beginning.
    func isCutShort(_ bargeIn: BargeIn) -> Bool {
        guard let first = keys.first else { return false }
        return bargeIn.keys(global: globals.keys).contains(first)
    }

    mutating func dropKeys() { keys.removeAll() }

    /// Drops one of these keys if it is the very next one.
    mutating func spare(_ keys: String) { spareKeys = keys }

    mutating func keep(_ key: Character) {
        guard keys.count < Self.mostKeys else { return }
        keys.append(key)
    }

    mutating func takeKey() -> Character? { keys.isEmpty ? nil : keys.removeFirst() }

    /// True where the key is a spare one; whatever the key is, the waiting for it ends.
    mutating func isSpare(_ key: Character) -> Bool {
        defer { spareKeys = "" }
        return spareKeys.contains(key)
    }

    /// True once after a play was cut short by a key that had not come.
    mutating func takeDueKey() -> Bool {
        defer { keyIsDue = false }
        return keyIsDue
    }

    // MARK: - What the machine does

    mutating func takeActions() -> [FlowAction] {
        defer { actions.removeAll() }
        return actions
    }

    mutating func takeTarget() -> String? {
        defer { target = nil }
        return target
    }

    mutating func head(for target: String) { self.target = target }

    /// The step is left: nothing of it sounds, runs or waits on.
    mutating func leaveStep() {
        stopPlay()
        cancelTimer()
        guard isQueued else { return }
        isQueued = false
        variables["queue.exit"] = "key"
        actions.append(.leaveQueue(exit: "key"))
    }

    /// Keys are masked from a secret step on until a step that is not secret takes some: what is typed behind a secret
    /// entry belongs to it.
    mutating func masks(_ verb: any Verb) {
        guard verb.isSecret || verb.listens, verb.isSecret != isSecret else { return }
        isSecret = verb.isSecret
        actions.append(.secret(isSecret))
    }

    mutating func stopPlay() {
        guard let play else { return }
        actions.append(.stopPlay(token: play.token))
        self.play = nil
    }

    /// False where the token is stale.
    mutating func playEnded(token: Int, byKey: Bool) -> Bool {
        guard play?.token == token else { return false }
        play = nil
        keyIsDue = byKey
        return true
    }

    /// False where the timer is stale.
    mutating func timerEnded(id: Int) -> Bool {
        guard timer == id else { return false }
        timer = nil
        return true
    }

    /// False where the result belongs to a request that was given up.
    mutating func orderEnded() -> Bool {
        guard lateOrders > 0 else { return true }
        lateOrders -= 1
        return false
    }

    mutating func lookupEnded() -> Bool {
        guard lateLookups > 0 else { return true }
        lateLookups -= 1
        return false
    }

    mutating func messageEnded() -> Bool {
        guard lateMessages > 0 else { return true }
        lateMessages -= 1
        return false
    }

    /// Two states with the same text go on alike, as far as these variables matter.
    func signature(variables live: Set<String>) -> String {
        let values = live.sorted().map { "\($0)=\(variables[$0] ?? "")" }.joined(separator: ",")
        let counts = passes.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value)" }.joined(separator: ",")
        // One result given up is as good as several.
        let late = "\(min(lateOrders, 1)) \(min(lateLookups, 1)) \(min(lateMessages, 1))"
        let flags = "\(play?.bargeIn ?? "-") \(timer != nil) \(keyIsDue) \(hasReleased) \(isQueued) \(isSecret) \(late)"
        return "\(values)|\(counts)|\(String(keys))|\(spareKeys)|\(flags)|\(afterHangup ?? "")"
    }

    private mutating func items(of speech: Speech) -> [SpeechItem] {
        var items: [SpeechItem] = []
        for piece in speech.pieces {
            switch piece {
            case .prompt(let id, _): items.append(.prompt(id))
            case .silence(let milliseconds): items.append(.silence(milliseconds: milliseconds))
            case .beep: items.append(.beep)
            case .variable(let template):
                let id = template.text(variables)
                if id.isEmpty { continue }
                // The configuration names it; a call is not lost for a name that is wrong.
                guard prompts.contains(id) else {
                    note("prompt_unknown", ["prompt": id])
                    continue
                }
                items.append(.prompt(id))
            case .value(let kind, let template):
                let text = template.text(variables)
                guard let spoken = MandarinSpeech.items(text, as: kind) else {
                    note("value_unspeakable", ["kind": kind.rawValue, "value": text])
                    continue
                }
                items += spoken
            }
        }
        return items
    }
}
