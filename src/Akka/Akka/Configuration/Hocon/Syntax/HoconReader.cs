using System.Globalization;
using System.Text;

namespace Akka.Configuration.Hocon.Syntax;

/// <summary>Reads a text a character or a word at a time and knows where it is.</summary>
internal sealed class HoconReader(string text, string? source)
{
    private const string NotInBareText = "$\"{}[]:=,+#`^?!@*&\\";
    private int at;
    private int line = 1;
    private int lineStart;

    public HoconOrigin Here => new(source, line, at - lineStart + 1);

    public bool AtEnd => at >= text.Length;

    /// <summary>The next character, or NUL at the end.</summary>
    public char Next => at < text.Length ? text[at] : '\0';

    public bool AtComment => Next == '#' || Sees("//");

    public bool Sees(string word) => string.CompareOrdinal(text, at, word, 0, word.Length) == 0;

    /// <summary>What stands after the next <paramref name="count"/> characters, or NUL.</summary>
    public char Ahead(int count) => at + count < text.Length ? text[at + count] : '\0';

    public char Take()
    {
        var taken = text[at++];
        if (taken == '\n')
        {
            line++;
            lineStart = at;
        }
        return taken;
    }

    public bool TryTake(string word)
    {
        if (!Sees(word))
            return false;
        at += word.Length;
        return true;
    }

    public void Expect(char wanted)
    {
        if (Next != wanted || AtEnd)
            throw Here.Error($"expected '{wanted}' but found {Shown()}");
        Take();
    }

    /// <summary>The next character as an error message shows it.</summary>
    public string Shown() =>
        AtEnd ? "the end of the text"
        : Next == '\n' ? "the end of the line"
        : $"'{Next}'";

    /// <summary>Takes the white space up to the end of the line, and returns it.</summary>
    public string TakeBlanks()
    {
        var from = at;
        while (IsBlank(Next))
            at++;
        return from == at ? "" : text[from..at];
    }

    /// <summary>Skips white space, comments and line ends; says whether there was a line end.</summary>
    public bool SkipLines()
    {
        var first = line;
        while (!AtEnd)
        {
            TakeBlanks();
            if (AtComment)
                SkipRestOfLine();
            else if (Next == '\n')
                Take();
            else
                break;
        }
        return line != first;
    }

    /// <summary>Takes characters that need no quotes; none when the next one needs them.</summary>
    public string TakeBare(bool isKey)
    {
        var from = at;
        while (!AtEnd && IsBare(isKey))
            at++;
        return text[from..at];
    }

    /// <summary>Takes a text in one or in three double quotes.</summary>
    public string TakeQuoted() => TryTake("\"\"\"") ? TakeTripleQuoted() : TakeSingleQuoted();

    private bool IsBare(bool isKey)
    {
        var c = Next;
        if (isKey && c == '.')
            return false;
        // An exponent such as 1e+9 is the one place where a plus needs no quotes.
        if (c == '+' && !isKey && at > 0 && text[at - 1] is 'e' or 'E' && char.IsAsciiDigit(Ahead(1)))
            return true;
        return !IsBlank(c) && c != '\n' && !NotInBareText.Contains(c, StringComparison.Ordinal) && !AtComment;
    }

    private static bool IsBlank(char c) => (char.IsWhiteSpace(c) && c != '\n') || c == '\uFEFF';

    private void SkipRestOfLine()
    {
        while (!AtEnd && Next != '\n')
            at++;
    }

    private string TakeTripleQuoted()
    {
        var start = Here;
        var end = text.IndexOf("\"\"\"", at, StringComparison.Ordinal);
        if (end < 0)
            throw start.Error("the text in triple quotes never ends");
        // Quotes beyond the closing three belong to the text.
        while (end + 3 < text.Length && text[end + 3] == '"')
            end++;
        var from = at;
        while (at < end)
            Take();
        at = end + 3;
        return text[from..end];
    }

    private string TakeSingleQuoted()
    {
        var start = Here;
        Expect('"');
        var value = new StringBuilder();
        while (true)
        {
            if (AtEnd || Next == '\n')
                throw start.Error("the quoted text does not end on its line");
            var c = Take();
            if (c == '"')
                return value.ToString();
            value.Append(c == '\\' ? TakeEscape() : c);
        }
    }

    private char TakeEscape()
    {
        var start = Here;
        switch (AtEnd ? '\0' : Take())
        {
            case '"':
                return '"';
            case '\\':
                return '\\';
            case '/':
                return '/';
            case 'b':
                return '\b';
            case 'f':
                return '\f';
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 't':
                return '\t';
            case 'u' when at + 4 <= text.Length && TryHex(text.AsSpan(at, 4), out var code):
                at += 4;
                return code;
            default:
                throw start.Error(
                    "a backslash is followed by one of \" \\ / b f n r t or u and four hexadecimal digits"
                );
        }
    }

    private static bool TryHex(ReadOnlySpan<char> digits, out char code)
    {
        var isHex = ushort.TryParse(
            digits,
            NumberStyles.AllowHexSpecifier,
            CultureInfo.InvariantCulture,
            out var value
        );
        code = (char)value;
        return isHex;
    }
}
