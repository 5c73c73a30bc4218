import ArgumentParser

struct ModemCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "modem", abstract: "Tries 4G voice modems, with or without hardware.",
        subcommands: [ModemSimulateCommand.self])
}
