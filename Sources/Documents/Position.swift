/// A place in a data file, counted from 1 as editors do.
public struct Position: Sendable, Hashable, Comparable {
    public let line: Int
    /// In Unicode scalars.
    public let column: Int

    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    public static func < (left: Self, right: Self) -> Bool {
        left.line == right.line ? left.column < right.column : left.line < right.line
    }
}
