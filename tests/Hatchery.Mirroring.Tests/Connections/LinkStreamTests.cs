using Hatchery.Testing;
using Xunit.Abstractions;

namespace Hatchery.Mirroring.Tests;

public sealed class LinkStreamTests(ITestOutputHelper output)
{
    /// <summary>In whatever pieces it comes and is asked for, nothing of it among them.</summary>
    [Fact]
    public async Task What_came_is_read_in_order_and_then_the_end()
    {
        var random = Seed.New(output);
        for (var run = 0; run < 20; run++)
        {
            var came = new byte[random.Next(1_000_000)];
            random.NextBytes(came);
            await using var stream = new LinkStream(new PiecesStream(came, random));
            var (read, to) = (new List<byte>(), new byte[600_000]);
            while (true)
            {
                var asked = random.Next(4) == 0 ? 0 : random.Next(1, random.Next(2) == 0 ? 20_000 : to.Length);
                var count = await stream.ReadAsync(to.AsMemory(0, asked));
                read.AddRange(to.AsSpan(0, count));
                if (count == 0 && asked > 0)
                    break;
            }
            Assert.True(came.AsSpan().SequenceEqual(read.ToArray()));
        }
    }

    [Fact]
    public async Task What_is_written_has_gone_in_order_after_a_flush()
    {
        var random = Seed.New(output);
        for (var run = 0; run < 20; run++)
        {
            var socket = new MemoryStream();
            await using var stream = new LinkStream(socket);
            var written = new List<byte>();
            for (var n = random.Next(1, 30); n > 0; n--)
            {
                var bytes = new byte[random.Next(random.Next(2) == 0 ? 200 : 200_000)];
                random.NextBytes(bytes);
                written.AddRange(bytes);
                if (random.Next(5) == 0)
                    stream.Write(bytes);
                else
                    await stream.WriteAsync(bytes);
                if (random.Next(4) > 0)
                    continue;
                await stream.FlushAsync();
                Assert.Equal(written.Count, socket.Length);
            }
            await stream.FlushAsync();
            Assert.True(socket.ToArray().AsSpan().SequenceEqual(written.ToArray()));
        }
    }

    [Fact]
    public async Task Little_waits_for_a_flush_and_goes_at_once()
    {
        var socket = new MemoryStream();
        await using var stream = new LinkStream(socket);
        await stream.WriteAsync(new byte[32 << 10]);
        await stream.WriteAsync(new byte[32 << 10]);
        Assert.Equal(0, socket.Length);
        await stream.FlushAsync();
        Assert.Equal(64 << 10, socket.Length);
    }
}
