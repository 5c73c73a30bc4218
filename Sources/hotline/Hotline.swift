import ArgumentParser

@main
struct Hotline: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hotline", abstract: "The telephone side of a power utility's service hotline.",
        version: "0.1.0",
        subcommands: [
            ServeCommand.self, DemoCommand.self, CallCommand.self, CallsCommand.self, OrdersCommand.self,
            RecordingsCommand.self, EvidenceCommand.self, FlowCommand.self, PromptsCommand.self, BackupCommand.self,
            RestoreCommand.self, AgentsCommand.self, QueueCommand.self, MessagesCommand.self, CallBacksCommand.self,
            BlocklistCommand.self, CampaignCommand.self, CarrierCommand.self, RetentionCommand.self,
            PersonCommand.self, NormsCommand.self, AuditCommand.self, DutiesCommand.self, OutagesCommand.self,
            NoticesCommand.self,
            PenaltiesCommand.self, TicketsCommand.self, ListenCommand.self, LineCommand.self, ModemCommand.self,
            PeopleCommand.self, DoctorCommand.self, ConfigCommand.self,
        ])
}

struct RecordingsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recordings", abstract: "Finds, annotates, verifies and reconciles recordings.",
        subcommands: [
            RecordingsListCommand.self, RecordingsShowCommand.self, RecordingsNoteCommand.self,
            RecordingsNotesCommand.self, RecordingsVerifyCommand.self, RecordingsReconcileCommand.self,
            RecordingsImportCommand.self, RecordingsExportCommand.self,
            RecordingsTranscriptCommand.self, RecordingsTranscribeCommand.self,
            RecordingsKeyCommand.self, RecordingsRewrapCommand.self,
            RecordingsHoldCommand.self, RecordingsReleaseHoldCommand.self, RecordingsHoldsCommand.self,
        ])
}
