using System.Buffers;

namespace Hatchery.Boot.Script;

/// <summary>What may stand in an iPXE script. iPXE has no quoting: it expands <c>${...}</c> anywhere, splits at white space, and
/// takes the words <c>||</c>, <c>&amp;&amp;</c> and <c>;</c> for operators. So words are checked, and only remarks are rewritten.</summary>
internal static class IpxeText
{
    private static readonly SearchValues<char> s_harmless = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,:_+-=/()'@"
    );

    private static readonly SearchValues<char> s_iqn = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789.:-");

    private static readonly SearchValues<char> s_path = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-+~/"
    );

    /// <summary>Free text for <c>echo</c>: whatever could mean something becomes a question mark.</summary>
    public static string Remark(string text) =>
        string.Concat(text.Take(200).Select(c => s_harmless.Contains(c) ? c : '?'));

    /// <summary>RFC 3722: lower-case letters, digits, dots, colons, hyphens; at most 223 bytes.</summary>
    public static bool IsTargetName(string name) =>
        name.Length is > 4 and <= 223
        && (name.StartsWith("iqn.", StringComparison.Ordinal) || name.StartsWith("eui.", StringComparison.Ordinal))
        && !name.AsSpan().ContainsAnyExcept(s_iqn);

    public static bool IsPath(string path) =>
        path.StartsWith('/')
        && !path.AsSpan().ContainsAnyExcept(s_path)
        && !path.Split('/').Any(part => part is "." or "..");
}
