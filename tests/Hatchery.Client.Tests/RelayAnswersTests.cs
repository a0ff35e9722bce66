using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Hatchery.Testing;
using Hatchery.Wire.Iscsi;
using Xunit.Abstractions;

namespace Hatchery.Client.Tests;

/// <summary>What servers and clients say, and what the relay makes of it.</summary>
public sealed class RelayAnswersTests(ITestOutputHelper output)
{
    [ToolFact("gcc")]
    public async Task A_redirect_is_followed_to_a_server_that_was_not_known_and_iscsid_never_sees_it()
    {
        await using var there = ScriptedServer.Answering(LoginStatus.Success);
        await using var here = Redirecting(there.Portal);
        await using var relay = await Relay.StartAsync(null, here.Portal);

        Assert.Equal(LoginStatus.Success, await LogInAsync(relay));
        await relay.LedToAsync(there.Portal);
    }

    [ToolFact("gcc")]
    public async Task A_machine_that_was_sent_to_a_dead_server_comes_back_to_the_one_that_sent_it()
    {
        var dead = Relay.Free();
        var asked = 0;
        await using var here = new ScriptedServer(
            async (stream, cancellation) =>
            {
                await ScriptedServer.ReceiveLoginAsync(stream, cancellation);
                await stream.WriteAsync(
                    Interlocked.Increment(ref asked) == 1
                        ? ScriptedServer.Answer(LoginStatus.TargetMovedTemporarily, Moved(dead))
                        : ScriptedServer.Answer(LoginStatus.Success),
                    cancellation
                );
                await stream.CopyToAsync(Stream.Null, cancellation);
            }
        );
        await using var relay = await Relay.StartAsync(null, here.Portal);

        Assert.Equal(LoginStatus.Success, await LogInAsync(relay));
        await relay.LedToAsync(here.Portal);
    }

    [ToolFact("gcc")]
    public async Task Servers_that_send_a_machine_to_each_other_for_ever_do_not_keep_it_from_a_third()
    {
        await using var third = ScriptedServer.Answering(LoginStatus.Success);
        ScriptedServer? second = null;
        await using var first = new ScriptedServer((stream, end) => RedirectAsync(stream, second!.Portal, end));
        await using var other = second = Redirecting(first.Portal);
        await using var relay = await Relay.StartAsync(null, first.Portal, other.Portal, third.Portal);

        Assert.Equal(LoginStatus.Success, await LogInAsync(relay));
        await relay.LedToAsync(third.Portal);
    }

    [ToolFact("gcc")]
    public async Task A_server_that_cannot_now_is_passed_over()
    {
        await using var busy = ScriptedServer.Answering(LoginStatus.ServiceUnavailable);
        await using var good = ScriptedServer.Answering(LoginStatus.Success);
        await using var relay = await Relay.StartAsync(null, busy.Portal, good.Portal);

        Assert.Equal(LoginStatus.Success, await LogInAsync(relay));
        await relay.LedToAsync(good.Portal);
    }

    [ToolFact("gcc")]
    public async Task A_refusal_by_all_servers_is_passed_on()
    {
        await using var first = ScriptedServer.Answering(LoginStatus.NotFound);
        await using var second = ScriptedServer.Answering(LoginStatus.NotFound);
        await using var relay = await Relay.StartAsync(null, first.Portal, second.Portal);

        Assert.Equal(LoginStatus.NotFound, await LogInAsync(relay));
    }

    [ToolFact("gcc")]
    public async Task A_refusal_is_not_passed_on_to_a_machine_that_was_let_in_before()
    {
        // Longer than one is held back that had never been let in.
        var refuses = TimeSpan.FromSeconds(3);
        var asked = 0;
        var began = 0L;
        await using var server = new ScriptedServer(
            async (stream, cancellation) =>
            {
                await ScriptedServer.ReceiveLoginAsync(stream, cancellation);
                if (Interlocked.Increment(ref asked) == 2)
                    began = Stopwatch.GetTimestamp();
                var isRefused = asked > 1 && Stopwatch.GetElapsedTime(began) < refuses;
                var status = isRefused ? LoginStatus.NotFound : LoginStatus.Success;
                await stream.WriteAsync(ScriptedServer.Answer(status), cancellation);
                await stream.CopyToAsync(Stream.Null, cancellation);
            }
        );
        await using var relay = await Relay.StartAsync(null, server.Portal);

        Assert.Equal(LoginStatus.Success, await LogInAsync(relay));
        Assert.Equal(LoginStatus.Success, await LogInAsync(relay));
        Assert.True(asked > 2);
    }

