import Synchronization

/// Something that the media thread or the writer is done with, on its way to be freed elsewhere.
struct Returned {
    enum Object {
        case leg(LegPointer)
        case program(ProgramPointer)
        case recording(RecordingPointer)
    }
    var object: Object
    var next: UnsafeMutablePointer<Returned>?
}

/// Takes back what was handed over. It has no capacity: each object brings its own link with it. Any thread pushes,
/// any thread takes all; a push is repeated only where another thread came between.
struct ReturnStack: ~Copyable {
    private let top = Atomic<UnsafeMutablePointer<Returned>?>(nil)

    func push(_ link: UnsafeMutablePointer<Returned>) {
        var expected = top.load(ordering: .relaxed)
        while true {
            link.pointee.next = expected
            let (done, found) = top.weakCompareExchange(
                expected: expected, desired: link, successOrdering: .releasing, failureOrdering: .relaxed)
            if done { return }
            expected = found
        }
    }

    /// Everything pushed so far, the last first; the caller owns it.
    func takeAll() -> UnsafeMutablePointer<Returned>? { top.exchange(nil, ordering: .acquiring) }

    var isEmpty: Bool { top.load(ordering: .relaxed) == nil }
}
