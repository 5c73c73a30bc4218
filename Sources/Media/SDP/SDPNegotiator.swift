/// Names one description of ours: `o=` session id and version (RFC 8866 §5.2).
public struct SDPSessionID: Hashable, Sendable {
    /// Unique for the dialog; 63 bits, since peers read it as a signed number.
    public let id: UInt64
    /// Rises by one with each description that differs from the one before (RFC 3264 §8).
    public var version: UInt64

    public init(id: UInt64, version: UInt64 = 1) {
        self.id = id & 0x7FFF_FFFF_FFFF_FFFF
        self.version = version
    }
}

extension MediaError.Code {
    /// Offer and answer were read, but have nothing in common: no audio over plain RTP, or no codec of ours.
    /// In SIP: 488 Not Acceptable Here (RFC 3261 §21.4.26).
    public static let noCodec = MediaError.Code("no_codec")
}

/// Offer and answer (RFC 3264) for one audio stream: G.711 and telephone-event over RTP/AVP. A value without state;
/// `SDPDialog` keeps what one dialog has to remember.
///
/// Of several media the first usable audio is taken; all others are answered with port 0 in their places.
public struct SDPNegotiator: Sendable, Hashable {
    /// What we speak, in our order of preference: the order of our offers.
    public var codecs: [Codec]
    /// Whether keys are offered and taken as RFC 4733 events.
    public var telephoneEvent: Bool
    /// True: in an answer our own order decides. False: the offerer's first that we speak (RFC 3264 §6.1 recommends).
    public var ownPreference: Bool

    /// Our payload type for telephone-event where we offer it first; what nearly everybody uses.
    static let telephoneEventPayloadType: UInt8 = 101

    public init(codecs: [Codec] = [.pcma, .pcmu], telephoneEvent: Bool = true, ownPreference: Bool = false) {
        self.codecs = codecs
        self.telephoneEvent = telephoneEvent
        self.ownPreference = ownPreference
    }

    /// Answers a peer's offer.
    /// - Parameters:
    ///   - local: the RTP address to announce; of the family that `family(of:)` finds in the offer.
    ///   - nat: handed on to `MediaSession.nat`.
    ///   - willing: what we want of the stream; the answer's direction is that much of the offer's mirror image.
    /// - Returns: the answer's text, and what was agreed on with directions seen from us.
    /// - Throws: `MediaError`: `.sdp` where the offer cannot be read or names an address that media cannot be sent
    ///   to; `.noCodec` where nothing is in common (488).
    public func answer(
        to offer: String, local: Endpoint, session: SDPSessionID, nat: Bool = false,
        willing: MediaDirection = .sendReceive
    ) throws(MediaError) -> (sdp: String, session: MediaSession) {
        let description = try SessionDescription(parsing: offer)
        let (index, choice) = try chooseAudio(in: description)
        let media = description.media[index]
        let remote = try remote(of: media, in: description, local: local, nat: nat)
        let agreed = remote.session(
            choice, direction: Self.mirror(description.direction(of: media), held: remote.held, willing: willing))
        var answer = description.media.map {
            SessionDescription.Media(kind: $0.kind, port: 0, transport: $0.transport, formats: $0.formats)
        }
        answer[index] = Self.media(
            port: local.port, formats: [(choice.codec, choice.payloadType)], events: choice.events,
            ptime: agreed.ptime, direction: agreed.direction)
        return (Self.describe(answer, local: local, session: session).description, agreed)
    }

    /// An offer of ours: for dialling, for a late offer (an INVITE without a description) and, with `previous`, for
    /// hold, resume and a change of address within a dialog.
    /// - Parameter previous: our last description in the dialog: its media keep their places and payload types
    ///   (RFC 3264 §8).
    public func offer(
        local: Endpoint, session: SDPSessionID, direction: MediaDirection = .sendReceive, previous: String? = nil
    ) throws(MediaError) -> String {
        if let previous {
            var description = try SessionDescription(parsing: previous)
            for index in description.media.indices where description.media[index].port != 0 {
                description.media[index].port = local.port
                description.media[index].attributes.removeAll { MediaDirection(rawValue: $0.name) != nil }
                description.media[index].attributes.append(.init(direction.rawValue))
            }
            return Self.describe(description.media, local: local, session: session).description
        }
        let media = Self.media(
            port: local.port, formats: codecs.map { ($0, $0.rawValue) },
            events: telephoneEvent ? Self.telephoneEventPayloadType : nil, ptime: 20, direction: direction)
        return Self.describe([media], local: local, session: session).description
    }

