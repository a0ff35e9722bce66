namespace Akka.Util;

/// <summary>Matches names against patterns with <c>*</c> (any run) and <c>?</c> (any one character).</summary>
public static class WildcardMatch
{
    /// <summary>True when the whole of <paramref name="text"/> matches <paramref name="pattern"/>.</summary>
    public static bool Like(this string text, string pattern, bool caseSensitive = false)
    {
        // Walks both, and on a mismatch lets the last star take one character more.
        int t = 0,
            p = 0,
            star = -1,
            mark = 0;
        while (t < text.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                star = p++;
                mark = t;
            }
            else if (p < pattern.Length && (pattern[p] == '?' || Same(pattern[p], text[t], caseSensitive)))
            {
                p++;
                t++;
            }
            else if (star >= 0)
            {
                p = star + 1;
                t = ++mark;
            }
            else
            {
                return false;
            }
        }
        while (p < pattern.Length && pattern[p] == '*')
            p++;
        return p == pattern.Length;
    }

    private static bool Same(char a, char b, bool caseSensitive) =>
        a == b || (!caseSensitive && char.ToUpperInvariant(a) == char.ToUpperInvariant(b));
}
