using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Hatchery.Disks;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace Hatchery.Mirroring.Tests;

public sealed class MirrorConnectionTests(ITestOutputHelper output)
{
    private const int DiskBytes = 8 << 20;

    private static readonly Epoch s_epoch = new(5);
    private static readonly LayerId s_cache = new(Guid.NewGuid());

    [Fact]
    public async Task A_copy_that_came_over_a_connection_opens_to_the_same_disk()
    {
        await using var site = new MirrorSite("b");
        await using var dialer = Dialer("a", site);
        // Two write caches share the connection.
        var caches = new[] { await WrittenAsync(), await WrittenAsync() };
        var heard = new Heard[] { new(), new() };
        for (var i = 0; i < caches.Length; i++)
        {
            var (cache, bytes, _) = caches[i];
            dialer.Connect("b", cache.Layer, heard[i]);
            Assert.Equal("connected to b", await heard[i].NextAsync<string>());
            Send(dialer, heard[i], cache.Layer, new MirrorMessage.Join(new(default, default, cache.Parent, DiskBytes)));
            await heard[i].NextAsync<MirrorMessage.Joined>();
            Send(dialer, heard[i], cache.Layer, new MirrorMessage.Append(new(1, 0), bytes.AsMemory(0, 4096)));
            Send(dialer, heard[i], cache.Layer, new MirrorMessage.Append(new(1, 4096), bytes.AsMemory(4096)));
            Send(dialer, heard[i], cache.Layer, new MirrorMessage.Sync(new(1, bytes.Length)));
            Send(dialer, heard[i], cache.Layer, new MirrorMessage.Ping());
        }
        Assert.Equal(1, site.Connections);
        for (var i = 0; i < caches.Length; i++)
        {
            var answers = new List<MirrorMessage>();
            for (var n = 0; n < 4; n++)
                answers.Add(await heard[i].NextMessageAsync());
            var end = new CachePosition(1, caches[i].Bytes.Length);
            Assert.Single(answers.OfType<MirrorMessage.Pong>());
            Assert.Equal([new(1, 4096), end], answers.OfType<MirrorMessage.Appended>().Select(a => a.End).ToArray());
            Assert.Equal(end, Assert.Single(answers.OfType<MirrorMessage.Synced>()).UpTo);
            Send(dialer, heard[i], caches[i].Cache.Layer, new MirrorMessage.Seal(end));
            await heard[i].NextAsync<MirrorMessage.Sealed>();
            await using var opened = site
                .Store.OpenCache(new Below(caches[i].Cache.Parent), caches[i].Cache.Layer, s_epoch)
                .Value!;
            var read = new byte[caches[i].Data.Length];
            Assert.Equal(DiskStatus.Ok, opened.Read(0, read));
            Assert.Equal(caches[i].Data, read);
        }
    }

    [Fact]
    public async Task A_burst_of_appends_and_syncs_is_done_in_order_and_answered_up_to_its_end()
    {
        await using var site = new MirrorSite("b");
        await using var dialer = Dialer("a", site);
        var (cache, bytes, _) = await WrittenAsync();
        var heard = new Heard();
        dialer.Connect("b", cache.Layer, heard);
        await heard.NextAsync<string>();
        Send(dialer, heard, cache.Layer, new MirrorMessage.Join(new(default, default, cache.Parent, DiskBytes)));
        await heard.NextAsync<MirrorMessage.Joined>();
        var random = Seed.New(output);
        for (int at = 0, size = 4096; at < bytes.Length; at += size, size = random.Next(1, 9000))
        {
            size = Math.Min(size, bytes.Length - at);
            Send(dialer, heard, cache.Layer, new MirrorMessage.Append(new(1, at), bytes.AsMemory(at, size)));
            if (at + size == bytes.Length || random.Next(20) == 0)
                Send(dialer, heard, cache.Layer, new MirrorMessage.Sync(new(1, at + size)));
        }
        var (written, synced) = (default(CachePosition), default(CachePosition));
        while (synced.Offset < bytes.Length)
            switch (await heard.NextMessageAsync())
            {
                case MirrorMessage.Appended answer:
                    Assert.True(answer.End > written);
                    written = answer.End;
                    break;
                case MirrorMessage.Synced answer:
                    Assert.True(answer.UpTo > synced && answer.UpTo <= written);
                    synced = answer.UpTo;
                    break;
                case var other:
                    Assert.Fail(other.ToString());
                    break;
            }
        Send(dialer, heard, cache.Layer, new MirrorMessage.Fetch(1, 0));
        var fetched = await heard.NextAsync<MirrorMessage.Fetched>();
        Assert.Equal(bytes.Length, fetched.LengthBytes);
        Assert.True(bytes.AsSpan().StartsWith(fetched.Bytes.Span));
    }

