namespace Akka.Configuration.Hocon.Resolution;

/// <summary>A finished value with its depth and the number of nodes in it; no value where an optional one leads nowhere.</summary>
internal readonly record struct Resolved(HoconValue? Value, int Depth, int Size)
{
    public static readonly Resolved Nothing = new(null, 0, 0);

    public HoconObject? Object => Value?.GetObject();

    public bool IsArray => Value is { } value && value.IsArray();
}
