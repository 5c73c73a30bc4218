/// One thing to play, made ready off the media thread.
enum PlayStep {
    case prompt(PromptIndex)
    case silence(samples: Int)
    case tone(ToneGenerator)
}

/// A play command as the media thread needs it: handed over with the command, returned when it is over.
struct PlayProgram: ~Copyable {
    let id: PlayID
    let bargeIn: KeySet
    let loops: Bool
    /// Each of them has a length, so that a tick of a loop takes at most as many steps as it has samples.
    let count: Int
    let steps: UnsafeMutablePointer<PlayStep>
    let link: UnsafeMutablePointer<Returned>

    /// Items at most; a play is a sentence, not a concert.
    static let maximumItems = 4096
    /// The longest silence, milliseconds.
    static let maximumSilence = 3_600_000

    /// - Parameter prompts: the engine's; what is not in it has no length.
    static func make(_ request: PlayRequest, prompts: PromptTable) -> ProgramPointer {
        let pointer = ProgramPointer.allocate(capacity: 1)
        let link = UnsafeMutablePointer<Returned>.allocate(capacity: 1)
        link.initialize(to: Returned(object: .program(pointer), next: nil))
        pointer.initialize(to: PlayProgram(request, prompts: prompts, link: link))
        return pointer
    }

    /// Whether an item has a length.
    static func sounds(_ item: PlayItem, _ prompts: PromptTable) -> Bool {
        switch item {
        case .prompt(let index): !prompts.bytes(index, codec: .pcma).isEmpty
        case .silence(let milliseconds): milliseconds > 0
        case .tone(let tone): !ToneGenerator(tone).isFinished
        }
    }

    /// Frees it; off the media thread.
    static func free(_ pointer: ProgramPointer) {
        pointer.deinitialize(count: 1)
        pointer.deallocate()
    }

    private init(_ request: PlayRequest, prompts: PromptTable, link: UnsafeMutablePointer<Returned>) {
        id = request.id
        bargeIn = request.bargeIn
        loops = request.loops
        let items = request.items.filter { Self.sounds($0, prompts) }
        count = items.count
        steps = .allocate(capacity: max(1, count))
        self.link = link
        for (index, item) in items.enumerated() {
            switch item {
            case .prompt(let prompt): (steps + index).initialize(to: .prompt(prompt))
            case .silence(let milliseconds):
                (steps + index).initialize(to: .silence(samples: milliseconds * 8))
            case .tone(let tone): (steps + index).initialize(to: .tone(ToneGenerator(tone)))
            }
        }
    }

    deinit {
        steps.deallocate()
        link.deallocate()
    }
}

typealias ProgramPointer = UnsafeMutablePointer<PlayProgram>

/// Plays one program on one leg, sample after sample, without a gap between its steps. On the media thread.
struct Player: ~Copyable {
    private(set) var program: ProgramPointer?
    private var step = 0
    /// Samples of the present step that are out.
    private var offset = 0
    private var played = 0
    /// The tone's samples before they are encoded.
    private let linear: UnsafeMutablePointer<Int16>

    init() {
        linear = .allocate(capacity: LegReceiver.samplesPerTick)
        linear.initialize(repeating: 0, count: LegReceiver.samplesPerTick)
    }

    deinit { linear.deallocate() }

    /// Milliseconds that are out, rounded down.
    var playedMilliseconds: Int { played / 8 }

    mutating func begin(_ program: ProgramPointer) {
        self.program = program
        step = 0
        offset = 0
        played = 0
    }

    /// Takes the program out, to be returned.
    mutating func take() -> ProgramPointer? {
        defer { program = nil }
        return program
    }

    /// Fills a tick as far as the program reaches; a loop always reaches.
    /// - Returns: samples written; fewer than `count` when it is at its end.
    mutating func fill(_ out: UnsafeMutablePointer<UInt8>, count: Int, codec: Codec, prompts: PromptTable) -> Int {
        guard let program else { return 0 }
        var written = 0
        while step < program.pointee.count, written < count {
            let wanted = count - written
            let given: Int
            let isOver: Bool
            switch program.pointee.steps[step] {
            case .prompt(let index):
                let bytes = prompts.bytes(index, codec: codec)
                given = min(wanted, max(0, bytes.count - offset))
                if given > 0, let base = bytes.baseAddress { (out + written).update(from: base + offset, count: given) }
                isOver = offset + given >= bytes.count
            case .silence(let samples):
                given = min(wanted, max(0, samples - offset))
                (out + written).update(repeating: G711.idle(codec), count: given)
                isOver = offset + given >= samples
            case .tone(var tone):
                given = tone.fill(linear, count: wanted)
                G711.encode(codec, linear, count: given, into: out + written)
                isOver = tone.isFinished
                if isOver, program.pointee.loops { tone.restart() }
                program.pointee.steps[step] = .tone(tone)
            }
            written += given
            offset += given
            if isOver {
                step += 1
                offset = 0
                if step == program.pointee.count, program.pointee.loops { step = 0 }
            }
        }
        played += written
        return written
    }

    /// The last sample is out; never of a loop.
    var isFinished: Bool { program.map { step >= $0.pointee.count } ?? false }
}
