using Akka.Configuration.Hocon;

namespace Akka.Configuration;

/// <summary>An immutable tree of settings, addressed by dotted paths, with another below it to fall back on.</summary>
public partial class Config
{
    /// <summary>A configuration that holds nothing.</summary>
    public static readonly Config Empty = new();

    public Config()
        : this(new HoconRoot(HoconValue.Of(new HoconObject()))) { }

    public Config(HoconRoot root) => Root = root.Value;

    /// <summary><paramref name="source"/> with <paramref name="fallback"/> below it.</summary>
    public Config(Config source, Config? fallback)
    {
        Root = fallback is null ? source.Root : HoconValue.Layer(source.Root, fallback.Root);
        Fallback = fallback;
    }

    /// <summary>What was put below this configuration last, or null.</summary>
    public Config? Fallback { get; }

    /// <summary>The value that holds everything, fallbacks merged in.</summary>
    public HoconValue Root { get; }

    /// <summary>True when there is no key at all.</summary>
    public bool IsEmpty => Root.IsEmpty;

    /// <summary>This configuration, with <paramref name="fallback"/> answering for every path that it lacks.</summary>
    /// <exception cref="ArgumentException">A configuration cannot fall back on itself.</exception>
    public Config WithFallback(Config? fallback)
    {
        if (ReferenceEquals(fallback, this))
            throw new ArgumentException("a configuration cannot fall back on itself", nameof(fallback));
        return fallback.IsNullOrEmpty() ? this : new Config(this, fallback);
    }

    /// <summary>The section at <paramref name="path"/>, or null where there is none.</summary>
    public Config? GetConfig(string path) => GetValue(path) is { } value ? new Config(new HoconRoot(value)) : null;

    /// <summary>The value at <paramref name="path"/>, or null where there is none.</summary>
    public HoconValue? GetValue(string path)
    {
        var value = Root;
        foreach (var key in HoconPath.Split(path))
        {
            if (value.GetObject() is not { } inner || !inner.Items.TryGetValue(key, out var next))
                return null;
            value = next;
        }
        return value;
    }

    /// <summary>Whether something stands at <paramref name="path"/>, be it null.</summary>
    public bool HasPath(string path) => GetValue(path) is not null;

    /// <summary>The keys at the top and their values.</summary>
    public IEnumerable<KeyValuePair<string, HoconValue>> AsEnumerable() => Root.GetObject()?.Items ?? [];

    public static Config operator +(Config config, string fallback) =>
        config.WithFallback(ConfigurationFactory.ParseString(fallback));

    public static Config operator +(string configHocon, Config fallbackConfig) =>
        ConfigurationFactory.ParseString(configHocon).WithFallback(fallbackConfig);

    public static implicit operator Config(string str) => ConfigurationFactory.ParseString(str);

    /// <summary>HOCON text that reads back as the same configuration.</summary>
    public override string ToString() => Root.ToString();
}
