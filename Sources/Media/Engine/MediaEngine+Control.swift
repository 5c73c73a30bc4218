import AudioLog
import Calls

/// `MediaControl`: each method checks what it is given and puts one command into the ring.
extension MediaEngine {
    public func open(leg: LegID, call: CallID, address: IPAddress) throws(MediaError) -> Endpoint {
        try parts.registry.withLock { registry throws(MediaError) in
            let place = try needLeg(leg, of: call, &registry)
            let sockets = try bind(address, &registry.ports)
            open(leg, call: call, at: place, transport: .rtp(sockets), &registry)
            return sockets.endpoint
        }
    }

    public func open(leg: LegID, call: CallID, card: SoundCard) throws(MediaError) {
        try parts.registry.withLock { registry throws(MediaError) in
            let place = try needLeg(leg, of: call, &registry)
            guard card.link.pointee.claim() else {
                throw MediaError(.device, "The sound card \(card.configuration.capture) serves another call")
            }
            let pointer = open(leg, call: call, at: place, transport: .sound(card.link), &registry)
            registry.cards[pointer] = card
        }
    }

    /// Where one more leg can be opened.
    private func needLeg(
        _ leg: LegID, of call: CallID, _ registry: inout LegRegistry
    ) throws(MediaError) -> LegPlaces.Place {
        parts.reap(&registry)
        guard !registry.isShutDown else { throw MediaError(.limit, "The media engine is shut down") }
        guard registry.legs[leg] == nil else { throw MediaError(.limit, "Leg \(leg) is open already") }
        guard registry.heldLegs < configuration.maximumLegs else {
            throw MediaError(
                .limit, "All \(configuration.maximumLegs) legs are in use; raise the limit of legs to take more")
        }
        let place = registry.places.next(of: call)
        try needRoom(at: place)
        return place
    }

    @discardableResult
    private func open(
        _ leg: LegID, call: CallID, at place: LegPlaces.Place, transport: LegTransport, _ registry: inout LegRegistry
    ) -> LegPointer {
        let pointer: LegPointer
        if let spare = registry.spareLeg() {
            pointer = spare
            pointer.pointee.reuse(leg, call: call, phase: place.phase, transport: transport)
        } else {
            pointer = Leg.make(leg, call: call, phase: place.phase, transport: transport, receive: receive)
        }
        registry.heldLegs += 1
        registry.legs[leg] = LegRegistry.Entry(leg: pointer, call: call, place: place)
        registry.places.enter(call)
        post(.open(pointer), to: place.thread)
        return pointer
    }

    public func configure(leg: LegID, session: MediaSession) throws(MediaError) {
        try command(leg) { .configure($0, session) }
    }

    public func start(leg: LegID) throws(MediaError) { try command(leg) { .start($0) } }

    /// - Throws: `.busy`; `.prompt` for an index that the store does not have; `.limit` for more than 4,096 items, a
    ///   silence of more than an hour, or a loop without a single sample.
    public func play(leg: LegID, _ request: PlayRequest) throws(MediaError) {
        guard request.items.count <= PlayProgram.maximumItems else {
            throw MediaError(.limit, "A play has at most \(PlayProgram.maximumItems) items")
        }
        let materials = try request.items.map { item throws(MediaError) in try material(item) }
        guard !request.loops || materials.contains(where: \.sounds) else {
            throw MediaError(
                .limit, "A play that loops must have a length: give it a prompt, a tone or a silence above 0 ms")
        }
        try command(leg) { .play($0, PlayProgram.make(request, materials)) }
    }

    /// An item with its prompt as it is now: what replaces it later is for plays that begin later.
    private func material(_ item: PlayItem) throws(MediaError) -> PlayMaterial {
        switch item {
        case .prompt(let index):
            guard let sound = parts.prompts.sound(index) else {
                throw MediaError(.prompt, "There is no prompt with the index \(index.value)")
            }
            return .prompt(sound)
        case .silence(let milliseconds):
            guard (0...PlayProgram.maximumSilence).contains(milliseconds) else {
                throw MediaError(.limit, "A silence lasts 0…\(PlayProgram.maximumSilence) ms")
            }
            return .silence(milliseconds: milliseconds)
        case .tone(let tone): return .tone(tone)
        }
    }

    public func stopPlay(leg: LegID, id: PlayID) throws(MediaError) { try command(leg) { .stopPlay($0, id) } }

    /// A listening leg that is not open is passed over; the legs it is to hear must be open.
    public func hear(leg: LegID, legs: [LegID]) throws(MediaError) {
        guard legs.count <= HearingList.capacity else {
            throw MediaError(.limit, "Leg \(leg) can hear \(HearingList.capacity) others, not \(legs.count)")
        }
        guard !legs.contains(leg) else { throw MediaError(.limit, "Leg \(leg) cannot hear itself") }
        guard Set(legs).count == legs.count else {
            throw MediaError(.limit, "Leg \(leg) is to hear the same leg twice: name each once")
        }
        try parts.registry.withLock { registry throws(MediaError) in
            guard let listener = registry.legs[leg] else { return countStranger() }
            var list = HearingList()
            for other in legs {
                guard let entry = registry.legs[other], entry.call == listener.call else {
                    throw MediaError(
                        .limit, "Leg \(leg) cannot hear leg \(other): that is no open leg of call \(listener.call)")
                }
                list.append(entry.leg)
            }
            try needRoom(at: listener.place)
            post(.hear(listener.leg, list), to: listener.place.thread)
        }
    }

