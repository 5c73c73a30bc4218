import Documents

/// The complaints of the flow checker, beside those of every data file.
public enum FlowProblem {
    /// A verb that is not known.
    public static let unknownVerb = DocumentError.Code("unknown_verb")
    /// A step that is not there.
    public static let unknownStep = DocumentError.Code("unknown_step")
    /// A step that nothing leads to.
    public static let unreachable = DocumentError.Code("unreachable_step")
    /// A prompt that is not in the catalog.
    public static let unknownPrompt = DocumentError.Code("unknown_prompt")
    /// A variable that nothing sets.
    public static let unknownVariable = DocumentError.Code("unknown_variable")
    /// A category of work orders that is not known.
    public static let unknownCategory = DocumentError.Code("unknown_category")
    /// A queue that the agents' file does not name.
    public static let unknownQueue = DocumentError.Code("unknown_queue")
    /// A global key that loses the caller's place in a queue.
    public static let placeLost = DocumentError.Code("place_lost")
    /// What was entered in secret is used where it would be heard or written down.
    public static let secretTold = DocumentError.Code("secret_told")
    /// A recording is to be paused where there is none.
    public static let notRecorded = DocumentError.Code("not_recorded")
    /// A question without its time-out or its wrong-key branch.
    public static let missingBranch = DocumentError.Code("missing_branch")
    /// A loop that goes round by itself for ever.
    public static let endlessLoop = DocumentError.Code("endless_loop")
    /// A step from which the call can never be ended.
    public static let noEnd = DocumentError.Code("no_end")
    /// A menu from which no person can be reached.
    public static let noPerson = DocumentError.Code("no_person")
    /// Something to be heard before the call is answered.
    public static let notAnswered = DocumentError.Code("not_answered")
    /// What happens after a hang-up may only make orders.
    public static let afterHangup = DocumentError.Code("after_hangup")
    /// A voice message that neither becomes an order nor lies in an inbox.
    public static let messageWithoutOrder = DocumentError.Code("message_without_order")
    /// Advice of GB/T 33358-2016.
    public static let norm = DocumentError.Code("gbt_33358")
}
