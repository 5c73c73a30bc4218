/// Adds up a tick of several sources in linear samples and encodes the sum. On the media thread; it allocates in `init`
/// alone.
struct Mixer: ~Copyable {
    /// 160 sums, wide enough that no number of sources overflows before the end.
    private let sums: UnsafeMutablePointer<Int32>

    init() {
        sums = .allocate(capacity: Leg.tick)
        sums.initialize(repeating: 0, count: Leg.tick)
    }

    deinit { sums.deallocate() }

    func begin() { sums.update(repeating: 0, count: Leg.tick) }

    /// Adds the first `count` samples of a source; the rest of its tick is silence.
    ///
    /// A-law has no zero: its idle code stands for 8. It is added as nothing, so that silence does not change what is
    /// said, and many silences do not add up to a sound.
    func add(_ codec: Codec, _ codes: UnsafePointer<UInt8>, count: Int) {
        let table = G711.table(codec)
        let idle = G711.idle(codec)
        for index in 0..<count {
            let code = codes[index]
            sums[index] &+= code == idle ? 0 : Int32(table[Int(code)])
        }
    }

    /// Encodes the sum; what is too loud is cut off at full scale.
    func end(_ codec: Codec, into out: UnsafeMutablePointer<UInt8>) {
        switch codec {
        case .pcma: for index in 0..<Leg.tick { out[index] = G711.aLaw(Int16(clamping: sums[index])) }
        case .pcmu: for index in 0..<Leg.tick { out[index] = G711.uLaw(Int16(clamping: sums[index])) }
        }
    }
}
