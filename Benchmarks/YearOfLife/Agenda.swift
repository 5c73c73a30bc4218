import Calls

/// What is to come, the next first; what is set for the same moment comes in the order in which it was put here.
struct Agenda<Entry> {
    private struct Place {
        var at: Int64
        var turn: Int
        var slot: Int
    }

    private var heap: [Place] = []
    private var slots: [Entry?] = []
    private var free: [Int] = []
    private var turns = 0

    mutating func put(_ entry: Entry, at: Int64) {
        turns += 1
        let slot: Int
        if let last = free.popLast() {
            slot = last
            slots[slot] = entry
        } else {
            slot = slots.count
            slots.append(entry)
        }
        heap.append(Place(at: at, turn: turns, slot: slot))
        var child = heap.count - 1
        while child > 0, isBefore(child, (child - 1) / 2) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func next() -> (at: Int64, entry: Entry)? {
        guard let first = heap.first, let last = heap.popLast() else { return nil }
        if !heap.isEmpty {
            heap[0] = last
            var parent = 0
            while true {
                var least = parent
                for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && isBefore(child, least) {
                    least = child
                }
                if least == parent { break }
                heap.swapAt(parent, least)
                parent = least
            }
        }
        guard let entry = slots[first.slot] else { return nil }
        slots[first.slot] = nil
        free.append(first.slot)
        return (first.at, entry)
    }

    private func isBefore(_ one: Int, _ other: Int) -> Bool {
        (heap[one].at, heap[one].turn) < (heap[other].at, heap[other].turn)
    }
}
