import Access
import ArgumentParser
import Foundation
import Storage

/// `hotline people`: who may use the console and the API.
struct PeopleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "people", abstract: "Who may use the console and the API (docs/rights.md).",
        subcommands: [List.self, Set.self, Invite.self, Token.self, EndToken.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists everybody.")

        @OptionGroup var query: QueryOptions

        func run() async throws {
            let people = try await query.ask { try await $0.people() }
            if query.json { return try query.printJSON(people) }
            guard !people.isEmpty else {
                return print("There is nobody yet: the server's first start names the way in.")
            }
            var table = TextTable(["NAME", "TITLE", "ROLES", "DEPARTMENT", "WORK NUMBER", "MAY COME IN"])
            for person in people {
                table.add([
                    person.person, person.title, person.roles.joined(separator: " "), person.unit ?? "",
                    person.workNumber ?? "", person.active ? "yes" : "no",
                ])
            }
            print(table.text)
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Enters somebody, or changes them, through the running server.",
            discussion: "What is not given is set to nothing: the whole person is said each time.")

        @OptionGroup var data: DataOptions
        @Argument(help: "The name to sign in with: 2 to 12 of a-z and 0-9.")
        var name: String
        @Option(help: "As shown to others.")
        var title: String
        @Option(help: ArgumentHelp("\(Role.allCases.map(\.rawValue).joined(separator: ", ")); repeat for several."))
        var role: [String]
        @Option(help: "A further role in the steps of orders (docs/orders.md); repeat for several.")
        var orderRole: [String] = []
        @Option(help: "Their department, by its id in the orders' vocabulary.")
        var unit: String?
        @Option(help: "Their work number, where they are an agent.")
        var workNumber: String?
        @Flag(help: "They may not come in any more.")
        var inactive = false

        private struct Body: Encodable {
            enum CodingKeys: String, CodingKey {
                case title, roles
                case orderRoles = "order_roles"
                case unit
                case workNumber = "work_number"
                case active
            }

            var title: String
            var roles: [String]
            var orderRoles: [String]
            var unit: String?
            var workNumber: String?
            var active: Bool
        }

        func run() async throws {
            _ = try await ServerClient(folder: data.folder).post(
                "people/\(try ServerClient.part(name))",
                encodable: Body(
                    title: title, roles: role, orderRoles: orderRole, unit: unit, workNumber: workNumber,
                    active: !inactive))
        }
    }

    struct Invite: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints the address under which somebody sets their password, once, within three days.")

        @OptionGroup var data: DataOptions
        @Argument(help: "The name to sign in with.")
        var name: String

        private struct Answer: Decodable { var link: String }

        func run() async throws {
            let client = try ServerClient(folder: data.folder)
            let answer = try JSONDecoder().decode(
                Answer.self, from: try await client.post("people/\(try ServerClient.part(name))/invitation"))
            print(client.address + answer.link)
        }
    }

    struct Token: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes a token by which a program has somebody's rights; it is printed once.")

        @OptionGroup var data: DataOptions
        @Argument(help: "The name to sign in with.")
        var name: String
        @Option(help: "What it is for.")
        var title: String
        @Option(help: "For so many days (1 to 400).")
        var days = 90

        private struct Answer: Decodable { var token: String }

        func run() async throws {
            let answer = try await ServerClient(folder: data.folder).post(
                "people/\(try ServerClient.part(name))/tokens", ["title": .text(title), "days": .number(days)])
            print(try JSONDecoder().decode(Answer.self, from: answer).token)
        }
    }

    struct EndToken: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "end-token", abstract: "Ends a program's token.")

        @OptionGroup var data: DataOptions
        @Argument(help: "The name to sign in with.")
        var name: String
        @Option(help: "What it was for.")
        var title: String

        func run() async throws {
            try await ServerClient(folder: data.folder).post(
                "people/\(try ServerClient.part(name))/tokens/removal", ["title": .text(title)])
        }
    }
}
