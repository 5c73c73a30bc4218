import Calls

/// One work order (工单) as `orders list --json` shows it; keys as in docs/json.md.
public struct OrderSummary: Sendable, Hashable, Codable {
    /// A recording, or a stretch of one, that belongs to the order.
    public struct Recording: Sendable, Hashable, Codable {
        public var id: RecordingID
        /// `call`: the whole call; `message`: the caller's voice message.
        public var role: String
        /// Milliseconds from the recording's start; nil: from its beginning.
        public var fromMilliseconds: Int64?
        /// Milliseconds from the recording's start; nil: to its end.
        public var toMilliseconds: Int64?
        /// Below the data folder's `recordings/`; nil until finished.
        public var file: String?

        public init(
            id: RecordingID, role: String, fromMilliseconds: Int64?, toMilliseconds: Int64?, file: String?
        ) {
            self.id = id
            self.role = role
            self.fromMilliseconds = fromMilliseconds
            self.toMilliseconds = toMilliseconds
            self.file = file
        }

        enum CodingKeys: String, CodingKey {
            case id
            case role
            case fromMilliseconds = "from_ms"
            case toMilliseconds = "to_ms"
            case file
        }

        public func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: CodingKeys.self)
            try fields.encode(id, forKey: .id)
            try fields.encode(role, forKey: .role)
            try fields.encode(fromMilliseconds, forKey: .fromMilliseconds)
            try fields.encode(toMilliseconds, forKey: .toMilliseconds)
            try fields.encode(file, forKey: .file)
        }
    }

    public var orderID: OrderID
    /// `20261122-0007`.
    public var number: String
    /// Given to the caller with the number.
    public var code: String
    public var category: String
    /// `OrderStatus`: `created`, `dispatched`, `replied`, `closed`.
    public var status: String
    public var caller: String?
    public var createdAt: UTCTime
    /// The call that made it.
    public var callID: CallID?
    /// What the flow collected, by name.
    public var fields: [String: String]
    public var recordings: [Recording]

    enum CodingKeys: String, CodingKey {
        case orderID = "order_id"
        case number
        case code
        case category
        case status
        case caller
        case createdAt = "created_at"
        case callID = "call_id"
        case fields
        case recordings
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(orderID, forKey: .orderID)
        try container.encode(number, forKey: .number)
        try container.encode(code, forKey: .code)
        try container.encode(category, forKey: .category)
        try container.encode(status, forKey: .status)
        try container.encode(caller, forKey: .caller)
        try container.encode(createdAt, forKey: .createdAt)
        try container.encode(callID, forKey: .callID)
        try container.encode(fields, forKey: .fields)
        try container.encode(recordings, forKey: .recordings)
    }
}
