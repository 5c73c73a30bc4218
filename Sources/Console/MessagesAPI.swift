import Calls
import Hummingbird
import Storage
import Switchboard

/// Marks voice messages as heard.
struct MessagesAPI: Sendable {
    let exchange: Exchange
    let reader: StoreReader

    func add(to group: RouterGroup<BasicRequestContext>) {
        group.post("messages/:message/heard") { request, context in
            let text = try context.parameters.require("message")
            guard let id = MessageID(text) else {
                throw Problem(.badRequest, "`\(text.prefix(40))` is no message's id")
            }
            let body = try await request.decode(as: Body.self, context: context)
            guard try await reader.message(id) != nil else { throw Problem(.notFound, "there is no message \(id)") }
            do {
                try await exchange.heard(id, by: body.by)
            } catch let error as SwitchboardError {
                throw Problem(.conflict, error.message)
            }
            return Response(status: .noContent)
        }
    }

    private struct Body: Decodable {
        var by: WorkNumber
    }
}
