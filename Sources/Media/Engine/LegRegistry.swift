import Calls

/// What the control plane knows of the legs: which are open, which ports are free, what can be used again. Guarded by
/// the engine's lock, which also makes its threads one producer of each command ring.
struct LegRegistry {
    struct Entry {
        var leg: LegPointer
        var call: CallID
        var place: LegPlaces.Place
        var recordings: [RecordingID] = []
    }

    var legs: [LegID: Entry] = [:]
    /// Recordings not yet asked to stop, with the legs that are still open.
    var recordings: [RecordingID: Set<LegID>] = [:]
    var ports: PortPool
    var places: LegPlaces
    /// The cards of legs that have one, kept until the media thread is done with the leg.
    var cards: [LegPointer: SoundCard] = [:]
    /// Legs that were closed, ready for others.
    private var spare: [LegPointer] = []
    /// Legs and recordings that a media thread or the writer holds, closing ones too.
    var heldLegs = 0
    var heldRecordings = 0
    var isShutDown = false

    init(ports: PortPool, places: LegPlaces) {
        self.ports = ports
        self.places = places
    }

    mutating func spareLeg() -> LegPointer? { spare.popLast() }

    /// Takes back what the other threads are done with, frees or keeps it.
    mutating func reap(_ stack: borrowing ReturnStack) {
        var next = stack.takeAll()
        while let link = next {
            // The link dies with its object.
            let returned = link.pointee
            next = returned.next
            switch returned.object {
            case .program(let program): PlayProgram.free(program)
            case .recording(let recording):
                heldRecordings -= 1
                Recording.free(recording)
            case .leg(let leg):
                heldLegs -= 1
                places.leave(leg.pointee.call)
                leg.pointee.transport.close()
                if case .rtp(let sockets) = leg.pointee.transport { ports.giveBack(sockets.endpoint.port) }
                cards[leg] = nil
                spare.append(leg)
            }
        }
    }

    /// A leg is being closed: its recordings that have no other leg end with it.
    mutating func close(_ id: LegID) -> Entry? {
        guard let entry = legs.removeValue(forKey: id) else { return nil }
        for recording in entry.recordings {
            recordings[recording]?.remove(id)
            if recordings[recording]?.isEmpty == true { recordings[recording] = nil }
        }
        return entry
    }

    /// Frees what is kept for later.
    mutating func freeSpare() {
        for leg in spare { Leg.free(leg) }
        spare.removeAll()
    }
}