    [Fact]
    public async Task A_closed_segment_is_copied_by_its_hash()
    {
        await using var site = new MirrorSite("b");
        await using var dialer = Dialer("a", site);
        var (cache, bytes, _) = await WrittenAsync();
        var heard = new Heard();
        dialer.Connect("b", cache.Layer, heard);
        await heard.NextAsync<string>();
        Send(dialer, heard, cache.Layer, new MirrorMessage.Join(new(default, default, cache.Parent, DiskBytes)));
        await heard.NextAsync<MirrorMessage.Joined>();
        var offer = new MirrorMessage.Offer(1, bytes.Length, [.. SHA256.HashData(bytes)]);
        Send(dialer, heard, cache.Layer, offer);
        Assert.Equal(0, (await heard.NextAsync<MirrorMessage.Copied>()).Offset);
        // Wrong bytes are not kept, the right ones are, and are there when they are offered again.
        Send(dialer, heard, cache.Layer, new MirrorMessage.Copy(1, 0, new byte[bytes.Length]));
        Assert.Equal(0, (await heard.NextAsync<MirrorMessage.Copied>()).Offset);
        Send(dialer, heard, cache.Layer, new MirrorMessage.Copy(1, 0, bytes.AsMemory(0, 9000)));
        Assert.Equal(9000, (await heard.NextAsync<MirrorMessage.Copied>()).Offset);
        Send(dialer, heard, cache.Layer, new MirrorMessage.Copy(1, 9000, bytes.AsMemory(9000)));
        Assert.Equal(bytes.Length, (await heard.NextAsync<MirrorMessage.Copied>()).Offset);
        Send(dialer, heard, cache.Layer, offer);
        Assert.Equal(bytes.Length, (await heard.NextAsync<MirrorMessage.Copied>()).Offset);
        Send(dialer, heard, cache.Layer, new MirrorMessage.Fetch(1, 4096));
        var fetched = await heard.NextAsync<MirrorMessage.Fetched>();
        Assert.Equal(bytes.Length, fetched.LengthBytes);
        Assert.True(fetched.Bytes.Length > 0 && bytes.AsSpan(4096).StartsWith(fetched.Bytes.Span));
    }

    public static TheoryData<string, string> Strangers =>
        new()
        {
            { "garbage", "no greeting of a Hatchery server" },
            { "nothing", "closed the connection before it said who it is" },
            { "farm", "is of farm" },
            { "name", "is called b, as this server is" },
            { "version", "speaks versions 7 to 9" },
            { "oversized", "no frame of the mirror protocol" },
            { "kind", "no frame of the mirror protocol" },
            { "cut", "closed the connection in the middle of a frame" },
        };

