using System.Diagnostics;
using System.Net;
using Hatchery.Testing;
using Hatchery.Wire.Nbd;

namespace Hatchery.Client.Tests;

/// <summary>Where an NBD device goes by what servers say to its login.</summary>
public sealed class NbdLoginTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly CancellationTokenSource _limit = new(Relay.Limit);

    public void Dispose()
    {
        _limit.Dispose();
        _folder.Dispose();
    }

    [ToolFact("gcc")]
    public async Task A_redirect_is_followed_to_a_server_that_was_not_known()
    {
        await using var there = NbdScript.Having(script => script.ServeAsync());
        await using var here = NbdScript.Answering((script, _) => MovedAsync(script, there.Portal));
        await RunsByAsync(there.Portal, here.Portal);
    }

    [ToolFact("gcc")]
    public async Task A_machine_that_was_sent_to_a_dead_server_comes_back_to_the_one_that_sent_it()
    {
        var dead = Relay.Free();
        await using var here = Then(1, (script, _) => MovedAsync(script, dead));
        await RunsByAsync(here.Portal, here.Portal);
    }

    [ToolFact("gcc")]
    public async Task Servers_that_send_a_machine_to_each_other_for_ever_do_not_keep_it_from_a_third()
    {
        ScriptedServer? second = null;
        await using var third = NbdScript.Having(script => script.ServeAsync());
        await using var first = NbdScript.Answering((script, _) => MovedAsync(script, second!.Portal));
        await using var other = second = NbdScript.Answering((script, _) => MovedAsync(script, first.Portal));
        await RunsByAsync(third.Portal, first.Portal, other.Portal, third.Portal);
    }

    [ToolFact("gcc")]
    public async Task A_server_that_refuses_is_passed_over_at_once()
    {
        await using var good = NbdScript.Having(script => script.ServeAsync());
        await using var busy = NbdScript.Answering(
            (script, _) => script.RefuseAsync(NbdOptionReplyType.ShuttingDown, "another server streams it")
        );
        await using var stranger = NbdScript.Answering(
            (script, _) => script.RefuseAsync(NbdOptionReplyType.Unknown, "no such disk")
        );
        await RunsByAsync(good.Portal, busy.Portal, stranger.Portal, good.Portal);
        Assert.Equal((1, 1), (busy.Connections, stranger.Connections));
    }

    [ToolFact("gcc")]
    public async Task A_device_that_everybody_refuses_for_a_while_waits_without_an_error_and_asks_at_a_bounded_rate()
    {
        const int Refusals = 14;
        // Pauses of 20, 40, 80 and 160 ms, then 200 ms each.
        var least = TimeSpan.FromMilliseconds(300 + ((Refusals - 4) * 200));
        await using var server = NbdScript.Answering(
            async (script, asked) =>
            {
                if (asked is > 1 and <= 1 + Refusals)
                {
                    await script.RefuseAsync(NbdOptionReplyType.ShuttingDown, "no member can be reached");
                    return;
                }
                await script.GrantAsync();
                // The first one dies with the first request.
                if (asked == 1)
                    await script.NextAsync();
                else
                    await script.ServeAsync();
                throw new IOException("dead");
            }
        );
        await using var relay = await Relay.StartNbdAsync(null, _folder, server.Portal);
        using var kernel = await NbdKernel.AttachAsync(relay.Portal, _limit.Token);

        var began = Stopwatch.GetTimestamp();
        await kernel.WriteAsync(0, new byte[4096], _limit.Token);
        Assert.True(Stopwatch.GetElapsedTime(began) > least);
        Assert.Single(relay.Output.Lines, l => l.Contains("no member can be reached", StringComparison.Ordinal));
        await kernel.FlushAsync(_limit.Token);
    }

    [ToolFact("gcc")]
    public async Task A_server_that_is_silent_holds_nobody_up_while_others_answer()
    {
        // How long a server that did not answer is left alone; each time it would take more than a second, and two connections: the
        // login's, and the question whether it lives.
        var leftAlone = TimeSpan.FromSeconds(3);
        await using var silent = new ScriptedServer((_, cancellation) => Task.Delay(Timeout.Infinite, cancellation));
        await using var server = NbdScript.Answering(
            async (script, asked) =>
            {
                if (asked is > 1 and < 12)
                {
                    await script.RefuseAsync(NbdOptionReplyType.ShuttingDown, "no epoch yet");
                    return;
                }
                await script.GrantAsync();
                if (asked == 1)
                    throw new IOException("dead");
                await script.ServeAsync();
            }
        );
        var began = Stopwatch.GetTimestamp();
        await using var relay = await Relay.StartNbdAsync(null, _folder, server.Portal, silent.Portal);
        using var kernel = await NbdKernel.AttachAsync(relay.Portal, _limit.Token);

        await kernel.FlushAsync(_limit.Token);
        Assert.InRange(silent.Connections, 0, 2 + (2 * (int)(Stopwatch.GetElapsedTime(began) / leftAlone)));
    }

    [ToolFact("gcc")]
    public async Task A_server_with_another_disk_by_the_same_name_gets_nothing_written_and_is_named()
    {
        await using var dying = NbdScript.Having(script => script.NextAsync());
        await using var larger = Offering(NbdScript.DiskBytes * 2, NbdScript.DiskFlags);
        await using var readOnly = Offering(NbdScript.DiskBytes, NbdScript.DiskFlags | NbdTransmissionFlags.ReadOnly);
        await using var volatileOne = Offering(NbdScript.DiskBytes, NbdTransmissionFlags.HasFlags);
        // More than the first one could do is no harm.
        await using var newer = Offering(NbdScript.DiskBytes, NbdScript.DiskFlags | NbdTransmissionFlags.SendTrim);
        IPEndPoint[] wrong = [larger.Portal, readOnly.Portal, volatileOne.Portal];
        await using var relay = await Relay.StartNbdAsync(null, _folder, [dying.Portal, .. wrong, newer.Portal]);
        using var kernel = await NbdKernel.AttachAsync(relay.Portal, _limit.Token);

        await kernel.WriteAsync(0, new byte[4096], _limit.Token);
        await relay.LedToAsync(newer.Portal);
        foreach (var server in wrong)
            await relay.Output.WaitForAsync($"{server} has another disk by this name", Relay.Limit);
    }

    private async Task RunsByAsync(IPEndPoint server, params IPEndPoint[] known)
    {
        await using var relay = await Relay.StartNbdAsync(null, _folder, known);
        using var kernel = await NbdKernel.AttachAsync(relay.Portal, _limit.Token);
        Assert.Equal(NbdScript.DiskBytes, kernel.LengthBytes);
        await kernel.FlushAsync(_limit.Token);
        await relay.LedToAsync(server);
    }

    /// <summary>Answers the first logins as told, and has the disk then.</summary>
    private static ScriptedServer Then(int answers, Func<NbdScript, int, Task> first) =>
        NbdScript.Answering(
            async (script, asked) =>
            {
                if (asked <= answers)
                {
                    await first(script, asked);
                    return;
                }
                await script.GrantAsync();
                await script.ServeAsync();
            }
        );

    private static ScriptedServer Offering(long diskBytes, NbdTransmissionFlags flags) =>
        NbdScript.Answering(
            async (script, _) =>
            {
                await script.GrantAsync(diskBytes, flags);
                await script.ServeAsync();
            }
        );

    private static Task MovedAsync(NbdScript script, IPEndPoint to) =>
        script.RefuseAsync(NbdOptionReplyType.ShuttingDown, $"streamed by {to}");
}