    [ToolFact("gcc")]
    public async Task A_slow_login_is_waited_for_while_the_server_answers_other_questions()
    {
        // The login itself is answered only after three questions, which are logins for discovery.
        var questions = 0;
        var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var slow = new ScriptedServer(
            async (stream, cancellation) =>
            {
                var keys = await ScriptedServer.ReceiveLoginAsync(stream, cancellation);
                if (!keys.Contains("SessionType=Discovery", StringComparison.Ordinal))
                    await enough.Task.WaitAsync(cancellation);
                else if (Interlocked.Increment(ref questions) == 3)
                    enough.SetResult();
                await stream.WriteAsync(ScriptedServer.Answer(LoginStatus.Success), cancellation);
                await stream.CopyToAsync(Stream.Null, cancellation);
            }
        );
        await using var relay = await Relay.StartAsync(null, slow.Portal);

        Assert.Equal(LoginStatus.Success, await LogInAsync(relay));
        await relay.LedToAsync(slow.Portal);
    }

    [ToolFact("gcc")]
    public async Task Servers_that_talk_nonsense_are_passed_over_every_time()
    {
        var random = Seed.New(output);
        await using var good = ScriptedServer.Answering(LoginStatus.Success);
        var hostile = Enumerable.Range(0, 20).Select(_ => Hostile(new(random.Next()))).ToArray();
        for (var i = 0; i < 5; i++)
        {
            await using var relay = await Relay.StartAsync(null, [.. hostile.Select(h => h.Portal), good.Portal]);
            Assert.Equal(LoginStatus.Success, await LogInAsync(relay));
            await relay.LedToAsync(good.Portal);
        }
        foreach (var server in hostile)
        {
            Assert.True(server.Connections > 0);
            await server.DisposeAsync();
        }
    }

    [ToolFact("gcc")]
    public async Task Clients_that_talk_nonsense_or_say_nothing_keep_nobody_out()
    {
        var random = Seed.New(output);
        await using var good = ScriptedServer.Answering(LoginStatus.Success);
        await using var relay = await Relay.StartAsync(null, good.Portal);
        List<TcpClient> crowd = [];
        for (var i = 0; i < 8; i++)
        {
            var client = new TcpClient();
            await client.Client.ConnectAsync(relay.Portal);
            var noise = new byte[random.Next(200)];
            random.NextBytes(noise);
            // Half of them say nothing at all; their places come back after some seconds.
            if (i % 2 == 0)
                await client.GetStream().WriteAsync(noise);
            crowd.Add(client);
        }

        Assert.Equal(LoginStatus.Success, await LogInAsync(relay));
        crowd.ForEach(c => c.Dispose());
    }

    private static async Task<ushort> LogInAsync(Relay relay)
    {
        using var limit = new CancellationTokenSource(Relay.Limit);
        var (initiator, status) = await Initiator.LogInAsync(
            () => new(SocketType.Stream, ProtocolType.Tcp),
            relay.Portal,
            limit.Token
        );
        initiator.Dispose();
        return status;
    }

    private static string Moved(IPEndPoint to) => $"TargetAddress={to},1\0";

    private static ScriptedServer Redirecting(IPEndPoint to) =>
        ScriptedServer.Answering(LoginStatus.TargetMovedTemporarily, Moved(to));

    private static async Task RedirectAsync(NetworkStream stream, IPEndPoint to, CancellationToken cancellation)
    {
        await ScriptedServer.ReceiveLoginAsync(stream, cancellation);
        await stream.WriteAsync(ScriptedServer.Answer(LoginStatus.TargetMovedTemporarily, Moved(to)), cancellation);
    }

    /// <summary>Answers that are almost right, cut off, far too long, or noise; byte by byte or at once.</summary>
    private static ScriptedServer Hostile(Random random) =>
        new(
            async (stream, cancellation) =>
            {
                byte[] answer;
                bool inPieces;
                lock (random)
                {
                    answer = ScriptedServer.Answer(
                        (ushort)(random.Next(1, 4) << 8),
                        $"TargetAddress=999.{random.Next()}:{random.Next()}\0"
                    );
                    for (var i = random.Next(8); i > 0; i--)
                        answer[random.Next(answer.Length)] = (byte)random.Next(256);
                    // Never a login that succeeds.
                    answer[36] = (byte)random.Next(1, 256);
                    answer = answer[..random.Next(answer.Length + 1)];
                    inPieces = random.Next(2) == 0;
                }
                for (var at = 0; at < answer.Length; at += inPieces ? 1 : answer.Length)
                    await stream.WriteAsync(answer.AsMemory(at, inPieces ? 1 : answer.Length), cancellation);
            }
        );
}
