import AudioLog
import Calls

/// One tick of one leg, in two passes.
extension EngineCore {
    /// Plays out what came from the far end, and does what its keys ask for.
    mutating func receive(_ leg: LegPointer) {
        guard !leg.pointee.isClosing else { return }
        let kind: PlayoutKind
        switch leg.pointee.transport {
        case .rtp(let sockets):
            drain(leg, sockets)
            kind = leg.pointee.receiver.playout(into: leg.pointee.received, at: now.mono)
        case .sound(let link):
            let isThere = leg.pointee.isStarted && link.pointee.take(into: scratch.linear)
            kind = leg.pointee.receiver.hear(
                isThere ? UnsafePointer(scratch.linear) : nil, into: leg.pointee.received, at: now)
        }
        leg.pointee.receivedFlags =
            switch kind {
            case .audio: 0
            case .concealed: UInt8(truncatingIfNeeded: AudioLogBlock.Flags.concealed.rawValue)
            case .silence: UInt8(truncatingIfNeeded: AudioLogBlock.Flags.silent.rawValue)
            }
        // Before anything is sent: a key ends the play within this tick.
        while let event = leg.pointee.receiver.nextEvent() { take(event, leg) }
    }

    /// Sends the far end what it hears.
    mutating func send(_ leg: LegPointer) {
        guard !leg.pointee.isClosing else { return }
        transmit(leg)
        if leg.pointee.mayReport, leg.pointee.isStarted, now.mono >= leg.pointee.nextReport { report(leg) }
    }

    // MARK: - In

    private mutating func drain(_ leg: LegPointer, _ sockets: LegSockets) {
        let count = datagrams.receive(sockets.rtp)
        guard count > 0 else { return }
        figures.received &+= UInt64(count)
        if count == DatagramBatch.capacity { figures.floods &+= 1 }
        for index in 0..<count {
            guard let datagram = datagrams.datagram(index), let source = datagrams.source(index) else {
                figures.oversized &+= 1
                continue
            }
            leg.pointee.receiver.receive(datagram, source: source, at: datagrams.arrival(index, now: now))
        }
        datagrams.arm(first: count)
    }

    private mutating func take(_ event: ReceiveEvent, _ leg: LegPointer) {
        switch event {
        case .firstPacket(let source):
            follow(source, leg)
            tell(leg, .firstPacket(source: source))
        case .latched(let source):
            follow(source, leg)
            tell(leg, .latched(source: source))
        case .keyDown(let key, let by):
            tell(leg, .keyDown(key, by))
            if let program = leg.pointee.player.program, program.pointee.bargeIn.contains(key) {
                stopPlay(leg, key: key)
            }
        case .keyUp(let key, let by, let milliseconds): tell(leg, .keyUp(key, by, milliseconds: milliseconds))
        case .talkStarted: tell(leg, .talkStarted)
        case .silent(let milliseconds): tell(leg, .silent(milliseconds: milliseconds))
        case .inactive(let milliseconds): tell(leg, .inactive(milliseconds: milliseconds))
        case .active: tell(leg, .active)
        }
    }

    /// Behind NAT the peer is reached where it sends from (RFC 4961), not where its SDP says.
    private func follow(_ source: Endpoint, _ leg: LegPointer) {
        guard leg.pointee.receiver.session?.nat == true else { return }
        leg.pointee.destination = SocketAddress(source)
    }

    // MARK: - Out

    private mutating func transmit(_ leg: LegPointer) {
        let codec = leg.pointee.codec
        let out = leg.pointee.sent
        guard leg.pointee.isStarted, leg.pointee.mayTransmit, let session = leg.pointee.receiver.session else {
            // On hold, or not begun: the play waits, and nothing is what the far end hears.
            idle(out, codec)
            leg.pointee.sentFlags = UInt8(truncatingIfNeeded: AudioLogBlock.Flags.silent.rawValue)
            guard leg.pointee.isStarted else { return }
            // A card's time goes on: what it is not given would be a delay later.
            if let link = leg.pointee.sound { sound(leg, on: link) }
            leg.pointee.stream.advance(ticks: 1)
            return
        }
        leg.pointee.sentFlags = 0
        if !leg.pointee.eventKeys.isIdle {
            idle(out, codec)
            sendKeyTick(leg, session)
        } else {
            if !leg.pointee.inbandKeys.isIdle {
                leg.pointee.inbandKeys.fill(scratch.linear, count: Leg.tick)
                G711.encode(codec, scratch.linear, count: Leg.tick, into: out)
                if leg.pointee.inbandKeys.isIdle { tell(leg, .keysSent) }
            } else {
                play(leg, into: out, codec)
            }
            send(leg, leg.pointee.stream.audio(payloadType: session.payloadType), payload: Leg.tick)
        }
        leg.pointee.stream.advance(ticks: 1)
    }

