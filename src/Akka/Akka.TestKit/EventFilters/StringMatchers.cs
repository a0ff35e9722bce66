using System.Text.RegularExpressions;

namespace Akka.TestKit.Internal.StringMatcher;

/// <summary>Says whether a text is the one looked for.</summary>
public interface IStringMatcher
{
    bool IsMatch(string s);
}

/// <summary>Any text.</summary>
public class MatchesAll : IStringMatcher
{
    private MatchesAll() { }

    public static IStringMatcher Instance { get; } = new MatchesAll();

    public bool IsMatch(string s) => true;

    public override string ToString() => "";
}

/// <summary>The text <paramref name="s"/>.</summary>
public class EqualsString(string s) : IStringMatcher
{
    private readonly string wanted = s;

    public bool IsMatch(string s) => string.Equals(wanted, s, StringComparison.OrdinalIgnoreCase);

    public override string ToString() => $"== \"{wanted}\"";
}

/// <summary>A text that begins with <paramref name="start"/>.</summary>
public class StartsWithString(string start) : IStringMatcher
{
    public bool IsMatch(string s) => s.StartsWith(start, StringComparison.OrdinalIgnoreCase);

    public override string ToString() => $"starts with \"{start}\"";
}

/// <summary>A text that contains <paramref name="part"/>.</summary>
public class ContainsString(string part) : IStringMatcher
{
    public bool IsMatch(string s) => s.Contains(part, StringComparison.OrdinalIgnoreCase);

    public override string ToString() => $"contains \"{part}\"";
}

/// <summary>A text that <paramref name="regex"/> matches.</summary>
public class RegexMatcher(Regex regex) : IStringMatcher
{
    public bool IsMatch(string s) => regex.IsMatch(s);

    public override string ToString() => $"~= \"{regex}\"";
}
