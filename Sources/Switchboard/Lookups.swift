import Calls
import Foundation
import Storage
import WorkOrders

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// A back end that a flow may ask: account balance, progress of an application.
///
/// The request is `POST url` with a JSON object of strings; the answer a JSON object whose strings, numbers and
/// booleans become the flow's variables. Anything else is a failed look-up, and the flow takes its fallback.
public struct LookupSource: Sendable, Hashable {
    public var name: String
    public var url: String
    /// Sent as `Authorization: Bearer …`; from a file, never printed.
    public var token: String?

    public init(name: String, url: String, token: String?) {
        self.name = name
        self.url = url
        self.token = token
    }
}

/// Answers the flows' look-ups: orders from our own store, everything else from a configured HTTP back end.
package struct Lookups: Sendable {
    /// The largest answer that is read, bytes.
    static let largestAnswer = 64 * 1024
    /// The largest number of variables that one answer may set.
    static let mostVariables = 64

    let reader: StoreReader
    let sources: [String: LookupSource]
    /// Answers `agents`: feature codes dialled on agents' phones.
    let desk: AgentDesk?
    /// Says what is in force, and tells it in local time.
    let clock: LocalClock
    let time: any TimeSource

    package init(
        reader: StoreReader, sources: [LookupSource], desk: AgentDesk? = nil, clock: LocalClock, time: any TimeSource
    ) {
        self.reader = reader
        self.desk = desk
        self.clock = clock
        self.time = time
        self.sources = Dictionary(sources.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// What a source answers, as variables.
    /// - Throws: `SwitchboardError`, or what the network or the store says.
    package func ask(
        _ source: String, arguments: [String: String], timeoutMilliseconds: Int
    ) async throws -> [String: String] {
        if source == "orders" { return try await orders(arguments) }
        if source == "outages" {
            return try await outages(try await area(arguments, timeoutMilliseconds: timeoutMilliseconds))
        }
        if source == "agents", let desk { return desk.code(arguments) }
        guard let backEnd = sources[source] else {
            throw SwitchboardError(
                .configuration, "lookup `\(source)` is not configured; add it under `lookups:` with its url")
        }
        return try await post(backEnd, arguments: arguments, timeoutMilliseconds: timeoutMilliseconds)
    }

    /// Progress of an order. The calling number opens the caller's newest order; from elsewhere number and code do.
    private func orders(_ arguments: [String: String]) async throws -> [String: String] {
        let order: OrderSummary?
        if let keyed = arguments["number"], !keyed.isEmpty {
            // A caller keys the digits without the dash.
            guard let number = OrderNumber(keyed) else { return ["found": "false"] }
            order = try await reader.orderByCode(number: number.description, code: arguments["code"] ?? "")
        } else if let caller = arguments["caller"], !caller.isEmpty {
            order = try await reader.ordersByCaller(caller, limit: 1).first
        } else {
            order = nil
        }
        guard let order else { return ["found": "false"] }
        return ["found": "true", "number": order.number, "status": order.status, "category": order.category]
    }

    /// Where a caller asks for: named, or what the utility's own system says of the calling number; empty where neither
    /// does, or the system is away: then it is any area, which is more than too little.
    private func area(_ arguments: [String: String], timeoutMilliseconds: Int) async throws -> String {
        if let area = arguments["area"], !area.isEmpty { return area }
        guard let caller = arguments["caller"], !caller.isEmpty, let account = sources["account"] else { return "" }
        do {
            // The other half is for the store.
            return try await post(
                account, arguments: ["caller": caller], timeoutMilliseconds: timeoutMilliseconds / 2)["area"] ?? ""
        } catch {
            return ""
        }
    }

    /// How long somebody who looks at a page waits for another system.
    private static let patienceMilliseconds = 1500

    /// What the source `account` knows of a calling number; nil where it is not configured.
    package func customer(_ number: String) async throws -> [String: String]? {
        guard let account = sources["account"] else { return nil }
        return try await post(
            account, arguments: ["caller": number], timeoutMilliseconds: Self.patienceMilliseconds)
    }

    /// The outage that concerns an area and is in force, or begins soonest; without an area any.
    private func outages(_ area: String) async throws -> [String: String] {
        let known = try await reader.outages(OutageFilter(notOverAt: UTCTime(time.now()), limit: 1000)).filter {
            $0.concerns(area)
        }
        guard let outage = known.first else { return ["found": "false", "count": "0", "speech": "outage.none"] }
        let (begins, ends) = (local(outage.beginsAt), local(outage.endsAt))
        return [
            "found": "true", "count": String(known.count), "kind": outage.kind, "area": outage.area,
            "prompt": outage.prompt ?? "",
            "speech": speech(known),
            "begins_date": begins.date, "begins_time": begins.time, "ends_date": ends.date, "ends_time": ends.time,
        ]
    }

    /// What a flow's variable holds, characters.
    private static let longestSpeech = 256

    /// One after the other, as many as a variable holds.
    private func speech(_ outages: [OutageNotice]) -> String {
        let end = "outage.sorry"
        var text = ""
        for outage in outages {
            let one = speech(outage) + " "
            if text.utf8.count + one.utf8.count + end.utf8.count > Self.longestSpeech { break }
            text += one
        }
        return text + end
    }

    /// Where, only a recorded prompt can say.
    private func speech(_ outage: OutageNotice) -> String {
        let bulletins = ["planned": "outage.planned", "temporary": "outage.temporary"]
        let (begins, ends) = (local(outage.beginsAt), local(outage.endsAt))
        var words = [outage.prompt ?? bulletins[outage.kind] ?? "outage.fault", "outage.from"]
        words += ["date:\(begins.date)", "time:\(begins.time)", "outage.until"]
        if ends.date != begins.date { words.append("date:\(ends.date)") }
        return (words + ["time:\(ends.time)"]).joined(separator: " ")
    }

    /// As `say` takes them: the date, and minutes since midnight.
    private func local(_ moment: UTCTime) -> (date: String, time: String) {
        let civil = clock.civil(Instant(wall: moment.microseconds, mono: 0))
        return (civil.compactDate, String(civil.minuteOfDay))
    }

    private func post(
        _ source: LookupSource, arguments: [String: String], timeoutMilliseconds: Int
    ) async throws -> [String: String] {
        guard let url = URL(string: source.url) else {
            throw SwitchboardError(.configuration, "lookups.\(source.name).url: `\(source.url)` is not a URL")
        }
        var request = URLRequest(url: url, timeoutInterval: Double(max(1, timeoutMilliseconds)) / 1000)
        request.httpMethod = "POST"
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        if let token = source.token { request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization") }
        request.httpBody = try JSONEncoder().encode(arguments)
        let (data, response) = try await URLSession.shared.data(for: request)
        guard let http = response as? HTTPURLResponse, http.statusCode == 200 else {
            let status = (response as? HTTPURLResponse)?.statusCode ?? 0
            throw SwitchboardError(.lookup, "lookup `\(source.name)` answered with status \(status)")
        }
        guard data.count <= Self.largestAnswer else {
            throw SwitchboardError(
                .lookup, "lookup `\(source.name)` answered with more than \(Self.largestAnswer) bytes")
        }
        return try Self.variables(from: data, source: source.name)
    }

    /// A flat JSON object as variables; nested values are refused.
    package static func variables(from data: Data, source: String) throws -> [String: String] {
        let values: [String: Scalar]
        do {
            values = try JSONDecoder().decode([String: Scalar].self, from: data)
        } catch {
            throw SwitchboardError(.lookup, "lookup `\(source)` did not answer with a flat JSON object")
        }
        guard values.count <= mostVariables else {
            throw SwitchboardError(.lookup, "lookup `\(source)` answered with more than \(mostVariables) values")
        }
        return values.mapValues(\.text)
    }

    private struct Scalar: Decodable {
        let text: String

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if container.decodeNil() {
                text = ""
            } else if let value = try? container.decode(Bool.self) {  // a failure only means: not this type
                text = value ? "true" : "false"
            } else if let value = try? container.decode(Decimal.self) {  // likewise
                text = "\(value)"
            } else {
                text = String(try container.decode(String.self).prefix(256))
            }
        }
    }
}

extension OutageNotice {
    /// Whether it is about an area: one of the two names lies within the other, or one of them says nothing.
    public func concerns(_ area: String) -> Bool {
        self.area.isEmpty || area.isEmpty || self.area.contains(area) || area.contains(self.area)
    }
}
