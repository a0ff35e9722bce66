namespace Hatchery.Mirroring;

/// <summary>The way of a streamer to its session row. One call at a time; each ends in a call of the core with a <see cref="RowAnswer"/>.</summary>
public interface IRowPort
{
    /// <summary>Compare-and-swap on the row's revision.</summary>
    /// <param name="row">As it shall be, with the revision that was read.</param>
    void Swap(SessionRow row);

    void ReadRow();
}

/// <summary>What came of a call to the farm database.</summary>
public abstract record RowAnswer
{
    private RowAnswer() { }

    /// <summary>The row as it is now: swapped, or read.</summary>
    /// <param name="Row">Null: there is none any more.</param>
    public sealed record Is(SessionRow? Row) : RowAnswer;

    /// <summary>Somebody else changed it first.</summary>
    public sealed record Changed : RowAnswer;

    /// <summary>No answer: what was asked may be done, or be done later, or never.</summary>
    public sealed record Unknown : RowAnswer;
}
