import Calls
import Evidence
import Foundation
import Storage

/// A conversation in the IETF's container (draft-ietf-vcon-vcon-core-04, syntax 0.4.0), unsigned: one call with its
/// recordings, and its work orders as attachments. Keys without a value are left out, as the draft allows.
///
/// Where the draft and its readers part, this keeps to what both take: a channel names one party, so that the hotline's own
/// channel is the hotline's, and who spoke for it when stands in `party_history`; audio is WAV, since FLAC is none of the
/// media types that the draft lists.
package struct VCon: Sendable, Encodable {
    package struct Party: Sendable, Encodable {
        /// RFC 3966, with the country as context where the number is a national one.
        var tel: String?
        var name: String?
        /// How the name is known.
        var validation: String?
        /// `person`, `organization`.
        var type: String
        /// Of the extension `CC` (draft-ietf-vcon-cc-extension): `customer`, `agent`; `hotline` for the house itself.
        var role: String
    }

    package struct Dialog: Sendable, Encodable {
        struct Change: Sendable, Encodable {
            var party: Int
            var time: String
            var event: String
        }

        var type = "recording"
        var start: String
        /// Seconds.
        var duration: Double?
        /// One a channel; of a mixed channel all who are in it.
        var parties: [Int]
        /// Where it is not the first of `parties`.
        var originator: Int?
        var mediatype = "audio/x-wav"
        var filename: String
        var body: String?
        var encoding: String?
        var url: String?
        var contentHash: String?
        var partyHistory: [Change]?

        enum CodingKeys: String, CodingKey {
            case type, start, duration, parties, originator, mediatype, filename, body, encoding, url
            case contentHash = "content_hash"
            case partyHistory = "party_history"
        }
    }

    package struct Attachment: Sendable, Encodable {
        enum Body: Sendable, Encodable {
            case order(Order)
            case recording(Recording)

            func encode(to encoder: any Encoder) throws {
                switch self {
                case .order(let order): try order.encode(to: encoder)
                case .recording(let recording): try recording.encode(to: encoder)
                }
            }
        }

        var purpose: String
        var start: String
        var party: Int
        var dialog: Int
        var mediatype = "application/json"
        var filename: String
        var encoding = "json"
        var body: Body
    }

    /// A work order without the code that opens it to callers.
    struct Order: Sendable, Encodable {
        var number: String
        var category: String
        var status: String
        var caller: String?
        var createdAt: String
        var fields: [String: String]

        enum CodingKeys: String, CodingKey {
            case number, category, status, caller, fields
            case createdAt = "created_at"
        }
    }

    /// Where the audio comes from, and what its file is hashed to where it is kept.
    struct Recording: Sendable, Encodable {
        var recordingID: String
        var callID: String
        var node: String
        var purpose: String
        var format: String?
        var sha256: String?
        var channels: [String]
        var imported: RecordingOrigin?

        enum CodingKeys: String, CodingKey {
            case node, purpose, format, sha256, channels, imported
            case recordingID = "recording_id"
            case callID = "call_id"
        }
    }

    /// What analysis would be; none is exported.
    struct Analysis: Sendable, Encodable {}

    /// Where a recording's audio is.
    package enum Media: Sendable {
        case inline([UInt8])
        /// - sha512: of the file there, 64 bytes.
        case external(url: String, sha512: [UInt8])
    }

    /// A recording to be put in, with its audio.
    package struct Part: Sendable {
        package var row: ExportRow
        package var filename: String
        package var media: Media

        package init(row: ExportRow, filename: String, media: Media) {
            self.row = row
            self.filename = filename
            self.media = media
        }
    }

    var vcon = "0.4.0"
    package var uuid: String
    var extensions = ["CC"]
    package var createdAt: String
    var parties: [Party]
    var dialog: [Dialog]
    var analysis: [Analysis] = []
    var attachments: [Attachment]

    enum CodingKeys: String, CodingKey {
        case vcon, uuid, extensions, parties, dialog, analysis, attachments
        case createdAt = "created_at"
    }

    /// - Parameters:
    ///   - call: the call.
    ///   - parts: its recordings, at least one.
    ///   - orders: work orders of the call and of its recordings.
    ///   - createdAt: when this container was made first.
    package init(_ call: CallDetail, parts: [Part], orders: [OrderSummary], createdAt: String) {
        let summary = call.summary
        uuid = Self.identifier(of: summary.callID, wall: summary.offeredAt.microseconds).description
        self.createdAt = createdAt
        let isOutbound = summary.direction == .outbound
        let agents = summary.answeredBy.reduce(into: [WorkNumber]()) { if !$0.contains($1) { $0.append($1) } }
        parties =
            [
                Self.party(isOutbound ? summary.called : summary.caller, type: "person", role: "customer"),
                Self.party(isOutbound ? summary.caller : summary.called, type: "organization", role: "hotline"),
            ]
            + agents.map {
                Party(name: $0.text, validation: "work number", type: "person", role: "agent")
            }
        var dialogs: [Dialog] = []
        var attached: [Attachment] = []
        for part in parts {
            let recording = part.row.found.recording
            var dialog = Dialog(
                start: ExportTime.date(part.row.began), duration: recording.seconds,
                parties: Self.parties(recording, agents), filename: part.filename)
            if isOutbound { dialog.originator = 1 }
            switch part.media {
            case .inline(let bytes):
                dialog.body = Self.base64url(bytes)
                dialog.encoding = "base64url"
            case .external(let url, let sha512):
                dialog.url = url
                dialog.contentHash = "sha512-" + Self.base64url(sha512)
            }
            if recording.purpose == RecordingPlanned.usualPurpose {
                let history = Self.history(call, agents)
                dialog.partyHistory = history.isEmpty ? nil : history
            }
            attached.append(
                Attachment(
                    purpose: "recording", start: ExportTime.date(recording.finishedAt ?? part.row.began), party: 1,
                    dialog: dialogs.count, filename: "\(recording.id).json",
                    body: .recording(
                        Recording(
                            recordingID: recording.id.description, callID: recording.callID.description,
                            node: recording.node, purpose: recording.purpose, format: recording.format,
                            sha256: recording.sha256, channels: recording.channels.map(\.role),
                            imported: recording.imported))))
            dialogs.append(dialog)
        }
        for order in orders {
            attached.append(
                Attachment(
                    purpose: "work_order", start: ExportTime.date(order.createdAt), party: 1, dialog: 0,
                    filename: "\(order.number).json",
                    body: .order(
                        Order(
                            number: order.number, category: order.category, status: order.status,
                            caller: order.caller, createdAt: ExportTime.date(order.createdAt), fields: order.fields))))
        }
        dialog = dialogs
        attachments = attached
    }

    /// UTF-8.
    package func encoded() throws -> [UInt8] { Array(try QueryJSON.encode(self)) + [10] }

    /// Of a call's container, whenever it is made: version 8, as the draft advises.
    static func identifier(of call: CallID, wall: Int64) -> Identifier<CallKind> {
        var hash = SHA256Stream()
        hash.update(bytes: Array("hotline-vcon/1 \(call)".utf8))
        let words = hash.finishBytes()
        let high = words.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let low = words.dropFirst(8).prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return Identifier(
            high: (UInt64(max(0, wall)) / 1000) << 16 | 0x8000 | high & 0xFFF,
            low: 0x8000_0000_0000_0000 | low & 0x3FFF_FFFF_FFFF_FFFF)
    }

    private static func party(_ number: String?, type: String, role: String) -> Party {
        guard let number else { return Party(name: "anonymous", type: type, role: role) }
        let digits = number.hasPrefix("+") ? number.dropFirst() : number[...]
        guard !digits.isEmpty, digits.allSatisfy({ "0123456789*#".contains($0) }) else {
            return Party(name: number, validation: "none", type: type, role: role)
        }
        // RFC 3966: a number without `+` holds within a context.
        return Party(
            tel: number.hasPrefix("+") ? "tel:\(number)" : "tel:\(number);phone-context=+86", type: type, role: role)
    }

    private static func parties(_ recording: RecordingSummary, _ agents: [WorkNumber]) -> [Int] {
        guard recording.channels.count > 1 else { return [0, 1] }
        return recording.channels.map { channel in
            switch channel.role {
            case "caller", "customer": 0
            case "agent" where agents.count == 1: 2
            default: 1
            }
        }
    }

    /// Who came to the hotline's end of the call when, and left it.
    private static func history(_ call: CallDetail, _ agents: [WorkNumber]) -> [Dialog.Change] {
        var changes: [(at: UTCTime, change: Dialog.Change)] = []
        for leg in call.agents {
            guard let place = agents.firstIndex(of: leg.agent), let joined = leg.answeredAt else { continue }
            changes.append((joined, .init(party: place + 2, time: ExportTime.date(joined), event: "join")))
            if let left = leg.leftAt {
                changes.append((left, .init(party: place + 2, time: ExportTime.date(left), event: "drop")))
            }
        }
        return changes.sorted { $0.at < $1.at }.map(\.change)
    }

    /// RFC 7515 2: without padding.
    static func base64url(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
