using Hatchery.Devices;
using Petabridge.Cmd;

namespace Hatchery.Operations;

/// <summary>What the history keeps of a command's words: one line without secrets, and who gives it.</summary>
internal sealed class RecordedWords
{
    private const string Mask = "***";

    /// <summary>What pbm fills in with what is piped into it, of any command.</summary>
    private const string Piped = "stdin";

    /// <summary>The longest first: one may be part of another.</summary>
    private readonly IReadOnlyList<string> _secrets;

    private RecordedWords(Command typed, string by, IEnumerable<string> secrets)
    {
        _secrets =
        [
            .. secrets.Where(s => s.Length > 0).Distinct(StringComparer.Ordinal).OrderByDescending(s => s.Length),
        ];
        By = Masked(by);
        Line = string.Join(' ', [typed.Palette, typed.Name, .. Words(typed).Select(w => Quoted(Masked(w)))]);
    }

    /// <summary>Empty: nobody said.</summary>
    public string By { get; }

    /// <summary>As it could be typed again, but for its secrets.</summary>
    public string Line { get; }

    /// <param name="values">Of an argument, by its name.</param>
    public static RecordedWords Of(Command typed, Func<string, IReadOnlyList<string>> values) =>
        new(
            SignedPalette.Unsigned(typed),
            values(SignedPalette.By).FirstOrDefault() ?? "",
            typed is { Palette: "device", Name: "secret" } ? values(Piped).Concat(Misplaced(values)) : values(Piped)
        );

    /// <summary>A text in one line, without the values of secrets.</summary>
    public string Masked(string text)
    {
        var masked = _secrets.Aggregate(text, (t, secret) => t.Replace(secret, Mask, StringComparison.Ordinal));
        var lines = masked.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return string.Concat(string.Join("; ", lines).Select(c => char.IsControl(c) ? ' ' : c));
    }

    /// <summary>Words of `device secret` that are no names: somebody may have typed the secret itself.</summary>
    private static IEnumerable<string> Misplaced(Func<string, IReadOnlyList<string>> values)
    {
        var names = values("names");
        return values("action")[0] switch
        {
            "set" when names is [var name] && PersonalityStrings.WhyNotName(name) is null => [],
            "delete" => names.Where(n => PersonalityStrings.WhyNotName(n) is not null),
            "set" => names,
            var other => names.Append(other),
        };
    }

    private static IEnumerable<string> Words(Command typed)
    {
        foreach (var (given, value) in typed.Arguments)
        {
            var isSwitch = given.StartsWith('-');
            if (isSwitch)
                yield return given;
            // A flag has no value of its own.
            if (!isSwitch || value is not ("" or "true"))
                yield return value;
        }
    }

    private static string Quoted(string word) =>
        word.Length > 0 && !word.Any(c => c is ' ' or '\'' or '"' or '\\')
            ? word
            : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
