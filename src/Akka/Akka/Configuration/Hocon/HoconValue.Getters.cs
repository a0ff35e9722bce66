using System.Globalization;
using System.Numerics;

namespace Akka.Configuration.Hocon;

public partial class HoconValue
{
    /// <summary>on, yes, true or off, no, false.</summary>
    /// <exception cref="ConfigurationException">The value is none of these.</exception>
    public bool GetBoolean() =>
        GetString() switch
        {
            "on" or "yes" or "true" => true,
            "off" or "no" or "false" => false,
            _ => throw Wrong("is not one of on, yes, true, off, no, false"),
        };

    public byte GetByte() => Number<byte>(NumberStyles.AllowLeadingSign);

    public int GetInt() => Number<int>(NumberStyles.AllowLeadingSign);

    public long GetLong() => Number<long>(NumberStyles.AllowLeadingSign);

    public float GetFloat() => Number<float>(NumberStyles.Float);

    public double GetDouble() => Number<double>(NumberStyles.Float);

    public decimal GetDecimal() => Number<decimal>(NumberStyles.Float);

    /// <summary>The size in bytes: k and KiB are 1024, kB is 1000, and so on; null for null.</summary>
    /// <exception cref="ConfigurationException">The value is no size.</exception>
    public long? GetByteSize() =>
        GetString() is not { } text && IsString() ? null
        : HoconUnits.TryReadSize(GetString(), out var bytes) ? bytes
        : throw Wrong("is not a size such as 4096, 64k or 10 MiB");

    /// <summary>The duration; a bare number is milliseconds, "infinite" is <see cref="Timeout.InfiniteTimeSpan"/>.</summary>
    /// <exception cref="ConfigurationException">The value is no duration, negative, or infinite where that is not allowed.</exception>
    public TimeSpan GetTimeSpan(bool allowInfinite = true) =>
        allowInfinite && string.Equals(GetString(), "infinite", StringComparison.OrdinalIgnoreCase)
            ? Timeout.InfiniteTimeSpan
        : HoconUnits.TryReadDuration(GetString(), out var duration) ? duration
        : throw Wrong("is not a duration such as 500ms, 10s or 2 minutes");

    public IList<string> GetStringList() => List(v => v.GetString() ?? throw v.Wrong("is not a text"));

    public IList<bool> GetBooleanList() => List(v => v.GetBoolean());

    public IList<byte> GetByteList() => List(v => v.GetByte());

    public IList<int> GetIntList() => List(v => v.GetInt());

    public IList<long> GetLongList() => List(v => v.GetLong());

    public IList<float> GetFloatList() => List(v => v.GetFloat());

    public IList<double> GetDoubleList() => List(v => v.GetDouble());

    public IList<decimal> GetDecimalList() => List(v => v.GetDecimal());

    private List<T> List<T>(Func<HoconValue, T> read) =>
        IsArray() || IsEmpty ? [.. GetArray().Select(read)] : throw Wrong("is not an array");

    private T Number<T>(NumberStyles style)
        where T : INumber<T> =>
        T.TryParse(GetString(), style, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw Wrong(
                style == NumberStyles.Float ? "is not a number" : $"is not a whole number that fits {typeof(T).Name}"
            );

    private ConfigurationException Wrong(string what)
    {
        var shown = ToString();
        var text = $"'{(shown.Length > 60 ? shown[..60] + "..." : shown)}' {what}";
        return Origin?.Error(text) ?? new ConfigurationException(text);
    }
}
