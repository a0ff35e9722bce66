using System.Buffers.Binary;
using System.Net;
using System.Text;
using Hatchery.Testing;
using Petabridge.Cmd.Protocol;
using Xunit.Abstractions;

namespace Petabridge.Cmd.Tests;

public sealed class HostileClientTests(ITestOutputHelper output) : IAsyncLifetime
{
    private HostedNode _node = null!;

    public async Task InitializeAsync() => _node = await HostedNode.StartAsync(new SamplePalette());

    public async Task DisposeAsync() => await _node.DisposeAsync();

    [Fact]
    public async Task Garbage_ends_its_own_connection_only()
    {
        var random = Seed.New(output, 20260722);
        using var other = await HostClient.ConnectAsync(_node.Port);
        for (var i = 0; i < 200; i++)
        {
            using var client = await HostClient.ConnectAsync(_node.Port);
            await SendGarbageAsync(client, random);
        }
        await StillServedAsync(other);
    }

    [Theory]
    [InlineData("{\"run\":{\"id\":1,\"words\":[\"actor\",null]}}")]
    [InlineData("{\"run\":{\"id\":1,\"words\":7}}")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{\"run\":{\"id\":1e99,\"words\":[]}}")]
    [InlineData("{\"run\":{\"id\":1,\"words\":[\"\\ud800\"]}}")]
    [InlineData("\"run\"")]
    public async Task Message_that_is_no_request_closes_the_connection(string json)
    {
        using var client = await HostClient.ConnectAsync(_node.Port);
        await Frame.WriteAsync(client.Stream, Encoding.UTF8.GetBytes(json), CancellationToken.None);
        await client.EndedAsync();
        Assert.DoesNotContain(_node.Logged, l => l.LogLevel() >= Akka.Event.LogLevel.WarningLevel);
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(65537u)]
    [InlineData(0x7fffffffu)]
    [InlineData(0xffffffffu)]
    public async Task Length_that_no_request_has_closes_the_connection(uint length)
    {
        using var client = await HostClient.ConnectAsync(_node.Port);
        var header = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(header, length);
        await client.Stream.WriteAsync(header);
        await client.EndedAsync();
    }

    [Fact]
    public async Task Thousands_of_commands_are_all_answered()
    {
        using var client = await HostClient.ConnectAsync(_node.Port);
        var sending = Task.Run(async () =>
        {
            for (var i = 0; i < 3000; i++)
                await client.StartAsync("sample", "echo", "x");
        });
        var answered = new HashSet<int>();
        while (answered.Count < 3000)
            Assert.True(answered.Add((await client.AnswerAsync()).Id));
        await sending;
    }

    [Fact]
    public async Task Client_that_does_not_read_is_not_read_from_for_ever()
    {
        using var other = await HostClient.ConnectAsync(_node.Port);
        using var deaf = await HostClient.ConnectAsync(_node.Port);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        var word = new string('x', 60_000);
        var sent = 0;
        try
        {
            // Each is answered with as many bytes: once the sockets are full, nothing more is taken.
            for (; sent < 4000; sent++)
                await Frame.WriteAsync(
                    deaf.Stream,
                    Encoding.UTF8.GetBytes($"{{\"run\":{{\"id\":{sent},\"words\":[\"{word}\"]}}}}"),
                    limit.Token
                );
        }
        catch (OperationCanceledException) { }
        output.WriteLine($"{sent} requests taken");
        Assert.InRange(sent, 1, 1000);
        await StillServedAsync(other);
    }

    [Fact]
    public async Task Idle_connections_keep_nobody_out()
    {
        await using var node = await HostedNode.StartAsync(
            "connections-max = 8, connections-per-address-max = 4",
            new SamplePalette()
        );
        var idle = new List<HostClient>();
        try
        {
            foreach (var from in (string[])["127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5"])
                for (var i = 0; i < 6; i++)
                    idle.Add(await HostClient.ConnectAsync(node.Port, IPAddress.Parse(from)));
            using var one = await HostClient.ConnectAsync(node.Port);
            await StillServedAsync(one);
            // The first were closed for those that came later.
            await idle[0].EndedAsync();
            await StillServedAsync(idle[^1]);
        }
        finally
        {
            idle.ForEach(c => c.Dispose());
        }
    }

    [Fact]
    public async Task Whoever_has_a_command_under_way_keeps_its_place()
    {
        var palette = new SamplePalette();
        await using var node = await HostedNode.StartAsync("connections-max = 2", palette);
        using var busy = await HostClient.ConnectAsync(node.Port);
        await busy.StartAsync("sample", "hang");
        await Eventually.TrueAsync(() => palette.Hanging.Count == 1);
        using var idle = await HostClient.ConnectAsync(node.Port);
        await StillServedAsync(idle);
        using var third = await LetInAsync(node);
        await idle.EndedAsync();
        await third.StartAsync("sample", "hang");
        await Eventually.TrueAsync(() => palette.Hanging.Count == 2);
        await Assert.ThrowsAnyAsync<IOException>(() => HostClient.ConnectAsync(node.Port));
        third.Dispose();
        using var other = await LetInAsync(node);
        await StillServedAsync(other);
    }

    [Fact]
    public async Task A_connection_without_a_command_is_closed_in_time()
    {
        await using var node = await HostedNode.StartAsync("idle-timeout = 100ms", new SamplePalette());
        using var idle = await HostClient.ConnectAsync(node.Port);
        await idle.EndedAsync();
    }

    /// <summary>Connects as soon as somebody's place is free: the host hears of an end somewhat later than a client does.</summary>
    private static async Task<HostClient> LetInAsync(HostedNode node)
    {
        HostClient? let = null;
        await Eventually.TrueAsync(async () =>
        {
            try
            {
                let = await HostClient.ConnectAsync(node.Port);
                return true;
            }
            catch (IOException)
            {
                return false;
            }
        });
        return let!;
    }

    [Fact]
    public async Task Node_ends_in_time_with_a_client_that_does_not_read()
    {
        using var deaf = await HostClient.ConnectAsync(_node.Port);
        await deaf.StartAsync("sample", "stream", "2000000");
        // The first part is on its way; its reader stops here.
        await deaf.ReadAsync();
        await _node.DisposeAsync();
    }

    private static async Task SendGarbageAsync(HostClient client, Random random)
    {
        var body = new byte[random.Next(1, 300)];
        random.NextBytes(body);
        try
        {
            switch (random.Next(4))
            {
                case 0:
                    await client.Stream.WriteAsync(body);
                    break;
                case 1:
                    await Frame.WriteAsync(client.Stream, body, CancellationToken.None);
                    break;
                case 2:
                    await client.Stream.WriteAsync(
                        new byte[] { 0, 0, 1, 0 }
                            .Concat(body.Take(5))
                            .ToArray()
                    );
                    break;
                default:
                    var json = Encoding.UTF8.GetBytes("{\"run\":{\"id\":1,\"words\":[\"sample\",\"stream\",\"9\"]}}");
                    json[random.Next(json.Length)] = (byte)random.Next(256);
                    await Frame.WriteAsync(client.Stream, json, CancellationToken.None);
                    break;
            }
        }
        catch (IOException)
        {
            // The host may have closed it within the message.
        }
    }

    private static async Task StillServedAsync(HostClient client) =>
        Assert.Equal(AnswerPart.Done, (await client.RunAsync("sample", "echo", "x")).Outcome);
}
