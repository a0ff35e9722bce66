using System.Text;

namespace Akka.Configuration.Hocon;

/// <summary>A value: elements that concatenate to a text, an array or an object.</summary>
public partial class HoconValue : IMightBeAHoconObject
{
    public HoconValue()
        : this([]) { }

    public HoconValue(List<IHoconElement> values, bool adoptedFromFallback = true)
    {
        _ = adoptedFromFallback;
        Values = values;
    }

    /// <summary>The elements that make up the value.</summary>
    public List<IHoconElement> Values { get; }

    /// <summary>Where the value stands in its text, if it came from one.</summary>
    internal HoconOrigin? Origin { get; init; }

    /// <summary>True when there is no element, or only objects without keys.</summary>
    public bool IsEmpty => Values.TrueForAll(v => v is HoconObject { Items.Count: 0 });

    public bool IsString() => Values.Count > 0 && Values.TrueForAll(v => v.IsString());

    public bool IsArray() => Values.Exists(v => v.IsArray());

    public bool IsObject() => GetObject() is not null;

    /// <summary>The object that this is, or null.</summary>
    public HoconObject? GetObject() => Values.Count > 0 ? Values[0] as HoconObject : null;

    /// <summary>The value of <paramref name="key"/> in the object that this is; null where there is none.</summary>
    public HoconValue? GetChildObject(string key) => GetObject()?.GetKey(key);

    /// <summary>The text that this is; null for null, arrays and objects.</summary>
    public string? GetString()
    {
        if (!IsString())
            return null;
        if (Values.Count == 1)
            return Values[0].GetString();
        var text = new StringBuilder();
        foreach (var part in Values)
            text.Append(part.GetString());
        return text.ToString();
    }

    /// <summary>The elements of the arrays that this is made of.</summary>
    public IList<HoconValue> GetArray() => [.. Values.Where(v => v.IsArray()).SelectMany(v => v.GetArray())];

    /// <summary>A configuration that holds this value at <paramref name="key"/>.</summary>
    public Config AtKey(string key)
    {
        var root = new HoconObject();
        root.Items[key] = this;
        return new Config(new HoconRoot(Of(root)));
    }

    /// <summary>A configuration of which this is the root.</summary>
    public Config ToConfig() => new(new HoconRoot(this));

    public void AppendValue(IHoconElement value) => Values.Add(value);

    public void NewValue(IHoconElement value)
    {
        Values.Clear();
        Values.Add(value);
    }

    public void Clear() => Values.Clear();

    public override string ToString() => ToString(0);

    /// <summary>The value as HOCON text, <paramref name="indent"/> levels deep.</summary>
    public string ToString(int indent) =>
        GetObject() is { } fields ? HoconText.OfObject(fields, indent)
        : IsArray() ? HoconText.OfArray(GetArray(), indent)
        : IsString() ? HoconText.OfLiteral(GetString())
        : "{}";

    internal static HoconValue Of(IHoconElement element, HoconOrigin? origin = null) =>
        new([element]) { Origin = origin };

    /// <summary><paramref name="above"/>, and where both are objects what only <paramref name="below"/> holds; neither changes.</summary>
    internal static HoconValue Layer(HoconValue above, HoconValue below)
    {
        if (above.GetObject() is not { } top || below.GetObject() is not { } bottom)
            return above;
        var merged = new HoconObject();
        foreach (var (key, value) in bottom.Items)
            merged.Items[key] = value;
        merged.Merge(top);
        return Of(merged, above.Origin);
    }
}
