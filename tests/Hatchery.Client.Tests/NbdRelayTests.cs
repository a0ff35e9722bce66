using System.Collections.Concurrent;
using System.Diagnostics;
using Hatchery.Testing;
using Hatchery.Wire.Nbd;
using Xunit.Abstractions;

namespace Hatchery.Client.Tests;

/// <summary>What becomes of the kernel's requests when servers die under them.</summary>
public sealed class NbdRelayTests(ITestOutputHelper output) : IDisposable
{
    private const int BlockBytes = 4096;

    private readonly TempFolder _folder = new();
    private readonly CancellationTokenSource _limit = new(Relay.Limit);

    public void Dispose()
    {
        _limit.Dispose();
        _folder.Dispose();
    }

    [ToolFact("gcc")]
    public async Task What_a_server_did_not_answer_reaches_the_next_one_in_order_and_as_it_was()
    {
        var arrived = new ConcurrentQueue<(NbdRequest Request, byte[] Data)>();
        await using var dying = NbdScript.Having(async script =>
        {
            List<NbdRequest> got = [];
            while (got.Count < 5)
                got.Add((await script.NextAsync()).Request);
            await script.ReplyAsync(got[1].Cookie);
        });
        await using var next = NbdScript.Having(async script =>
        {
            while (arrived.Count < 4)
                arrived.Enqueue(await script.NextAsync());
            foreach (var (request, _) in arrived.Reverse())
                await script.ReplyAsync(request.Cookie, data: new byte[DataBytes(request)]);
            await script.ServeAsync();
        });
        await using var relay = await Relay.StartNbdAsync(null, _folder, dying.Portal, next.Portal);
        using var kernel = await AttachAsync(relay);
        byte[][] writes = [Block(1), Block(2), Block(3, 40_000)];

        await kernel.SendAsync(NbdCommand.Write, 0, BlockBytes, writes[0], _limit.Token);
        await kernel.SendAsync(NbdCommand.Write, BlockBytes, BlockBytes, writes[1], _limit.Token);
        await kernel.SendAsync(NbdCommand.Flush, 0, 0, null, _limit.Token);
        await kernel.SendAsync(NbdCommand.Read, 0, BlockBytes, null, _limit.Token);
        await kernel.SendAsync(NbdCommand.Write, 1 << 20, writes[2].Length, writes[2], _limit.Token);

        Assert.Equal([2UL, 5, 4, 3, 1], await RepliesAsync(kernel, 5));
        Assert.Equal([1UL, 3, 4, 5], arrived.Select(a => a.Request.Cookie));
        Assert.Equal([.. writes[0], .. writes[2]], arrived.SelectMany(a => a.Data));
        await kernel.FlushAsync(_limit.Token);
    }

    [ToolFact("gcc")]
    public async Task A_reply_that_its_server_did_not_finish_comes_whole_from_the_next_one()
    {
        await using var dying = NbdScript.Having(async script =>
        {
            var (request, _) = await script.NextAsync();
            await script.ReplyAsync(request.Cookie, data: Block(1, BlockBytes / 2));
        });
        await using var next = NbdScript.Having(script => script.ServeAsync(read: 2));
        await using var relay = await Relay.StartNbdAsync(null, _folder, dying.Portal, next.Portal);
        using var kernel = await AttachAsync(relay);

        Assert.Equal(Block(2), await kernel.ReadAsync(0, BlockBytes, _limit.Token));
        Assert.Equal(Block(2), await kernel.ReadAsync(0, BlockBytes, _limit.Token));
    }

    [ToolFact("gcc")]
    public async Task A_server_that_says_it_shuts_down_is_left_and_nobody_sees_an_error()
    {
        await using var stopping = NbdScript.Having(async script =>
            await script.ReplyAsync((await script.NextAsync()).Request.Cookie, NbdError.ShuttingDown)
        );
        await using var next = NbdScript.Having(script => script.ServeAsync());
        await using var relay = await Relay.StartNbdAsync(null, _folder, stopping.Portal, next.Portal);
        using var kernel = await AttachAsync(relay);

        await kernel.WriteAsync(0, Block(1), _limit.Token);
        await relay.LedToAsync(next.Portal);
    }

    [ToolFact("gcc")]
    public async Task Another_error_is_the_kernels_to_see()
    {
        await using var server = NbdScript.Having(async script =>
        {
            await script.ReplyAsync((await script.NextAsync()).Request.Cookie, NbdError.NoSpace);
            await script.ServeAsync();
        });
        await using var relay = await Relay.StartNbdAsync(null, _folder, server.Portal);
        using var kernel = await AttachAsync(relay);

        var cookie = await kernel.SendAsync(NbdCommand.Write, 0, BlockBytes, Block(1), _limit.Token);
        var reply = await kernel.ReceiveAsync(_limit.Token);
        Assert.Equal((cookie, NbdError.NoSpace), (reply.Cookie, reply.Error));
        await kernel.FlushAsync(_limit.Token);
    }

