using System.Buffers.Binary;
using System.Diagnostics;

namespace Hatchery.Client.Tests;

/// <summary>A machine that writes, flushes and reads back without pause. What its kernel does by iSCSI it does: a connection that ends is
/// opened again at once, and the command that it took with it is sent again. Its NBD device never ends.</summary>
internal sealed class Machine : IAsyncDisposable
{
    private const int RoundBytes = 4096;
    private const int Places = 64;

    private readonly CancellationTokenSource _off = new();
    private readonly Func<CancellationToken, Task<IRemoteDisk>> _connect;
    private readonly int _connectionsMax;
    private readonly Task _running;
    private readonly Lock _gate = new();
    private TaskCompletionSource _round = New();
    private long _rounds;
    private long _longestTicks;
    private int _connections;

    public Machine(Func<CancellationToken, Task<IRemoteDisk>> connect, int connectionsMax)
    {
        (_connect, _connectionsMax) = (connect, connectionsMax);
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
        IRemoteDisk? disk = null;
        try
        {
            var data = new byte[RoundBytes];
            for (long round = 1; ; round++)
            {
                for (var at = 0; at < RoundBytes; at += 8)
                    BinaryPrimitives.WriteInt64LittleEndian(data.AsSpan(at), (round << 16) + at);
                var offset = round % Places * RoundBytes;
                disk = await DoAsync(disk, d => d.WriteAsync(offset, data, _off.Token));
                disk = await DoAsync(disk, d => d.FlushAsync(_off.Token));
                disk = await DoAsync(
                    disk,
                    async d => Assert.Equal(data, await d.ReadAsync(offset, RoundBytes, _off.Token))
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
            disk?.Dispose();
        }
    }

    private async Task<IRemoteDisk> DoAsync(IRemoteDisk? disk, Func<IRemoteDisk, Task> command)
    {
        var from = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                if (disk is null)
                {
                    Assert.True(++_connections <= _connectionsMax, "the device has ended");
                    disk = await _connect(_off.Token);
                }
                await command(disk);
                var took = Stopwatch.GetTimestamp() - from;
                if (took > Interlocked.Read(ref _longestTicks))
                    Interlocked.Exchange(ref _longestTicks, took);
                return disk;
            }
            catch (IOException)
            {
                disk?.Dispose();
                disk = null;
            }
        }
    }
}
