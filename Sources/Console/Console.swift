import Hummingbird
import Logging

/// How the server is, in one word and the reasons.
public struct Health: Sendable, Codable, ResponseEncodable {
    /// `ok`, `degraded` (calls go on, something wants a person) or `draining`.
    public var status: String
    public var activeCalls: Int
    /// What is wrong, each with the next step.
    public var findings: [String]

    public init(status: String, activeCalls: Int, findings: [String]) {
        self.status = status
        self.activeCalls = activeCalls
        self.findings = findings
    }

    private enum CodingKeys: String, CodingKey {
        case status
        case activeCalls = "active_calls"
        case findings
    }
}

/// What the web edge shows; read at each request.
public struct ConsoleSources: Sendable {
    public var health: @Sendable () -> Health
    public var metrics: @Sendable () -> [MetricFamily]

    public init(health: @escaping @Sendable () -> Health, metrics: @escaping @Sendable () -> [MetricFamily]) {
        self.health = health
        self.metrics = metrics
    }
}

/// The web server: `/healthz` for supervisors of the process, `/metrics` for Prometheus.
///
/// `/healthz` answers 200 while calls are taken and 503 while draining, so that a balancer looks elsewhere.
public enum Console {
    /// - Parameter bound: told the port once it is bound (0 asks the system for one).
    public static func application(
        host: String, port: Int, sources: ConsoleSources, log: Logger,
        bound: @escaping @Sendable (Int) async -> Void
    ) -> some ApplicationProtocol {
        let router = Router()
        router.get("/healthz") { _, _ in
            let health = sources.health()
            return EditedResponse(status: health.status == "draining" ? .serviceUnavailable : .ok, response: health)
        }
        router.get("/metrics") { _, _ in
            Response(
                status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: PrometheusText.render(sources.metrics()))))
        }
        return Application(
            router: router,
            configuration: ApplicationConfiguration(address: .hostname(host, port: port), serverName: "hotline"),
            onServerRunning: { channel in await bound(channel.localAddress?.port ?? port) },
            logger: log)
    }
}
