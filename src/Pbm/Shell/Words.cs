using System.Text;

namespace Pbm;

/// <summary>Splits a line into words as a shell does: blanks part them, quotes and backslashes keep them together.</summary>
internal static class Words
{
    /// <returns>Null when a quote is not closed.</returns>
    public static IReadOnlyList<string>? Split(string line)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var (isInWord, quote) = (false, '\0');
        for (var i = 0; i < line.Length; i++)
        {
            var c = line[i];
            if (c == '\\' && quote != '\'' && i + 1 < line.Length)
                (isInWord, _) = (true, word.Append(line[++i]));
            else if (quote != '\0' && c == quote)
                quote = '\0';
            else if (quote == '\0' && c is '"' or '\'' && quote == '\0')
                (isInWord, quote) = (true, c);
            else if (quote == '\0' && char.IsWhiteSpace(c))
                Flush();
            else
                (isInWord, _) = (true, word.Append(c));
        }
        if (quote != '\0')
            return null;
        Flush();
        return words;

        void Flush()
        {
            if (isInWord)
                words.Add(word.ToString());
            word.Clear();
            isInWord = false;
        }
    }
}
