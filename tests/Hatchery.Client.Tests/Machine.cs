using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Hatchery.Client.Tests;

/// <summary>A machine that writes, flushes and reads back without pause, as its kernel does: a connection that ends is opened again at
/// once, and the command that it took with it is sent again.</summary>
internal sealed class Machine : IAsyncDisposable
{
    private const int RoundBytes = 4096;
    private const int Places = 64;

    private readonly CancellationTokenSource _off = new();
    private readonly Func<Socket> _open;
    private readonly IPEndPoint _portal;
    private readonly Task _running;
    private readonly Lock _gate = new();
    private TaskCompletionSource _round = New();
    private long _rounds;
    private long _longestTicks;

    public Machine(Func<Socket> open, IPEndPoint portal)
    {
        (_open, _portal) = (open, portal);
        _running = Task.Run(RunAsync);
    }

    /// <summary>The longest time that any command took, since it was last asked.</summary>
    public TimeSpan TakeLongestStall() => Stopwatch.GetElapsedTime(0, Interlocked.Exchange(ref _longestTicks, 0));

    /// <summary>Waits for so many more rounds of write, flush and read, each found as it was written.</summary>
    public async Task RoundsAsync(int more)
    {
        var wanted = Interlocked.Read(ref _rounds) + more;
        while (Interlocked.Read(ref _rounds) < wanted)
        {
            Task next;
            lock (_gate)
                next = _round.Task;
            if (Interlocked.Read(ref _rounds) >= wanted)
                return;
            await (await Task.WhenAny(next, _running)).WaitAsync(Relay.Limit);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _off.CancelAsync();
        await _running;
        _off.Dispose();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task RunAsync()
    {
        Initiator? initiator = null;
        try
        {
            var data = new byte[RoundBytes];
            for (long round = 1; ; round++)
            {
                for (var at = 0; at < RoundBytes; at += 8)
                    BinaryPrimitives.WriteInt64LittleEndian(data.AsSpan(at), (round << 16) + at);
                var block = (uint)(round % Places) * (RoundBytes / Initiator.BlockBytes);
                initiator = await DoAsync(initiator, i => i.WriteAsync(block, data, _off.Token));
                initiator = await DoAsync(initiator, i => i.FlushAsync(_off.Token));
                initiator = await DoAsync(
                    initiator,
                    async i => Assert.Equal(data, await i.ReadAsync(block, RoundBytes, _off.Token))
                );
                TaskCompletionSource done;
                lock (_gate)
                    (done, _round) = (_round, New());
                Interlocked.Increment(ref _rounds);
                done.SetResult();
            }
        }
        catch (OperationCanceledException) when (_off.IsCancellationRequested)
        {
            // Switched off.
        }
        finally
        {
            initiator?.Dispose();
        }
    }

    private async Task<Initiator> DoAsync(Initiator? initiator, Func<Initiator, Task> command)
    {
        var from = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                if (initiator is null)
                {
                    (initiator, var status) = await Initiator.LogInAsync(_open, _portal, _off.Token);
                    if (status != 0)
                        throw new IOException($"login: status {status}");
                }
                await command(initiator);
                var took = Stopwatch.GetTimestamp() - from;
                if (took > Interlocked.Read(ref _longestTicks))
                    Interlocked.Exchange(ref _longestTicks, took);
                return initiator;
            }
            catch (IOException)
            {
                initiator?.Dispose();
                initiator = null;
            }
        }
    }
}
