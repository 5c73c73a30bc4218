/// One thing to play, made ready off the media thread.
enum PlayStep {
    case prompt(PromptSound.View)
    case silence(samples: Int)
    case tone(ToneGenerator)
}

/// One thing to play with its sound as it is when the command is given.
enum PlayMaterial {
    case prompt(PromptSound)
    case silence(milliseconds: Int)
    case tone(Tone)

    /// Whether it has a length.
    var sounds: Bool {
        switch self {
        case .prompt(let sound): sound.view.count > 0
        case .silence(let milliseconds): milliseconds > 0
        case .tone(let tone): !ToneGenerator(tone).isFinished
        }
    }
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
    /// Keeps alive what the steps point to, even where a prompt is replaced meanwhile. The media thread does not touch it:
    /// references are taken in `make` and dropped in `free`.
    private let held: [PromptSound]

    /// Items at most; a play is a sentence, not a concert.
    static let maximumItems = 4096
    /// The longest silence, milliseconds.
    static let maximumSilence = 3_600_000

    /// - Parameter materials: of the request's items, in their order; what has no length is left out.
    static func make(_ request: PlayRequest, _ materials: [PlayMaterial]) -> ProgramPointer {
        let pointer = ProgramPointer.allocate(capacity: 1)
        let link = UnsafeMutablePointer<Returned>.allocate(capacity: 1)
        link.initialize(to: Returned(object: .program(pointer), next: nil))
        pointer.initialize(to: PlayProgram(request, materials.filter(\.sounds), link: link))
        return pointer
    }

    /// Frees it; off the media thread.
    static func free(_ pointer: ProgramPointer) {
        pointer.deinitialize(count: 1)
        pointer.deallocate()
    }

    private init(_ request: PlayRequest, _ materials: [PlayMaterial], link: UnsafeMutablePointer<Returned>) {
        id = request.id
        bargeIn = request.bargeIn
        loops = request.loops
        count = materials.count
        steps = .allocate(capacity: max(1, count))
        self.link = link
        var held: [PromptSound] = []
        for (index, material) in materials.enumerated() {
            switch material {
            case .prompt(let sound):
                held.append(sound)
                (steps + index).initialize(to: .prompt(sound.view))
            case .silence(let milliseconds):
                (steps + index).initialize(to: .silence(samples: milliseconds * 8))
            case .tone(let tone): (steps + index).initialize(to: .tone(ToneGenerator(tone)))
            }
        }
        self.held = held
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
    mutating func fill(_ out: UnsafeMutablePointer<UInt8>, count: Int, codec: Codec) -> Int {
        guard let program else { return 0 }
        var written = 0
        while step < program.pointee.count, written < count {
            let wanted = count - written
            let given: Int
            let isOver: Bool
            switch program.pointee.steps[step] {
            case .prompt(let sound):
                given = min(wanted, max(0, sound.count - offset))
                (out + written).update(from: sound.bytes(codec) + offset, count: given)
                isOver = offset + given >= sound.count
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
