/// Deadlines in their order: a binary heap. What was put in stays until its time has come; whoever takes it out looks
/// whether it still holds.
package struct TimerQueue<Item> {
    private var heap: [(at: Int64, item: Item)] = []

    package init() {}

    package var next: Int64? { heap.first?.at }

    package mutating func add(_ item: Item, at: Int64) {
        heap.append((at, item))
        var child = heap.count - 1
        while child > 0, heap[(child - 1) / 2].at > heap[child].at {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// The first item whose time has come.
    package mutating func take(at now: Int64) -> Item? {
        guard let first = heap.first, first.at <= now else { return nil }
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && heap[child].at < heap[least].at {
                least = child
            }
            if least == parent { break }
            heap.swapAt(parent, least)
            parent = least
        }
        return first.item
    }
}
