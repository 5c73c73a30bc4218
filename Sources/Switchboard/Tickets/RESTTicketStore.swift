import Foundation
import Storage

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// A ticket store that is asked over HTTP (docs/tickets.md): `POST url` makes a ticket, `GET url/REFERENCE` says what it is.
public struct RESTTicketStore: TicketStore {
    public let name: String
    private let url: String
    private let token: String?
    private let timeout: Duration
    /// The largest answer that is read, bytes.
    private static let mostBytes = 64 * 1024

    public var answers: Bool { true }

    /// - Parameter token: sent as `Authorization: Bearer …`; from a file, never printed.
    public init(name: String, url: String, token: String?, timeout: Duration = .seconds(10)) {
        self.name = name
        self.url = url
        self.token = token
        self.timeout = timeout
    }

    public func create(_ ticket: Ticket) async throws(SwitchboardError) -> TicketState? {
        let body: Data
        do {
            body = try QueryJSON.encode(ticket)
        } catch {
            throw SwitchboardError(.refused, "order \(ticket.number) has no JSON form")
        }
        var request = try request(url, "POST")
        request.httpBody = body
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        // The same order twice is one ticket: what was lost after it arrived is asked again.
        request.setValue(ticket.number, forHTTPHeaderField: "Idempotency-Key")
        guard let answer = try await send(request) else {
            throw SwitchboardError(.tickets, "\(url) is not there (404)")
        }
        return try state(in: answer)
    }

    public func state(_ reference: String) async throws(SwitchboardError) -> TicketState? {
        guard let part = reference.addingPercentEncoding(withAllowedCharacters: .alphanumerics) else {
            throw SwitchboardError(.tickets, "`\(reference.prefix(60))` cannot be asked for")
        }
        guard let answer = try await send(try request("\(url)/\(part)", "GET")) else { return nil }
        return try state(in: answer)
    }

    private func request(_ text: String, _ method: String) throws(SwitchboardError) -> URLRequest {
        guard let address = URL(string: text), ["http", "https"].contains(address.scheme) else {
            throw SwitchboardError(.configuration, "orders.stores: `\(url)` is no http or https URL")
        }
        var request = URLRequest(url: address)
        request.httpMethod = method
        request.setValue("application/json", forHTTPHeaderField: "Accept")
        if let token { request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization") }
        return request
    }

    /// - Returns: nil for 404.
    private func send(_ request: URLRequest) async throws(SwitchboardError) -> [UInt8]? {
        let answer: Posting.Answer
        switch await Posting(mostBytes: Self.mostBytes).send(request, within: timeout) {
        case .success(let got): answer = got
        case .failure(let error):
            throw SwitchboardError(.tickets, "\(url) cannot be reached: \(error.localizedDescription)")
        }
        switch answer.status {
        case 200..<300 where !answer.isCut: return answer.body
        case 200..<300: throw SwitchboardError(.tickets, "\(url) answered with more than \(Self.mostBytes) bytes")
        case 404: return nil
        // What is wrong with the request itself stays wrong; 401, 403, 408, 429 are mended elsewhere.
        case 400, 409, 410, 413, 415, 422:
            let text = String(decoding: answer.body.prefix(200), as: UTF8.self)
            throw SwitchboardError(.refused, "\(url) refused it with status \(answer.status): \(text)")
        default: throw SwitchboardError(.tickets, "\(url) answered with status \(answer.status)")
        }
    }

    private func state(in body: [UInt8]) throws(SwitchboardError) -> TicketState {
        let state: TicketState
        do {
            state = try JSONDecoder().decode(TicketState.self, from: Data(body))
        } catch {
            throw SwitchboardError(
                .tickets, "\(url) did not answer with {\"reference\": …, \"status\": …, \"changed_at\": …}")
        }
        return try state.checked()
    }
}
