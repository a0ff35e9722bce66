using System.Collections.Immutable;
using Hatchery.Disks;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace Hatchery.Mirroring.Tests;

public sealed class CodecTests(ITestOutputHelper output)
{
    private static readonly LayerId Cache = new(Guid.Parse("00112233-4455-6677-8899-aabbccddeeff"));

    public static TheoryData<string> Kinds => [.. All.Select(m => m.GetType().Name)];

    private static IReadOnlyList<MirrorMessage> All { get; } =
    [
        new MirrorMessage.Promise(),
        new MirrorMessage.Promised(new(CopyCondition.PowerLost, new(7, 1 << 20))),
        new MirrorMessage.Append(new(7, 4096), new byte[] { 1, 2, 3 }),
        new MirrorMessage.Appended(new(7, 8192)),
        new MirrorMessage.Sync(new(7, 8192)),
        new MirrorMessage.Synced(new(0, 0)),
        new MirrorMessage.Seal(new(1, 5)),
        new MirrorMessage.Sealed(new(1, 5)),
        new MirrorMessage.Join(new(new(Guid.NewGuid()), new(Guid.NewGuid()), new(Guid.NewGuid()), long.MaxValue)),
        new MirrorMessage.Joined(),
        new MirrorMessage.Offer(3, 9, [.. Enumerable.Range(0, 32).Select(i => (byte)i)]),
        new MirrorMessage.Copy(3, 0, new byte[] { 9 }),
        new MirrorMessage.Copied(3, 1),
        new MirrorMessage.Fetch(3, 1),
        new MirrorMessage.Fetched(3, 1, 4, new byte[] { 5, 6 }),
        new MirrorMessage.Ping(),
        new MirrorMessage.Pong(),
        new MirrorMessage.Refused(MirrorRefusal.Lost),
    ];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_message_comes_back_as_it_was(string kind)
    {
        var message = All.Single(m => m.GetType().Name == kind) with { Epoch = new(ulong.MaxValue) };
        var frame = Frame(message);

        Assert.Equal(MirrorRead.Whole, MirrorCodec.TryRead(frame, out var cache, out var read, out var sizeBytes));

        Assert.Equal(Cache, cache);
        Assert.Equal(frame.Length, sizeBytes);
        Assert.Equal(message.Epoch, read!.Epoch);
        Assert.IsType(message.GetType(), read);
        Assert.Equal(frame, Frame(read));
        // Two frames, one behind the other, are two.
        Assert.Equal(MirrorRead.Whole, MirrorCodec.TryRead(frame.Concat(frame).ToArray(), out _, out _, out sizeBytes));
        Assert.Equal(frame.Length, sizeBytes);
    }

    [Fact]
    public void Every_kind_of_message_has_a_frame() =>
        Assert.Equal(
            typeof(MirrorMessage).GetNestedTypes().Where(t => t.IsSubclassOf(typeof(MirrorMessage))).ToHashSet(),
            All.Select(m => m.GetType()).ToHashSet()
        );

    [Fact]
    public void Half_a_frame_asks_for_the_rest()
    {
        foreach (var message in All)
        {
            var frame = Frame(message);
            for (var length = 0; length < frame.Length; length++)
                Assert.Equal(MirrorRead.NeedsMore, MirrorCodec.TryRead(frame.AsMemory(0, length), out _, out _, out _));
        }
    }

    [Fact]
    public void Garbage_is_refused_and_never_throws()
    {
        var random = Seed.New(output);
        var accepted = 0;
        for (var i = 0; i < 200_000; i++)
        {
            var frame = Frame(All[random.Next(All.Count)] with { Epoch = new((ulong)random.Next(9)) });
            for (var n = random.Next(4); n > 0; n--)
                frame[random.Next(frame.Length)] = (byte)(random.Next(3) == 0 ? 255 : random.Next(256));
            var cut = random.Next(4) == 0 ? random.Next(frame.Length + 1) : frame.Length;
            if (
                MirrorCodec.TryRead(frame.AsMemory(0, cut), out _, out var message, out var sizeBytes)
                != MirrorRead.Whole
            )
                continue;
            accepted++;
            Assert.InRange(sizeBytes, 29, cut);
            Assert.Equal(frame[..sizeBytes], Frame(message!, frame.AsSpan(5, 16)));
        }
        Assert.InRange(accepted, 1000, 200_000);
    }

    [Fact]
    public void A_length_that_no_frame_has_is_garbage_at_once()
    {
        foreach (var length in new uint[] { 0, 24, MirrorCodec.FrameMaxBytes + 1, uint.MaxValue })
            Assert.Equal(MirrorRead.Garbage, MirrorCodec.TryRead(BitConverter.GetBytes(length), out _, out _, out _));
    }

    [Fact]
    public void A_greeting_comes_back_as_it_was_and_garbage_does_not()
    {
        var random = Seed.New(output);
        var hello = new MirrorHello(1, 3, new(Guid.NewGuid()), "server-1");
        var bytes = hello.ToBytes();
        Assert.Equal(MirrorRead.Whole, MirrorHello.TryRead(bytes, out var read, out var sizeBytes));
        Assert.Equal((hello, bytes.Length), (read, sizeBytes));
        for (var length = 0; length < bytes.Length; length++)
            Assert.Equal(MirrorRead.NeedsMore, MirrorHello.TryRead(bytes.AsSpan(0, length), out _, out _));
        Assert.Equal(MirrorRead.Garbage, MirrorHello.TryRead("GET / HTTP/1.1\r\n"u8, out _, out _));
        for (var i = 0; i < 20_000; i++)
        {
            var damaged = hello.ToBytes();
            damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            MirrorHello.TryRead(damaged.AsSpan(0, random.Next(damaged.Length + 1)), out _, out _);
        }
    }

    [Fact]
    public void Servers_of_other_farms_versions_or_of_the_same_name_are_refused_with_a_reason()
    {
        var farm = new FarmId(Guid.NewGuid());
        var self = new MirrorHello(2, 3, farm, "one");
        Assert.Null(self.Refusal(new(1, 2, farm, "two")));
        Assert.Equal((ushort)2, self.VersionWith(new(1, 2, farm, "two")));
        Assert.Contains("is of farm", self.Refusal(new(2, 3, new(Guid.NewGuid()), "two")), StringComparison.Ordinal);
        Assert.Contains("is called one", self.Refusal(self), StringComparison.Ordinal);
        Assert.Contains("speaks versions 4 to 5", self.Refusal(new(4, 5, farm, "two")), StringComparison.Ordinal);
    }

    private static byte[] Frame(MirrorMessage message) => Frame(message, Cache.Value.ToByteArray(bigEndian: true));

    private static byte[] Frame(MirrorMessage message, ReadOnlySpan<byte> cache)
    {
        Span<byte> head = stackalloc byte[MirrorCodec.HeadMaxBytes];
        var size = MirrorCodec.WriteHead(new(new Guid(cache, bigEndian: true)), message, head);
        return [.. head[..size], .. MirrorCodec.BytesOf(message).Span];
    }
}
