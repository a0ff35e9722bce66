using System.Diagnostics.CodeAnalysis;
using Akka.Configuration.Hocon;

namespace Akka.Configuration;

public partial class Config
{
    /// <summary>The text at <paramref name="path"/>; the default where there is none or it is null.</summary>
    [return: NotNullIfNotNull(nameof(@default))]
    public string? GetString(string path, string? @default = null) => Read(path, v => v.GetString()) ?? @default;

    /// <summary>on, yes, true or off, no, false at <paramref name="path"/>.</summary>
    /// <exception cref="ConfigurationException">The value is none of these.</exception>
    public bool GetBoolean(string path, bool @default = false) => Read(path, v => v.GetBoolean(), @default);

    public int GetInt(string path, int @default = 0) => Read(path, v => v.GetInt(), @default);

    public long GetLong(string path, long @default = 0) => Read(path, v => v.GetLong(), @default);

    public float GetFloat(string path, float @default = 0) => Read(path, v => v.GetFloat(), @default);

    public double GetDouble(string path, double @default = 0) => Read(path, v => v.GetDouble(), @default);

    public decimal GetDecimal(string path, decimal @default = 0) => Read(path, v => v.GetDecimal(), @default);

    /// <summary>The size in bytes at <paramref name="path"/>: k and KiB are 1024, kB is 1000.</summary>
    public long? GetByteSize(string path) => Read(path, v => v.GetByteSize());

    /// <inheritdoc cref="GetByteSize(string)"/>
    public long? GetByteSize(string path, long? def = null) => Read(path, v => v.GetByteSize(), def);

    /// <summary>The duration at <paramref name="path"/>; a bare number is milliseconds, "infinite" is <see cref="Timeout.InfiniteTimeSpan"/>.</summary>
    /// <exception cref="ConfigurationException">The value is no duration, negative, or infinite where that is not allowed.</exception>
    public TimeSpan GetTimeSpan(string path, TimeSpan? @default = null, bool allowInfinite = true) =>
        Read(path, v => v.GetTimeSpan(allowInfinite), @default.GetValueOrDefault());

    /// <summary>The texts of the array at <paramref name="path"/>; none where there is no array.</summary>
    public IList<string> GetStringList(string path) => GetStringList(path, []);

    /// <summary>The texts of the array at <paramref name="path"/>; <paramref name="defaultPaths"/> where there is nothing.</summary>
    public IList<string> GetStringList(string path, string[] defaultPaths) =>
        Read(path, v => v.GetStringList(), defaultPaths);

    public IList<bool> GetBooleanList(string path) => Read(path, v => v.GetBooleanList(), []);

    public IList<byte> GetByteList(string path) => Read(path, v => v.GetByteList(), []);

    public IList<int> GetIntList(string path) => Read(path, v => v.GetIntList(), []);

    public IList<long> GetLongList(string path) => Read(path, v => v.GetLongList(), []);

    public IList<float> GetFloatList(string path) => Read(path, v => v.GetFloatList(), []);

    public IList<double> GetDoubleList(string path) => Read(path, v => v.GetDoubleList(), []);

    public IList<decimal> GetDecimalList(string path) => Read(path, v => v.GetDecimalList(), []);

    private T? Read<T>(string path, Func<HoconValue, T> read) => Read<T?>(path, read, default);

    // A value does not know its path, and the path is what a reader of the message looks for.
    private T Read<T>(string path, Func<HoconValue, T> read, T @default)
    {
        if (GetValue(path) is not { } value)
            return @default;
        try
        {
            return read(value);
        }
        catch (ConfigurationException wrong)
        {
            throw new ConfigurationException($"{path}: {wrong.Message}", wrong);
        }
    }
}