    [Theory]
    [MemberData(nameof(Strangers))]
    public async Task A_stranger_is_told_off_in_one_line_and_everybody_else_goes_on(string who, string line)
    {
        await using var site = new MirrorSite("b");
        await using var dialer = Dialer("a", site);
        var heard = new Heard();
        dialer.Connect("b", s_cache, heard);
        await heard.NextAsync<string>();
        Send(dialer, heard, s_cache, new MirrorMessage.Promise());
        await heard.NextAsync<MirrorMessage.Promised>();
        var before = site.Lines.All.Count;

        await using (var stranger = await BeAsync(who, site))
            if (who is "nothing" or "cut")
                stranger.Socket.Shutdown(SocketShutdown.Send);
            else
                await EndAsync(stranger);

        await Eventually.TrueAsync(() => site.Lines.With(line).Count == 1);
        await Eventually.TrueAsync(() => site.Connections == 1);
        Assert.InRange(site.Lines.All.Count - before, 1, 2);
        Send(dialer, heard, s_cache, new MirrorMessage.Ping());
        await heard.NextAsync<MirrorMessage.Pong>();
    }

    [Fact]
    public async Task Who_says_nothing_is_left_after_a_while_on_either_side()
    {
        var impatient = new LinkOptions { HandshakeTimeout = TimeSpan.FromMilliseconds(300) };
        await using var site = new MirrorSite("b", impatient);
        await using var silent = await site.ConnectAsync();
        await Eventually.TrueAsync(() => site.Lines.With("did not say who it is within 0.3 s").Count == 1);

        using var mute = new Socket(SocketType.Stream, ProtocolType.Tcp);
        mute.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        mute.Listen();
        var port = ((IPEndPoint)mute.LocalEndPoint!).Port;
        await using var dialer = new MirrorDialer(
            MirrorSite.Named("a"),
            _ => new("127.0.0.1", port),
            null,
            impatient,
            TimeProvider.System
        );
        var heard = new Heard();
        dialer.Connect("b", s_cache, heard);
        Assert.Equal("it did not answer within 0.3 s", await heard.NextAsync<string>());
    }

    [Fact]
    public async Task A_server_under_another_name_or_nowhere_is_not_connected_to()
    {
        await using var site = new MirrorSite("b");
        await using var dialer = Dialer("a", site);
        var heard = new Heard();
        dialer.Connect("c", s_cache, heard);
        Assert.Equal("what answers there is called b", await heard.NextAsync<string>());
        await using var lost = new MirrorDialer(
            MirrorSite.Named("a"),
            _ => null,
            null,
            MirrorSite.Patient,
            TimeProvider.System
        );
        lost.Connect("c", s_cache, heard);
        Assert.Equal("nobody knows where it is", await heard.NextAsync<string>());
    }

    [Fact]
    public async Task More_connections_than_allowed_are_refused()
    {
        await using var site = new MirrorSite("b", MirrorSite.Patient with { ConnectionsMax = 1 });
        await using var first = await site.GreetAsync(MirrorSite.Named("a"));
        await using var second = await site.ConnectAsync();
        await EndAsync(second);
        await Eventually.TrueAsync(() => site.Lines.With("1 connections are open already").Count == 1);
    }

    [Fact]
    public void Without_tls_nothing_but_loopback_is_listened_on() =>
        Assert.Contains(
            "without TLS",
            Assert
                .Throws<IOException>(() =>
                    new MirrorListener(
                        new(IPAddress.Any, 0),
                        MirrorSite.Named("b"),
                        null,
                        null!,
                        new(),
                        TimeProvider.System,
                        new LogLines().As<MirrorListener>()
                    ).Start()
                )
                .Message,
            StringComparison.Ordinal
        );

