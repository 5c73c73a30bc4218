/// The payload types of one RTP audio medium and what they stand for (RFC 3551 §6, RFC 8866 §6.6).
struct AudioFormats {
    struct Format: Equatable {
        var payloadType: UInt8
        /// The encoding name in upper case: encoding names do not distinguish case (RFC 4855 §3).
        var encoding: String
        /// The RTP clock, ticks a second.
        var clock: Int
        var channels: Int
    }

    /// In the order of the `m=` line: the describer's preference.
    private(set) var formats: [Format] = []

    init(of media: SessionDescription.Media) {
        var maps: [UInt8: Format] = [:]
        for attribute in media.attributes where attribute.name == "rtpmap" {
            guard let format = attribute.value.flatMap(Self.map), maps[format.payloadType] == nil else { continue }
            maps[format.payloadType] = format
        }
        var seen: Set<UInt8> = []
        for text in media.formats {
            // What is no payload type, or is told twice, cannot be chosen; the rest still can.
            guard let payloadType = UInt8(text), payloadType < 128, seen.insert(payloadType).inserted,
                let format = maps[payloadType] ?? Self.assigned(payloadType)
            else { continue }
            formats.append(format)
        }
    }

    /// The codec a format stands for, where it is one of ours.
    static func codec(_ format: Format) -> Codec? {
        guard format.channels == 1 else { return nil }
        return Codec.allCases.first { $0.name == format.encoding && $0.rate == format.clock }
    }

    /// The telephone-event format (RFC 4733 §2.1) at a codec's clock: key lengths are counted in the codec's
    /// timestamps, so one at 48,000 Hz does not serve G.711.
    func telephoneEvent(clock: Int) -> Format? {
        formats.first { $0.encoding == "TELEPHONE-EVENT" && $0.clock == clock && $0.channels == 1 }
    }

    /// Payload types that need no `a=rtpmap` (RFC 3551 table 4), as far as they are ours.
    private static func assigned(_ payloadType: UInt8) -> Format? {
        Codec(rawValue: payloadType).map {
            Format(payloadType: payloadType, encoding: $0.name, clock: $0.rate, channels: 1)
        }
    }

    /// Reads `<payload type> <encoding>/<clock>[/<channels>]`.
    private static func map(_ value: String) -> Format? {
        let words = value.split(separator: " ", maxSplits: 2)
        guard words.count == 2, let payloadType = UInt8(words[0]), payloadType < 128 else { return nil }
        let parts = words[1].split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 2 || parts.count == 3, let clock = Int(parts[1]), (1...384_000).contains(clock),
            let channels = parts.count == 3 ? Int(parts[2]) : 1
        else { return nil }
        return Format(payloadType: payloadType, encoding: parts[0].uppercased(), clock: clock, channels: channels)
    }
}

extension SessionDescription {
    /// Milliseconds of audio a packet that the describer wants (`a=ptime`, never above `a=maxptime`), brought to
    /// 10…60 in steps of 10; 20 where nothing usable is said.
    func ptime(of media: Media) -> Int {
        // Some peers write fractions ("ptime:20.0"); the whole part is meant.
        func milliseconds(_ name: String) -> Int? {
            media.value(of: name)?.split(separator: ".", maxSplits: 1).first
                .flatMap { Int($0.drop { $0 == " " }) }.flatMap { $0 > 0 ? $0 : nil }
        }
        let wanted = min(milliseconds("ptime") ?? 20, milliseconds("maxptime") ?? Int.max)
        return min(max(wanted / 10 * 10, 10), 60)
    }
}
