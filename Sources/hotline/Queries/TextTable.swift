import Audit

/// The tables of the command line are those of the audit's reports.
typealias TextTable = Audit.TextTable
