using System.Text;

namespace Hatchery.Devices;

/// <summary>Text of strangers on its way into a table: PostgreSQL refuses what SQLite takes, and with it all that is written together.</summary>
public static class SqlText
{
    private const char Replacement = '\ufffd';

    /// <summary>The text without NUL and halves of surrogate pairs, and no longer than that.</summary>
    public static string Of(string text, int lengthMax = int.MaxValue)
    {
        if (text.Length > lengthMax)
            text = text[..lengthMax];
        if (IsClean(text))
            return text;
        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            clean.Append(rune.Value == 0 ? Replacement : rune.ToString());
        return clean.ToString();
    }

    private static bool IsClean(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\0' || char.IsLowSurrogate(text[i]))
                return false;
            if (char.IsHighSurrogate(text[i]) && (++i == text.Length || !char.IsLowSurrogate(text[i])))
                return false;
        }
        return true;
    }
}