    public func watchSilence(leg: LegID, afterMilliseconds: Int?) throws(MediaError) {
        try command(leg) { .watchSilence($0, milliseconds: afterMilliseconds) }
    }

    /// - Throws: `.busy`; `.limit` for more than 64 keys.
    public func sendKeys(leg: LegID, _ keys: [Key]) throws(MediaError) {
        guard let packed = PackedKeys(keys) else {
            throw MediaError(.limit, "At most \(PackedKeys.capacity) keys can be sent at a time")
        }
        try command(leg) { .sendKeys($0, packed) }
    }

    /// - Throws: `.busy`; `.limit` where a channel's leg is not open or is another call's, two channels have one index,
    ///   there are none or more than eight, or too many recordings are under way.
    public func startRecording(
        _ recording: RecordingID, call: CallID, channels: [RecordingChannel]
    ) throws(MediaError) {
        guard (1...Recording.maximumChannels).contains(channels.count),
            Set(channels.map(\.index)).count == channels.count,
            channels.allSatisfy({ (0..<Recording.maximumChannels).contains($0.index) })
        else {
            throw MediaError(.limit, "A recording has 1…\(Recording.maximumChannels) channels, each with its own index")
        }
        try parts.registry.withLock { registry throws(MediaError) in
            parts.reap(&registry)
            guard registry.heldRecordings < configuration.maximumLegs * 2, registry.recordings[recording] == nil else {
                throw MediaError(.limit, "Recording \(recording) cannot begin: too many, or begun already")
            }
            var pairs: [(channel: RecordingChannel, leg: LegPointer)] = []
            for channel in channels {
                guard let entry = registry.legs[channel.leg], entry.call == call else {
                    throw MediaError(.limit, "Leg \(channel.leg) is not an open leg of call \(call)")
                }
                pairs.append((channel, entry.leg))
            }
            // All channels' legs are this call's, and at one place.
            let place = registry.places.next(of: call)
            try needRoom(at: place)
            registry.heldRecordings += 1
            registry.recordings[recording] = Set(channels.map(\.leg))
            for leg in Set(channels.map(\.leg)) { registry.legs[leg]?.recordings.append(recording) }
            post(.startRecording(Recording.make(recording, call: call, channels: pairs)), to: place.thread)
        }
    }

    /// A recording that is not under way is passed over. Never throws: its place in the ring is kept.
    public func stopRecording(_ recording: RecordingID) throws(MediaError) {
        parts.registry.withLock { registry in
            guard let legs = registry.recordings.removeValue(forKey: recording) else { return countStranger() }
            // A recording's legs are open, one at least: it is over with its last.
            guard let place = legs.first.flatMap({ registry.legs[$0]?.place }) else { return countStranger() }
            for leg in legs { registry.legs[leg]?.recordings.removeAll { $0 == recording } }
            post(.stopRecording(recording, phase: place.phase), to: place.thread)
        }
    }

    /// A call without a leg has no recording, and is passed over.
    /// - Throws: `.busy`.
    public func pauseRecordings(of call: CallID, _ isPaused: Bool) throws(MediaError) {
        try parts.registry.withLock { registry throws(MediaError) in
            guard let place = registry.places.place(of: call) else { return countStranger() }
            try needRoom(at: place)
            post(.pauseRecordings(call, isPaused, phase: place.phase), to: place.thread)
        }
    }

    public func close(leg: LegID) {
        parts.registry.withLock { registry in
            guard let entry = registry.close(leg) else { return countStranger() }
            post(.close(entry.leg), to: entry.place.thread)
        }
    }

    // MARK: - The ring

    /// A command for one leg; what it hands over is made only where there is room for it.
    private func command(_ leg: LegID, _ make: (LegPointer) -> Command) throws(MediaError) {
        try parts.registry.withLock { registry throws(MediaError) in
            guard let entry = registry.legs[leg] else { return countStranger() }
            try needRoom(at: entry.place)
            post(make(entry.leg), to: entry.place.thread)
        }
    }

    private func countStranger() { parts.shards[0].counters.commandsWithoutLeg.add() }

    /// Ordinary commands leave the ring's last places to `close` and `stopRecording`.
    private func needRoom(at place: LegPlaces.Place) throws(MediaError) {
        let shard = UnsafePointer(parts.shards + place.thread)
        guard shard.pointee.commands.count < shard.pointee.ordinaryCommands else {
            shard.pointee.counters.commandsRefused.add()
            throw MediaError(.busy, "The media thread is behind: its command ring is full")
        }
    }

    /// Puts a command into a thread's ring, whose room was looked after before. Under the registry's lock only.
    func post(_ command: Command, to thread: Int) {
        let shard = UnsafePointer(parts.shards + thread)
        if !shard.pointee.commands.push(command) { shard.pointee.counters.commandsRefused.add() }
    }

    /// The first pair of free ports; those that somebody else holds are tried again later.
    private func bind(_ address: IPAddress, _ ports: inout PortPool) throws(MediaError) -> LegSockets {
        for _ in 0..<ports.count {
            guard let port = ports.take() else { break }
            do throws(MediaError) {
                let sockets = try LegSockets.open(Endpoint(address: address, port: port), dscp: configuration.dscp)
                if let sockets { return sockets }
                ports.giveBack(port)
            } catch {
                ports.giveBack(port)
                throw error
            }
        }
        throw MediaError(
            .noPort, "No pair of ports is free in \(configuration.ports.lowerBound)–\(configuration.ports.upperBound)")
    }
}
