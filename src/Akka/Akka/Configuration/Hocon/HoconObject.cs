namespace Akka.Configuration.Hocon;

/// <summary>Values by key.</summary>
public class HoconObject : IHoconElement
{
    /// <summary>The values by key, in the order in which the keys first came.</summary>
    public Dictionary<string, HoconValue> Items { get; } = new(StringComparer.Ordinal);

    public bool IsString() => false;

    public string? GetString() => null;

    public bool IsArray() => false;

    public IList<HoconValue> GetArray() => [];

    /// <summary>The value of <paramref name="key"/>, or null where there is none.</summary>
    public HoconValue? GetKey(string key) => Items.GetValueOrDefault(key);

    /// <summary>The value of <paramref name="key"/>, made empty where there is none.</summary>
    public HoconValue GetOrCreateKey(string key)
    {
        if (!Items.TryGetValue(key, out var value))
            Items[key] = value = new HoconValue();
        return value;
    }

    /// <summary>Takes over what <paramref name="other"/> holds; objects that both hold are merged in depth.</summary>
    public void Merge(HoconObject other)
    {
        foreach (var (key, value) in other.Items)
            Items[key] = Items.TryGetValue(key, out var old) ? HoconValue.Layer(value, old) : value;
    }

    public override string ToString() => ToString(0);

    /// <summary>The fields as HOCON text, <paramref name="indent"/> levels deep.</summary>
    public string ToString(int indent) => HoconText.OfFields(this, indent);
}
