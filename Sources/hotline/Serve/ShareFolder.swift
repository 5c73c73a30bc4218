import Foundation

/// Where the shipped flows, prompts and fixtures are: `HOTLINE_SHARE`, or `share/hotline` beside an installed program,
/// or the project itself for a program just built.
struct ShareFolder: Sendable {
    let path: String

    /// - Throws: `CommandError` naming the places that were tried.
    init(environment: [String: String] = ProcessInfo.processInfo.environment) throws(CommandError) {
        var tried: [String] = []
        if let named = environment["HOTLINE_SHARE"] {
            tried.append(named)
        } else {
            let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            var folder = program.deletingLastPathComponent()
            tried.append(folder.deletingLastPathComponent().appendingPathComponent("share/hotline").path)
            // .build/<triple>/release/hotline: the project is three folders up, or four.
            for _ in 0..<5 {
                tried.append(folder.path)
                folder = folder.deletingLastPathComponent()
            }
        }
        for path in tried where FileManager.default.fileExists(atPath: path + "/flows") {
            if FileManager.default.fileExists(atPath: path + "/prompts") {
                self.path = path
                return
            }
        }
        throw CommandError(
            "the shipped flows and prompts are in none of: \(tried.joined(separator: ", ")). "
                + "Set HOTLINE_SHARE to the folder that holds `flows` and `prompts`")
    }

    /// A file given by the configuration: a bare name is sought in the shipped `folder`, anything else is a path.
    func resolve(_ name: String, in folder: String) -> String {
        name.contains("/") ? name : "\(path)/\(folder)/\(name)"
    }
}

/// A command that cannot go on, in words for the one who typed it.
struct CommandError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// This program as its user called it, for commands that are printed to be typed.
enum Program {
    static var name: String { CommandLine.arguments.first ?? "hotline" }
}
