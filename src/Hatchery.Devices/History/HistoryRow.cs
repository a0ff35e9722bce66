using System.Collections.Immutable;

namespace Hatchery.Devices;

/// <summary>A command that an operator gave to change something.</summary>
/// <param name="At">When it was given, by the farm's clock.</param>
/// <param name="By">Who says to have given it; empty: nobody said.</param>
/// <param name="Server">Where it was given.</param>
/// <param name="Command">Its words, without secrets.</param>
/// <param name="About">What it names: each from <see cref="Device"/> or <see cref="VDisk"/>.</param>
/// <param name="Outcome">One of <see cref="HistoryOutcomes"/>.</param>
/// <param name="Detail">Why it failed, in a line.</param>
public sealed record HistoryRow(
    Guid Id,
    DateTimeOffset At,
    string By,
    string Server,
    string Command,
    ImmutableArray<string> About,
    string Outcome = HistoryOutcomes.UnderWay,
    string Detail = ""
)
{
    private const int WordLengthMax = 64;

    /// <param name="word">Its name, or its id.</param>
    /// <returns>Null for what can be neither.</returns>
    public static string? Device(string word) => Word("device", word);

    /// <inheritdoc cref="Device"/>
    public static string? VDisk(string word) => Word("vdisk", word);

    private static string? Word(string kind, string word) =>
        word.Length is > 0 and <= WordLengthMax && word.All(c => char.IsAsciiLetterOrDigit(c) || c == '-')
            ? $"{kind}:{word}"
            : null;
}

/// <summary>What became of a command.</summary>
public static class HistoryOutcomes
{
    /// <summary>No end of it is known: it is under way, or its server went down.</summary>
    public const string UnderWay = "under-way";

    public const string Done = "done";

    public const string Failed = "failed";

    /// <summary>Whoever gave it was gone before it answered, or its server was stopped.</summary>
    public const string Ended = "ended";
}