    /// Takes a peer's answer to an offer of ours.
    /// - Parameter toOffer: the offer as sent.
    /// - Throws: `MediaError`: `.sdp` where the answer cannot be read, does not fit the offer or names an address
    ///   that media cannot be sent to; `.noCodec` where the audio was refused or answered with nothing we offered.
    public func accept(answer: String, toOffer offer: String, nat: Bool = false) throws(MediaError) -> MediaSession {
        let ours = try SessionDescription(parsing: offer)
        let theirs = try SessionDescription(parsing: answer)
        guard let index = ours.media.firstIndex(where: { $0.kind == "audio" && $0.port != 0 }),
            case .address(let address) = ours.connection(of: ours.media[index])
        else { throw MediaError(.sdp, "SDP answer: the offer held no audio") }
        guard theirs.media.count == ours.media.count else {
            throw MediaError(
                .sdp, "SDP answer: \(theirs.media.count) media where \(ours.media.count) were offered (RFC 3264 §6)")
        }
        let media = theirs.media[index]
        guard media.kind == "audio", media.transport == ours.media[index].transport else {
            throw MediaError(
                .sdp, "SDP answer: medium \(index + 1) is \(media.kind) over \(media.transport), not audio")
        }
        guard media.port != 0 else { throw MediaError(.noCodec, "SDP answer: the peer refused the audio (port 0)") }
        let offered = AudioFormats(of: ours.media[index])
        guard let choice = choose(in: media, from: Set(offered.formats.compactMap(AudioFormats.codec))) else {
            throw MediaError(.noCodec, "SDP answer: no codec that was offered in `m=audio \(Self.list(media))`")
        }
        let remote = try remote(
            of: media, in: theirs, local: Endpoint(address: address, port: ours.media[index].port), nat: nat)
        let direction = Self.mirror(
            theirs.direction(of: media), held: remote.held, willing: ours.direction(of: ours.media[index]))
        return remote.session(choice, direction: direction)
    }

    /// The address family that the first usable audio of a description asks media for; nil where it has none. Tells
    /// which of our addresses to bind before answering.
    public static func family(of sdp: String) -> IPAddress.Family? {
        guard
            case .success(let description) = Result(catching: { () throws(MediaError) in
                try SessionDescription(parsing: sdp)
            })
        else { return nil }
        for media in description.media where isPlainAudio(media) {
            if case .address(let address) = description.connection(of: media) { return address.family }
        }
        return nil
    }
}

extension SDPNegotiator {
    /// What was picked of a peer's formats.
    struct Choice {
        var codec: Codec
        var payloadType: UInt8
        var events: UInt8?
    }

    /// A peer's side of the stream, but for codec and direction.
    struct Remote {
        var rtp: Endpoint
        var rtcp: Endpoint
        var ptime: Int
        var nat: Bool
        /// The old way to hold: an unspecified address, to which nothing may be sent (RFC 3264 §8.4).
        var held: Bool { rtp.address.isUnspecified }

        func session(_ choice: Choice, direction: MediaDirection) -> MediaSession {
            MediaSession(
                remote: rtp, remoteRTCP: rtcp, codec: choice.codec, payloadType: choice.payloadType,
                telephoneEventPayloadType: choice.events, direction: direction, ptime: ptime, nat: nat)
        }
    }

    /// Audio over RTP without keys. RTP/SAVP (SRTP) and RTP/AVPF are other transports, which we do not speak yet.
    static func isPlainAudio(_ media: SessionDescription.Media) -> Bool {
        media.kind == "audio" && media.port != 0 && media.transport == "RTP/AVP"
    }

    private func chooseAudio(in description: SessionDescription) throws(MediaError) -> (Int, Choice) {
        var seen: [String] = []
        for (index, media) in description.media.enumerated() {
            if Self.isPlainAudio(media), let choice = choose(in: media, from: Set(codecs)) { return (index, choice) }
            seen.append("m=\(media.kind) \(media.port) \(media.transport) \(Self.list(media))")
        }
        let ours = codecs.map(\.name).joined(separator: ", ")
        throw MediaError(
            .noCodec, "SDP offer: no audio over RTP/AVP with one of \(ours) in: \(seen.joined(separator: "; "))")
    }

