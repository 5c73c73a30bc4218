/// A document's own way to sort what orders are about: classes and their items. Several stand side by side; an order's
/// `item` names one of one (`dazu/attitude`).
public struct OrderTaxonomy: Sendable, Hashable {
    public struct Item: Sendable, Hashable {
        public var id: String
        /// As the document has it.
        public var title: String
        /// For routing; a value of the field `topic`.
        public var topic: String
        /// Finer ones that the document names within it.
        public var parts: [String]
    }

    public struct Class: Sendable, Hashable {
        public var id: String
        public var title: String
        public var items: [Item]
    }

    public var id: String
    public var title: String
    public var version: String
    public var clause: String
    public var classes: [Class]

    public var items: [Item] { classes.flatMap(\.items) }
}
