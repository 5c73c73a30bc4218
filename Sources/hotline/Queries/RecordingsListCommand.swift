import ArgumentParser
import Calls
import Storage

struct RecordingsListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists recordings, the newest first.")

    @OptionGroup var query: QueryOptions
    @OptionGroup var list: ListOptions
    @Option(help: "Only recordings of this call.")
    var call: CallID?
    @Option(help: "Only recordings in this state.")
    var state: RecordingState?

    func run() async throws {
        let filter = RecordingFilter(
            from: list.from?.time, to: list.to?.time, call: call, state: state, limit: list.limit)
        let recordings = try await query.ask { try await $0.recordings(filter: filter) }
        if query.json { return try query.printJSON(recordings) }
        guard let newest = recordings.first else { return print("No recordings.") }
        var table = TextTable([
            "PLANNED (\(ScreenTime.zone(at: newest.plannedAt)))", "STATE", "LENGTH", "BYTES", "CHANNELS", "ORDERS",
            "CALL", "FILE",
        ])
        for recording in recordings {
            table.add([
                ScreenTime.text(recording.plannedAt),
                recording.state.rawValue + (recording.recovered ? " (recovered)" : ""),
                Screen.seconds(recording.seconds), recording.bytes.map(String.init) ?? "-",
                recording.channels.map(\.role).joined(separator: ","),
                recording.orders.isEmpty ? "-" : recording.orders.joined(separator: ","),
                recording.callID.description, recording.file ?? recording.failure ?? "-",
            ])
        }
        print(table.text)
    }
}

extension RecordingState: ExpressibleByArgument {}
