using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;

namespace Hatchery.Devices;

/// <summary>
/// Personality data as text: a file that an operator has, either a JSON object of texts or lines <c>NAME=VALUE</c>, in which <c>#</c> begins
/// a remark; and lines that a shell and systemd's <c>EnvironmentFile=</c> read, whatever a value holds.
/// </summary>
public static class PersonalityText
{
    private static readonly UTF8Encoding s_utf8 = new(
        encoderShouldEmitUTF8Identifier: false,
        throwOnInvalidBytes: true
    );

    /// <summary>Total: any bytes at all give an answer.</summary>
    /// <param name="error">What is wrong, as a sentence without the file's name.</param>
    public static bool TryParse(
        ReadOnlySpan<byte> file,
        [NotNullWhen(true)] out PersonalityStrings? read,
        [NotNullWhen(false)] out string? error
    )
    {
        (read, error) = (null, null);
        string text;
        try
        {
            text = s_utf8.GetString(file).TrimStart('\uFEFF');
        }
        catch (ArgumentException)
        {
            error = "it is not UTF-8";
            return false;
        }
        read = text.TrimStart().StartsWith('{') ? Json(text, out error) : Lines(text, out error);
        if (read?.Fault is { } fault)
            (read, error) = (null, fault);
        return read is not null;
    }

    /// <summary>One <c>NAME=VALUE</c>, as an operator types it.</summary>
    public static bool TryParse(
        string word,
        out KeyValuePair<string, string> pair,
        [NotNullWhen(false)] out string? error
    )
    {
        var at = word.IndexOf('=', StringComparison.Ordinal);
        pair = at < 0 ? default : new(word[..at].Trim(), word[(at + 1)..]);
        // Not the word itself, in which a value may stand that is nobody's to see.
        error = at < 0 ? "personality data is given as NAME=VALUE" : PersonalityStrings.WhyNot(pair.Key, pair.Value);
        return error is null;
    }

    /// <summary>A line for a shell: what could mean something to it within double quotes has a backslash.</summary>
    public static void AppendLine(StringBuilder text, string name, string value)
    {
        text.Append(name).Append("=\"");
        foreach (var c in value)
        {
            if (c is '\\' or '"' or '$' or '`')
                text.Append('\\');
            text.Append(c);
        }
        text.Append("\"\n");
    }

    private static PersonalityStrings? Json(string text, out string? error)
    {
        try
        {
            error = null;
            return JsonSerializer.Deserialize(text, FarmJson.Default.PersonalityStrings);
        }
        catch (JsonException wrong)
        {
            error = $"it begins as JSON and is no object of texts (line {wrong.LineNumber + 1})";
            return null;
        }
    }

    private static PersonalityStrings? Lines(string text, out string? error)
    {
        error = null;
        var read = new List<KeyValuePair<string, string>>();
        var number = 0;
        foreach (var line in text.Split('\n').Select(l => l.TrimEnd('\r')))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line) || line.TrimStart().StartsWith('#'))
                continue;
            if (!TryParse(line, out var pair, out var wrong))
            {
                error = $"line {number}: {wrong}";
                return null;
            }
            read.Add(pair);
        }
        return PersonalityStrings.Of(read);
    }
}
