namespace Akka.Configuration.Hocon;

/// <summary>A text, number, truth value, or null.</summary>
public class HoconLiteral : IHoconElement
{
    /// <summary>The text without quotes; null is HOCON's null.</summary>
    public string? Value { get; set; }

    public bool IsString() => true;

    public string? GetString() => Value;

    public bool IsArray() => false;

    public IList<HoconValue> GetArray() => [];

    public override string ToString() => HoconText.OfLiteral(Value);
}
