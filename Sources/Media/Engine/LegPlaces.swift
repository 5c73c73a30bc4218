import Calls

/// Which media thread, and which phase of its ticks, runs the legs of a call: all of a call's the same, since they hear each
/// other and are recorded together. A call that begins goes where the fewest legs are, but a phase is not used before those
/// ahead of it have some: a thread with little to do wakes once a tick. A value.
package struct LegPlaces {
    package struct Place: Hashable {
        package let thread: Int
        package let phase: Int
    }

    private let threads: Int
    private let phases: Int
    /// Legs that a phase has before the next is used.
    private let fill: Int
    /// Legs by place, closing ones too, the threads of one phase side by side.
    private var legs: [Int]
    private var calls: [CallID: (place: Int, legs: Int)] = [:]

    package init(threads: Int, phases: Int, fill: Int) {
        self.threads = threads
        self.phases = phases
        self.fill = fill
        legs = Array(repeating: 0, count: threads * phases)
    }

    /// Where one more leg of the call belongs.
    package func next(of call: CallID) -> Place { place(calls[call]?.place ?? emptiest) }

    /// A leg of the call is opened where it belongs.
    package mutating func enter(_ call: CallID) {
        var entry = calls[call] ?? (place: emptiest, legs: 0)
        entry.legs += 1
        calls[call] = entry
        legs[entry.place] += 1
    }

    /// A media thread is done with a leg of the call. Behind its last the call is forgotten.
    package mutating func leave(_ call: CallID) {
        guard var entry = calls[call] else { return }
        legs[entry.place] -= 1
        entry.legs -= 1
        calls[call] = entry.legs > 0 ? entry : nil
    }

    /// Nil where a media thread has no leg of the call.
    package func place(of call: CallID) -> Place? { calls[call].map { place($0.place) } }

    private func place(_ index: Int) -> Place { Place(thread: index % threads, phase: index / threads) }

    /// Of the first phase in which a thread has room, or of all where none has, the place with the fewest legs.
    private var emptiest: Int {
        for phase in 0..<phases {
            let place = fewest(in: phase * threads..<(phase + 1) * threads)
            if legs[place] < fill { return place }
        }
        return fewest(in: legs.indices)
    }

    /// The first of those with the fewest legs.
    private func fewest(in places: Range<Int>) -> Int {
        places.min { legs[$0] < legs[$1] } ?? places.lowerBound
    }
}
