using Hatchery.Disks;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace Hatchery.Mirroring.Tests;

public sealed class MirrorLinkTests(ITestOutputHelper output)
{
    private static readonly LayerId s_cache = new(Guid.NewGuid());

    /// <summary>Frames that come in pieces of any size come out as they were; damaged ones end the connection and nothing else.</summary>
    [Fact]
    public async Task What_is_read_is_what_was_sent_or_the_end()
    {
        var random = Seed.New(output);
        var (whole, damaged) = (0, 0);
        for (var run = 0; run < 150; run++)
        {
            var sent = new List<byte[]>();
            var bytes = new List<byte>(MirrorSite.Named("a").ToBytes());
            var greetingBytes = bytes.Count;
            for (var n = random.Next(30); n > 0; n--)
            {
                var frame = Frame(random);
                sent.Add(frame);
                bytes.AddRange(frame);
            }
            var stream = bytes.ToArray();
            var isDamaged = random.Next(2) == 0 && stream.Length > greetingBytes;
            if (isDamaged)
                for (var n = random.Next(1, 4); n > 0; n--)
                    stream[random.Next(greetingBytes, stream.Length)] = (byte)random.Next(256);
            var read = new List<byte[]>();
            await using var link = await MirrorLink.GreetAsync(
                new PiecesStream(stream, random),
                MirrorSite.Named("b"),
                new(),
                CancellationToken.None
            );
            var reason = await link.RunAsync(
                (cache, message) =>
                {
                    read.Add([.. Head(cache, message), .. MirrorCodec.BytesOf(message).Span]);
                    if (MirrorCodec.BytesOf(message) is { IsEmpty: false } kept)
                        link.Window.Release(kept);
                }
            );
            Assert.Equal(0, link.Window.UsedBytes);
            if (isDamaged)
            {
                damaged++;
                continue;
            }
            whole++;
            Assert.Equal("it closed the connection", reason);
            Assert.Equal(sent, read);
        }
        Assert.InRange(Math.Min(whole, damaged), 20, int.MaxValue);
    }

    [Fact]
    public async Task Bytes_that_are_not_used_up_keep_more_from_being_read()
    {
        var window = new ReceiveWindow(10_000);
        // One is always taken, however large.
        var first = await window.RentAsync(20_000, CancellationToken.None);
        window.Hold();
        var second = window.RentAsync(1, CancellationToken.None).AsTask();
        Assert.False(second.IsCompleted);
        Assert.Equal(first.Length, window.UsedBytes);
        window.Release(first.AsMemory(10, 20));
        await second;
        window.End();
        Assert.Equal(0, window.UsedBytes);
    }

    private static byte[] Frame(Random random)
    {
        var data = new byte[random.Next(10) == 0 ? random.Next(1, 600_000) : random.Next(1, 5000)];
        random.NextBytes(data);
        MirrorMessage message = random.Next(4) switch
        {
            0 => new MirrorMessage.Append(new(random.Next(1, 9), random.Next(1 << 20)), data),
            1 => new MirrorMessage.Copy(random.Next(1, 9), random.Next(1 << 20), data),
            2 => new MirrorMessage.Synced(new(1, random.Next(1 << 20))),
            _ => new MirrorMessage.Ping(),
        };
        message = message with { Epoch = new((ulong)random.Next(9)) };
        return [.. Head(s_cache, message), .. MirrorCodec.BytesOf(message).Span];
    }

    private static byte[] Head(LayerId cache, MirrorMessage message)
    {
        var head = new byte[MirrorCodec.HeadMaxBytes];
        return head[..MirrorCodec.WriteHead(cache, message, head)];
    }

    /// <summary>Gives its bytes in pieces of any size, and takes everything.</summary>
}