    private func choose(in media: SessionDescription.Media, from allowed: Set<Codec>) -> Choice? {
        let formats = AudioFormats(of: media)
        let known = formats.formats.compactMap { format in
            AudioFormats.codec(format).flatMap { allowed.contains($0) ? ($0, format.payloadType) : nil }
        }
        let preferred = ownPreference ? codecs.lazy.compactMap { ours in known.first { $0.0 == ours } }.first : nil
        guard let (codec, payloadType) = preferred ?? known.first else { return nil }
        let events = telephoneEvent ? formats.telephoneEvent(clock: codec.rate)?.payloadType : nil
        return Choice(codec: codec, payloadType: payloadType, events: events)
    }

    private static func list(_ media: SessionDescription.Media) -> String {
        media.formats.prefix(8).joined(separator: " ")
    }

    private func remote(
        of media: SessionDescription.Media, in description: SessionDescription, local: Endpoint, nat: Bool
    ) throws(MediaError) -> Remote {
        let address: IPAddress
        switch description.connection(of: media) {
        case .address(let ip): address = ip
        case .multicast: throw MediaError(.sdp, "SDP: c= names a group address; only one party's is taken")
        case .name(let name):
            throw MediaError(.sdp, "SDP: c= names the host `\(name.prefix(64))`; only numeric addresses are taken")
        case .other: throw MediaError(.sdp, "SDP: c= is neither IN IP4 nor IN IP6 with an address of that family")
        case nil: throw MediaError(.sdp, "SDP: the audio has no c= line, nor has the session")
        }
        guard address.family == local.address.family else {
            throw MediaError(
                .sdp, "SDP: the peer's media address \(address) is not of the family of our \(local.address)")
        }
        let rtp = Endpoint(address: address, port: media.port)
        return Remote(
            rtp: rtp, rtcp: Self.rtcp(of: media, rtp: rtp), ptime: description.ptime(of: media), nat: nat)
    }

    /// RFC 3605 `a=rtcp:<port> [IN IP4|IP6 <address>]`; the next port where it is missing or cannot be used.
    private static func rtcp(of media: SessionDescription.Media, rtp: Endpoint) -> Endpoint {
        // Above 65,535 there is no next port: 0 sends nothing.
        let next = Endpoint(address: rtp.address, port: rtp.port &+ 1)
        guard let words = media.value(of: "rtcp")?.split(separator: " ", maxSplits: 4),
            words.count == 1 || words.count == 4,
            let port = UInt16(words[0]), port != 0
        else { return next }
        guard words.count == 4 else { return Endpoint(address: rtp.address, port: port) }
        guard case .address(let address) = SDPParser.connection(network: words[1], type: words[2], address: words[3]),
            address.family == rtp.address.family
        else { return next }
        return Endpoint(address: address, port: port)
    }

    /// Our direction: the mirror image of the peer's, as far as we are willing (RFC 3264 §6.1).
    private static func mirror(_ theirs: MediaDirection, held: Bool, willing: MediaDirection) -> MediaDirection {
        let sends = theirs.receives && willing.sends && !held
        let receives = theirs.sends && willing.receives
        return sends ? (receives ? .sendReceive : .sendOnly) : (receives ? .receiveOnly : .inactive)
    }

    private static func media(
        port: UInt16, formats: [(codec: Codec, payloadType: UInt8)], events: UInt8?, ptime: Int,
        direction: MediaDirection
    ) -> SessionDescription.Media {
        // rtpmap is given for static types too: some peers insist on it.
        var attributes = formats.map {
            SessionDescription.Attribute("rtpmap", "\($0.payloadType) \($0.codec.name)/\($0.codec.rate)")
        }
        var types = formats.map { "\($0.payloadType)" }
        if let events {
            types.append("\(events)")
            attributes.append(.init("rtpmap", "\(events) telephone-event/8000"))
            attributes.append(.init("fmtp", "\(events) 0-15"))
        }
        attributes.append(.init("ptime", "\(ptime)"))
        attributes.append(.init(direction.rawValue))
        return SessionDescription.Media(
            kind: "audio", port: port, transport: "RTP/AVP", formats: types, attributes: attributes)
    }

    private static func describe(
        _ media: [SessionDescription.Media], local: Endpoint, session: SDPSessionID
    ) -> SessionDescription {
        SessionDescription(
            origin: .init(
                username: "-", sessionID: "\(session.id)", version: "\(session.version)",
                address: "\(local.address)"),
            connection: .address(local.address), media: media)
    }
}
