import Calls
import Evidence
import Foundation
import Logging
import Synchronization

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// Where messages go by HTTP: `POST url` with a JSON body.
///
/// With a secret the header `X-Hotline-Signature` is `sha256=` and the HMAC-SHA-256 of the body, hex: who knows the
/// secret knows that it came from here, and whole. `X-Hotline-Delivery` is the message's id: one that comes twice is the
/// same message.
public struct WebhookTarget: Sendable, Hashable {
    public var url: String
    /// From a file, never printed.
    public var secret: [UInt8]?

    public init(url: String, secret: [UInt8]? = nil) {
        self.url = url
        self.secret = secret
    }

    /// One try. Any 2xx is a delivery.
    /// - Throws: `SwitchboardError` with code `.webhook`.
    public func send(_ message: WebhookMessage) async throws(SwitchboardError) {
        guard let address = URL(string: url), ["http", "https"].contains(address.scheme) else {
            throw SwitchboardError(.webhook, "`\(url)` is no http or https URL")
        }
        var request = URLRequest(url: address, timeoutInterval: 10)
        request.httpMethod = "POST"
        request.httpBody = Data(message.body)
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        request.setValue(message.id, forHTTPHeaderField: "X-Hotline-Delivery")
        if let secret {
            request.setValue(
                "sha256=" + HMACSHA256.text(key: secret, message: message.body),
                forHTTPHeaderField: "X-Hotline-Signature")
        }
        let status: Int
        do {
            let (_, response) = try await URLSession.shared.data(for: request)
            status = (response as? HTTPURLResponse)?.statusCode ?? 0
        } catch {
            throw SwitchboardError(.webhook, "\(url) cannot be reached: \(error.localizedDescription)")
        }
        guard (200..<300).contains(status) else {
            throw SwitchboardError(.webhook, "\(url) answered with status \(status)")
        }
    }
}

/// A message for a webhook.
public struct WebhookMessage: Sendable, Hashable {
    /// The same each time it is tried.
    public var id: String
    /// JSON.
    public var body: [UInt8]

    public init(id: String, body: [UInt8]) {
        self.id = id
        self.body = body
    }

    /// - Parameter value: of texts, whole numbers and times, which can all be encoded.
    init(id: String, of value: some Encodable) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // There is nothing in it that could not be encoded.
        let body = (try? encoder.encode(value)) ?? Data()
        self.init(id: id, body: Array(body))
    }
}

/// Sends messages one after the other, each until it is delivered: after a failure it is tried again, after 1 s, 2 s,
/// 4 s … at most 5 minutes, and given up after 100 tries (about eight hours). Messages keep their order.
public final class WebhookQueue: Sendable {
    /// What was done so far.
    public struct Statistics: Sendable, Hashable {
        public var waiting = 0
        public var delivered = 0
        /// Tries that failed.
        public var failures = 0
        /// Given up, or found the queue full.
        public var lost = 0
        public init() {}
    }

    /// How it waits; tests put their own in.
    package struct Pace: Sendable {
        package var firstMilliseconds: Int64 = 1000
        package var longestMilliseconds: Int64 = 300_000
        package var mostTries = 100
        package var mostWaiting = 1000
        package var sleep: @Sendable (Int64) async throws -> Void = { milliseconds in
            try await Task.sleep(for: .milliseconds(milliseconds))
        }
        package init() {}
    }

    private let send: @Sendable (WebhookMessage) async throws(SwitchboardError) -> Void
    private let pace: Pace
    private let log: Logger
    private let messages: AsyncStream<WebhookMessage>
    private let inlet: AsyncStream<WebhookMessage>.Continuation
    private let counters = Mutex(Statistics())

    public convenience init(_ target: WebhookTarget, log: Logger) {
        self.init(log: log) { (message) throws(SwitchboardError) in try await target.send(message) }
    }

    package init(
        pace: Pace = Pace(), log: Logger,
        send: @escaping @Sendable (WebhookMessage) async throws(SwitchboardError) -> Void
    ) {
        self.send = send
        self.pace = pace
        self.log = log
        (messages, inlet) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(pace.mostWaiting))
    }

    public var statistics: Statistics { counters.withLock { $0 } }

    /// Hands a message over. Any thread; returns at once.
    public func post(_ message: WebhookMessage) {
        counters.withLock { $0.waiting += 1 }
        if case .enqueued = inlet.yield(message) { return }
        counters.withLock { counters in
            counters.waiting -= 1
            counters.lost += 1
        }
        log.error("a webhook's message is lost: too many wait", metadata: ["webhook.id": "\(message.id)"])
    }

    /// Delivers what is posted, until cancelled. To be run once.
    public func run() async {
        for await message in messages {
            let isDelivered = await deliver(message)
            counters.withLock { counters in
                counters.waiting -= 1
                if isDelivered { counters.delivered += 1 } else { counters.lost += 1 }
            }
        }
    }

    private func deliver(_ message: WebhookMessage) async -> Bool {
        var pause = pace.firstMilliseconds
        for attempt in 1...max(1, pace.mostTries) {
            do throws(SwitchboardError) {
                try await send(message)
                return true
            } catch {
                counters.withLock { $0.failures += 1 }
                log.warning(
                    "webhook", metadata: ["webhook.id": "\(message.id)", "attempt": "\(attempt)", "error": "\(error)"])
            }
            if attempt == pace.mostTries { break }
            do {
                try await pace.sleep(pause)
            } catch {
                return false  // the server stops
            }
            pause = min(pause * 2, pace.longestMilliseconds)
        }
        log.error("a webhook's message is given up", metadata: ["webhook.id": "\(message.id)"])
        return false
    }
}
