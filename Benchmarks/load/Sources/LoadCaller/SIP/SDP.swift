/// Offers and answers of one audio stream in G.711 (RFC 4566, 3264).
package enum SDP {
    /// What was agreed on with the far end.
    package struct Session: Sendable, Hashable {
        /// Where it takes RTP.
        package var remote: Endpoint
        package var law: G711.Law
        /// Its payload type of telephone events; nil: it takes none.
        package var eventType: UInt8?

        package init(remote: Endpoint, law: G711.Law, eventType: UInt8?) {
            self.remote = remote
            self.law = law
            self.eventType = eventType
        }
    }

    /// The type we offer for telephone events.
    package static let eventType: UInt8 = 101

    package static func offer(local: Endpoint, laws: [G711.Law], session: UInt64 = 1) -> String {
        let types = laws.map { String($0.payloadType) } + [String(eventType)]
        let address = Endpoint.text(local.address)
        var lines = [
            "v=0", "o=- \(session) \(session) IN IP4 \(address)", "s=-", "c=IN IP4 \(address)", "t=0 0",
            "m=audio \(local.port) RTP/AVP \(types.joined(separator: " "))",
        ]
        lines += laws.map { "a=rtpmap:\($0.payloadType) \($0.rawValue)/8000" }
        lines += ["a=rtpmap:\(eventType) telephone-event/8000", "a=fmtp:\(eventType) 0-15", "a=ptime:20", "a=sendrecv"]
        return lines.joined(separator: "\r\n") + "\r\n"
    }

    /// Our answer to an offer: the first of its laws that we speak.
    package static func answer(local: Endpoint, session: Session, number: UInt64 = 1) -> String {
        let address = Endpoint.text(local.address)
        var types = [String(session.law.payloadType)]
        if let event = session.eventType { types.append(String(event)) }
        var lines = [
            "v=0", "o=- \(number) \(number) IN IP4 \(address)", "s=-", "c=IN IP4 \(address)", "t=0 0",
            "m=audio \(local.port) RTP/AVP \(types.joined(separator: " "))",
            "a=rtpmap:\(session.law.payloadType) \(session.law.rawValue)/8000",
        ]
        if let event = session.eventType {
            lines += ["a=rtpmap:\(event) telephone-event/8000", "a=fmtp:\(event) 0-15"]
        }
        lines += ["a=ptime:20", "a=sendrecv"]
        return lines.joined(separator: "\r\n") + "\r\n"
    }

    /// The first audio stream of a description that has a port, an IPv4 address and one of these laws; nil where there
    /// is none.
    package static func session(_ body: [UInt8], laws: [G711.Law]) -> Session? {
        var address: UInt32?
        var port: UInt16?
        var types: [UInt8] = []
        var events: UInt8?
        var isAudio = false
        var isDone = false
        for line in body.split(whereSeparator: { $0 == 10 || $0 == 13 }) {
            let text = String(decoding: line, as: UTF8.self)
            if text.hasPrefix("m=") {
                if isAudio { isDone = true }
                let fields = text.dropFirst(2).split(separator: " ")
                isAudio = !isDone && fields.count >= 4 && fields[0] == "audio" && fields[2] == "RTP/AVP"
                guard isAudio else { continue }
                port = UInt16(fields[1].prefix { $0 != "/" })
                types = fields.dropFirst(3).compactMap { UInt8($0) }
                if port == nil || port == 0 { isAudio = false }
            } else if text.hasPrefix("c=IN IP4 "), port == nil || isAudio {
                address = Endpoint.address(text.dropFirst(9).prefix { $0 != "/" && $0 != " " }) ?? address
            } else if isAudio, text.hasPrefix("a=rtpmap:") {
                let fields = text.dropFirst(9).split(separator: " ")
                if fields.count == 2, fields[1].lowercased() == "telephone-event/8000" { events = UInt8(fields[0]) }
            }
        }
        guard let address, let port, port > 0,
            let law = types.lazy.compactMap({ type in laws.first { $0.payloadType == type } }).first
        else { return nil }
        return Session(
            remote: Endpoint(address: address, port: port), law: law,
            eventType: events.flatMap { types.contains($0) && $0 < 128 ? $0 : nil })
    }
}
