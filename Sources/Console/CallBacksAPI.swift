import Calls
import Hummingbird
import Storage

/// Wishes to be called back, as `hotline callbacks list --json` shows them.
struct CallBacksAPI: Sendable {
    let inbox: Inbox

    func add(to group: RouterGroup<ConsoleContext>) {
        group.get("callbacks") { request, context in
            let query = try ListQuery(request, keys: ["from", "to", "queue", "number", "open", "limit"])
            let filter = CallBackFilter(
                from: try query.time("from"), to: try query.time("to"), queue: try query.text("queue"),
                number: try query.text("number"), openOnly: try query.flag("open"),
                limit: try query.limit(orElse: 50))
            return try json(try await inbox.callBacks(filter, for: context.asker))
        }
    }
}