    /// Silence from a sample of the tick on.
    private func idle(_ out: UnsafeMutablePointer<UInt8>, _ codec: Codec, from: Int = 0) {
        (out + from).update(repeating: G711.idle(codec), count: Leg.tick - from)
    }

    /// The play under way over the legs heard.
    private mutating func play(_ leg: LegPointer, into out: UnsafeMutablePointer<UInt8>, _ codec: Codec) {
        let heard = leg.pointee.hears.count
        if leg.pointee.player.program != nil {
            let written = advancePlay(leg, into: out, codec)
            // Behind a play's end nothing of it is mixed.
            guard heard > 0 else { return idle(out, codec, from: written) }
            scratch.mixer.begin()
            scratch.mixer.add(codec, out, count: written)
        } else if heard == 0 {
            // Silence is sent too: it keeps the far end's recorder and the NAT's mapping going.
            return idle(out, codec, from: 0)
        } else if heard == 1, let other = leg.pointee.hears[0] {
            return G711.transcode(
                other.pointee.received, count: Leg.tick, from: other.pointee.codec, to: codec, into: out)
        } else {
            scratch.mixer.begin()
        }
        for index in 0..<heard {
            guard let other = leg.pointee.hears[index] else { continue }
            scratch.mixer.add(other.pointee.codec, other.pointee.received, count: Leg.tick)
        }
        scratch.mixer.end(codec, into: out)
    }

    /// The next samples of the play, and what is told of it.
    /// - Returns: how many; fewer than a tick at its end.
    private mutating func advancePlay(
        _ leg: LegPointer, into out: UnsafeMutablePointer<UInt8>, _ codec: Codec
    ) -> Int {
        guard let program = leg.pointee.player.program else { return 0 }
        let id = program.pointee.id
        let written = leg.pointee.player.fill(out, count: Leg.tick, codec: codec)
        if !leg.pointee.toldPlay {
            leg.pointee.toldPlay = true
            tell(leg, .playStarted(id))
        }
        if leg.pointee.player.isFinished, let program = leg.pointee.player.take() {
            tell(leg, .playFinished(id))
            shared.pointee.returned.push(program.pointee.link)
        }
        return written
    }

    /// A key as RFC 4733 events; in its pauses silence goes out.
    private mutating func sendKeyTick(_ leg: LegPointer, _ session: MediaSession) {
        let timestamp = leg.pointee.stream.timestamp
        let event = leg.pointee.eventKeys.tick(timestamp: timestamp)
        if let event, let type = session.telephoneEventPayloadType {
            event.write(to: leg.pointee.packet + RTPPacket.headerLength)
            let header = leg.pointee.stream.event(
                payloadType: type, timestamp: event.timestamp, marker: event.marker)
            send(leg, header, payload: TelephoneEventPacket.length)
            // What is recorded of it is silence.
            idle(leg.pointee.sent, leg.pointee.codec)
            leg.pointee.stream.spurtBegins = true
        } else {
            send(leg, leg.pointee.stream.audio(payloadType: session.payloadType), payload: Leg.tick)
        }
        if leg.pointee.eventKeys.isIdle { tell(leg, .keysSent) }
    }

    private mutating func send(_ leg: LegPointer, _ header: RTPPacket, payload: Int) {
        let done: Bool
        switch leg.pointee.transport {
        case .rtp(let sockets):
            header.write(to: leg.pointee.packet)
            done = leg.pointee.destination.send(
                leg.pointee.packet, count: RTPPacket.headerLength + payload, on: sockets.rtp)
        case .sound(let link):
            sound(leg, on: link)
            done = true
        }
        leg.pointee.stream.left(payload: payload, refused: !done)
        if done {
            figures.sent &+= 1
        } else {
            leg.pointee.sendErrors &+= 1
            figures.sendErrors &+= 1
        }
    }

    /// This tick as the card plays it.
    private func sound(_ leg: LegPointer, on link: SoundLinkPointer) {
        G711.decode(leg.pointee.codec, leg.pointee.sent, count: Leg.tick, into: scratch.linear)
        link.pointee.give(scratch.linear)
    }
}
