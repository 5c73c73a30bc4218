import Access
import Calls
import Console
import Foundation
import Storage
import Testing

/// What the bench's server says of itself on the pages of the operation.
enum OperationSample {
    /// Stands in the configuration, and never on a page.
    static let secret = "hunter2-secret"

    static func sources(_ now: Instant) -> OperationSources {
        OperationSources(
            node: "node1", version: "0.0.0-test", startedAt: now.advanced(milliseconds: -90_061_000),
            alarms: {
                [
                    OperationSources.OpenAlarm(
                        kind: "disk", message: "12 MB free in /data <b>", since: UTCTime(PastCall.start)),
                    OperationSources.OpenAlarm(
                        kind: "sim1.registration", message: "no network", since: UTCTime(PastCall.start)),
                ]
            }, clock: { OperationSources.Clock(isSynchronised: true, maximumErrorMilliseconds: 7) },
            settings: [
                SettingView(key: "http.listen", value: .text("127.0.0.1:8080"), origin: "default"),
                SettingView(key: "agents.file", value: .text("/etc/hotline/agents.yaml"), origin: "hotline.yaml:3"),
                SettingView(
                    key: "alarms.webhook",
                    value: .text("https://user:\(secret)@hooks.example.invalid/\(secret)?t=\(secret)"),
                    origin: "hotline.yaml:4"),
                SettingView(
                    key: "evidence.anchor_command", value: .list(["mail", "-p", secret]), origin: "hotline.yaml:5"),
                SettingView(
                    key: "sip.users",
                    value: .records([["name": "carrier", "password": secret, "password_file": "/etc/hotline/carrier"]]),
                    origin: "hotline.yaml:6"),
            ],
            examine: {
                [
                    Finding(check: "disk", state: .warning, message: "12 MB free", next: "Make room"),
                    Finding(check: "web", state: .ok, message: "<script>alert(1)</script>", next: ""),
                ]
            })
    }

    static var lines: [LineState] {
        [
            LineState(name: "trunk1", isUp: true, detail: "0"),
            LineState(name: "sim1", isUp: false, detail: "searching -97 dBm"),
        ]
    }

    static var metrics: [MetricFamily] {
        [
            MetricFamily("hotline_sip_legs", .gauge, help: "SIP legs.", value: 3),
            MetricFamily(
                "hotline_sip_requests_total", .counter, help: "SIP requests received.", label: "method",
                values: ["INVITE": 41]),
            MetricFamily(
                "hotline_modem_rings_total", .counter, help: "RINGs.", label: "line", values: ["sim1": 12]),
            MetricFamily("hotline_rtp_received_total", .counter, help: "RTP datagrams read.", value: 5005),
        ]
    }
}

/// Somebody's browser.
struct Visitor {
    private static let password = "Quagga+horse+77"
    let bench: Bench
    private let cookie: String
    private let csrf: String
    /// Of the pages.
    private let language: String

    /// Enters somebody, and signs them in.
    static func signedIn(
        _ bench: Bench, _ roles: Set<Role>, name: String = "visitor", workNumber: String? = nil, title: String? = nil,
        unit: String? = "power_station", language: String = "en"
    ) async throws -> Visitor {
        try await bench.people.set(
            Person(name: name, title: title ?? "来人\(name)", roles: roles, unit: unit, workNumber: workNumber), by: nil)
        let link = try await bench.people.invite(name)
        let entered = try await ask(
            bench, "POST", "/welcome/\(link)", cookie: nil, body: "password=\(password)&again=\(password)")
        let cookie = String(try #require(entered.headers["set-cookie"]).prefix { $0 != ";" })
        let page = try await ask(bench, "GET", "/account", cookie: cookie, body: nil).text
        let csrf = String(try #require(page.firstMatch(of: #/name="csrf" content="([0-9a-f]{64})"/#)).1)
        return Visitor(bench: bench, cookie: cookie, csrf: csrf, language: language)
    }

    func get(_ path: String, language other: String? = nil) async throws -> Answer {
        try await Self.ask(bench, "GET", path, cookie: "\(cookie); hotline_language=\(other ?? language)", body: nil)
    }

    /// The first event of a stream, then the connection is closed.
    func firstEvent(_ path: String) async throws -> String {
        let text = Self.request("GET", path, cookie: "\(cookie); hotline_language=\(language)", body: nil)
        return String(decoding: try await bench.client.exchange(Array(text.utf8), until: "\n\n"), as: UTF8.self)
    }

    /// Sends a form of a page.
    func post(_ path: String, _ fields: [String: String]) async throws -> Answer {
        let body = fields.merging(["csrf": csrf]) { given, _ in given }.map { "\($0.key)=\(Self.escaped($0.value))" }
            .joined(separator: "&")
        return try await Self.ask(bench, "POST", path, cookie: "\(cookie); hotline_language=\(language)", body: body)
    }

    static func escaped(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }

    private static func ask(
        _ bench: Bench, _ method: String, _ path: String, cookie: String?, body: String?
    ) async throws -> Answer {
        let text = request(method, path, cookie: cookie, body: body)
        return try #require(Answer(try await bench.client.exchange(Array(text.utf8))), "\(method) \(path): no answer")
    }

    private static func request(_ method: String, _ path: String, cookie: String?, body: String?) -> String {
        var text = "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
        if let cookie { text += "Cookie: \(cookie)\r\n" }
        if let body {
            text += "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: \(body.utf8.count)\r\n"
        }
        return text + "\r\n" + (body ?? "")
    }
}
