import ArgumentParser
import Foundation

/// What every command that reads or writes the data folder takes.
struct DataOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The data folder. Default: $XDG_DATA_HOME/hotline, or ~/.local/share/hotline.", valueName: "dir"))
    var data: String?

    /// The data folder, as given or by default; not looked at yet.
    var folder: String {
        if let data { return data }
        let environment = ProcessInfo.processInfo.environment
        // The specification has relative paths passed over (XDG Base Directory 0.8).
        if let home = environment["XDG_DATA_HOME"], home.hasPrefix("/") { return home + "/hotline" }
        let home = environment["HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? NSHomeDirectory()
        return home + "/.local/share/hotline"
    }
}