    [Fact]
    public async Task Who_takes_nothing_is_cut_off_before_much_waits_for_it()
    {
        using var deaf = new Socket(SocketType.Stream, ProtocolType.Tcp);
        deaf.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        deaf.Listen();
        var port = ((IPEndPoint)deaf.LocalEndPoint!).Port;
        await using var dialer = new MirrorDialer(
            MirrorSite.Named("a"),
            _ => new("127.0.0.1", port),
            null,
            MirrorSite.Patient with
            {
                SendMaxBytes = 1 << 20,
            },
            TimeProvider.System
        );
        var heard = new Heard();
        dialer.Connect("b", s_cache, heard);
        using var accepted = await deaf.AcceptAsync();
        await accepted.SendAsync(MirrorSite.Named("b").ToBytes());
        Assert.Equal("connected to b", await heard.NextAsync<string>());
        var end = heard.NextAsync<string>();
        // The kernel's buffers take some megabytes; then it has to end.
        for (var i = 0; i < 4096 && !end.IsCompleted; i++)
            Send(dialer, heard, s_cache, new MirrorMessage.Append(new(1, 4096), new byte[64 << 10]));
        Assert.Equal("it does not take what is sent to it", await end);
    }

    private static async Task<NetworkStream> BeAsync(string who, MirrorSite site)
    {
        if (who is "oversized" or "kind" or "cut")
        {
            var stream = await site.GreetAsync(MirrorSite.Named("evil"));
            var frame = new byte[64];
            BinaryPrimitives.WriteUInt32LittleEndian(frame, who == "oversized" ? uint.MaxValue : 60);
            frame[4] = who == "cut" ? (byte)3 : (byte)99;
            await stream.WriteAsync(frame.AsMemory(0, who == "cut" ? 30 : 64));
            return stream;
        }
        var stranger = await site.ConnectAsync();
        await stranger.WriteAsync(
            who switch
            {
                "garbage" => "GET / HTTP/1.1\r\nHost: somewhere\r\n\r\n"u8.ToArray(),
                "farm" => new MirrorHello(1, 1, new(Guid.NewGuid()), "a").ToBytes(),
                "name" => MirrorSite.Named("b").ToBytes(),
                "version" => (MirrorSite.Named("a") with { OldestVersion = 7, NewestVersion = 9 }).ToBytes(),
                _ => [],
            }
        );
        return stranger;
    }

    /// <summary>The other side closes.</summary>
    private static async Task EndAsync(NetworkStream stream)
    {
        var rest = new byte[1024];
        try
        {
            while (await stream.ReadAsync(rest).AsTask().WaitAsync(TimeSpan.FromSeconds(60)) > 0) { }
        }
        catch (IOException)
        {
            // Reset, as it had not read everything.
        }
    }

    private static MirrorDialer Dialer(string name, MirrorSite site) =>
        new(MirrorSite.Named(name), _ => site.At, null, MirrorSite.Patient, TimeProvider.System);

    private static void Send(MirrorDialer dialer, Heard heard, LayerId cache, MirrorMessage message) =>
        dialer.Send("b", cache, heard, message with { Epoch = s_epoch });

    /// <summary>A write cache's only segment, and what its disk reads as.</summary>
    private static async Task<(CacheIdentity Cache, byte[] Bytes, byte[] Data)> WrittenAsync()
    {
        using var folder = new TempFolder();
        using var store = Store.Open(folder.Path).Value!;
        var layer = new LayerId(Guid.NewGuid());
        await using var cache = store
            .CreateCache(new Below(new(Guid.NewGuid())), default, new(Guid.NewGuid()), default, new(1), layer)
            .Value!;
        var data = RandomNumberGenerator.GetBytes(1 << 20);
        await cache.WriteAsync(0, data, CancellationToken.None);
        using var copy = store.OpenCopy(layer)!;
        var end = (await copy.PromiseAsync(new(2)))!.Value.End;
        var bytes = new byte[end.Offset];
        Assert.Equal(bytes.Length, copy.Read(1, 0, bytes)!.Value.Count);
        return (cache.Identity, bytes, data);
    }

    private sealed record Below(LayerId Layer) : IBlockReader
    {
        public long LengthBytes => DiskBytes;

        public DiskStatus Read(long offset, Span<byte> destination, out StoreFault? fault)
        {
            fault = null;
            destination.Clear();
            return DiskStatus.Ok;
        }

        public void Dispose() { }
    }
}
