using System.Buffers;
using System.Collections;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Serialization;

namespace Hatchery.Devices;

/// <summary>What a machine is told about itself: names and values, in the order of their names; immutable, equal by content.</summary>
[JsonConverter(typeof(PersonalityJsonConverter))]
public sealed class PersonalityStrings
    : IReadOnlyCollection<KeyValuePair<string, string>>,
        IEquatable<PersonalityStrings>
{
    /// <summary>Of all names and values in UTF-8.</summary>
    public const int BytesMax = 64 << 10;

    public const int CountMax = 1024;
    public const int NameLengthMax = 64;

    /// <summary>Names that begin so are the farm's own: what every machine is told.</summary>
    public const string ReservedPrefix = "HATCHERY_";

    public static PersonalityStrings None { get; } = Of([]);

    private readonly ImmutableSortedDictionary<string, string> _values;

    private PersonalityStrings(ImmutableSortedDictionary<string, string> values) => _values = values;

    public int Count => _values.Count;

    /// <summary>Null: there is none of that name.</summary>
    public string? this[string name] => _values.GetValueOrDefault(name);

    public long Bytes =>
        _values.Sum(v => (long)Encoding.UTF8.GetByteCount(v.Key) + Encoding.UTF8.GetByteCount(v.Value));

    /// <summary>A later value of the same name replaces the one before.</summary>
    public static PersonalityStrings Of(IEnumerable<KeyValuePair<string, string>> values) =>
        new(ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, Last(values)));

    /// <summary>Sets or replaces all of another set.</summary>
    public PersonalityStrings Under(PersonalityStrings above) => new(_values.SetItems(above._values));

    public PersonalityStrings Without(IEnumerable<string> names) => new(_values.RemoveRange(names));

    /// <summary>What is wrong with a name and a value; null: nothing.</summary>
    public static string? WhyNot(string name, string value) =>
        WhyNotName(name)
        ?? (
            value.Any(c => c is not ('\n' or '\t') && char.IsControl(c)) || !IsText(value)
                ? $"the value of {name} has characters that are no text: lines and tabs are the only control characters"
                : null
        );

    public static string? WhyNotName(string name) =>
        name.Length is 0 or > NameLengthMax
        || char.IsAsciiDigit(name[0])
        || !name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_')
            ? $"'{Shown(name)}' is no name: 1 to {NameLengthMax} letters, digits and underscores, no digit first"
        : name.StartsWith(ReservedPrefix, StringComparison.OrdinalIgnoreCase)
            ? $"names that begin with {ReservedPrefix} are the farm's own"
        : null;

    /// <summary>What is wrong with the whole; null: nothing.</summary>
    public string? Fault =>
        _values.Select(v => WhyNot(v.Key, v.Value)).FirstOrDefault(why => why is not null)
        ?? (
            Count > CountMax ? $"personality data has more than {CountMax} names"
            : Bytes > BytesMax
                ? $"personality data of {Bytes} bytes, in names and values: at most {BytesMax} are allowed"
            : null
        );

    public bool Equals(PersonalityStrings? other) => other is not null && _values.SequenceEqual(other._values);

    public override bool Equals(object? obj) => Equals(obj as PersonalityStrings);

    public override int GetHashCode() => _values.Aggregate(0, (hash, v) => HashCode.Combine(hash, v.Key, v.Value));

    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => _values.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    // A lone surrogate cannot be written in UTF-8.
    private static bool IsText(string value)
    {
        for (var rest = value.AsSpan(); !rest.IsEmpty; )
        {
            if (Rune.DecodeFromUtf16(rest, out _, out var read) != OperationStatus.Done)
                return false;
            rest = rest[read..];
        }
        return true;
    }

    private static string Shown(string name) =>
        string.Concat(name.Take(NameLengthMax).Select(c => c is < ' ' or > '~' ? '?' : c));

    private static Dictionary<string, string> Last(IEnumerable<KeyValuePair<string, string>> values)
    {
        var last = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in values)
            last[name] = value;
        return last;
    }
}
