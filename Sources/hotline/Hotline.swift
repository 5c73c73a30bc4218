import ArgumentParser

@main
struct Hotline: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "hotline", abstract: "The telephone side of a power utility's service hotline.")
}
