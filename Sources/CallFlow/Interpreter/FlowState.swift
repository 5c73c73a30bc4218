/// What a call's steps share: variables, the one play and the one timer, keys typed ahead, and the actions so far.
struct FlowState: Sendable {
    struct Play: Sendable {
        var token: Int
        var bargeIn: String
    }

    /// A key typed ahead.
    struct Key: Sendable, Hashable {
        var character: Character
        /// It was noted without saying which it is.
        var isSecret: Bool
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
    private var keys: [Key] = []
    /// A play was cut short by a key that has not come yet.
    private var keyIsDue = false
    /// Dropped once, if one is the very next key: the finish key after an entry that was complete without it, or pressed
    /// twice.
    private var spareKeys = ""
    private var lastToken = 0
    private var lastTimer = 0
    /// Results of earlier requests that were given up, and may still come.
    private var late: [FlowRequest: Int] = [:]
    /// The caller waits in a queue, or is about to: to be left with the step.
    private var isQueued = false
    /// Whatever key comes now belongs to a secret entry.
    private(set) var isSecret = false
    /// The recording is paused.
    var isPaused = false
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
        note("global_key", isSecret ? [:] : ["key": isPaused ? "•" : String(key)])
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

    /// The result of this step's request is not waited for any longer.
    mutating func giveUp(_ request: FlowRequest) { late[request, default: 0] += 1 }

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
        return bargeIn.keys(global: globals.keys).contains(first.character)
    }

    mutating func dropKeys() { keys.removeAll() }

    /// Drops those that were noted as they are: they are no part of a secret entry.
    mutating func dropToldKeys() { keys.removeAll { !$0.isSecret } }

    /// Drops one of these keys if it is the very next one.
    mutating func spare(_ keys: String) { spareKeys = keys }

    mutating func keep(_ key: Key) {
        guard keys.count < Self.mostKeys else { return }
        keys.append(key)
    }

    mutating func takeKey() -> Character? { keys.isEmpty ? nil : keys.removeFirst().character }

    /// The key would be dropped as a spare one.
    func spares(_ key: Character) -> Bool { spareKeys.contains(key) }

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

    /// A step is entered. Keys are secret from there on where the step or one that follows without a question asks in
    /// secret, until a step that does not takes some: what is typed behind a secret entry belongs to it.
    mutating func masks(_ verb: any Verb, isBeforeSecret: Bool) {
        if isBeforeSecret { isSecret = true } else if verb.listens { isSecret = false }
        if verb.isSecret { dropToldKeys() }
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
    mutating func ended(_ request: FlowRequest) -> Bool {
        guard let count = late[request] else { return true }
        late[request] = count > 1 ? count - 1 : nil
        return false
    }

    /// Requests that were given up and whose results may still come.
    var lateRequests: Set<FlowRequest> { Set(late.keys) }

    /// - Parameter live: the variables that matter.
    func standing(variables live: [String]) -> FlowStanding.State {
        FlowStanding.State(
            values: live.map { variables[$0] ?? "" }, passes: passes, keys: keys, spareKeys: spareKeys,
            late: lateRequests, bargeIn: play?.bargeIn, afterHangup: afterHangup,
            flags: [timer != nil, keyIsDue, hasReleased, isQueued, isSecret, isPaused])
    }

    private mutating func items(of speech: Speech) -> [SpeechItem] {
        var items: [SpeechItem] = []
        for piece in speech.pieces {
            switch piece {
            case .prompt(let id, _): items.append(.prompt(id))
            case .silence(let milliseconds): items.append(.silence(milliseconds: milliseconds))
            case .beep: items.append(.beep)
            case .variable(let template):
                for word in template.text(variables).split(separator: " ") { items += named(String(word)) }
            case .value(let kind, let template): items += spoken(template.text(variables), as: kind)
            }
        }
        return items
    }

    /// One word of what a variable has to say: a prompt's id, or `kind:value`.
    private mutating func named(_ word: String) -> [SpeechItem] {
        if let colon = word.firstIndex(of: ":"), let kind = SpokenKind(rawValue: String(word[..<colon])) {
            return spoken(String(word[word.index(after: colon)...]), as: kind)
        }
        // The configuration or a look-up names it; a call is not lost for a name that is wrong.
        guard prompts.contains(word) else {
            note("prompt_unknown", ["prompt": word])
            return []
        }
        return [.prompt(word)]
    }

    private mutating func spoken(_ text: String, as kind: SpokenKind) -> [SpeechItem] {
        if let items = MandarinSpeech.items(text, as: kind) { return items }
        note("value_unspeakable", ["kind": kind.rawValue, "value": text])
        return []
    }
}
