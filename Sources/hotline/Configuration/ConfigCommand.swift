import ArgumentParser
import Documents
import Foundation

struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Checks the configuration, or prints a commented example.",
        subcommands: [Check.self, Example.self])

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints every key with its effective value and where it comes from.")

        @OptionGroup var options: ConfigurationOptions
        @Flag(help: "As one JSON object.")
        var json = false

        func run() throws {
            let (effective, _) = try options.load()
            if json {
                var lines: [String: [String: String]] = [:]
                for (key, entry) in effective.entries {
                    lines[key] = ["value": entry.value.description, "origin": entry.origin]
                }
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
                print(String(decoding: try encoder.encode(lines), as: UTF8.self))
                return
            }
            for setting in Setting.all {
                guard let entry = effective.entries[setting.key] else { continue }
                let key = setting.key.padding(toLength: 24, withPad: " ", startingAt: 0)
                print("\(key) \(entry.value.description)   [\(entry.origin)]")
            }
        }
    }

    struct Example: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Prints a commented configuration with all defaults.")

        func run() throws { print(ConfigurationExample.text, terminator: "") }
    }
}

/// The commented example, printed from the table of settings; `packaging/hotline.yaml` is this text.
enum ConfigurationExample {
    static var text: String {
        var text = """
            # hotline: every key with its default. Unknown keys are refused. Each key can also be given in the environment:
            # HOTLINE_SIP_LISTEN for sip.listen, lists separated by commas; flags of the command line go above both.
            # `hotline config check --config FILE` prints what is in force and where it comes from.

            """
        var section = ""
        for setting in Setting.all {
            let parts = setting.key.split(separator: ".", maxSplits: 1).map(String.init)
            let indent: String
            if parts.count == 2 {
                if parts[0] != section {
                    section = parts[0]
                    text += "\n\(section):\n"
                }
                indent = "  "
            } else {
                section = ""
                indent = ""
                text += "\n"
            }
            for line in wrap("\(setting.help) \(setting.hint)", width: 112 - indent.count) {
                text += "\(indent)# \(line)\n"
            }
            let value = setting.exampleValue
            text += "\(indent)\(parts.last ?? setting.key):\(value.isEmpty ? "" : " " + value)\n"
        }
        return text
    }

    private static func wrap(_ text: String, width: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if !line.isEmpty, line.count + word.count + 1 > width {
                lines.append(line)
                line = ""
            }
            line += line.isEmpty ? String(word) : " \(word)"
        }
        if !line.isEmpty { lines.append(line) }
        return lines
    }
}

extension Setting {
    /// Type and range, for the example's comment.
    var hint: String {
        switch kind {
        case .integer(let range): "[\(range.lowerBound)–\(range.upperBound)]"
        case .duration(let range):
            "[\(Milliseconds.text(range.lowerBound))–\(Milliseconds.text(range.upperBound))]"
        case .boolean: "[true, false]"
        case .choice(let choices): "[\(choices.joined(separator: ", "))]"
        case .records(let keys): "Entries: {\(keys.joined(separator: ", "))}; those with ? may be left out."
        case .text, .list, .texts: ""
        }
    }

    /// The default in YAML.
    var exampleValue: String {
        switch kind {
        case .list:
            "[" + standard.split(separator: ",").map { "\"\($0)\"" }.joined(separator: ", ") + "]"
        case .texts: "{}"
        case .records: "[]"
        case .text where standard.contains(":"): "\"\(standard)\""
        case .choice where standard.allSatisfy(\.isNumber): "\"\(standard)\""
        default: standard
        }
    }
}
