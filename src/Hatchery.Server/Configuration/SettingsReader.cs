using System.Globalization;
using System.Net;
using Akka.Configuration;
using Akka.Configuration.Hocon;

namespace Hatchery.Server;

/// <summary>Reads settings below one path, remembers which, and says of a wrong one where it stands and what it must be.</summary>
/// <param name="within">What the keys of <paramref name="config"/> are called from the root; for messages.</param>
internal sealed class SettingsReader(Config config, string path = "", string within = "", ISet<string>? seen = null)
{
    /// <summary>Every key that was read, so that a test can hold them against reference.conf.</summary>
    public ISet<string> Seen { get; } = seen ?? new SortedSet<string>(StringComparer.Ordinal);

    public SettingsReader At(string below) => new(config, Local(below), within, Seen);

    public string Text(string key) => Value(key, v => v.GetString() ?? "", "text");

    public bool Flag(string key) => Value(key, v => v.GetBoolean(), "on or off");

    public TimeSpan Duration(string key, TimeSpan min) =>
        Checked(
            key,
            Value(key, v => v.GetTimeSpan(allowInfinite: false), "a duration, e.g. 10s"),
            d => d >= min,
            $"at least {min}"
        );

    public int Number(string key, int min, int max) =>
        Checked(key, Value(key, v => v.GetInt(), "a whole number"), n => n >= min && n <= max, $"{min} to {max}");

    public long Bytes(string key, long min, long max) =>
        Checked(
            key,
            Value(key, v => v.GetByteSize() ?? throw new FormatException(), "a size, e.g. 16MiB"),
            n => n >= min && n <= max,
            $"{min} bytes or more"
        );

    public IPAddress Address(string key) =>
        IPAddress.TryParse(Text(key), out var address) ? address : throw Wrong(key, Text(key), "an IP address");

    public IReadOnlyList<string> Texts(string key) => [.. Value(key, v => v.GetStringList(), "a list of texts")];

    public T Choice<T>(string key)
        where T : struct, Enum =>
        Enum.TryParse<T>(Text(key), ignoreCase: true, out var choice) && Enum.IsDefined(choice)
            ? choice
            : throw Wrong(key, Text(key), "one of " + string.Join(", ", Enum.GetNames<T>()).ToLowerInvariant());

    /// <summary>A list of objects; the keys inside each are not settings of their own.</summary>
    public IReadOnlyList<T> Objects<T>(string key, Func<SettingsReader, T> read)
    {
        var items = Value(key, v => v.GetArray(), "a list of objects");
        return [.. items.Select((item, i) => read(Element(key, i, item)))];
    }

    public SettingsException Wrong(string key, string value, string expected) =>
        new($"{Full(key)} = {value}: it has to be {expected}");

    public bool Has(string key) => config.HasPath(Local(key));

    private SettingsReader Element(string key, int index, HoconValue item) =>
        item.IsObject()
            ? new(
                new Config(new HoconRoot(item)),
                within: string.Create(CultureInfo.InvariantCulture, $"{Full(key)}[{index}]")
            )
            : throw Wrong(key, item.ToString() ?? "", "a list of objects");

    private T Value<T>(string key, Func<HoconValue, T> read, string expected)
    {
        Seen.Add(Full(key));
        var value = config.GetValue(Local(key)) ?? throw new SettingsException($"{Full(key)} is missing");
        try
        {
            return read(value);
        }
        catch (Exception wrong)
            when (wrong is FormatException or OverflowException or ConfigurationException or InvalidOperationException)
        {
            throw Wrong(key, value.ToString() ?? "", expected);
        }
    }

    private T Checked<T>(string key, T value, Predicate<T> isGood, string expected) =>
        isGood(value) ? value : throw Wrong(key, $"{value}", expected);

    private string Full(string key) => Join(within, Local(key));

    private string Local(string key) => Join(path, key);

    private static string Join(string outer, string inner) => outer.Length == 0 ? inner : $"{outer}.{inner}";
}
