using Hatchery.Testing;
using Xunit.Abstractions;

namespace Hatchery.Wire.Tests;

/// <summary>What holds for every wire element with a fixed part; each element has a class that inherits these facts.</summary>
public abstract class FixedWireFacts<T>(ITestOutputHelper output)
    where T : struct, IFixedWire<T>
{
    /// <summary>An element with every field set to something of its own.</summary>
    protected abstract T Example { get; }

    /// <summary>The same as bytes, written out by hand from the specification.</summary>
    protected abstract string ExampleHex { get; }

    [Fact]
    public void The_example_is_written_as_specified() =>
        Assert.Equal(ExampleHex.Replace(" ", "", StringComparison.Ordinal), Convert.ToHexStringLower(Bytes(Example)));

    [Fact]
    public void What_is_written_is_read_back()
    {
        Assert.True(T.TryRead(Bytes(Example), out var read));
        Assert.Equal(Example, read);
    }

    [Fact]
    public void Whatever_is_accepted_survives_a_round_trip()
    {
        var random = Seed.New(output);
        for (var i = 0; i < 5_000; i++)
        {
            var bytes = Bytes(Example);
            for (var changes = random.Next(12); changes > 0; changes--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            if (!T.TryRead(bytes, out var read))
                continue;
            Assert.True(T.TryRead(Bytes(read), out var again));
            Assert.Equal(read, again);
        }
    }

    [Fact]
    public void Random_and_short_bytes_are_answered_without_an_exception()
    {
        var random = Seed.New(output);
        for (var i = 0; i < 5_000; i++)
        {
            var bytes = new byte[random.Next(T.SizeBytes + 8)];
            random.NextBytes(bytes);
            var accepted = T.TryRead(bytes, out _);
            Assert.False(accepted && bytes.Length < T.SizeBytes);
        }
    }

    private static byte[] Bytes(T value)
    {
        var bytes = new byte[T.SizeBytes];
        bytes.AsSpan().Fill(0xee);
        value.Write(bytes);
        return bytes;
    }
}