    [ToolFact("gcc")]
    public async Task A_slow_server_that_answers_other_questions_is_waited_for()
    {
        var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var connections = 0;
        await using var slow = new ScriptedServer(
            async (stream, cancellation) =>
            {
                // The first connection is the device's; the others ask whether the server lives, and leave.
                if (Interlocked.Increment(ref connections) == 4)
                    enough.SetResult();
                var script = new NbdScript(stream, cancellation);
                await script.GreetAsync();
                await script.GrantAsync();
                var (request, _) = await script.NextAsync();
                await enough.Task.WaitAsync(cancellation);
                await script.ReplyAsync(request.Cookie);
                await script.ServeAsync();
            }
        );
        await using var idle = NbdScript.Having(script => script.ServeAsync());
        await using var relay = await Relay.StartNbdAsync(null, _folder, slow.Portal, idle.Portal);
        using var kernel = await AttachAsync(relay);

        await kernel.WriteAsync(0, Block(1), _limit.Token);
        Assert.Equal(0, idle.Connections);
    }

    [ToolFact("gcc")]
    public async Task The_kernel_waits_when_it_has_more_under_way_than_fits()
    {
        const int Requests = 300;
        var held = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = NbdScript.Having(async script =>
        {
            // Answers nothing until as much is there as the relay passes on: 16 MiB.
            var waiting = new Queue<ulong>();
            while (waiting.Count < 128)
                waiting.Enqueue((await script.NextAsync()).Request.Cookie);
            held.SetResult(waiting.Count);
            for (var answered = 0; answered < Requests; answered++)
            {
                if (waiting.Count == 0)
                    waiting.Enqueue((await script.NextAsync()).Request.Cookie);
                await script.ReplyAsync(waiting.Dequeue());
            }
        });
        await using var relay = await Relay.StartNbdAsync(null, _folder, server.Portal);
        using var kernel = await AttachAsync(relay);

        var sending = Task.Run(async () =>
        {
            for (var i = 0; i < Requests; i++)
                await kernel.SendAsync(NbdCommand.Write, i * 1024, 128 << 10, new byte[128 << 10], _limit.Token);
        });
        await held.Task.WaitAsync(_limit.Token);
        Assert.Equal(Enumerable.Range(1, Requests).Select(i => (ulong)i), await RepliesAsync(kernel, Requests));
        await sending;
    }

    [ToolFact("gcc")]
    public async Task A_request_that_is_too_long_fails_alone()
    {
        await using var server = NbdScript.Having(script => script.ServeAsync(read: 7));
        await using var relay = await Relay.StartNbdAsync(null, _folder, server.Portal);
        using var kernel = await AttachAsync(relay);
        const int TooLong = (4 << 20) + BlockBytes;

        var written = await kernel.SendAsync(NbdCommand.Write, 0, TooLong, new byte[TooLong], _limit.Token);
        var (cookie, error, _) = await kernel.ReceiveAsync(_limit.Token);
        Assert.Equal((written, NbdError.Invalid), (cookie, error));
        await kernel.SendAsync(NbdCommand.Read, 0, TooLong, null, _limit.Token);
        Assert.Equal(NbdError.Invalid, (await kernel.ReceiveAsync(_limit.Token)).Error);
        Assert.Equal(Block(7, 4 << 20), await kernel.ReadAsync(0, 4 << 20, _limit.Token));
        await relay.Output.WaitForAsync("max_sectors_kb", Relay.Limit);
    }

    [ToolFact("gcc")]
    public async Task Servers_that_answer_nonsense_are_passed_over()
    {
        var random = Seed.New(output);
        await using var good = NbdScript.Having(script => script.ServeAsync(read: 9));
        var hostile = Enumerable
            .Range(0, 6)
            .Select(_ => new Random(random.Next()))
            .Select(own =>
                NbdScript.Having(async script =>
                {
                    var (request, _) = await script.NextAsync();
                    var noise = new byte[own.Next(1, 64)];
                    own.NextBytes(noise);
                    // A header that is right, to a request that is not there.
                    if (own.Next(2) == 0)
                        await script.ReplyAsync(request.Cookie + 1);
                    await script.SendAsync(noise);
                })
            )
            .ToArray();
        await using var relay = await Relay.StartNbdAsync(
            null,
            _folder,
            [.. hostile.Select(h => h.Portal), good.Portal]
        );
        using var kernel = await AttachAsync(relay);

        Assert.Equal(Block(9), await kernel.ReadAsync(0, BlockBytes, _limit.Token));
        foreach (var server in hostile)
        {
            Assert.True(server.Connections > 0);
            await server.DisposeAsync();
        }
    }

    [ToolFact("gcc")]
    public async Task The_program_ends_with_the_device()
    {
        await using var server = NbdScript.Having(script => script.ServeAsync());
        await using var relay = await Relay.StartNbdAsync(null, _folder, server.Portal);
        using var kernel = await AttachAsync(relay);
        await kernel.FlushAsync(_limit.Token);

        await kernel.SendAsync(NbdCommand.Disconnect, 0, 0, null, _limit.Token);
        Assert.Equal(0, await relay.EndedAsync());
    }

    private Task<NbdKernel> AttachAsync(Relay relay) => NbdKernel.AttachAsync(relay.Portal, _limit.Token);

    private async Task<List<ulong>> RepliesAsync(NbdKernel kernel, int count)
    {
        List<ulong> cookies = [];
        while (cookies.Count < count)
        {
            var (cookie, error, _) = await kernel.ReceiveAsync(_limit.Token);
            Assert.Equal(NbdError.None, error);
            cookies.Add(cookie);
        }
        return cookies;
    }

    private static byte[] Block(byte value, int bytes = BlockBytes)
    {
        var block = new byte[bytes];
        Array.Fill(block, value);
        return block;
    }

    private static int DataBytes(NbdRequest request) =>
        request.Command == NbdCommand.Read ? (int)request.LengthBytes : 0;
}
