import Calls

/// Which media thread, and which phase of its ticks, runs the legs of a call: all of a call's the same, since they hear each
/// other and are recorded together. A call that begins goes where the fewest legs are. A value.
struct LegPlaces {
    struct Place: Hashable {
        let thread: Int
        let phase: Int
    }

    private let threads: Int
    /// Open legs by place, the threads of one phase side by side.
    private var legs: [Int]
    private var calls: [CallID: (place: Int, legs: Int)] = [:]

    init(threads: Int, phases: Int) {
        self.threads = threads
        legs = Array(repeating: 0, count: threads * phases)
    }

    /// Where one more leg of the call belongs.
    func next(of call: CallID) -> Place { place(calls[call]?.place ?? emptiest) }

    /// A leg of the call is opened where it belongs.
    mutating func enter(_ call: CallID) {
        var entry = calls[call] ?? (place: emptiest, legs: 0)
        entry.legs += 1
        calls[call] = entry
        legs[entry.place] += 1
    }

    /// A leg of the call was closed. Behind its last the call is forgotten.
    mutating func leave(_ call: CallID) {
        guard var entry = calls[call] else { return }
        legs[entry.place] -= 1
        entry.legs -= 1
        calls[call] = entry.legs > 0 ? entry : nil
    }

    /// Nil where no leg of the call is open.
    func place(of call: CallID) -> Place? { calls[call].map { place($0.place) } }

    private func place(_ index: Int) -> Place { Place(thread: index % threads, phase: index / threads) }

    /// The first of those with the fewest legs.
    private var emptiest: Int { legs.indices.min { legs[$0] < legs[$1] } ?? 0 }
}
