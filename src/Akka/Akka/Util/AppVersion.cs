using System.Globalization;

namespace Akka.Util;

/// <summary>
/// The version of an application, ordered as people order versions: numbers by value, and a version with a qualifier
/// (<c>2.0-RC1</c>) before the same one without; what follows a plus sign comes after.
/// </summary>
public sealed class AppVersion : IComparable<AppVersion>, IEquatable<AppVersion>
{
    /// <summary>The version of an application that names none.</summary>
    public static readonly AppVersion Zero = new("0.0.0");

    private readonly int[] _numbers;
    private readonly string _qualifier;
    private readonly string _build;

    private AppVersion(string version)
    {
        Version = version;
        var plus = version.IndexOf('+');
        _build = plus < 0 ? "" : version[(plus + 1)..];
        var released = plus < 0 ? version : version[..plus];
        var dash = released.IndexOf('-');
        var dotted = dash < 0 ? released : released[..dash];
        _qualifier = dash < 0 ? "" : released[(dash + 1)..];
        var parts = dotted.Split('.');
        var numbers = parts.TakeWhile(part =>
            int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out _)
        );
        _numbers = [.. numbers.Select(part => int.Parse(part, CultureInfo.InvariantCulture))];
        // What is no number, and all after it, counts as text.
        if (_numbers.Length < parts.Length)
            _qualifier = string.Join('.', parts.Skip(_numbers.Length)) + (dash < 0 ? "" : "-" + _qualifier);
        while (_numbers is [.., 0])
            _numbers = _numbers[..^1];
    }

    /// <summary>The version as it was written.</summary>
    public string Version { get; }

    /// <summary>Reads a version; every text is one.</summary>
    public static AppVersion Create(string version) => new(version);

    /// <inheritdoc/>
    public int CompareTo(AppVersion? other)
    {
        if (other is null)
            return 1;
        for (var i = 0; i < Math.Max(_numbers.Length, other._numbers.Length); i++)
        {
            var order = _numbers.ElementAtOrDefault(i).CompareTo(other._numbers.ElementAtOrDefault(i));
            if (order != 0)
                return order;
        }
        if (_qualifier.Length == 0 || other._qualifier.Length == 0)
        {
            // A qualifier stands for what came before the release.
            var order = (_qualifier.Length == 0 ? 1 : 0) - (other._qualifier.Length == 0 ? 1 : 0);
            if (order != 0)
                return order;
        }
        var qualified = CompareText(_qualifier, other._qualifier);
        return qualified != 0 ? qualified : CompareText(_build, other._build);
    }

    /// <inheritdoc/>
    public bool Equals(AppVersion? other) => other is not null && CompareTo(other) == 0;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as AppVersion);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var number in _numbers)
            hash.Add(number);
        hash.Add(_qualifier, StringComparer.Ordinal);
        hash.Add(_build, StringComparer.Ordinal);
        return hash.ToHashCode();
    }

    /// <inheritdoc/>
    public override string ToString() => Version;

    /// <summary>Compares two versions.</summary>
    public static bool operator ==(AppVersion? first, AppVersion? second) => Equals(first, second);

    /// <summary>Compares two versions.</summary>
    public static bool operator !=(AppVersion? first, AppVersion? second) => !Equals(first, second);

    // RC2 stands before RC10: runs of digits go by value.
    private static int CompareText(string a, string b)
    {
        int i = 0,
            j = 0;
        while (i < a.Length && j < b.Length)
        {
            var first = Run(a, ref i);
            var second = Run(b, ref j);
            var bothNumbers = char.IsAsciiDigit(first[0]) && char.IsAsciiDigit(second[0]);
            var (x, y) = bothNumbers ? (first.TrimStart('0'), second.TrimStart('0')) : (first, second);
            var order = bothNumbers && x.Length != y.Length ? x.Length - y.Length : string.CompareOrdinal(x, y);
            if (order != 0)
                return order;
        }
        return (a.Length - i) - (b.Length - j);
    }

    private static string Run(string text, ref int at)
    {
        var begin = at;
        var digits = char.IsAsciiDigit(text[at]);
        while (at < text.Length && char.IsAsciiDigit(text[at]) == digits)
            at++;
        return text[begin..at];
    }
}
