import Calls
import GRDB

// Facts about reports, and about the forms that agents owe after calls.

extension FactApplier {
    func apply(_ fact: CallReported) throws {
        let changed = try db.run(
            ConductSQL.report,
            [
                fact.message.blob, fact.queue ?? "", fact.caller, fact.from.units, fact.to.units, fact.at.wall,
                fact.at.mono, InboxKind.report.rawValue, fact.role.rawValue, fact.by.text, fact.mark, fact.note,
                fact.recording.blob, fact.call.blob,
            ])
        if changed == 0 { throw conflict("there is no recording \(fact.recording) of call \(fact.call)") }
    }

    func apply(_ fact: FormOwed) throws {
        // No row where the call has an order: nothing is owed then.
        let changed = try db.run(ConductSQL.oweForm, [fact.call.blob, fact.agent.text, fact.at.wall, fact.at.mono])
        if changed == 0 { try requireCall(fact.call) }
    }

    func apply(_ fact: FormWaived) throws {
        let changed = try db.run(
            ConductSQL.waiveForm, [fact.at.wall, fact.at.mono, fact.by.text, fact.reason, fact.call.blob])
        if changed == 0 { throw conflict("no form of call \(fact.call) is pending") }
    }

    /// An order was made for, or linked to, a call: its form is filled in.
    func closeForm(call: CallID, at: Instant) throws {
        try db.run(ConductSQL.fillForm, [at.wall, at.mono, call.blob])
    }

    func closeForm(recording: RecordingID, at: Instant) throws {
        try db.run(ConductSQL.fillFormOfRecording, [at.wall, at.mono, recording.blob])
    }
}
